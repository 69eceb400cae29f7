//! Deliveries to a scripted collector, on a clock that is stopped.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http::{HeaderValue, Request, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::delivery::{Answered, Delivery, Transport};
use super::health::{Counts, Health};
use super::{Exports, Signal};

/// What a scripted collector does with a delivery.
#[derive(Clone)]
enum Does {
    Answers(u16, &'static str, Vec<u8>),
    AsksToWait(&'static str),
    Refuses,
    Hangs,
}

use Does::{Answers, AsksToWait, Hangs, Refuses};

/// Does one thing after the other, and the last one for ever.
#[derive(Clone, Default)]
struct Scripted {
    script: Arc<Mutex<VecDeque<Does>>>,
    seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Transport for Scripted {
    async fn post(&self, request: Request<Bytes>) -> Result<Answered, String> {
        let (head, body) = request.into_parts();
        self.seen.lock().unwrap().push((head.headers, body));
        let next = {
            let mut script = self.script.lock().unwrap();
            let next = script.front().cloned().unwrap();
            if script.len() > 1 {
                script.pop_front();
            }
            next
        };
        let answered = |status: u16, headers: HeaderMap, body: Vec<u8>| Answered {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Some(body.into()),
        };
        match next {
            Answers(status, kind, body) => {
                let kind = (CONTENT_TYPE, HeaderValue::from_static(kind));
                Ok(answered(status, HeaderMap::from_iter([kind]), body))
            }
            AsksToWait(seconds) => {
                let wait = (RETRY_AFTER, HeaderValue::from_static(seconds));
                Ok(answered(429, HeaderMap::from_iter([wait]), Vec::new()))
            }
            Refuses => Err("connection refused".to_owned()),
            Hangs => std::future::pending().await,
        }
    }
}

struct Desk {
    collector: Scripted,
    health: Arc<Health>,
    ending: CancellationToken,
    delivery: Delivery<Scripted>,
}

/// A delivery with the usual settings: 10 s for a try, a minute for all.
fn desk(script: &[Does], gzip: bool) -> Desk {
    let collector = Scripted::default();
    collector
        .script
        .lock()
        .unwrap()
        .extend(script.iter().cloned());
    let (health, ending) = (Health::of(Signal::Traces), CancellationToken::new());
    let mut destination = Exports::to("http://collector.test:4318").traces.unwrap();
    destination.gzip = gzip;
    destination.headers.insert("x-key".to_owned(), "k".into());
    let delivery = Delivery::new(
        Handle::current(),
        collector.clone(),
        &destination,
        Arc::clone(&health),
        ending.clone(),
    );
    Desk {
        collector,
        health,
        ending,
        delivery: delivery.unwrap(),
    }
}

impl Desk {
    fn tries(&self) -> usize {
        self.collector.seen.lock().unwrap().len()
    }

    fn exported_and_failed(&self) -> (u64, u64) {
        let Counts {
            exported, failed, ..
        } = self.health.counts();
        (exported, failed)
    }
}

fn accepts() -> Does {
    Answers(200, "application/x-protobuf", Vec::new())
}

fn accepts_all_but(rejected_spans: i64, why: &str) -> Does {
    let partial = ExportTracePartialSuccess {
        rejected_spans,
        error_message: why.to_owned(),
    };
    let answer = ExportTraceServiceResponse {
        partial_success: Some(partial),
    };
    Answers(200, "application/x-protobuf", answer.encode_to_vec())
}

const fn answers(status: u16) -> Does {
    Answers(status, "text/plain", Vec::new())
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_means() {
    let page = || Answers(200, "text/html", b"<html>welcome</html>".to_vec());
    let garbage = || Answers(200, "application/x-protobuf", vec![0xff; 9]);
    let json = || Answers(200, "application/json", b"{}".to_vec());
    // The first answer, then accepted: tries, exported and failed of five items.
    let cases = [
        ("accepted", accepts(), 1, (5, 0)),
        (
            "202 without a body",
            Answers(202, "text/plain", Vec::new()),
            1,
            (5, 0),
        ),
        ("another encoding", json(), 1, (5, 0)),
        ("a part rejected", accepts_all_but(2, "too old"), 1, (3, 2)),
        (
            "more rejected than sent",
            accepts_all_but(99, ""),
            1,
            (0, 5),
        ),
        ("a warning", accepts_all_but(0, "deprecated"), 1, (5, 0)),
        ("429", answers(429), 2, (5, 0)),
        ("502", answers(502), 2, (5, 0)),
        ("503", answers(503), 2, (5, 0)),
        ("504", answers(504), 2, (5, 0)),
        ("no connection", Refuses, 2, (5, 0)),
        ("no answer", Hangs, 2, (5, 0)),
        ("400", answers(400), 1, (0, 5)),
        ("401", answers(401), 1, (0, 5)),
        ("404", answers(404), 1, (0, 5)),
        ("413", answers(413), 1, (0, 5)),
        ("500", answers(500), 1, (0, 5)),
        ("301", answers(301), 1, (0, 5)),
        ("a web page", page(), 1, (0, 5)),
        ("garbage", garbage(), 1, (0, 5)),
    ];
    for (what, first, tries, counts) in cases {
        let desk = desk(&[first, accepts()], false);
        let outcome = desk.delivery.deliver(5, b"message".to_vec()).await;
        assert_eq!(
            outcome.is_ok(),
            counts.0 > 0 || what.starts_with("more"),
            "{what}"
        );
        assert_eq!(desk.tries(), tries, "{what}");
        assert_eq!(desk.exported_and_failed(), counts, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_and_end() {
    let desk = desk(&[answers(503)], false);
    let begun = Instant::now();
    assert!(desk.delivery.deliver(5, Vec::new()).await.is_err());
    let took = begun.elapsed();
    // 0.5, 1, 2, 4, 8, 16, 30 seconds, each between half and all of it, and no longer than a minute in all.
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert!(took > Duration::from_secs(15), "{took:?}");
    assert!((6..=9).contains(&desk.tries()), "{}", desk.tries());
    assert_eq!(desk.exported_and_failed(), (0, 5));
    assert!(desk.health.counts().failing);
}

#[tokio::test(start_paused = true)]
async fn a_collector_says_when_to_come_back() {
    for (asked, seconds) in [("7", 7), ("0", 0), ("3600", 30)] {
        let desk = desk(&[AsksToWait(asked), accepts()], false);
        let begun = Instant::now();
        desk.delivery.deliver(5, Vec::new()).await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), seconds, "{asked}");
    }
    // A date is not read; the usual pause is made.
    let desk = desk(
        &[AsksToWait("Fri, 31 Dec 1999 23:59:59 GMT"), accepts()],
        false,
    );
    let begun = Instant::now();
    desk.delivery.deliver(5, Vec::new()).await.unwrap();
    assert!(begun.elapsed() <= Duration::from_millis(501));
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_hangs_is_left_in_bounded_time() {
    let desk = desk(&[Hangs], false);
    let begun = Instant::now();
    assert!(desk.delivery.deliver(5, Vec::new()).await.is_err());
    // A last try may begin just before the minute is over.
    assert!(
        begun.elapsed() <= Duration::from_secs(71),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(desk.exported_and_failed(), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn the_end_is_quick() {
    for (what, does) in [
        ("hangs", Hangs),
        ("is busy", answers(503)),
        ("is gone", Refuses),
    ] {
        let desk = desk(&[does], false);
        let delivery = desk.delivery.clone();
        let under_way = tokio::spawn(async move { delivery.deliver(5, Vec::new()).await });
        tokio::time::sleep(Duration::from_secs(3)).await;
        desk.ending.cancel();
        let begun = Instant::now();
        assert!(under_way.await.unwrap().is_err(), "{what}");
        for _ in 0..100 {
            assert!(
                desk.delivery.deliver(1, Vec::new()).await.is_err(),
                "{what}"
            );
        }
        assert!(
            begun.elapsed() <= Duration::from_secs(3),
            "{what}: {:?}",
            begun.elapsed()
        );
        assert_eq!(desk.exported_and_failed(), (0, 105), "{what}");
    }
    let desk = desk(&[accepts()], false);
    desk.ending.cancel();
    desk.delivery.deliver(5, Vec::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_sent() {
    for gzip in [false, true] {
        let desk = desk(&[accepts()], gzip);
        let message = b"the same thing over and over ".repeat(100);
        desk.delivery.deliver(5, message.clone()).await.unwrap();
        let (headers, body) = desk.collector.seen.lock().unwrap().remove(0);
        assert_eq!(headers["x-key"], "k");
        assert!(headers["x-key"].is_sensitive());
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        let mut plain = Vec::new();
        if gzip {
            assert_eq!(headers[CONTENT_ENCODING], "gzip");
            assert!(body.len() < message.len() / 5);
            GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
        } else {
            assert!(!headers.contains_key(CONTENT_ENCODING));
            plain.extend_from_slice(&body);
        }
        assert_eq!(plain, message);
    }
}

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

impl Lines {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_one_line_and_its_end_another() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _heard = tracing::subscriber::set_default(subscriber);

    let desk = desk(&[Refuses], false);
    for _ in 0..3 {
        assert!(desk.delivery.deliver(5, Vec::new()).await.is_err());
    }
    assert!(desk.health.enter(1) && !desk.health.enter(1) && !desk.health.enter(1));
    let told = lines.take();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].contains("connection refused") && told[0].contains("traces"),
        "{told:#?}"
    );
    assert!(
        told[1].contains("the queue of telemetry is full"),
        "{told:#?}"
    );

    *desk.collector.script.lock().unwrap() = [accepts_all_but(1, "no"), accepts()].into();
    for _ in 0..3 {
        desk.delivery.deliver(5, Vec::new()).await.unwrap();
    }
    let told = lines.take();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].contains("delivered again") && told[0].contains("lost=18"),
        "{told:#?}"
    );
    assert!(told[1].contains("rejected=1"), "{told:#?}");
}
