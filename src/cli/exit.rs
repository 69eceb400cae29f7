//! The exit codes, stable for scripts.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, nothing found: 0.
    Success,
    /// Done, and there are findings: mistakes in files, an expectation not met, a token not got: 1.
    Failure,
    /// The command line itself is wrong, or there is nothing that the command could work on, where 1 is an answer: 2.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::from(1),
            Exit::Usage => Self::from(2),
        }
    }
}
