//! The command line: arguments, dispatch, exit codes.
//!
//! stdout is data, stderr is logs and problems. Exit codes are those of [`exit::Exit`].

pub mod arguments;
pub mod exit;
pub mod environment;
pub mod output;
pub mod report;
pub mod typeset;
pub mod check;
pub mod policy;
pub mod serve;
pub mod openapi;
pub mod simulate;
pub mod token;
pub mod caller;
pub mod audit;
pub mod demo;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command, ConfigCommand, TokenCommand};
use exit::Exit;

/// Runs the program with its arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(message) => {
            // A closed pipe is no reason to fail on --help.
            let _ = message.print();
            return if message.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Success.into()
            };
        }
    };
    dispatch(&arguments).into()
}

fn dispatch(arguments: &Arguments) -> Exit {
    match &arguments.command {
        Command::Demo(options) => demo::run(options),
        Command::Serve(source) => serve::run(source),
        Command::Check(options) => check::run(options),
        Command::Policy(command) => policy::run(command),
        Command::Simulate(options) => simulate::run(options),
        Command::Token(TokenCommand::Check(source)) => token::check(source),
        Command::Caller(command) => caller::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Config(ConfigCommand::Schema { callers }) => {
            let schema = if *callers {
                crate::config::caller_file_schema()
            } else {
                crate::config::schema()
            };
            match serde_json::to_string_pretty(&schema) {
                Ok(text) => output::data(&text),
                Err(_) => Exit::Failure,
            }
        }
        Command::Config(ConfigCommand::Openapi(source)) => openapi::run(source),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                *shell,
                &mut Arguments::command(),
                "meeting-gateway",
                &mut script,
            );
            output::data(&String::from_utf8_lossy(&script))
        }
    }
}
