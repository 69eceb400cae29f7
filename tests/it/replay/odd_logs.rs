//! Logs that are not as they should be, and long ones.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::traffic::{Ground, Sent, requests};
use crate::program::{program, told};

/// The audit line of a request that a maximum of an hour would change.
fn line(ground: &Ground) -> String {
    let mut sent: Sent = requests(1, 0).remove(0);
    sent.body = json!({
        "mediaTypes": "Voice", "length": 90, "subject": "PRJ-1 x",
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1},
    });
    let text = ground.configuration("old", "full", |text| text);
    ground.run("old", &text, &[sent]);
    ground.configuration("new", "full", |text| {
        text.replace("minutes: 120", "minutes: 60")
    });
    let log = fs::read_to_string(ground.path("old.jsonl")).unwrap();
    // The first line opens the log.
    log.lines().nth(1).unwrap().to_owned()
}

/// Replays a text from standard input.
fn piped(ground: &Ground, log: &[u8], more: &[&str]) -> (i32, String) {
    let mut command = program();
    command
        .args(["policy", "replay", "-", "--config"])
        .arg(ground.path("new.yaml"))
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // Whoever reads only the beginning closes the pipe.
    let _ = process.stdin.take().unwrap().write_all(log);
    told(&process.wait_with_output().unwrap())
}

#[test]
fn lines_that_make_no_sense_are_counted_and_named() {
    let ground = Ground::new();
    let line = line(&ground);
    let mut log = Vec::new();
    for text in [
        &*line,
        "",
        "no json",
        &line.replace("audit/3", "audit/1"),
        &line.replace("\"caller\":{\"id\"", "\"caller\":{\"name\""),
        &line.replace("/encryptMode", "/no/such/place"),
        &format!(
            "{}{}{}",
            &line[..line.len() - 1],
            ",\"more\":\"",
            "x".repeat(17 << 20)
        ),
        &line.replace("\"stage\":\"reply\"", "\"stage\":\"validate\""),
        &line.replace("\"request\":", "\"demand\":"),
        &line,
        &line[..line.len() / 2],
    ] {
        log.extend_from_slice(text.as_bytes());
        log.push(b'\n');
    }
    log.pop();
    log.splice(0..0, b"\xff\n".iter().copied());
    let (code, text) = piped(&ground, &log, &["--format", "json"]);
    assert_eq!(code, 1, "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let skipped = |name: &str| report["lines"][name].clone();
    assert_eq!(report["lines"]["read"], 12);
    assert_eq!(report["lines"]["bytes"], log.len());
    assert_eq!(
        skipped("not_json"),
        json!({"count": 4, "first": ["-:1", "-:3", "-:4", "-:12"]})
    );
    assert_eq!(
        skipped("other_schema"),
        json!({"count": 1, "first": ["-:5"]})
    );
    assert_eq!(
        skipped("unfit"),
        json!({"count": 2, "first": ["-:6", "-:7"]})
    );
    assert_eq!(skipped("too_long"), json!({"count": 1, "first": ["-:8"]}));
    let counts = json!({"replayed": 2, "flipped": 2, "not_decided": 1, "without_request": 1});
    assert_eq!(report["requests"], counts);
}

#[test]
fn a_log_with_nothing_to_replay_says_why() {
    let ground = Ground::new();
    let line = line(&ground);
    let (code, text) = piped(&ground, b"", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("nothing would change"), "{text}");

    let without = line.replace("\"request\":", "\"demand\":") + "\n";
    let (code, text) = piped(&ground, without.as_bytes(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("set `audit.request` to `masked` or `full`"),
        "{text}"
    );

    let (code, text) = piped(&ground, &[0x1f, 0x8b, 8, 0], &[]);
    assert_eq!(code, 2);
    assert!(
        text.contains("gzip -dc LOG | meeting-gateway policy replay -"),
        "{text}"
    );
}

/// The most memory that a process has held, in KiB.
fn peak(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_log() {
    const WARM: usize = 2_000;
    const LINES: usize = 10_000;
    let ground = Ground::new();
    let line = line(&ground);
    let mut command = program();
    // Progress on stderr, one piece in so many lines, tells when what was written has been read.
    command
        .args([
            "policy",
            "replay",
            "-",
            "--progress",
            "always",
            "--examples",
            "10",
            "--config",
        ])
        .arg(ground.path("new.yaml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let mut log = process.stdin.take().unwrap();
    let mut write = |from: usize, to: usize| {
        for index in from..to {
            // Another request each time, and another caller now and then.
            let line = line.replace("request-0", &format!("request-{index}"));
            let line = line.replace(
                "\"id\":\"events\"",
                &format!("\"id\":\"caller-{}\"", index % 50),
            );
            log.write_all(line.as_bytes()).unwrap();
            log.write_all(b"\n").unwrap();
        }
    };
    write(0, WARM);
    let before = peak(&process);
    write(WARM, LINES);
    let after = peak(&process);
    drop(log);
    let mut told = String::new();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    out.read_line(&mut told).unwrap();
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(1));
    assert!(
        told.starts_with("10,000 requests of 10,000 lines"),
        "{told}"
    );
    let read = line.len() * LINES / 1024;
    assert!(read > 10_000, "{read} KiB");
    assert!(
        after < before + 3_000,
        "{before} KiB, then {after} KiB for {read} KiB of log"
    );
}
