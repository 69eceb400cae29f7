//! `check`: the configuration, the files it names and the policy packs; every mistake at once, and what should not be forgotten.

use super::arguments::{CheckOptions, ConfigSource};
use super::exit::Exit;
use super::report::Format;
use super::{environment, output, report};
use crate::config::{self, Config};
use crate::gateway::rehearse;
use crate::model::clock::SystemClock;
use crate::model::problem::{Problem, Severity};
use crate::runtime::allowed;

/// Runs `check`.
pub fn run(options: &CheckOptions) -> Exit {
    let problems = match load(&options.source) {
        Ok(config) => all_problems(&config),
        Err(problems) => problems,
    };
    let passes = problems
        .iter()
        .all(|problem| problem.severity == Severity::Notice);
    match options.format {
        Format::Json => {
            output::data(&report::json(&problems));
        }
        Format::Text => {
            if !problems.is_empty() {
                output::note(&report::text(&problems));
            }
            if passes {
                output::data(&format!("{}: no problems", options.source.config.display()));
            }
        }
    }
    if passes { Exit::Success } else { Exit::Failure }
}

/// Reads the configuration with the overrides of the environment and the command line.
pub fn load(source: &ConfigSource) -> Result<Config, Vec<Problem>> {
    let environment = environment::variables();
    config::load(config::Source {
        path: &source.config,
        environment: &environment,
        overrides: &source.overrides,
    })
}

/// What is wrong beyond the configuration file itself: files it names, what is in them, and the packs.
pub fn all_problems(config: &Config) -> Vec<Problem> {
    let mut problems = config::check_files(config);
    let clock = SystemClock::shared();
    match rehearse(config, &clock) {
        Ok(snapshot) => {
            problems.extend(snapshot.rules.expired(clock.unix()));
            problems.extend(allowed::notices(&config.operations, &snapshot.contract));
        }
        Err(more) => {
            // A file that is not there has been told of: whoever wanted to read it fails for the same reason.
            let places: Vec<_> = problems.iter().map(place).collect();
            let new = more
                .into_iter()
                .filter(|problem| !places.contains(&place(problem)));
            problems.extend(new.collect::<Vec<_>>());
        }
    }
    problems
}

/// Where in the configuration a problem is.
fn place(problem: &Problem) -> (String, String) {
    (problem.file.clone(), problem.at.clone())
}
