//! `policy test`: runs the cases of policy packs.

pub mod text;
pub mod json;
pub mod junit;
pub mod xml;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::{output, report};
use crate::policy_test::{Demands, Suite, Test};

/// Options of `policy test`.
#[derive(Debug, Args)]
pub struct TestOptions {
    /// Folders of packs, folders of single packs, or single case files.
    #[arg(value_name = "PATH", default_value = "policies")]
    pub paths: Vec<PathBuf>,
    /// How to write the results.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Run only the tests whose names have this text in them; coverage is not counted then.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Fail where a pack has no tests.
    #[arg(long)]
    pub require_tests: bool,
    /// Fail where a rule, or a branch of one, is not covered by the tests of its pack.
    #[arg(long, conflicts_with = "filter")]
    pub require_coverage: bool,
    /// Say nothing of what is as it should be, but for the totals.
    #[arg(long, short)]
    pub quiet: bool,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document, `meeting-gateway.policy-test/1`.
    Json,
    /// `JUnit` XML, for CI systems.
    Junit,
}

/// Runs `policy test`.
pub fn run(options: &TestOptions) -> Exit {
    let suite = Suite::load(&options.paths);
    let results = suite.run(options.filter.as_deref());
    let demands = Demands {
        tests: options.require_tests,
        coverage: options.require_coverage,
    };
    let written = output::data(&match options.format {
        Format::Text => text::render(&results, demands, options.quiet),
        Format::Json => json::render(&results, demands),
        Format::Junit => junit::render(&results, demands),
    });
    if !results.problems.is_empty() {
        output::note(&report::text(&results.problems));
    }
    match &options.filter {
        // A misspelt filter must not look like tests that pass.
        Some(text) if results.tests().next().is_none() => {
            output::failed(&format_args!("no test has `{text}` in its name"))
        }
        _ if results.pass(demands) => written,
        _ => Exit::Failure,
    }
}

/// The names of the demands that were made.
fn made(demands: Demands) -> impl Iterator<Item = &'static str> {
    let all = [("tests", demands.tests), ("coverage", demands.coverage)];
    all.into_iter()
        .filter_map(|(name, made)| made.then_some(name))
}

/// A place in a file, as terminals and editors know it.
fn place(test: &Test) -> String {
    let position = test.position();
    format!("{}:{}:{}", test.file(), position.line, position.column)
}
