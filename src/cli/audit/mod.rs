//! `audit`: looks at audit logs.

mod text;
mod verify;

use clap::Subcommand;

use super::exit::Exit;

pub use verify::VerifyOptions;

/// Commands about audit logs.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find every line of an audit log that was changed, taken out, put in or moved.
    Verify(VerifyOptions),
}

/// Runs a command.
pub fn run(command: &AuditCommand) -> Exit {
    match command {
        AuditCommand::Verify(options) => verify::run(options),
    }
}
