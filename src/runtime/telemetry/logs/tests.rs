//! The log as a whole: what is written and what is sent, of one request and of none.

use std::sync::Mutex;

use opentelemetry::logs::{AnyValue, LoggerProvider as _, Severity};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};

use super::correlation::{Correlation, delivery};
use super::*;
use crate::model::clock::ManualClock;
use crate::model::record::TraceIdentity;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Observed {
    recorder: Arc<Recorder>,
    written: Written,
}

impl Observed {
    fn new(format: Format) -> Self {
        let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
        let recorder = Recorder::new(format, false, clock);
        let written = Written::default();
        recorder.write_to(Box::new(written.clone())).unwrap();
        Self { recorder, written }
    }

    /// What is written of what `run` logs.
    fn during(&self, directives: &str, run: impl FnOnce(&Levels)) -> String {
        let subscriber = subscriber(&self.recorder, directives).unwrap();
        let levels = self.recorder.levels.get().unwrap();
        tracing::subscriber::with_default(subscriber, || run(levels));
        assert!(self.recorder.lines.finish(PATIENCE));
        String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap()
    }
}

fn logged(format: Format, directives: &str) -> String {
    Observed::new(format).during(directives, |_| {
        tracing::info!(target: "meeting_gateway", number = 7, "hello");
        tracing::info!(target: "hyper::proto", "a connection");
        tracing::warn!(target: "opentelemetry_sdk", "a collector is gone");
    })
}

fn request() -> Correlation {
    let trace = TraceIdentity {
        trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
        span_id: 0xb7ad_6b71_6920_3331,
        sampled: true,
    };
    Correlation::of(trace, "7ba6f742")
}

#[test]
fn the_filter_can_be_changed() {
    for format in [Format::Json, Format::Pretty] {
        let text = Observed::new(format).during("warn", |levels| {
            tracing::info!(target: "meeting_gateway", "before");
            assert!(levels.configure("info"));
            tracing::info!(target: "meeting_gateway", "after");
            tracing::info!(target: "hyper::proto", "a connection");
        });
        assert!(text.contains("after") && !text.contains("before"), "{text}");
        assert!(!text.contains("a connection"), "{text}");
    }
    assert!(!change("info"), "no log was started in this process");
}

#[test]
fn json_is_one_object_a_line() {
    let text = logged(Format::Json, "info");
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        serde_json::json!({
            "timestamp": "2023-11-14T22:13:20.000000Z", "level": "INFO", "message": "hello",
            "number": 7, "target": "meeting_gateway",
        })
    );
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
        let heard =
            ["hello", "a connection", "a collector is gone"].map(|message| text.contains(message));
        assert_eq!(heard, expected, "{directives}: {text}");
    }
}

#[test]
fn a_line_about_a_request_says_which() {
    for (format, told) in [
        (
            Format::Json,
            r#""trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","request_id":"7ba6f742"}"#,
        ),
        (
            Format::Pretty,
            "trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 request_id=7ba6f742",
        ),
    ] {
        let text = Observed::new(format).during("info", |_| {
            request().during(|| tracing::warn!("within"));
            tracing::warn!("outside");
        });
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].contains("within") && lines[0].ends_with(told),
            "{text}"
        );
        assert!(
            lines[1].contains("outside") && !lines[1].contains("trace_id"),
            "{text}"
        );
    }
}

#[test]
fn what_is_sent_is_what_is_written() {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let observed = Observed::new(Format::Json);
    observed
        .recorder
        .destination
        .set(Some(provider.logger("log")));
    let text = observed.during("info", |_| {
        request().during(|| tracing::error!(code = 7_u64, ok = false, "it broke"));
        let mut delivering = Box::pin(delivery(async { tracing::warn!("cannot deliver") }));
        let polled = futures_util::FutureExt::now_or_never(delivering.as_mut());
        assert!(polled.is_some());
        observed.recorder.destination.set(None);
        tracing::error!("nobody is told any more");
    });
    assert_eq!(text.lines().count(), 3);

    let sent = exporter.get_emitted_logs().unwrap();
    assert_eq!(sent.len(), 1, "a delivery is not told of its own faults");
    let record = &sent[0].record;
    assert_eq!(record.body(), Some(&AnyValue::from("it broke")));
    assert_eq!(record.severity_number(), Some(Severity::Error));
    assert_eq!(
        record.target().map(|target| &**target),
        Some(module_path!())
    );
    let context = record.trace_context().unwrap();
    assert_eq!(
        context.trace_id.to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert_eq!(context.span_id.to_string(), "b7ad6b7169203331");
    assert!(context.trace_flags.unwrap().is_sampled());
    let attributes: Vec<_> = record
        .attributes_iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
        .collect();
    assert_eq!(
        attributes,
        [
            ("code".to_owned(), AnyValue::Int(7)),
            ("ok".to_owned(), AnyValue::Boolean(false)),
            (sent::REQUEST_ID.to_owned(), AnyValue::from("7ba6f742")),
        ]
    );
}

#[test]
fn a_fault_does_not_flood_the_log() {
    let text = Observed::new(Format::Json).during("info", |_| {
        for _ in 0..1000 {
            tracing::warn!(cause = "timeout", "the upstream cannot be reached");
        }
    });
    assert_eq!(text.lines().count(), 5, "{text}");
}

#[test]
fn a_level_for_a_while_ends_and_says_so() {
    let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
    let recorder = Recorder::new(Format::Json, false, Arc::clone(&clock) as _);
    let subscriber = subscriber(&recorder, "warn").unwrap();
    let levels = recorder.levels.get().unwrap();
    tracing::subscriber::with_default(subscriber, || {
        levels.set_for("debug", Duration::from_mins(10)).unwrap();
        assert!(tracing::enabled!(Level::DEBUG));
        clock.advance(Duration::from_mins(10));
        let told = String::from_utf8(recorder.tell(0)).unwrap();
        assert!(
            told.contains("the log has its configured level again"),
            "{told}"
        );
        assert!(!tracing::enabled!(Level::INFO));
    });
}
