//! The disk under the audit log is full, fails in the middle, or stands still: requests go on or are refused, as the configuration has
//! it, what is lost is counted, and it recovers by itself.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use http_body_util::BodyExt;
use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Overflow, Rotate, Settings};
use tower::ServiceExt;

use super::change;
use super::table::{hold, line};
use crate::support::request::{Asking, Reply, TestBody, documented};
use crate::support::{TestGateway, until};

const SMALL: Settings = Settings {
    capacity: 16 * 1024,
    flush_interval: Duration::from_millis(1),
    overflow: Overflow::Drop,
    patience: Duration::from_secs(20),
    rotate: Rotate {
        size: None,
        age: None,
        keep: None,
    },
    retry_pause: Duration::from_millis(5),
    close_timeout: Duration::from_secs(20),
};

/// Sends so many changes; gives how long the slowest took.
async fn send(gateway: &TestGateway, count: usize) -> Duration {
    let service = gateway.stack::<TestBody>();
    let mut slowest = Duration::ZERO;
    for _ in 0..count {
        let began = tokio::time::Instant::now();
        let response = service.clone().oneshot(change()).await.unwrap();
        assert_eq!(response.status(), 200);
        slowest = slowest.max(began.elapsed());
    }
    slowest
}

fn audited(log: AuditLog) -> TestGateway {
    let mut gateway = TestGateway::new();
    gateway.parts.audit = Arc::new(log);
    gateway
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_audit_log_stops_no_request() {
    const TEST: &str = "a_full_disk_under_the_audit_log_stops_no_request";
    let log = AuditLog::file(
        std::path::Path::new("/dev/full"),
        SMALL,
        ChainSettings::default(),
    )
    .unwrap();
    let gateway = audited(log.clone());
    send(&gateway, 1).await;
    until(|| log.failing()).await;
    let slowest = send(&gateway, 100).await;
    assert!(slowest < SMALL.patience / 2, "{slowest:?}");
    let dropped = log.dropped();
    assert!(dropped > 20, "more than fits was told: {dropped}");
    let closed = log.clone();
    let closed = tokio::task::spawn_blocking(move || closed.close()).await;
    assert!(!closed.unwrap());
    assert_eq!(log.dropped(), 101, "every line is accounted for");
    hold(&[line(
        "the disk under the audit log is full",
        "200",
        "200",
        1,
        TEST,
    )]);
}

/// A disk that takes everything, half of a write, or nothing.
#[derive(Clone, Default)]
struct Disk {
    full: Arc<AtomicBool>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap();
        if self.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        // Never a whole buffer, so that it fails in the middle of a line.
        let length = bytes.len().min(700);
        written.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_in_the_middle_is_written_to_again() {
    const TEST: &str = "a_disk_that_fails_in_the_middle_is_written_to_again";
    let disk = Disk::default();
    let log = AuditLog::to(Box::new(disk.clone()), SMALL, ChainSettings::default()).unwrap();
    let gateway = audited(log.clone());
    send(&gateway, 5).await;
    disk.full.store(true, Ordering::SeqCst);
    send(&gateway, 5).await;
    until(|| log.failing()).await;
    disk.full.store(false, Ordering::SeqCst);
    until(|| !log.failing()).await;
    send(&gateway, 5).await;
    let closed = log.clone();
    assert!(
        tokio::task::spawn_blocking(move || closed.close())
            .await
            .unwrap()
    );
    assert_eq!(log.dropped(), 0);
    let text = String::from_utf8(disk.written.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line.get("event").is_none())
        .collect();
    assert_eq!(lines.len(), 15, "each once, each whole, in order");
    hold(&[line(
        "the disk under the audit log fails, then works again",
        "200",
        "200",
        1,
        TEST,
    )]);
}

/// A disk that takes nothing and does not fail either, until told to go on.
#[derive(Clone)]
struct Stalled {
    go: Arc<(Mutex<bool>, Condvar)>,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Stalled {
    fn new() -> Self {
        Self {
            go: Arc::default(),
            written: Arc::default(),
        }
    }

    fn go_on(&self) {
        *self.go.0.lock().unwrap() = true;
        self.go.1.notify_all();
    }

    /// The ids of the requests that have a line.
    fn ids(&self) -> Vec<String> {
        let text = String::from_utf8(self.written.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter_map(|line: serde_json::Value| Some(line["request_id"].as_str()?.to_owned()))
            .collect()
    }
}

impl Write for Stalled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let goes_on = self.go.0.lock().unwrap();
        drop(self.go.1.wait_while(goes_on, |goes_on| !*goes_on).unwrap());
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stalled(overflow: Overflow, patience: Duration) -> (Stalled, AuditLog, TestGateway) {
    let disk = Stalled::new();
    let settings = Settings {
        overflow,
        patience,
        ..SMALL
    };
    let log = AuditLog::to(Box::new(disk.clone()), settings, ChainSettings::default()).unwrap();
    (disk, log.clone(), audited(log))
}

async fn one(gateway: &TestGateway, id: usize) -> Reply {
    let request = Asking::update().header("x-request-id", &format!("request-{id}"));
    let service = gateway.stack::<TestBody>();
    let response = service.oneshot(request.json(&documented())).await.unwrap();
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

async fn close(log: &AuditLog) -> bool {
    let closed = log.clone();
    tokio::task::spawn_blocking(move || closed.close())
        .await
        .unwrap()
}

const STALLED_SHED: &str = "the audit log stands still (`shed`)";
const STALLED_BLOCK: &str = "the audit log stands still (`block`)";
const STALLED_DROP: &str = "the audit log stands still (`drop`)";
const REFUSED: &str = "503 `MGW.5030006`";
/// More requests than a log that stands still has room for, by far.
const MOST: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn with_shed_nothing_goes_upstream_that_is_not_in_the_log() {
    const TEST: &str = "with_shed_nothing_goes_upstream_that_is_not_in_the_log";
    let (disk, log, gateway) = stalled(Overflow::Shed, Duration::ZERO);
    let mut answered = Vec::new();
    let refused = loop {
        let id = answered.len();
        let reply = one(&gateway, id).await;
        if reply.status != 200 {
            break reply;
        }
        answered.push(format!("request-{id}"));
        assert!(id < MOST, "it never refuses");
    };
    assert_eq!(refused.said(), (503, "MGW.5030006".to_owned()));
    assert_eq!(refused.headers["retry-after"], "1");
    for id in 1000..1100 {
        assert_eq!(one(&gateway, id).await.status, 503);
    }
    // Some twenty lines, and not one of those that were refused has gone anywhere.
    assert!((4..100).contains(&answered.len()), "{}", answered.len());
    assert_eq!(gateway.operations_seen().len(), answered.len());
    disk.go_on();
    until(|| log.status().waiting_lines == 0 && !log.failing()).await;
    assert_eq!(one(&gateway, 2000).await.status, 200);
    answered.push("request-2000".to_owned());
    assert!(close(&log).await);
    let told = disk.ids();
    assert!(answered.iter().all(|id| told.contains(id)), "{told:?}");
    // Those that were refused have a line where there was room for it, and are counted where not.
    assert_eq!(
        told.len() as u64 + log.dropped(),
        answered.len() as u64 + 101
    );
    hold(&[line(STALLED_SHED, REFUSED, REFUSED, 0, TEST)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_block_requests_wait_for_the_log_and_are_served_then() {
    const TEST: &str = "with_block_requests_wait_for_the_log_and_are_served_then";
    let (disk, log, gateway) = stalled(Overflow::Block, Duration::from_secs(20));
    let requests: Vec<_> = (0..100)
        .map(|id| {
            let request = Asking::update().header("x-request-id", &format!("request-{id}"));
            let service = gateway.stack::<TestBody>();
            tokio::spawn(service.oneshot(request.json(&documented())))
        })
        .collect();
    until(|| log.status().waiting_bytes >= SMALL.capacity as u64).await;
    disk.go_on();
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    assert!(close(&log).await);
    assert_eq!((disk.ids().len(), log.dropped()), (100, 0));
    hold(&[line(STALLED_BLOCK, "200", "200", 1, TEST)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_block_a_wait_has_an_end() {
    const TEST: &str = "with_block_a_wait_has_an_end";
    let (disk, log, gateway) = stalled(Overflow::Block, Duration::from_millis(50));
    let mut answered = 0;
    let refused = loop {
        let reply = one(&gateway, answered).await;
        if reply.status != 200 {
            break reply;
        }
        answered += 1;
        assert!(answered < MOST, "it never refuses");
    };
    assert_eq!(refused.said(), (503, "MGW.5030006".to_owned()));
    assert_eq!(gateway.operations_seen().len(), answered);
    disk.go_on();
    assert!(close(&log).await);
    hold(&[line(
        "the audit log stands still for longer than `overflow_wait` (`block`)",
        REFUSED,
        REFUSED,
        0,
        TEST,
    )]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_drop_requests_go_on_and_lost_lines_are_told_of() {
    const TEST: &str = "with_drop_requests_go_on_and_lost_lines_are_told_of";
    let (disk, log, gateway) = stalled(Overflow::Drop, Duration::ZERO);
    for id in 0..200 {
        assert_eq!(one(&gateway, id).await.status, 200);
    }
    let dropped = log.dropped();
    assert!(dropped > 100, "{dropped}");
    disk.go_on();
    assert!(close(&log).await);
    let text = String::from_utf8(disk.written.lock().unwrap().clone()).unwrap();
    let told: u64 = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["event"] == "dropped")
        .filter_map(|line| line["count"].as_u64())
        .sum();
    assert_eq!(told, dropped);
    assert_eq!(disk.ids().len() as u64 + dropped, 200);
    hold(&[line(STALLED_DROP, "200", "200", 1, TEST)]);
}
