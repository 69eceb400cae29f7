//! `policy replay`.

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::output;

/// Options of `policy replay`.
#[derive(Debug, Args)]
pub struct ReplayOptions {}

/// Runs `policy replay`.
pub fn run(_: &ReplayOptions) -> Exit {
    output::failed(&"not built yet")
}
