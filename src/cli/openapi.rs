//! `config openapi`: the OpenAPI document of what a gateway with a configuration serves. Nothing is listened on or asked.

use super::arguments::ConfigSource;
use super::exit::Exit;
use super::{check, output, report};
use crate::config::Config;
use crate::model::clock::SystemClock;
use crate::model::problem::Problem;
use crate::openapi::{self, Listening};
use crate::runtime::generation::Lasting;
use crate::runtime::snapshot::Snapshot;

/// Prints the document. Ends with 1 where the configuration or a pack is wrong.
pub fn run(source: &ConfigSource) -> Exit {
    let config = match check::load(source) {
        Ok(config) => config,
        Err(problems) => return mistaken(&problems),
    };
    let snapshot = match snapshot(&config) {
        Ok(snapshot) => snapshot,
        Err(problems) => return mistaken(&problems),
    };
    match openapi::document(&snapshot, &listening(&config)) {
        Ok(document) => output::data(&format!("{document:#}")),
        Err(fault) => output::failed(&fault),
    }
}

fn snapshot(config: &Config) -> Result<Snapshot, Vec<Problem>> {
    Lasting::new(config, SystemClock::shared())?.compile(config, 1, None)
}

fn listening(config: &Config) -> Vec<Listening> {
    let listeners = config.server.listeners.iter();
    let told = listeners.map(|listener| Listening {
        address: listener.address,
        tls: listener.tls.is_some(),
    });
    told.collect()
}

fn mistaken(problems: &[Problem]) -> Exit {
    output::note(&report::text(problems));
    Exit::Failure
}
