//! Files that are full, old, moved away, replaced, cut or in the way: no line is lost or doubled, and the chain is whole over all files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::tests::chained;
use super::super::{AuditLog, ChainSettings, Rotate, Settings};
use crate::model::clock::ManualClock;

const NOON: Duration = Duration::from_hours(498_900);
const SIZE: u64 = 4096;

struct Ground {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
    log: AuditLog,
}

impl Ground {
    fn new(rotate: Rotate) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at_unix(NOON);
        let log = open(folder.path(), &clock, rotate);
        Self { folder, clock, log }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    /// Appends lines with these numbers, and waits until they are written.
    fn append(&self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            assert!(self.log.append(format!("{{\"n\":{number}}}").as_bytes()));
        }
        self.written();
    }

    fn written(&self) {
        while self.log.status().waiting_lines > 0 {
            std::thread::yield_now();
        }
    }

    /// The files of the log, in the order of their lines.
    fn files(&self) -> Vec<PathBuf> {
        files(self.folder.path())
    }

    /// Closes the log and holds what is in it to the numbers of the lines that were appended.
    fn assert_whole(&self, count: usize) {
        assert!(self.log.close());
        assert_eq!(self.log.dropped(), 0);
        let mut text = Vec::new();
        for file in self.files() {
            let lines = fs::read(&file).unwrap();
            assert!(
                lines.is_empty() || lines.ends_with(b"\n"),
                "whole lines in {}",
                file.display()
            );
            text.extend(lines);
        }
        let (lines, _) = chained(&text);
        let expected: Vec<_> = (0..count).map(|number| format!("\"n\":{number}")).collect();
        assert_eq!(lines, expected);
    }
}

fn open(folder: &Path, clock: &Arc<ManualClock>, rotate: Rotate) -> AuditLog {
    let settings = Settings {
        flush_interval: Duration::from_millis(1),
        rotate,
        ..Settings::default()
    };
    let chain = ChainSettings {
        clock: clock.clone(),
        ..ChainSettings::default()
    };
    AuditLog::file(&folder.join("audit.jsonl"), settings, chain).unwrap()
}

/// Sorted by name, but for the present one, which is the last.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort_by_key(|path| {
        let name = path.file_name().unwrap().to_owned();
        (name == "audit.jsonl", name)
    });
    files
}

fn by_size(keep: Option<usize>) -> Rotate {
    Rotate {
        size: Some(SIZE),
        age: None,
        keep,
    }
}

#[test]
fn a_full_file_is_followed_by_another_one_between_two_lines() {
    let ground = Ground::new(by_size(None));
    // In one batch and in many.
    ground.append(0..500);
    for number in 500..600 {
        ground.append([number]);
    }
    ground.assert_whole(600);
    let files = ground.files();
    assert!(files.len() > 12, "{}", files.len());
    assert_eq!(ground.log.status().rotations, files.len() as u64 - 1);
    for (index, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].contains("\"event\":\"opened\""), "{}", lines[0]);
        let last = if index + 1 == files.len() {
            "closed"
        } else {
            "rotated"
        };
        assert!(
            lines
                .last()
                .unwrap()
                .contains(&format!("\"event\":\"{last}\""))
        );
        // The last line comes on top.
        assert!(text.len() as u64 <= SIZE + 200, "{}", text.len());
    }
}

#[test]
fn an_old_file_is_followed_by_another_one_once_there_is_a_line_for_it() {
    let ground = Ground::new(Rotate {
        age: Some(Duration::from_hours(1)),
        ..Rotate::default()
    });
    ground.append([0]);
    ground.clock.advance(Duration::from_mins(59));
    ground.append([1]);
    assert_eq!(ground.files().len(), 1);
    ground.clock.advance(Duration::from_mins(1));
    ground.append([2]);
    assert_eq!(ground.files().len(), 2);
    // No file for hours in which nothing happens.
    ground.clock.advance(Duration::from_hours(100));
    ground.append([3]);
    assert_eq!(ground.files().len(), 3);
    ground.assert_whole(4);
}

#[test]
fn only_the_newest_are_kept() {
    let ground = Ground::new(by_size(Some(3)));
    ground.append(0..600);
    assert!(ground.log.close());
    let files = ground.files();
    assert_eq!(files.len(), 4);
    assert!(fs::read_to_string(&files[3]).unwrap().contains("\"n\":599"));
}

#[test]
fn a_line_larger_than_a_file_has_one_of_its_own() {
    let ground = Ground::new(by_size(None));
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(10_000));
    for _ in 0..3 {
        assert!(ground.log.append(large.as_bytes()));
    }
    assert!(ground.log.close());
    assert_eq!(ground.files().len(), 3);
}

/// As logrotate does it: the file is moved, another one is created or not, SIGHUP is sent or not.
#[test]
fn moves_under_load_lose_and_double_nothing() {
    let ground = Ground::new(Rotate::default());
    let done = Arc::new(AtomicBool::new(false));
    let mover = std::thread::spawn({
        let (path, log, done) = (ground.path(), ground.log.clone(), Arc::clone(&done));
        move || {
            let mut moves = 0;
            while !done.load(Ordering::Relaxed) {
                let Ok(metadata) = fs::metadata(&path) else {
                    std::thread::yield_now();
                    continue;
                };
                if metadata.len() < 1000 {
                    std::thread::yield_now();
                    continue;
                }
                fs::rename(&path, path.with_extension(format!("jsonl.{moves:06}"))).unwrap();
                if moves % 3 == 1 {
                    // The gateway may have been quicker.
                    let _ = fs::File::create_new(&path);
                }
                if moves % 2 == 0 {
                    log.reopen();
                }
                moves += 1;
            }
            moves
        }
    });
    for number in (0..20_000).step_by(100) {
        ground.append(number..number + 100);
    }
    done.store(true, Ordering::Relaxed);
    let moves = mover.join().unwrap();
    assert!(moves > 10, "{moves}");
    assert!(ground.log.status().rotations > 10);
    ground.assert_whole(20_000);
}

#[test]
fn a_moved_file_is_left_at_once_where_that_is_asked_for() {
    let ground = Ground::new(Rotate::default());
    ground.append([0]);
    let moved = ground.folder.path().join("audit.jsonl.1");
    fs::rename(ground.path(), &moved).unwrap();
    // Without a line to write.
    ground.log.reopen();
    while ground.log.status().rotations == 0 {
        std::thread::yield_now();
    }
    assert!(ground.path().exists());
    ground.append([1]);
    // Nothing was moved: nothing is begun.
    ground.log.reopen();
    ground.append([2]);
    assert_eq!(ground.log.status().rotations, 1);
    ground.assert_whole(3);
}

#[test]
fn what_is_in_the_way_of_a_rotation_costs_no_line() {
    let ground = Ground::new(by_size(None));
    let in_the_way = ground
        .folder
        .path()
        .join("audit.jsonl.20261130T120000.000Z");
    fs::create_dir(&in_the_way).unwrap();
    ground.append(0..100);
    let status = ground.log.status();
    assert_eq!(
        (status.rotations, status.rotation_failures),
        (0, 1),
        "not tried for each line"
    );
    fs::remove_dir(&in_the_way).unwrap();
    ground.append(100..110);
    assert_eq!(ground.log.status().rotations, 0, "not tried at once");
    ground.clock.advance(super::PAUSE);
    ground.append(110..120);
    assert_eq!(ground.log.status().rotations, 1);
    ground.assert_whole(120);
}

#[test]
fn a_path_that_cannot_be_opened_any_more_costs_no_line() {
    let ground = Ground::new(Rotate::default());
    ground.append([0]);
    fs::rename(ground.path(), ground.folder.path().join("audit.jsonl.1")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", ground.path()).unwrap();
    ground.append(1..10);
    assert_eq!(ground.log.status().rotation_failures, 1);
    fs::remove_file(ground.path()).unwrap();
    ground.log.reopen();
    while ground.log.status().rotations == 0 {
        std::thread::yield_now();
    }
    ground.append(10..20);
    ground.assert_whole(20);
}

#[test]
fn a_start_goes_on_where_the_log_ends_also_in_a_rotated_file() {
    let ground = Ground::new(by_size(None));
    ground.append(0..50);
    assert!(ground.log.close());
    // As if the process had ended between the two steps of a rotation.
    fs::rename(
        ground.path(),
        ground
            .folder
            .path()
            .join("audit.jsonl.20301130T120000.000Z"),
    )
    .unwrap();
    let log = open(ground.folder.path(), &ground.clock, by_size(None));
    let ground = Ground { log, ..ground };
    ground.append(50..60);
    ground.assert_whole(60);
}

#[test]
fn what_is_no_file_is_written_and_not_rotated() {
    let clock = ManualClock::at_unix(NOON);
    let device = |rotate| {
        let settings = Settings {
            rotate,
            ..Settings::default()
        };
        let chain = ChainSettings {
            clock: clock.clone(),
            ..ChainSettings::default()
        };
        AuditLog::file(Path::new("/dev/null"), settings, chain)
    };
    let log = device(Rotate::default()).unwrap();
    log.reopen();
    assert!(log.append(b"{}") && log.close());
    let error = device(by_size(None)).unwrap_err().to_string();
    assert!(error.contains("no regular file"), "{error}");
}

/// What is there instead of a moved file takes no line away.
#[test]
fn what_is_put_in_the_place_of_a_moved_file_is_no_trap() {
    let ground = Ground::new(Rotate::default());
    ground.append([0]);
    fs::rename(ground.path(), ground.folder.path().join("audit.jsonl.1")).unwrap();
    // In a device lines would vanish.
    std::os::unix::fs::symlink("/dev/null", ground.path()).unwrap();
    ground.append(1..10);
    assert_eq!(ground.log.status().rotation_failures, 1);
    fs::remove_file(ground.path()).unwrap();
    // A last line that has no end.
    fs::write(ground.path(), "of somebody else").unwrap();
    ground.log.reopen();
    while ground.log.status().rotations == 0 {
        std::thread::yield_now();
    }
    ground.append(10..20);
    assert!(ground.log.close());
    let text = fs::read_to_string(ground.path()).unwrap();
    let ours = text.strip_prefix("of somebody else\n").unwrap();
    fs::write(ground.path(), ours).unwrap();
    ground.assert_whole(20);
}

#[test]
fn a_start_cuts_what_is_torn_and_says_so_once() {
    let ground = Ground::new(Rotate::default());
    ground.append(0..3);
    assert!(ground.log.close());
    let closed = fs::read(ground.path()).unwrap();
    let events = |path: &Path| chained(&fs::read(path).unwrap()).1;
    // What is behind the last line; how many bytes of it are torn.
    for (behind, torn) in [
        (&b""[..], None),
        (b"{\"seq\":6,\"sch", Some(13)),
        (b"{", Some(1)),
    ] {
        fs::write(ground.path(), [&closed[..], behind].concat()).unwrap();
        let log = open(ground.folder.path(), &ground.clock, Rotate::default());
        assert!(log.append(b"{\"n\":3}") && log.close());
        let told = events(&ground.path()).into_iter();
        let told: Vec<_> = told
            .filter(|event| event.contains("\"recovered\""))
            .collect();
        let expected = torn.map(|torn| format!("\"torn_bytes\":{torn},"));
        assert_eq!(told.len(), usize::from(torn.is_some()), "{told:?}");
        assert!(
            told.iter()
                .all(|told| told.contains(expected.as_ref().unwrap())),
            "{told:?}"
        );
    }
    // What is not ours stays, and ends before ours begins.
    fs::write(ground.path(), [&closed[..], b"not ours"].concat()).unwrap();
    assert!(open(ground.folder.path(), &ground.clock, Rotate::default()).close());
    let text = fs::read_to_string(ground.path()).unwrap();
    assert_eq!(text.lines().filter(|line| *line == "not ours").count(), 1);
    fs::write(ground.path(), text.replace("not ours\n", "")).unwrap();
    assert!(
        events(&ground.path())
            .iter()
            .any(|event| event.contains("\"recovered\""))
    );
}
