//! `policy explain`.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output;

/// Options of `policy explain`.
#[derive(Debug, Args)]
pub struct ExplainOptions {}

/// Runs `policy explain`.
pub fn run(_: &ExplainOptions) -> Exit {
    output::failed(&"not built yet")
}
