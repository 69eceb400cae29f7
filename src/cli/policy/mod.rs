//! `policy`: tests packs, explains single requests, tries packs on recorded traffic.

pub mod explain;
pub mod packs;
pub mod replay;
pub mod test;

use std::fmt::Display;

use clap::Subcommand;

use super::exit::Exit;
use super::{output, report};
use crate::model::problem::Problem;

/// Commands about policy packs.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Run the cases of policy packs: requests with what must become of them.
    Test(test::TestOptions),
    /// Show what becomes of a saved request, stage by stage.
    Explain(explain::ExplainOptions),
    /// Decide recorded requests again under other packs, and show what would change.
    Replay(replay::ReplayOptions),
}

/// Runs a command.
pub fn run(command: &PolicyCommand) -> Exit {
    match command {
        PolicyCommand::Test(options) => test::run(options),
        PolicyCommand::Explain(options) => explain::run(options),
        PolicyCommand::Replay(options) => replay::run(options),
    }
}

/// Says what kept a question from being answered. Not 1, which is an answer.
fn unanswered(what: &dyn Display) -> Exit {
    output::error(what);
    Exit::Usage
}

/// The same of mistakes in files, each with its place.
fn mistaken(problems: &[Problem]) -> Exit {
    output::note(&report::text(problems));
    Exit::Usage
}

/// How an answer ends that was to be written so.
const fn answered(written: Exit, no: bool) -> Exit {
    match (written, no) {
        (Exit::Success, false) => Exit::Success,
        (Exit::Success, true) => Exit::Failure,
        _ => Exit::Usage,
    }
}
