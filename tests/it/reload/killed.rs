//! The program as it is killed: of the audit log no more is lost than the configured moment, and the next start says so.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Stage;
use super::clients::{self, Sender};
use super::running::Running;
use crate::program::{run, told};
use crate::support::until;

const CLOSED: &str = "the audit log is closed";
const KILLED: &str =
    "the audit log was not closed in order; lines of its last moments may be missing";
/// How long lines wait as the test configures it, and how long a busy machine may take besides.
///
/// Of one kill no more can be said than that: the thread that writes may just have been kept from running. That the window is kept is
/// proven in two parts that no load can upset. What is lost is the end of what was answered, without a hole, so all of it is behind the
/// last write. And a line is written within the window: the quickest of several lines shows it, since a busy machine makes lines late
/// and never early.
const WINDOW: Duration = Duration::from_millis(50);
const BUSY: Duration = Duration::from_secs(2);
/// How long lines wait where the quickest is looked for; as long again is what the machine may add.
const LONG_WINDOW: Duration = Duration::from_millis(250);

type Answered = Arc<Mutex<Vec<(String, Instant)>>>;

/// Clients that ask until the gateway is gone, and note when they were answered.
async fn load(gateway: &Running, name: usize, answered: &Answered) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for client in 0..4 {
        let mut sender = Sender::Http1(clients::http1(gateway.plain).await);
        let answered = Arc::clone(answered);
        clients.spawn(async move {
            for number in 0.. {
                let id = format!("{name}-{client}-{number}");
                match sender.ask(&id).await {
                    Ok(_) => answered.lock().unwrap().push((id, Instant::now())),
                    Err(_) => return,
                }
            }
        });
    }
    clients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_under_load_loses_no_more_than_it_says() {
    const ROUNDS: usize = 3;
    let stage = Stage::new().await;
    let text = fs::read_to_string(stage.file(0)).unwrap();
    let text = text.replace("audit: {", "audit: {flush_interval: 50ms, ");
    fs::write(stage.file(0), text).unwrap();
    let answered = Answered::default();
    let mut kills = Vec::new();
    for round in 0..ROUNDS {
        let mut gateway = Running::start(&stage.file(0)).await;
        assert_eq!(gateway.said(KILLED), usize::from(round > 0));
        let began = Instant::now();
        let clients = load(&gateway, round, &answered).await;
        let enough = BUSY + Duration::from_secs(1);
        until(|| began.elapsed() > enough && answered.lock().unwrap().len() > 20 * (round + 1))
            .await;
        kills.push(Instant::now());
        gateway.signal("KILL");
        gateway.ended().await;
        clients.join_all().await;
    }
    let mut gateway = Running::start(&stage.file(0)).await;
    until(|| gateway.version()["audit_head"].is_string()).await;
    gateway.signal("TERM");
    assert_eq!(gateway.ended().await.code(), Some(0));
    gateway.until_said(CLOSED, 1).await;

    let lines = stage.lines();
    let kept: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| line["request_id"].as_str())
        .collect();
    assert_eq!(kept.len(), lines.len(), "none twice");
    let mut lost = 0;
    for (id, at) in answered.lock().unwrap().iter() {
        let round: usize = id.split('-').next().unwrap().parse().unwrap();
        if !kept.contains(&**id) {
            lost += 1;
            let before = kills[round].duration_since(*at);
            assert!(
                before < WINDOW + BUSY,
                "{id}: answered {before:?} before the kill"
            );
        }
    }
    assert!(lost < answered.lock().unwrap().len() / 2, "{lost}");
    // The requests of one connection come one after the other.
    let mut cut_off = BTreeSet::new();
    for (id, _) in answered.lock().unwrap().iter() {
        let (connection, _) = id.rsplit_once('-').unwrap();
        if kept.contains(&**id) {
            assert!(
                !cut_off.contains(connection),
                "{id} is kept, one before is not"
            );
        } else {
            cut_off.insert(connection.to_owned());
        }
    }

    // It is one whole chain, which says where lines may be missing.
    let closed = gateway.log();
    let closed = closed
        .iter()
        .find(|line| line["message"] == CLOSED)
        .unwrap();
    let head = closed["head"].as_str().unwrap();
    let audit = stage.audit();
    let arguments = [
        "audit",
        "verify",
        audit.to_str().unwrap(),
        "--closed",
        "--from-first",
        "--head",
        head,
        "--format",
        "json",
    ];
    let (code, text) = told(&run(&arguments));
    assert_eq!(code, 0, "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["told"].as_array().unwrap().len(), ROUNDS);
    assert_eq!(report["requests"], lines.len());
    assert_eq!(report["head"], head);
}

/// See [`WINDOW`].
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_is_written_within_the_configured_time() {
    const LINES: usize = 20;
    let stage = Stage::new().await;
    let text = fs::read_to_string(stage.file(0)).unwrap();
    let text = text.replace("audit: {", "audit: {flush_interval: 250ms, ");
    fs::write(stage.file(0), text).unwrap();
    let gateway = Running::start(&stage.file(0)).await;
    let mut sender = Sender::Http1(clients::http1(gateway.plain).await);
    let mut waits = Vec::new();
    for number in 0..LINES {
        let began = Instant::now();
        let id = format!("line-{number}");
        sender.ask(&id).await.unwrap();
        until(|| fs::read_to_string(stage.audit()).unwrap().contains(&id)).await;
        waits.push(began.elapsed());
        if waits.iter().any(|wait| *wait < LONG_WINDOW * 2) {
            return;
        }
    }
    panic!("none of them was written in time: {waits:?}");
}
