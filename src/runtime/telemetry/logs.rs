//! The process log: lines on standard error or standard output, for people or as JSON, and the same over OTLP.
//!
//! A line that is written while a request is served carries its trace, span and request id: see [`correlation`]. Nobody who logs
//! waits for whoever reads: lines wait in a bounded queue, those beyond are dropped and counted. Warnings that say the same over
//! and over are counted, too.
//!
//! Libraries are heard from `warn` upwards unless the filter names them. What is logged while telemetry is being sent is written,
//! but not sent: sending it would log again.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::logs;
//!
//! assert!(logs::filter("info,meeting_gateway=debug").is_ok());
//! let error = logs::filter("meeting_gateway=loud").unwrap_err();
//! assert!(error.to_string().contains("meeting_gateway=loud"));
//! ```

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry_sdk::logs::SdkLogger;
use tracing::subscriber::SetGlobalDefaultError;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::{EnvFilter, Registry, reload};

pub mod correlation;
pub mod level;
mod entry;
mod lines;
mod repeats;
mod sent;

#[cfg(test)]
mod tests;

use crate::model::clock::{SharedClock, SystemClock};
use entry::{Entry, Value};
use level::Levels;
use lines::{Lines, Overseer};
use repeats::Repeats;
use sent::Destination;

/// Libraries that talk about every connection and every export.
const NOISY: &str = "hyper=warn,hyper_util=warn,h2=warn,rustls=warn,tower=warn,\
    opentelemetry=warn,opentelemetry_sdk=warn";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// For people; in colour on a terminal.
    Pretty,
}

/// Where the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To standard error.
    Stderr,
    /// To standard output.
    Stdout,
}

/// The log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is not understood.
    #[error(
        "the log filter `{filter}` is not understood: {what}; write a level, or targets as in `info,meeting_gateway=debug`"
    )]
    Filter {
        /// The filter as given.
        filter: String,
        /// What is wrong with it.
        what: tracing_subscriber::filter::ParseError,
    },
    /// There is no thread to write it with.
    #[error("cannot start the log's thread: {0}")]
    Thread(io::Error),
    /// A log was started before.
    #[error("the log is started already")]
    Started(#[from] SetGlobalDefaultError),
}

/// There is one log in a process, as there is one standard error.
static LOG: OnceLock<Arc<Recorder>> = OnceLock::new();

/// Starts the log of the process. To be ended with [`finish`].
pub fn start(format: Format, output: Output, directives: &str) -> Result<(), LogsError> {
    let (place, terminal): (Box<dyn Write + Send>, bool) = match output {
        Output::Stderr => (Box::new(io::stderr()), io::stderr().is_terminal()),
        Output::Stdout => (Box::new(io::stdout()), io::stdout().is_terminal()),
    };
    let recorder = Recorder::new(format, terminal, SystemClock::shared());
    let subscriber = subscriber(&recorder, directives)?;
    recorder.write_to(place).map_err(LogsError::Thread)?;
    tracing::subscriber::set_global_default(subscriber)?;
    // Empty until now: there is one default, so whoever comes second has failed above.
    let _ = LOG.set(recorder);
    Ok(())
}

/// Gives the log of the process another filter, in the syntax of `RUST_LOG`; where there is [another for a while](level), when that
/// is over. Says whether it took it: not where [`start`] was never called, or where the filter is not understood.
pub fn change(directives: &str) -> bool {
    levels().is_some_and(|levels| levels.configure(directives))
}

/// The level of the process's log, to look at and to change for a while. None where [`start`] was never called.
pub fn levels() -> Option<Arc<Levels>> {
    LOG.get()?.levels.get().cloned()
}

/// From now on sends what the log of the process says to `logger`, too, or to nobody. Does nothing where [`start`] was never
/// called: then the log is somebody else's.
pub fn send_to(logger: Option<SdkLogger>) {
    if let Some(log) = LOG.get() {
        log.destination.set(logger);
    }
}

/// How many lines of the process's log were dropped: nobody took them off our hands.
pub fn dropped() -> u64 {
    LOG.get().map_or(0, |log| log.lines.dropped())
}

/// Waits until what was logged is written, at most so long. What is logged afterwards is written as long as the process lives.
pub fn finish(patience: Duration) -> bool {
    LOG.get().is_none_or(|log| log.lines.finish(patience))
}

/// Reads a filter in the syntax of `RUST_LOG`.
pub fn filter(directives: &str) -> Result<EnvFilter, LogsError> {
    let refused = |what| LogsError::Filter {
        filter: directives.to_owned(),
        what,
    };
    // By themselves first, so that the error is about what was given.
    EnvFilter::builder().parse(directives).map_err(refused)?;
    // What comes later wins, so that noise can be asked for.
    EnvFilter::builder()
        .parse(format!("{NOISY},{directives}"))
        .map_err(refused)
}

fn subscriber(
    recorder: &Arc<Recorder>,
    directives: &str,
) -> Result<Box<dyn Subscriber + Send + Sync>, LogsError> {
    let (filter, handle) = reload::Layer::new(filter(directives)?);
    let change = move |filter| handle.reload(filter).is_ok();
    let levels = Levels::new(directives, Arc::clone(&recorder.clock), change);
    // Each recorder has one subscriber.
    let _ = recorder.levels.set(Arc::new(levels));
    let subscriber = Registry::default()
        .with(filter)
        .with(Recording(Arc::clone(recorder)));
    Ok(Box::new(subscriber))
}

/// Makes entries of events, and lines and log records of entries.
#[derive(Debug)]
struct Recorder {
    format: Format,
    colour: bool,
    clock: SharedClock,
    levels: OnceLock<Arc<Levels>>,
    repeats: Repeats,
    lines: Arc<Lines>,
    destination: Destination,
}

struct Recording(Arc<Recorder>);

impl<S: Subscriber> Layer<S> for Recording {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let recorder = &self.0;
        let entry = Entry::of(event, recorder.clock.unix(), correlation::current());
        let place = event.metadata().callsite();
        let now = recorder.clock.monotonic();
        if recorder.repeats.admits(&place, &entry, now) {
            recorder.lines.push(&recorder.line(&entry));
            recorder.destination.send(&entry);
        }
    }
}

impl Recorder {
    fn new(format: Format, colour: bool, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self {
            format,
            colour,
            clock,
            levels: OnceLock::new(),
            repeats: Repeats::default(),
            lines: Arc::new(Lines::new()),
            destination: Destination::nowhere(),
        })
    }

    fn write_to(self: &Arc<Self>, place: Box<dyn Write + Send>) -> io::Result<()> {
        self.lines.write_to(place, Arc::clone(self) as _)
    }

    fn line(&self, entry: &Entry) -> Vec<u8> {
        match self.format {
            Format::Json => entry.json(),
            Format::Pretty => entry.pretty(self.colour),
        }
    }
}

impl Overseer for Recorder {
    fn tell(&self, dropped: u64) -> Vec<u8> {
        let now = self.clock.unix();
        let mut entries = self.repeats.left_out(self.clock.monotonic(), now);
        if let Some(level) = self.levels.get().and_then(|levels| levels.expire()) {
            let what = "the log has its configured level again";
            let mut entry = Entry::saying(Level::WARN, module_path!(), what.to_owned(), now);
            entry.fields.push(("level", Value::Text(level)));
            entries.push(entry);
        }
        if dropped > 0 {
            let what = "lines of the log were dropped: nobody took them in time";
            let mut entry = Entry::saying(Level::WARN, module_path!(), what.to_owned(), now);
            entry.fields.push(("dropped", Value::Unsigned(dropped)));
            entries.push(entry);
        }
        for entry in &entries {
            self.destination.send(entry);
        }
        entries.iter().flat_map(|entry| self.line(entry)).collect()
    }
}
