//! `policy explain`: what would become of a saved request, stage by stage.
//!
//! The request goes down the production path under the configuration of the command line; nothing is sent, and no gateway need
//! run. Whose request it is follows from its credential where that is a caller's; no output ever has it.

mod story;

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use crate::cli::arguments::ConfigSource;
use crate::cli::exit::Exit;
use crate::cli::policy::packs::OtherPacks;
use crate::cli::policy::{answered, mistaken, unanswered};
use crate::cli::report::Format;
use crate::cli::{check, output};
use crate::config::Config;
use crate::explain::document::{Document, Outcome};
use crate::explain::saved::{self, SavedRequest};
use crate::explain::whose::{self, Credentials, Unknown};
use crate::explain::{Asked, Explainer, question};
use crate::model::change::Detail;
use crate::model::clock::SystemClock;
use crate::model::problem::Problem;
use crate::runtime::generation::Lasting;
use crate::runtime::snapshot::Snapshot;

/// Options of `policy explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 it would be forwarded, 1 it would be refused, 2 it cannot be explained."
)]
pub struct ExplainOptions {
    /// The saved request: a curl command line, a HAR, an HTTP message or a line of the audit log; `-` is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: ConfigSource,
    /// Whose request it is, where neither its credential nor its audit line says so.
    #[arg(long, value_name = "ID")]
    pub caller: Option<String>,
    /// When it is sent, such as 2031-03-04T09:00:00Z; else when it was saved, if that is known, else now.
    #[arg(long, value_name = "TIME", value_parser = question::time)]
    pub at: Option<Timestamp>,
    /// What if other packs were in force.
    #[command(flatten)]
    pub other: OtherPacks,
    /// The entry of a HAR that has several, from 1.
    #[arg(long, value_name = "N")]
    pub entry: Option<usize>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Mask credentials and personal data in the body, so that the output can be shown to others.
    #[arg(long)]
    pub mask: bool,
}

/// Why nothing is explained.
enum Fault {
    /// Mistakes in files, each with its place.
    Problems(Vec<Problem>),
    /// Anything else.
    Other(String),
}

impl From<Vec<Problem>> for Fault {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

/// Runs `policy explain`.
pub fn run(options: &ExplainOptions) -> Exit {
    match explained(options) {
        Ok((outcome, text)) => {
            let refused = matches!(outcome, Outcome::Denied | Outcome::Refused);
            answered(output::data(&text), refused)
        }
        Err(Fault::Problems(problems)) => mistaken(&problems),
        Err(Fault::Other(what)) => unanswered(&what),
    }
}

fn explained(options: &ExplainOptions) -> Result<(Outcome, String), Fault> {
    let saved = read(options)?;
    let mut config = check::load(&options.source)?;
    options.other.replace(&mut config.policy);
    let snapshot = compiled(&config)?;
    let found = whose::request(
        &snapshot,
        &saved,
        options.caller.as_deref(),
        Credentials::Tried,
    );
    let caller = found.map_err(|unknown| Fault::Other(not_found(&unknown, &snapshot)))?;
    let read_from = saved.format.into();
    let time = options.at.or(saved.time).unwrap_or_else(Timestamp::now);
    let now = Duration::try_from(time.as_duration()).unwrap_or_default();
    let asked = Asked::saved(saved, caller, now);
    let explainer =
        Explainer::new(Arc::new(snapshot)).map_err(|fault| Fault::Other(fault.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|fault| Fault::Other(format!("cannot start: {fault}")))?;
    let explanation = runtime.block_on(async {
        // The first request pays for what is compiled when it is needed; the times of the second are those of a running gateway.
        explainer.explain(asked.clone()).await;
        explainer.explain(asked.clone()).await
    });
    let detail = if options.mask {
        Detail::Masked
    } else {
        Detail::Exact
    };
    let document = Document::of(
        &asked,
        read_from,
        &explanation,
        explainer.snapshot(),
        detail,
    );
    let outcome = document.outcome();
    let value = serde_json::to_value(&document).map_err(|fault| Fault::Other(fault.to_string()))?;
    let value = crate::model::json::Value::from(value);
    Ok((
        outcome,
        match options.format {
            Format::Text => story::tell(&value),
            Format::Json => format!("{value:#}"),
        },
    ))
}

fn compiled(config: &Config) -> Result<Snapshot, Vec<Problem>> {
    Lasting::new(config, SystemClock::shared()).and_then(|lasting| lasting.compile(config, 1, None))
}

fn read(options: &ExplainOptions) -> Result<SavedRequest, Fault> {
    let name = options.file.display().to_string();
    let is_stdin = name == "-";
    let text = if is_stdin {
        all_of(io::stdin().lock())
    } else {
        File::open(&options.file).and_then(all_of)
    };
    let text = text.map_err(|fault| Fault::Other(format!("cannot read {name}: {fault}")))?;
    let read = match options.entry {
        Some(entry) => saved::read_entry(&text, entry),
        None => saved::read(&text),
    };
    let shown = if is_stdin { "standard input" } else { &name };
    read.map_err(|unreadable| Fault::Problems(vec![unreadable.in_file(shown)]))
}

/// Reads one byte more than is allowed, so that too much is told from enough.
fn all_of(from: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.take(saved::MAX_BYTES as u64 + 1)
        .read_to_end(&mut text)?;
    Ok(text)
}

fn not_found(unknown: &Unknown, snapshot: &Snapshot) -> String {
    let callers = snapshot.authenticator.callers().iter();
    let ids: Vec<_> = callers.map(|caller| &*caller.id).collect();
    if ids.is_empty() {
        return format!("{unknown}: the configuration has no callers");
    }
    format!("{unknown}; name one with --caller: {}", ids.join(", "))
}
