//! Rotation: when a file is full or old enough, what it is renamed to, and which of the old ones are deleted.
//!
//! `audit.jsonl` becomes `audit.jsonl.20261129T145400.123Z`: the time (UTC) of the rotation, so that names sort in the order of lines.
//! A name is always later than those that are there, also where the clock was set back. Only names of this form are ever deleted: what
//! was renamed or compressed is its owner's business.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::file::keep_directory;
use crate::config::audit::Rotate;

const FORM: &str = "%Y%m%dT%H%M%S%.3fZ";

/// Whether a file of `size` bytes that was begun at `begun` is left before another `more` bytes.
pub(super) fn is_due(rotate: Rotate, size: u64, begun: Duration, more: u64, now: Duration) -> bool {
    let full = |most| more > 0 && size.saturating_add(more) > most;
    let old = |most| now.saturating_sub(begun) >= most;
    rotate.size.is_some_and(full) || rotate.age.is_some_and(old)
}

/// Renames the log at `path`; gives the new name. Nothing that is there is ever replaced.
pub(super) fn move_away(path: &Path, now: Duration) -> io::Result<PathBuf> {
    let newest = rotated(path)?.pop().map(|(at, _)| at);
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let at = newest.map_or(now, |newest| now.max(newest.saturating_add(1)));
    let target = name(path, at)?;
    // Names of this form are ours, later ones were not there a moment ago, and the log is locked: this is for whoever meddles.
    if fs::symlink_metadata(&target).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::rename(path, &target)?;
    keep_directory(path);
    Ok(target)
}

/// Deletes all but the newest rotated files; gives those that are gone.
pub(super) fn prune(path: &Path, keep: usize) -> io::Result<Vec<PathBuf>> {
    let mut files = rotated(path)?;
    files.truncate(files.len().saturating_sub(keep));
    let mut gone = Vec::new();
    for (_, file) in files {
        match fs::remove_file(&file) {
            Ok(()) => gone.push(file),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(gone)
}

/// The newest rotated file of the log at `path`, if there is one.
pub(super) fn newest(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(rotated(path)?.pop().map(|(_, file)| file))
}

/// The rotated files of the log at `path`, oldest first, with the time (Unix, milliseconds) in their names.
fn rotated(path: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let base = path.file_name().unwrap_or_default();
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if let Some(at) = time_in(&entry.file_name(), base)
            && entry.file_type()?.is_file()
        {
            files.push((at, directory.join(entry.file_name())));
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn name(path: &Path, at: i64) -> io::Result<PathBuf> {
    let at = Timestamp::from_millisecond(at).map_err(io::Error::other)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", at.strftime(FORM)));
    Ok(path.with_file_name(name))
}

/// The time in a name, if it is exactly of the form that this module writes.
fn time_in(name: &OsStr, base: &OsStr) -> Option<i64> {
    let rest = name
        .as_encoded_bytes()
        .strip_prefix(base.as_encoded_bytes())?;
    let text = std::str::from_utf8(rest).ok()?.strip_prefix('.')?;
    let at = DateTime::strptime(FORM, text).ok()?;
    let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
    // There is one way to write each.
    (at.strftime(FORM).to_string() == text).then(|| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Duration = Duration::from_millis(1_796_040_000_123);

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn it_is_due_before_what_does_not_fit_and_after_its_time() {
        let rotate = Rotate {
            size: Some(100),
            age: Some(Duration::from_mins(1)),
            keep: None,
        };
        let at = Duration::from_secs;
        for (size, begun, more, now, due) in [
            (60, 0, 40, 59, false),
            (60, 0, 41, 59, true),
            (100, 0, 1, 0, true),
            (200, 0, 0, 0, false),
            (1, 0, 0, 60, true),
            (1, 30, 1, 60, false),
            // The clock was set back.
            (1, 90, 1, 60, false),
            (u64::MAX, 0, u64::MAX, 0, true),
        ] {
            let case = (size, begun, more, now);
            assert_eq!(
                is_due(rotate, size, at(begun), more, at(now)),
                due,
                "{case:?}"
            );
        }
        let never = is_due(Rotate::default(), u64::MAX, at(0), 1, Duration::MAX);
        assert!(!never);
    }

    #[test]
    fn names_sort_in_the_order_of_rotations_whatever_the_clock_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let hour = Duration::from_hours(1);
        let before = NOON.saturating_sub(hour);
        for (line, now) in [(1, NOON), (2, NOON), (3, before), (4, NOON + hour)] {
            fs::write(&path, line.to_string()).unwrap();
            let target = move_away(&path, now).unwrap();
            assert_eq!(newest(&path).unwrap(), Some(target));
        }
        let names = names(folder.path());
        assert_eq!(names[0], "a.jsonl.20261130T120000.123Z");
        let lines: String = names
            .iter()
            .map(|name| fs::read_to_string(folder.path().join(name)).unwrap())
            .collect();
        assert_eq!(lines, "1234");
    }

    #[test]
    fn only_rotated_files_of_this_log_are_deleted_and_the_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let others = [
            "a.jsonl",
            "a.jsonl.1",
            "a.jsonl.20250101T000000.000Z.gz",
            "a.jsonl.20250101T000000Z",
            "a.jsonl.20250101T000000.0000Z",
            "a.jsonl.20251341T000000.000Z",
            "a.jsonlx.20250101T000000.000Z",
            "b.jsonl.20250101T000000.000Z",
        ];
        let ours = [
            "a.jsonl.20250101T000000.000Z",
            "a.jsonl.20250101T000000.001Z",
            "a.jsonl.20260101T000000.000Z",
        ];
        for name in others.iter().chain(&ours) {
            fs::write(folder.path().join(name), name).unwrap();
        }
        // Neither a file of ours.
        fs::create_dir(folder.path().join("a.jsonl.20200101T000000.000Z")).unwrap();
        let gone = prune(&path, 1).unwrap();
        assert_eq!(
            gone,
            ours[..2]
                .iter()
                .map(|name| folder.path().join(name))
                .collect::<Vec<_>>()
        );
        let left = names(folder.path());
        assert!(
            others
                .iter()
                .all(|name| left.iter().any(|left| left == name)),
            "{left:?}"
        );
        assert!(prune(&path, 1).unwrap().is_empty());
        assert_eq!(prune(&path, 0).unwrap().len(), 1);
    }

    #[test]
    fn nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        fs::write(&path, "lines").unwrap();
        // No rotated file, so not counted among the names; and in the way.
        let in_the_way = folder.path().join("a.jsonl.20261130T120000.123Z");
        fs::create_dir(&in_the_way).unwrap();
        assert_eq!(
            move_away(&path, NOON).unwrap_err().kind(),
            ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "lines");
    }
}
