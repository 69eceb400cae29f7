//! The program as operators stop it: whoever asked is answered, and whoever cannot wait need not.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::Stage;
use super::clients::{self, Sender};
use super::running::{Running, spawn};
use crate::program::send_signal;
use crate::support::until;

const STOPPING: &str = "stopping: requests in flight are answered; a second signal ends at once";

/// A gateway with so many requests that the upstream lets wait.
async fn waiting(
    stage: &Stage,
    http1: usize,
    http2: usize,
) -> (
    Running,
    JoinSet<(String, Option<http::Response<bytes::Bytes>>)>,
) {
    let gateway = Running::start(&stage.file(0)).await;
    let version = &stage.versions[0];
    version.upstream.shut();
    let mut requests = JoinSet::new();
    for number in 0..http1 {
        let mut sender = Sender::Http1(clients::http1(gateway.plain).await);
        requests.spawn(async move {
            let id = format!("http1-{number}");
            let answer = sender.ask(&id).await.ok();
            (id, answer)
        });
    }
    let sender = clients::http2(gateway.secured(), &[&version.authority]).await;
    for number in 0..http2 {
        let mut sender = Sender::Http2(sender.clone());
        requests.spawn(async move {
            let id = format!("http2-{number}");
            let answer = sender.ask(&id).await.ok();
            (id, answer)
        });
    }
    until(|| version.upstream.seen().len() == http1 + http2).await;
    (gateway, requests)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_requests_in_flight_none_is_lost_by_sigterm() {
    let stage = Stage::new().await;
    let (mut gateway, mut requests) = waiting(&stage, 80, 120).await;
    assert_eq!(gateway.is_ready(), Some(true));
    gateway.signal("TERM");
    gateway.until_said(STOPPING, 1).await;
    until(|| gateway.is_ready() == Some(false)).await;
    let (status, text) = gateway.asked("/readyz");
    assert_eq!(status, 503);
    assert!(text.contains("draining"), "{text}");
    while TcpStream::connect(gateway.plain).await.is_ok() {
        tokio::task::yield_now().await;
    }
    // Neither hurries nor delays it.
    gateway.signal("HUP");
    assert!(requests.try_join_next().is_none());
    stage.versions[0].upstream.open();
    let mut answered = 0;
    while let Some(done) = requests.join_next().await {
        let (id, answer) = done.unwrap();
        let answer = answer.unwrap_or_else(|| panic!("{id} is lost"));
        assert_eq!(answer.status(), 200, "{id}");
        let close = answer
            .headers()
            .get("connection")
            .map(http::HeaderValue::as_bytes);
        let expected = id.starts_with("http1").then_some(&b"close"[..]);
        assert_eq!(close, expected, "{id}");
        answered += 1;
    }
    assert_eq!(answered, 200);
    assert_eq!(gateway.ended().await.code(), Some(0));
    let lines = stage.lines();
    assert_eq!(lines.len(), 200);
    assert!(
        lines
            .iter()
            .all(|line| line["outcome"] == "answered" && line["snapshot"] == 1)
    );
    assert_eq!(gateway.said("SIGHUP: the configuration is loaded anew"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once_and_leaves_a_line_for_each_request() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("INT", "TERM")] {
        let stage = Stage::new().await;
        let (mut gateway, mut requests) = waiting(&stage, 5, 5).await;
        gateway.signal(first);
        gateway.until_said(STOPPING, 1).await;
        assert!(requests.try_join_next().is_none());
        gateway.signal(second);
        // The drain deadline is a minute, as long as a test waits.
        assert_eq!(gateway.ended().await.code(), Some(1), "{first} {second}");
        while let Some(done) = requests.join_next().await {
            assert!(done.unwrap().1.is_none(), "cut off");
        }
        assert_eq!(stage.lines().len(), 10, "{first} {second}");
        assert_eq!(
            gateway.said("the end was not in order: audit lines may be missing"),
            0
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_drain_delay_clients_that_keep_connections_lose_nothing() {
    let stage = Stage::new().await;
    let text = fs::read_to_string(stage.file(0)).unwrap();
    fs::write(
        stage.file(0),
        text.replace("server:\n", "server:\n  drain_delay: 2s\n"),
    )
    .unwrap();
    let mut gateway = Running::start(&stage.file(0)).await;
    let plain = gateway.plain;
    let told = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for number in 0..6 {
        let told = Arc::clone(&told);
        clients.spawn(async move {
            let mut answered = 0;
            // A connection that was told to close is left for a new one, which is taken all the same; then the client goes.
            for _ in 0..3 {
                let mut sender = Sender::Http1(clients::http1(plain).await);
                loop {
                    let id = format!("client-{number}-{answered}");
                    let answer = sender.ask(&id).await;
                    let answer = answer.unwrap_or_else(|fault| panic!("{id} is lost: {fault:?}"));
                    assert_eq!(answer.status(), 200, "{id}");
                    answered += 1;
                    if answer.headers().contains_key("connection") {
                        told.store(true, Ordering::Relaxed);
                        break;
                    }
                }
            }
            answered
        });
    }
    until(|| stage.versions[0].upstream.seen().len() > 50).await;
    assert!(!told.load(Ordering::Relaxed));
    gateway.signal("TERM");
    gateway.until_said(STOPPING, 1).await;
    until(|| told.load(Ordering::Relaxed)).await;
    until(|| gateway.is_ready() == Some(false)).await;
    let answered: usize = clients.join_all().await.iter().sum();
    assert_eq!(gateway.ended().await.code(), Some(0));
    assert_eq!(stage.lines().len(), answered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_while_it_starts_ends_it() {
    let stage = Stage::new().await;
    // Not SIGINT: what is started in the background of a shell ignores it until the gateway listens.
    for _ in 0..4 {
        let name = "TERM";
        let mut process = spawn(&stage.file(0));
        send_signal(&process, name);
        let status = tokio::task::spawn_blocking(move || process.wait().unwrap());
        let status = tokio::time::timeout(std::time::Duration::from_mins(1), status).await;
        let status = status.expect("it does not end").unwrap();
        let by_signal = status.signal() == Some(15);
        assert!(by_signal || status.code() == Some(0), "{name}: {status:?}");
    }
}

/// The configuration is a pipe, so that it is sure to be waited for when the signal comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hang_up_while_it_starts_does_not_end_it() {
    let stage = Stage::new().await;
    let pipe = stage.version(0).join("pipe.yaml");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let text = fs::read_to_string(stage.file(0)).unwrap();
    let process = spawn(&pipe);
    let started = tokio::task::spawn_blocking(move || {
        let mut process = process;
        // Opens when the other end does.
        let mut writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        send_signal(&process, "HUP");
        let written = writer.write_all(text.as_bytes());
        drop(writer);
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
        let is_up = said.any(|line| line.is_ok_and(|line| line.contains("listener is up")));
        if is_up {
            send_signal(&process, "TERM");
        }
        // Read on, so that nobody is kept from saying more.
        said.for_each(drop);
        (written.is_ok() && is_up, process.wait().unwrap())
    });
    let started = tokio::time::timeout(std::time::Duration::from_mins(1), started).await;
    let (is_up, status) = started.expect("it neither starts nor ends").unwrap();
    assert!(is_up && status.code() == Some(0), "{status:?}");
}
