//! `audit verify`: holds an audit log to its chain.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::text;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::report::Format;
use crate::model::secret::Secret;
use crate::runtime::audit_log::verify::{FindingKind, Options, Report, Verifier};
use crate::runtime::audit_log::{ChainKey, Head};

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;
/// Bytes that a file with a key may have.
const KEY_BYTES: u64 = 64 << 10;
/// How a file of gzip begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Options of `audit verify`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 something found, 2 it cannot be told.\nThe chain alone cannot show that its end or its oldest files are missing, nor, without a key, that all of it was written anew: give what you know besides."
)]
pub struct VerifyOptions {
    /// The files of the log, oldest first; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A file with the key, as in `audit.chain_key`; several, if it was changed. All of the log must be keyed then.
    #[arg(long, value_name = "FILE")]
    pub key_file: Vec<PathBuf>,
    /// A line that is known to have been in it: what `/version` told, or the gateway at its end; may be repeated.
    #[arg(long, value_name = "SEQ:HASH")]
    pub head: Vec<Head>,
    /// It must end as a gateway ends it that has ended in order.
    #[arg(long)]
    pub closed: bool,
    /// It must begin with the first line of its chain: no older file is missing.
    #[arg(long)]
    pub from_first: bool,
    /// A chain may begin in the middle, as with each start of a gateway that writes to standard output.
    #[arg(long)]
    pub several_chains: bool,
    /// How to write the result.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Runs `audit verify`.
pub(super) fn run(options: &VerifyOptions) -> Exit {
    let keys: Result<Vec<_>, _> = options.key_file.iter().map(|path| read_key(path)).collect();
    let verifier = keys.map(|keys| {
        Verifier::new(Options {
            keys,
            heads: options.head.clone(),
            closed: options.closed,
            from_first: options.from_first,
            several_chains: options.several_chains,
        })
    });
    let report = verifier.and_then(|verifier| read(&options.files, verifier));
    match report {
        Ok(report) => told(options, &report),
        Err(fault) => unanswered(&fault),
    }
}

fn told(options: &VerifyOptions, report: &Report) -> Exit {
    let shown = match options.format {
        Format::Text => output::data(&text::of(report)),
        Format::Json => match serde_json::to_string_pretty(report) {
            Ok(json) => output::data(&json),
            Err(fault) => unanswered(&fault),
        },
    };
    let keyless = |kind| kind == FindingKind::UnknownKey;
    if report.lines == 0 && report.findings.is_empty() {
        return unanswered(&"nothing could be verified: there is no line in it");
    }
    if options.key_file.is_empty()
        && !report.findings.is_empty()
        && report.findings.iter().all(|found| keyless(found.kind))
    {
        return unanswered(&"the log is keyed: give the key with --key-file");
    }
    match (shown, report.findings.is_empty()) {
        (Exit::Success, true) => Exit::Success,
        (Exit::Success, false) => Exit::Failure,
        _ => Exit::Usage,
    }
}

/// Says what kept a question from being answered. Not 1, which is an answer.
fn unanswered(what: &dyn Display) -> Exit {
    output::error(what);
    Exit::Usage
}

/// Reads every file; the error says which one could not be.
fn read(files: &[PathBuf], mut verifier: Verifier) -> Result<Report, String> {
    for path in files {
        let name = path.display().to_string();
        let result = if path.as_os_str() == "-" {
            one(&mut verifier, "-", io::stdin().lock())
        } else {
            File::open(path)
                .and_then(|file| one(&mut verifier, &name, BufReader::with_capacity(CHUNK, file)))
        };
        result.map_err(|fault| format!("cannot verify {name}: {fault}"))?;
    }
    Ok(verifier.finish())
}

fn one(verifier: &mut Verifier, name: &str, mut log: impl BufRead) -> io::Result<()> {
    if log.fill_buf()?.starts_with(&GZIP) {
        let what = "it is compressed; decompress it into a pipe, and read that as `-`: gzip -dc LOG | meeting-gateway audit verify -";
        return Err(io::Error::other(what));
    }
    verifier.read(name, log)
}

/// The key in a file, without the one line break that editors put at its end: as the configuration reads it.
fn read_key(path: &Path) -> Result<ChainKey, String> {
    let unreadable =
        |fault: &dyn Display| format!("cannot read the key {}: {fault}", path.display());
    let file = File::open(path).map_err(|fault| unreadable(&fault))?;
    let mut text = String::new();
    let read = file.take(KEY_BYTES + 1).read_to_string(&mut text);
    read.map_err(|fault| unreadable(&fault))?;
    if text.len() as u64 > KEY_BYTES {
        return Err(unreadable(&format_args!(
            "it is larger than {KEY_BYTES} bytes"
        )));
    }
    let key = text.strip_suffix('\n').unwrap_or(&text);
    let key = key.strip_suffix('\r').unwrap_or(key);
    if key.is_empty() {
        return Err(unreadable(&"it is empty"));
    }
    Ok(ChainKey::new(&Secret::from(key)))
}
