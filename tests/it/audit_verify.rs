//! `audit verify` as people and scripts use it.

use std::fs;
use std::path::PathBuf;

use meeting_gateway::model::secret::Secret;
use meeting_gateway::runtime::audit_log::{AuditLog, ChainKey, ChainSettings, Head, Settings};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{run_in, told};

const KEY: &str = "a key of thirty-two bytes, or more";

struct Ground {
    folder: TempDir,
    head: Head,
}

impl Ground {
    /// A folder with a log `audit.jsonl`, and the key in `key`.
    fn new(keyed: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = ChainSettings {
            key: keyed.then(|| ChainKey::new(&Secret::from(KEY))),
            ..ChainSettings::default()
        };
        let path = folder.path().join("audit.jsonl");
        let log = AuditLog::file(&path, Settings::default(), settings).unwrap();
        for number in 1..=3 {
            let line =
                format!("{{\"schema\":\"meeting-gateway.audit/3\",\"request_id\":\"r{number}\"}}");
            assert!(log.append(line.as_bytes()));
        }
        assert!(log.close());
        let head = log.head().unwrap();
        fs::write(folder.path().join("key"), format!("{KEY}\n")).unwrap();
        Self { folder, head }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn verified(&self, more: &[&str]) -> (i32, String) {
        let arguments = [&["audit", "verify"], more].concat();
        told(&run_in(self.folder.path(), &arguments))
    }

    fn change(&self, change: impl FnOnce(&str) -> String) {
        let text = fs::read_to_string(self.path("audit.jsonl")).unwrap();
        fs::write(self.path("audit.jsonl"), change(&text)).unwrap();
    }
}

#[test]
fn a_whole_log_and_a_changed_one() {
    let ground = Ground::new(false);
    let head = ground.head.to_string();
    let (code, text) =
        ground.verified(&["audit.jsonl", "--closed", "--from-first", "--head", &head]);
    let expected = format!(
        "every line is there, at its place and as it was written\n\
         5 lines of 1 file read: 3 of requests, 2 of the log itself; not keyed: whoever can write the log can write one that fits\n\
         head {head}\n"
    );
    assert_eq!((code, text), (0, expected));

    ground.change(|text| text.replace("\"r2\"", "\"r9\""));
    let (code, text) = ground.verified(&["audit.jsonl"]);
    assert_eq!(code, 1);
    assert!(
        text.starts_with("audit.jsonl:3: number 3: the line was changed, or its number or hash, or the hash of the line before\n\n1 finding\n"),
        "{text}"
    );
    let (code, text) = ground.verified(&["audit.jsonl", "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &report["findings"][0]["kind"]),
        (1, &Value::from("changed"))
    );
    assert_eq!(report["schema"], "meeting-gateway.audit-verification/1");
}

#[test]
fn a_key_and_what_is_asked_without_it() {
    let ground = Ground::new(true);
    assert_eq!(ground.verified(&["audit.jsonl", "--key-file", "key"]).0, 0);
    let (code, text) = ground.verified(&["audit.jsonl"]);
    assert_eq!(code, 2);
    assert!(text.contains("give the key with --key-file"), "{text}");
    fs::write(ground.path("other"), "another key of thirty-two bytes").unwrap();
    assert_eq!(
        ground.verified(&["audit.jsonl", "--key-file", "other"]).0,
        1
    );
    assert_eq!(
        ground
            .verified(&["audit.jsonl", "--key-file", "other", "--key-file", "key"])
            .0,
        0
    );
    let plain = Ground::new(false);
    let (code, text) = plain.verified(&["audit.jsonl", "--key-file", "key"]);
    assert_eq!(code, 1);
    assert!(text.contains("not keyed, though a key was given"), "{text}");
    assert!(!text.contains(KEY));
}

#[test]
fn what_cannot_be_told_is_no_answer() {
    let ground = Ground::new(false);
    fs::write(ground.path("empty"), "").unwrap();
    fs::write(ground.path("packed"), [0x1f, 0x8b, 8, 0]).unwrap();
    for (arguments, expected) in [
        (&["nowhere"][..], "cannot verify nowhere"),
        (
            &["empty"],
            "there is nothing to verify\n0 lines of 1 file read",
        ),
        (&["empty"], "there is no line in it"),
        (&["packed"], "gzip -dc LOG"),
        (
            &["audit.jsonl", "--key-file", "nowhere"],
            "cannot read the key",
        ),
        (&["audit.jsonl", "--key-file", "empty"], "it is empty"),
        (&["audit.jsonl", "--head", "5:00"], "write SEQ:HASH"),
        (&[], "required"),
    ] {
        let (code, text) = ground.verified(arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    // An end that is missing is told by what is known besides.
    ground.change(|text| text.split_inclusive('\n').take(3).collect());
    let head = ground.head.to_string();
    assert_eq!(ground.verified(&["audit.jsonl"]).0, 0);
    assert_eq!(ground.verified(&["audit.jsonl", "--head", &head]).0, 1);
    assert_eq!(ground.verified(&["audit.jsonl", "--closed"]).0, 1);
    assert_eq!(ground.verified(&["empty", "--closed"]).0, 1);
}

#[test]
fn where_a_log_begins_is_asked_for_or_left_open() {
    let (first, second) = (Ground::new(false), Ground::new(false));
    let text = fs::read_to_string(first.path("audit.jsonl")).unwrap();
    let more = fs::read_to_string(second.path("audit.jsonl")).unwrap();
    first.change(|text| text.to_owned() + &more);
    let (code, told) = first.verified(&["audit.jsonl"]);
    assert_eq!(code, 1);
    assert!(
        told.contains("audit.jsonl:6: number 1: a chain begins anew"),
        "{told}"
    );
    assert_eq!(first.verified(&["audit.jsonl", "--several-chains"]).0, 0);
    // A file that goes on with one that is not given.
    fs::write(first.path("audit.jsonl"), text).unwrap();
    fs::rename(
        first.path("audit.jsonl"),
        first.path("audit.jsonl.20260101T000000.000Z"),
    )
    .unwrap();
    fs::write(first.path("audit.jsonl"), "").unwrap();
    let path = first.path("audit.jsonl");
    let log = AuditLog::file(&path, Settings::default(), ChainSettings::default()).unwrap();
    assert!(log.close());
    let (code, told) = first.verified(&["audit.jsonl"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("it begins behind line 5"), "{told}");
    let (code, told) = first.verified(&["audit.jsonl", "--from-first"]);
    assert_eq!(code, 1);
    assert!(told.contains("lines 1 to 5 are missing"), "{told}");
}
