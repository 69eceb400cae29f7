//! `caller`: gives applications their credentials, changes them and takes them away, in a file that `caller_files` names.
//!
//! A key is made here, shown once on stdout, and never read from or written to the command line. The file gets its hash, or for an
//! App ID a reference to a file with the key: signatures cannot be checked with a hash.

mod key;
mod storage;
mod change;
mod outcome;
mod list;
mod hash;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::arguments::ConfigSource;
use super::exit::Exit;
use crate::model::principal::UpstreamUser;

/// Commands about callers.
#[derive(Debug, Subcommand)]
pub enum CallerCommand {
    /// Add a caller to a file of callers, and show its key once.
    ///
    /// The file is made if it is not there; name it in the configuration under `caller_files`. Everything else in it, comments
    /// included, stays as it is. stdout has the key and nothing else.
    #[command(after_help = AFTER_CHANGE)]
    Add(AddOptions),
    /// Give a caller a new key beside the old ones, which stay good until they are revoked.
    ///
    /// First rotate, then give the application the new key, then `caller revoke --all-but-newest`: no request is refused
    /// meanwhile. An App ID has one key, so there a new key comes with a new App ID.
    #[command(after_help = AFTER_CHANGE)]
    Rotate(RotateOptions),
    /// Take keys or an App ID away from a caller.
    #[command(after_help = AFTER_CHANGE)]
    Revoke(RevokeOptions),
    /// Take a caller out of a file, with all its credentials. Comments above it stay.
    #[command(after_help = AFTER_CHANGE)]
    Remove(Target),
    /// List callers with their groups, scopes and credentials; no secret is shown.
    List(ListOptions),
    /// Print the hash of an API key that is read from standard input, to be put under `api_keys`.
    Hash,
}

const AFTER_CHANGE: &str = "A gateway that runs with the file takes it up by itself, or at once on SIGHUP. \
    A file that is being written by another run is waited for; one that has mistakes is not touched.";

/// Which caller of which file.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The file of callers: a list `callers` and nothing else.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// The caller's id, its name in logs, metrics and policies.
    #[arg(long, value_name = "ID")]
    pub id: String,
    /// How the outcome is told.
    #[command(flatten)]
    pub told: Told,
}

/// How the outcome is told.
#[derive(Debug, Clone, Copy, Args)]
pub struct Told {
    /// Print one JSON object instead of the key alone.
    #[arg(long)]
    pub json: bool,
    /// Say nothing on stderr but errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Options of `caller add`.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// The caller to be added.
    #[command(flatten)]
    pub target: Target,
    /// A group that policies match on; may be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,
    /// What it may see in answers, `secrets` or `personal_data`; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// As whom it acts upstream: fixed:USER, `signed_in` (the default; only those with an App ID sign in) or `default_administrator`.
    #[arg(long, value_name = "USER", value_parser = upstream_user)]
    pub upstream_user: Option<UpstreamUser>,
    /// Issue an App ID for the official SDK instead of an API key, named like the caller if no name is given.
    ///
    /// Its key goes to the file secrets/NAME.key beside the file of callers, which only its owner can read: the SDK proves by an
    /// HMAC that it has the key, and who checks an HMAC needs the key itself, so a hash of it does not do. Run this as the user
    /// that runs the gateway. The gateway needs `sign_in.token_key`, too.
    #[arg(long, value_name = "NAME", num_args = 0..=1)]
    pub app_id: Option<Option<String>>,
    /// Issue an API key also where there is an App ID.
    #[arg(long)]
    pub api_key: bool,
}

/// Options of `caller rotate`.
#[derive(Debug, Args)]
pub struct RotateOptions {
    /// The caller.
    #[command(flatten)]
    pub target: Target,
    /// Issue another App ID with this name instead of an API key.
    #[arg(long, value_name = "NAME")]
    pub app_id: Option<String>,
    /// Take the old ones of the kind away in the same step, as for a key that has leaked. What uses them is refused from then on.
    #[arg(long)]
    pub drop_old: bool,
}

/// Options of `caller revoke`.
#[derive(Debug, Args)]
pub struct RevokeOptions {
    /// The caller.
    #[command(flatten)]
    pub target: Target,
    /// What to take away.
    #[command(flatten)]
    pub which: Which,
}

/// What to take away: exactly one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The API key with the hash that begins so, as `caller list` shows it; at least 6 digits.
    #[arg(long, value_name = "SHA256")]
    pub key: Option<String>,
    /// This App ID.
    #[arg(long, value_name = "NAME")]
    pub app_id: Option<String>,
    /// All API keys but the one that was added last.
    #[arg(long)]
    pub all_but_newest: bool,
}

/// Options of `caller list`.
#[derive(Debug, Args)]
pub struct ListOptions {
    /// List the callers of this file alone, not those of a configuration.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The configuration, with all its files of callers. Its other sections are not looked at, secrets are not needed.
    #[command(flatten)]
    pub source: ConfigSource,
    /// Print one JSON array.
    #[arg(long)]
    pub json: bool,
}

/// Runs a command about callers.
pub fn run(command: &CallerCommand) -> Exit {
    match command {
        CallerCommand::Add(options) => change::add(options),
        CallerCommand::Rotate(options) => change::rotate(options),
        CallerCommand::Revoke(options) => change::revoke(options),
        CallerCommand::Remove(target) => change::remove(target),
        CallerCommand::List(options) => list::run(options),
        CallerCommand::Hash => hash::run(),
    }
}

fn upstream_user(text: &str) -> Result<UpstreamUser, String> {
    match text.split_once(':') {
        Some(("fixed", user)) if !user.is_empty() => Ok(UpstreamUser::Fixed(user.into())),
        None if text == "signed_in" => Ok(UpstreamUser::SignedIn),
        None if text == "default_administrator" => Ok(UpstreamUser::DefaultAdministrator),
        _ => Err("write fixed:USER, signed_in or default_administrator".to_owned()),
    }
}
