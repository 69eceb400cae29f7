//! The audit log's file is moved while the gateway serves, as logrotate does it: no line is lost or doubled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
use serde_json::Value;

use super::Stage;
use super::clients::{self, Counts};
use super::running::Running;
use crate::program::{run, told};
use crate::support::until;

const TURNED: &str = "the audit log goes on in a new file";
/// The smallest size at which files are rotated.
const SIZE: u64 = 1 << 20;

/// A log that is there already, so long that the next line begins another file.
fn nearly_full(path: &Path) {
    let log = AuditLog::file(path, Settings::default(), ChainSettings::default()).unwrap();
    let filler = format!("{{\"filler\":\"{}\"}}", "x".repeat(999));
    let mut bytes = 0;
    while bytes < SIZE {
        bytes += filler.len() as u64;
        assert!(log.append(filler.as_bytes()));
        until_written(&log);
    }
    assert!(log.close());
}

fn until_written(log: &AuditLog) {
    while log.status().waiting_bytes > 500_000 {
        std::thread::yield_now();
    }
}

/// What `audit verify` says of these files.
fn verified(files: &[PathBuf]) -> (i32, String) {
    let names = files.iter().map(|file| file.to_str().unwrap());
    let options = ["audit", "verify", "--from-first", "--closed"];
    let arguments: Vec<_> = options.into_iter().chain(names).collect();
    told(&run(&arguments))
}

/// The lines of requests in these files.
fn lines(files: &[PathBuf]) -> Vec<Value> {
    let mut lines = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "whole lines");
        lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    }
    lines.retain(|line: &Value| line.get("event").is_none() && line.get("filler").is_none());
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_moved_under_load_is_whole_over_all_its_files() {
    const MOVES: usize = 6;
    let stage = Stage::new().await;
    nearly_full(&stage.audit());
    let text = fs::read_to_string(stage.file(0)).unwrap();
    let text = text.replace("audit.jsonl}", "audit.jsonl, rotate: {size: 1MiB}}");
    fs::write(stage.file(0), text).unwrap();
    let mut gateway = Running::start(&stage.file(0)).await;
    let counts = Arc::new(Counts::default());
    let both = stage.versions.each_ref().map(|version| &version.authority);
    let secured = gateway.secured();
    let mut clients = clients::lasting(gateway.plain, secured, &both, &counts).await;
    gateway.until_said(TURNED, 1).await;
    let in_folder = fs::read_dir(stage.folder.path()).unwrap();
    let mut files: Vec<_> = in_folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("audit.jsonl.2"))
        .collect();
    assert_eq!(files.len(), 1, "rotated by the gateway: {files:?}");
    for count in 1..=MOVES {
        let goal = counts.answered.load(Ordering::Relaxed) + 10;
        until(|| {
            let answered = counts.answered.load(Ordering::Relaxed);
            answered >= goal || clients.try_join_next().is_some()
        })
        .await;
        let moved = stage.folder.path().join(format!("audit.jsonl.{count}"));
        fs::rename(stage.audit(), &moved).unwrap();
        files.push(moved);
        if count % 2 == 0 {
            // The gateway may have been quicker.
            let _ = fs::File::create_new(stage.audit());
        }
        gateway.signal("HUP");
        gateway.until_said(TURNED, count + 1).await;
    }
    counts.enough.store(true, Ordering::Relaxed);
    let ids: Vec<String> = clients.join_all().await.concat();
    gateway.signal("TERM");
    assert_eq!(gateway.ended().await.code(), Some(0));
    files.push(stage.audit());
    let lines = lines(&files);
    let told: BTreeSet<&str> = lines
        .iter()
        .map(|line| line["request_id"].as_str().unwrap())
        .collect();
    assert_eq!(lines.len(), told.len(), "each once");
    let sent: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(told, sent);

    let (code, text) = verified(&files);
    assert_eq!(code, 0, "{text}");
    for left_out in 0..files.len() {
        let mut rest = files.clone();
        rest.remove(left_out);
        let (code, text) = verified(&rest);
        assert_eq!(code, 1, "without {left_out}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_gateway_does_not_write_the_same_file() {
    let stage = Stage::new().await;
    let mut gateway = Running::start(&stage.file(0)).await;
    let file = stage.file(1);
    let second = tokio::task::spawn_blocking(move || {
        let config = file.to_str().unwrap().to_owned();
        crate::program::run(&["serve", "--config", &config])
    });
    let (code, text) = crate::program::told(&second.await.unwrap());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("another process writes it"), "{text}");
    gateway.signal("TERM");
    assert_eq!(gateway.ended().await.code(), Some(0));
}
