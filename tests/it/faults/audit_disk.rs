//! The disk under the audit log is full, or fails in the middle: requests go on, what is lost is counted, and it recovers by itself.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
use tower::ServiceExt;

use super::change;
use super::table::{hold, line};
use crate::support::request::TestBody;
use crate::support::{TestGateway, until};

const SMALL: Settings = Settings {
    capacity: 16 * 1024,
    flush_interval: Duration::from_millis(1),
    patience: Duration::from_secs(20),
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
