//! `policy test`.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output;

/// Options of `policy test`.
#[derive(Debug, Args)]
pub struct TestOptions {}

/// Runs `policy test`.
pub fn run(_: &TestOptions) -> Exit {
    output::failed(&"not built yet")
}
