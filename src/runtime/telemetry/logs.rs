//! The process log: lines on standard error, for people or as JSON.
//!
//! Libraries are heard from `warn` upwards unless the filter names them: otherwise exporting telemetry would log about its own
//! connections.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::logs;
//!
//! assert!(logs::filter("info,meeting_gateway=debug").is_ok());
//! let error = logs::filter("meeting_gateway=loud").unwrap_err();
//! assert!(error.to_string().contains("meeting_gateway=loud"));
//! ```

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Libraries that talk about every connection and every export.
const NOISY: &str = "hyper=warn,hyper_util=warn,h2=warn,rustls=warn,tower=warn,\
    opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry_otlp=warn,opentelemetry_http=warn";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// For people; in colour on a terminal.
    Pretty,
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
    /// A log was started before.
    #[error("the log is started already")]
    Started(#[from] SetGlobalDefaultError),
}

/// Changes the filter of the process's log.
type Change = Box<dyn Fn(EnvFilter) -> bool + Send + Sync>;

/// There is one log in a process, as there is one standard error.
static CHANGE: OnceLock<Change> = OnceLock::new();

/// Starts the log of the process, on standard error.
pub fn start(format: Format, directives: &str) -> Result<(), LogsError> {
    let (subscriber, change) = subscriber(format, directives, stderr, stderr().is_terminal())?;
    tracing::subscriber::set_global_default(subscriber)?;
    // Empty until now: there is one default, so whoever comes second has failed above.
    let _ = CHANGE.set(change);
    Ok(())
}

/// Gives the log of the process another filter, in the syntax of `RUST_LOG`. Says whether it has it now: not where [`start`] was
/// never called, or where the filter is not understood.
pub fn change(directives: &str) -> bool {
    match (CHANGE.get(), filter(directives)) {
        (Some(change), Ok(filter)) => change(filter),
        _ => false,
    }
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

fn subscriber<W>(
    format: Format,
    directives: &str,
    writer: W,
    colour: bool,
) -> Result<(Box<dyn Subscriber + Send + Sync>, Change), LogsError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter(directives)?;
    let builder = tracing_subscriber::fmt().with_writer(writer);
    Ok(match format {
        Format::Json => {
            let builder = builder.json().flatten_event(true);
            let builder = builder.with_env_filter(filter).with_filter_reloading();
            let handle = builder.reload_handle();
            let change: Change = Box::new(move |filter| handle.reload(filter).is_ok());
            (Box::new(builder.finish()), change)
        }
        Format::Pretty => {
            let builder = builder.with_ansi(colour);
            let builder = builder.with_env_filter(filter).with_filter_reloading();
            let handle = builder.reload_handle();
            let change: Change = Box::new(move |filter| handle.reload(filter).is_ok());
            (Box::new(builder.finish()), change)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, directives: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let (subscriber, _) =
            subscriber(format, directives, move || writer.clone(), false).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "meeting_gateway", number = 7, "hello");
            tracing::info!(target: "hyper::proto", "a connection");
            tracing::warn!(target: "opentelemetry_sdk", "a collector is gone");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_filter_can_be_changed() {
        for format in [Format::Json, Format::Pretty] {
            let lines = Lines::default();
            let writer = lines.clone();
            let (subscriber, change) =
                subscriber(format, "warn", move || writer.clone(), false).unwrap();
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!(target: "meeting_gateway", "before");
                assert!(change(filter("info").unwrap()));
                tracing::info!(target: "meeting_gateway", "after");
                tracing::info!(target: "hyper::proto", "a connection");
            });
            let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(text.contains("after") && !text.contains("before"), "{text}");
            assert!(!text.contains("a connection"), "{text}");
        }
        assert!(!change("info"), "no log was started in this process");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = logged(Format::Json, "info");
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(first["message"], "hello");
        assert_eq!(first["number"], 7);
        assert_eq!(first["level"], "INFO");
    }

    #[test]
    fn libraries_are_heard_when_it_matters_or_when_asked() {
        let cases = [
            ("info", [true, false, true]),
            ("error", [false, false, true]),
            ("info,hyper=info", [true, true, true]),
            ("off,opentelemetry_sdk=off", [false, false, false]),
        ];
        for (directives, expected) in cases {
            let text = logged(Format::Pretty, directives);
            let heard = ["hello", "a connection", "a collector is gone"]
                .map(|message| text.contains(message));
            assert_eq!(heard, expected, "{directives}: {text}");
        }
    }
}
