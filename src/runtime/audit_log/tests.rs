//! The audit log before disks that are slow, full, torn, or gone.

use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::event::is_event;
use super::sealed_line::{BEFORE_THE_FIRST, Sealed};
use super::{AuditLog, ChainSettings, Overflow, Rotate, Settings};

/// What the disk does at each write, then takes everything.
pub(super) enum Act {
    Fail(ErrorKind),
    Take(usize),
    /// Waits for a word from the test.
    Wait(Receiver<()>),
}

#[derive(Clone, Default)]
pub(super) struct Disk {
    pub(super) written: Arc<Mutex<Vec<u8>>>,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Disk {
    pub(super) fn acting(acts: impl IntoIterator<Item = Act>) -> Self {
        let disk = Self::default();
        disk.acts.lock().unwrap().extend(acts);
        disk.acts.lock().unwrap().reverse();
        disk
    }

    /// The lines that were appended, of a log whose chain is whole.
    pub(super) fn lines(&self) -> Vec<String> {
        chained(&self.written.lock().unwrap()).0
    }
}

/// The lines that were appended, and the others, of a log whose chain is whole.
pub(super) fn chained(text: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut seq, mut previous) = (0, BEFORE_THE_FIRST);
    let whole = text.strip_suffix(b"\n").unwrap();
    let lines = whole.split(|byte| *byte == b'\n').map(|line| {
        let sealed = Sealed::read(line).unwrap();
        assert!(
            sealed.follows(None, &previous),
            "{}",
            String::from_utf8_lossy(line)
        );
        seq += 1;
        assert_eq!(sealed.seq, seq);
        previous = sealed.hash;
        let members = String::from_utf8(sealed.members.to_vec()).unwrap();
        (is_event(sealed.members), members)
    });
    let (events, requests): (Vec<_>, Vec<_>) = lines.partition(|(is_event, _)| *is_event);
    let texts = |lines: Vec<(bool, String)>| lines.into_iter().map(|(_, text)| text).collect();
    (texts(requests), texts(events))
}

/// A line of so many bytes.
pub(super) fn line(bytes: usize) -> Vec<u8> {
    format!("{{\"x\":\"{}\"}}", "x".repeat(bytes - 8)).into_bytes()
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let act = self.acts.lock().unwrap().pop();
        let length = match act {
            Some(Act::Fail(kind)) => return Err(kind.into()),
            Some(Act::Take(length)) => length.min(bytes.len()),
            Some(Act::Wait(word)) => {
                let _ = word.recv();
                bytes.len()
            }
            None => bytes.len(),
        };
        self.written
            .lock()
            .unwrap()
            .extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn settings() -> Settings {
    Settings {
        capacity: 64,
        flush_interval: Duration::from_millis(1),
        overflow: Overflow::Drop,
        patience: Duration::from_mins(1),
        rotate: Rotate::default(),
        retry_pause: Duration::from_millis(1),
        close_timeout: Duration::from_mins(1),
    }
}

pub(super) fn log(disk: &Disk, settings: Settings) -> AuditLog {
    AuditLog::to(Box::new(disk.clone()), settings, ChainSettings::default()).unwrap()
}

/// A disk that holds the first write until told to go on.
pub(super) fn held() -> (Disk, Sender<()>) {
    let (go, word) = channel();
    (Disk::acting([Act::Wait(word)]), go)
}

#[test]
fn lines_survive_a_disk_in_trouble() {
    let full = || Act::Fail(ErrorKind::StorageFull);
    let cases = [
        ("healthy", vec![]),
        ("full for a while", vec![full(), full(), full()]),
        (
            "torn in the middle of a line",
            vec![Act::Take(3), full(), Act::Take(1), full()],
        ),
        ("takes nothing", vec![Act::Take(0), Act::Take(0)]),
        ("interrupted", vec![Act::Fail(ErrorKind::Interrupted)]),
    ];
    for (name, acts) in cases {
        let disk = Disk::acting(acts);
        let log = log(&disk, settings());
        let lines = ["\"n\":1", "\"n\":2", "\"n\":3"];
        for line in lines {
            assert!(log.append(format!("{{{line}}}").as_bytes()), "{name}");
        }
        assert!(log.close(), "{name}");
        assert_eq!(disk.lines(), lines, "{name}");
        assert_eq!((log.dropped(), log.failing()), (0, false), "{name}");
    }
}

#[test]
fn a_disk_that_stays_broken_costs_what_does_not_fit_and_no_time() {
    let broken = (0..100_000).map(|_| Act::Fail(ErrorKind::StorageFull));
    let log = log(&Disk::acting(broken), settings());
    let line = line(31);
    // 64 bytes wait and 64 are on their way: at least 96 of 100 lines find no room.
    let accepted = (0..100).filter(|_| log.append(&line)).count();
    assert!((2..=4).contains(&accepted), "{accepted}");
    assert!(log.failing());
    assert!(!log.close());
    assert_eq!(
        log.dropped(),
        100,
        "what could not be written by the close is counted, too"
    );
    assert!(log.failing(), "giving up is no success");
    assert_eq!(log.head(), None, "no line was ever written");
}

#[test]
fn what_finds_no_room_is_told_of_where_it_is_missing() {
    let (disk, go) = held();
    let log = log(&disk, settings());
    let line = line(31);
    let accepted = (0..6).filter(|_| log.append(&line)).count();
    assert!((2..=4).contains(&accepted), "{accepted}");
    assert_eq!(log.dropped(), 6 - accepted as u64);
    assert!(log.failing(), "what nobody takes cannot be written");
    go.send(()).unwrap();
    assert!(log.close());
    assert!(!log.failing());
    let (lines, events) = chained(&disk.written.lock().unwrap());
    assert_eq!(lines.len(), accepted);
    let dropped = format!("\"count\":{}", 6 - accepted);
    assert!(
        events.iter().any(|event| event.ends_with(&dropped)),
        "{events:?}"
    );
}

#[test]
fn a_line_longer_than_the_buffer_is_dropped_at_once() {
    let disk = Disk::default();
    let log = log(&disk, settings());
    assert!(!log.append(&line(64)));
    assert!(log.append(&line(63)));
    assert!(log.close());
    assert_eq!((disk.lines().len(), log.dropped()), (1, 1));
}

#[test]
fn a_close_does_not_wait_for_ever() {
    let (disk, _go) = held();
    let settings = Settings {
        close_timeout: Duration::from_millis(1),
        ..settings()
    };
    let log = log(&disk, settings);
    log.append(b"{}");
    assert!(!log.close());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_alone_and_an_old_one_is_continued() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    for line in ["{\"n\":1}", "{\"n\":2}"] {
        let log = AuditLog::file(&path, settings(), ChainSettings::default()).unwrap();
        log.append(line.as_bytes());
        assert!(log.close());
    }
    let (lines, _) = chained(&std::fs::read(&path).unwrap());
    assert_eq!(lines, ["\"n\":1", "\"n\":2"]);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn memory_keeps_the_newest_lines() {
    let (log, written) = AuditLog::in_memory();
    let text = "x".repeat(100_000);
    for number in 0..30 {
        assert!(log.append(format!("{{\"n\":{number},\"x\":\"{text}\"}}").as_bytes()));
    }
    let lines = written.lines();
    assert!(lines.len() < 12);
    assert!(lines.last().unwrap().contains("\"n\":29,"));
    assert!(lines.iter().all(|kept| kept.len() > 100_000), "whole lines");
    assert!(AuditLog::none().append(b"gone"));
}

#[test]
fn what_is_no_line_is_dropped_and_told() {
    let disk = Disk::default();
    let log = log(&disk, settings());
    for wrong in ["", "{", "text", "{\n}", "[]"] {
        assert!(!log.append(wrong.as_bytes()), "{wrong}");
    }
    assert!(log.append(b"{}"));
    assert!(log.close());
    let (lines, events) = chained(&disk.written.lock().unwrap());
    assert_eq!((lines, log.dropped()), (vec![String::new()], 5));
    let told: u64 = events
        .iter()
        .filter_map(|event| event.rsplit_once("\"count\":")?.1.parse::<u64>().ok())
        .sum();
    assert_eq!(told, 5, "{events:?}");
    assert_eq!(log.head().unwrap().seq, 2 + events.len() as u64 - 1);
}
