//! `policy`: tests packs, explains single requests, tries packs on recorded traffic.

pub mod explain;
pub mod replay;
pub mod test;

use clap::Subcommand;

use super::exit::Exit;

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
