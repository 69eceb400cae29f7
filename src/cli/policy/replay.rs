//! `policy replay`: decides the requests of audit logs again under other packs.

mod progress;
mod text;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::arguments::ConfigSource;
use crate::cli::exit::Exit;
use crate::cli::policy::packs::OtherPacks;
use crate::cli::policy::{answered, mistaken, unanswered};
use crate::cli::report::Format;
use crate::cli::{environment, output};
use crate::config;
use crate::config::policy::Policy;
use crate::model::clock::{Clock as _, SystemClock};
use crate::model::problem::Problem;
use crate::model::record::AUDIT_SCHEMA;
use crate::replay::{Event, Options, Replay, Report};
use crate::runtime::generation;

use progress::Progress;

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;
/// How a file of gzip begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Options of `policy replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing would change, 1 something would, 2 it cannot be told.\nThe logs must have been written with `audit.request: masked` or `full`."
)]
pub struct ReplayOptions {
    /// Audit logs, read in this order; `-` is standard input.
    #[arg(value_name = "LOG", required = true)]
    pub logs: Vec<PathBuf>,
    /// Whose `policy` section to decide with; nothing else in it is looked at.
    #[command(flatten)]
    pub source: ConfigSource,
    /// What if other packs were in force. With both, no configuration need be there.
    #[command(flatten)]
    pub other: OtherPacks,
    /// Examples to show of each group.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub examples: u8,
    /// How to write the result.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write every request that flips into this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub flips: Option<PathBuf>,
    /// Decide as if it were this time and not that of each request: `now`, a day, or an instant in RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Duration>,
    /// Show on stderr how far it is; `auto`: where that is a terminal.
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: When,
}

/// When to show the progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// Where somebody looks.
    Auto,
    /// Not at all.
    Never,
    /// In any case.
    Always,
}

/// Runs `policy replay`.
pub fn run(options: &ReplayOptions) -> Exit {
    let policy = match policy(options) {
        Ok(policy) => policy,
        Err(problems) => return mistaken(&problems),
    };
    let contract = match generation::contract() {
        Ok(contract) => contract,
        Err(problems) => return mistaken(&problems),
    };
    let rules = match generation::rules(&policy, &contract) {
        Ok(rules) => rules,
        Err(problems) => return mistaken(&problems),
    };
    let wanted = Options {
        at: options.at,
        examples: options.examples.into(),
    };
    let mut replay = Replay::new(&rules, &contract, wanted);
    if let Err(fault) = read(options, &mut replay) {
        return unanswered(&fault);
    }
    told(options, &policy, &replay.report())
}

fn policy(options: &ReplayOptions) -> Result<Policy, Vec<Problem>> {
    let path = &options.source.config;
    // A file that was named must be there; the one that is looked for without a name need not.
    if let Some(alone) = options.other.alone()
        && options.source.overrides.is_empty()
        && is_default(path)
        && !path.exists()
    {
        return Ok(alone);
    }
    let mut policy = config::load_policy(config::Source {
        path,
        environment: &environment::variables(),
        overrides: &options.source.overrides,
    })?;
    options.other.replace(&mut policy);
    Ok(policy)
}

/// Whether it is the configuration that is looked for where none is named.
fn is_default(path: &Path) -> bool {
    let command = ConfigSource::augment_args(clap::Command::new("source"));
    let mut arguments = command.get_arguments();
    arguments.any(|argument| {
        argument.get_id() == "config" && argument.get_default_values() == [path.as_os_str()]
    })
}

fn told(options: &ReplayOptions, policy: &Policy, report: &Report) -> Exit {
    let shown = match options.format {
        Format::Text => output::data(&text::of(report, &policy.packs)),
        Format::Json => match serde_json::to_string_pretty(report) {
            Ok(json) => output::data(&json),
            Err(fault) => unanswered(&fault),
        },
    };
    let requests = &report.requests;
    if requests.replayed == 0 && requests.without_request > 0 {
        return unanswered(
            &"nothing could be decided again: these logs hold no requests; set `audit.request` to `masked` or `full` where they are written",
        );
    }
    if requests.replayed == 0 && requests.not_decided == 0 && report.lines.skipped() > 0 {
        let why = format!("nothing could be decided again: no line is one of {AUDIT_SCHEMA}");
        return unanswered(&why);
    }
    answered(shown, requests.flipped > 0)
}

/// Reads every log; the error says which one could not be.
fn read(options: &ReplayOptions, replay: &mut Replay<'_>) -> Result<(), String> {
    // All are looked at first: a name that is mistyped is not found out after the first gigabyte.
    let mut total = Some(0);
    for path in &options.logs {
        let size = if is_stdin(path) {
            None
        } else {
            let size = fs::metadata(path).map_err(|fault| unreadable(path, &fault))?;
            size.is_file().then_some(size.len())
        };
        total = total.zip(size).map(|(total, size)| total + size);
    }
    let mut flips = match &options.flips {
        Some(path) => Some(BufWriter::new(flips_file(path, &options.logs)?)),
        None => None,
    };
    let mut progress = Progress::new(options.progress, total);
    for path in &options.logs {
        let mut on = |event: Event<'_>| -> io::Result<()> {
            match event {
                Event::Progress { bytes, lines } => progress.show(bytes, lines),
                Event::Flip(flip) => {
                    if let Some(out) = &mut flips {
                        serde_json::to_writer(&mut *out, flip)?;
                        out.write_all(b"\n")?;
                    }
                }
            }
            Ok(())
        };
        let name = path.display().to_string();
        let result = if is_stdin(path) {
            one(replay, "-", io::stdin().lock(), &mut on)
        } else {
            let opened = File::open(path);
            opened.and_then(|file| {
                one(
                    replay,
                    &name,
                    BufReader::with_capacity(CHUNK, file),
                    &mut on,
                )
            })
        };
        if let Err(fault) = result {
            progress.clear();
            return Err(unreadable(path, &fault));
        }
    }
    progress.clear();
    if let Some(mut out) = flips {
        out.flush()
            .map_err(|fault| format!("cannot write the flips: {fault}"))?;
    }
    Ok(())
}

/// Makes the file for the flips anew, unless it is one of the logs: that would be emptied before it is read.
fn flips_file(path: &Path, logs: &[PathBuf]) -> Result<File, String> {
    if logs.iter().any(|log| !is_stdin(log) && is_same(path, log)) {
        return Err(format!(
            "cannot write {}: it is one of the logs; name another file",
            path.display()
        ));
    }
    File::create(path).map_err(|fault| format!("cannot write {}: {fault}", path.display()))
}

/// Whether two names are of one file that exists, be it by a link.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = fs::canonicalize(one).ok();
    real.is_some() && real == fs::canonicalize(other).ok()
}

fn one(
    replay: &mut Replay<'_>,
    name: &str,
    mut log: impl BufRead,
    on: &mut dyn FnMut(Event<'_>) -> io::Result<()>,
) -> io::Result<()> {
    if log.fill_buf()?.starts_with(&GZIP) {
        let what = "it is compressed; decompress it into a pipe, and read that as `-`: gzip -dc LOG | meeting-gateway policy replay -";
        return Err(io::Error::other(what));
    }
    replay.read(name, log, on)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn unreadable(path: &Path, fault: &io::Error) -> String {
    format!("cannot replay {}: {fault}", path.display())
}

/// The time that `--at` means, since 1970-01-01T00:00:00Z.
fn time(text: &str) -> Result<Duration, String> {
    if text == "now" {
        return Ok(SystemClock::new().unix());
    }
    let wrong =
        || "write `now`, a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z";
    let day = text.parse::<Date>().ok().filter(|_| !text.contains('T'));
    let instant = match day {
        Some(day) => day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()),
        None => text.parse::<Timestamp>(),
    };
    let instant = instant.map_err(|_| wrong())?;
    instant
        .as_duration()
        .try_into()
        .map_err(|_| wrong().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_and_instants() {
        for (text, expected) in [
            ("1970-01-02", Some(86_400)),
            ("1970-01-02T00:00:01Z", Some(86_401)),
            ("1970-01-02T01:00:00+01:00", Some(86_400)),
            ("1969-12-31", None),
            ("yesterday", None),
            ("1970-01-02T00:00:01", None),
        ] {
            let read = time(text).ok();
            assert_eq!(read, expected.map(Duration::from_secs), "{text}");
        }
    }
}
