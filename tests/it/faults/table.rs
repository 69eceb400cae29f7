//! The table in `README.md` is what the tests saw: each holds its own line to it, and here is nothing in it that no test holds.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults")
}

fn lines() -> Vec<String> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.filter(|line| !line.starts_with("| fault |"))
        .map(str::to_owned)
        .collect()
}

/// One line of the table.
pub(super) fn line(fault: &str, expected: &str, seen: &str, writes: usize, test: &str) -> String {
    format!("| {fault} | {expected} | {seen} | {writes} | `{test}` |")
}

/// Holds the table to lines that a test has just seen.
#[track_caller]
pub(super) fn hold(seen: &[String]) {
    let told = lines();
    let missing: Vec<_> = seen
        .iter()
        .filter(|line| !told.contains(line))
        .cloned()
        .collect();
    let missing = missing.join("\n");
    assert!(
        missing.is_empty(),
        "not in tests/it/faults/README.md:\n{missing}"
    );
}

#[test]
fn every_line_is_held_by_a_test_that_is_there() {
    let mut sources = String::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "rs") {
            sources += &fs::read_to_string(path).unwrap();
        }
    }
    let test = Regex::new(r"`([a-z0-9_]+)` \|$").unwrap();
    let told = lines();
    assert!(told.len() > 60, "{}", told.len());
    for line in told {
        let name = &test.captures(&line).expect(&line)[1];
        assert!(sources.contains(&format!("fn {name}()")), "no test: {line}");
        let fault = line.trim_start_matches("| ").split(" | ").next().unwrap();
        let written = format!("{fault:?}");
        assert!(sources.contains(&written), "no test has {written}");
    }
}
