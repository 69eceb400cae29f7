//! Who is let in while the disk stands still or fails, and that promises are kept.

use std::io::ErrorKind;
use std::time::Duration;

use super::super::tests::{Act, Disk, chained, held, line, log, settings};
use super::super::{Admission, AuditLog, Overflow, Settings};
use super::MOST_WAITING;
use crate::model::clock::{Clock, SystemClock};

fn overflowing(overflow: Overflow) -> Settings {
    Settings {
        overflow,
        ..settings()
    }
}

/// Appends until there is no room; says how many lines were taken.
fn fill(log: &AuditLog) -> usize {
    let line = line(31);
    (0..100).take_while(|_| log.append(&line)).count()
}

/// Waits for what the thread that writes is about to do.
fn until(mut holds: impl FnMut() -> bool) {
    let clock = SystemClock::new();
    while !holds() {
        let waited = clock.monotonic();
        assert!(waited < Duration::from_secs(20), "it did not come about");
        std::thread::yield_now();
    }
}

#[test]
fn with_drop_everybody_comes_in_and_nothing_is_promised() {
    let (disk, _go) = held();
    let log = log(&disk, overflowing(Overflow::Drop));
    fill(&log);
    assert_eq!(log.admit(), Admission::Unpromised);
}

#[test]
fn with_shed_nobody_comes_in_while_the_disk_stands_still_and_what_was_promised_is_kept() {
    let (disk, go) = held();
    let log = log(&disk, overflowing(Overflow::Shed));
    assert_eq!(log.admit(), Admission::Promised);
    assert!(fill(&log) >= 2);
    // Nearly full is not full: the line that is promised there still comes.
    while log.admit() == Admission::Promised {
        assert!(log.append_promised(b"{}"));
    }
    assert_eq!(log.admit(), Admission::Refused);
    let dropped = log.dropped();
    for _ in 0..100 {
        assert!(log.append_promised(&line(100)), "promised before");
    }
    assert!(!log.append(b"{}"), "not promised");
    assert_eq!(log.dropped(), dropped + 1);
    go.send(()).unwrap();
    until(|| log.admit() == Admission::Promised);
    assert!(log.close());
    let (lines, _) = chained(&disk.written.lock().unwrap());
    assert_eq!(lines.iter().filter(|line| line.len() == 98).count(), 100);
    let status = log.status();
    assert_eq!(
        (status.written, status.waiting_lines, status.waiting_bytes),
        (lines.len() as u64, 0, 0)
    );
}

#[test]
fn with_shed_a_write_that_fails_is_enough() {
    let (acts, go) = std::sync::mpsc::channel();
    let disk = Disk::acting([Act::Fail(ErrorKind::StorageFull), Act::Wait(go)]);
    let log = log(&disk, overflowing(Overflow::Shed));
    until(|| log.failing());
    assert_eq!(log.admit(), Admission::Refused);
    assert_eq!(log.status().write_failures, 1);
    acts.send(()).unwrap();
    until(|| log.admit() == Admission::Promised);
}

#[tokio::test]
async fn with_block_requests_wait_for_room_and_no_longer_than_that() {
    let (disk, go) = held();
    let log = log(&disk, overflowing(Overflow::Block));
    fill(&log);
    while log.admit() == Admission::Promised {
        log.append_promised(b"{}");
    }
    assert_eq!(log.admit(), Admission::Wait);
    let (mut first, mut second) = (Box::pin(log.wait_for_room()), Box::pin(log.wait_for_room()));
    for waiting in [&mut first, &mut second] {
        assert!(futures_util::poll!(waiting).is_pending());
    }
    // Who leaves is not waited for.
    drop(second);
    go.send(()).unwrap();
    assert!(first.await);
    assert!(log.append_promised(b"{}"));
    assert!(log.close());
}

#[tokio::test(start_paused = true)]
async fn patience_has_an_end_and_the_line_of_those_who_wait_has_one_too() {
    let (acts, go) = std::sync::mpsc::channel::<()>();
    let disk = Disk::acting([Act::Fail(ErrorKind::StorageFull), Act::Wait(go)]);
    let log = log(&disk, overflowing(Overflow::Block));
    until(|| log.failing());
    let mut waiting = Vec::new();
    for _ in 0..MOST_WAITING {
        assert_eq!(log.admit(), Admission::Wait);
        let mut wait = Box::pin(log.wait_for_room());
        assert!(futures_util::poll!(&mut wait).is_pending());
        waiting.push(wait);
    }
    assert_eq!(log.admit(), Admission::Refused, "the line is long enough");
    waiting.pop();
    assert_eq!(log.admit(), Admission::Wait, "somebody left");
    let began = tokio::time::Instant::now();
    for wait in waiting {
        assert!(!wait.await);
    }
    assert!(began.elapsed() >= settings().patience);
    assert!(began.elapsed() < settings().patience * 2);
    drop(acts);
}
