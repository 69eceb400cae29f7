//! The client hangs up, wherever its request is just then: one line tells of it, nothing is held any longer, the upstream is told,
//! and nothing is sent again.

use meeting_gateway::simulator::{Fault, On, Times};
use serde_json::Value;

use super::scripted::{Scripted, Then};
use super::table::{hold, line};
use super::{SOON, before, change};
use crate::support::{TestGateway, until};

/// The only slot there is.
const ONE: (&str, &str) = ("server.in_flight", "1");
const PATIENT: [(&str, &str); 2] = [
    ("upstream.response_timeout", "30s"),
    ("upstream.total_timeout", "30s"),
];

/// What the audit log has of it.
const LEFT: &str = "`client_left`";

fn seen(line: &Value) -> String {
    format!("`{}`", line["outcome"].as_str().unwrap())
}

/// Hangs up; gives the line of the audit log.
async fn hang_up(gateway: &TestGateway, asking: tokio::task::JoinHandle<()>) -> Value {
    let lines = gateway.audit().len();
    asking.abort();
    until(|| gateway.audit().len() == lines + 1).await;
    let line = gateway.last_line();
    assert_eq!(line["outcome"], "client_left", "{line}");
    line
}

fn asking(gateway: &TestGateway) -> tokio::task::JoinHandle<()> {
    let asking = gateway.start(change());
    tokio::spawn(async {
        asking.await;
    })
}

#[tokio::test]
async fn the_client_leaves_while_the_upstream_has_its_change() {
    const TEST: &str = "the_client_leaves_while_the_upstream_has_its_change";
    let mut lines = Vec::new();
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n";
    for (fault, say) in [
        ("the client leaves before the answer", String::new()),
        (
            "the client leaves within the head of the answer",
            half.to_owned(),
        ),
        (
            "the client leaves within the body of the answer",
            format!("{half}\r\n{{\"a\":"),
        ),
    ] {
        let upstream = Scripted::start().await;
        let settings: Vec<_> = PATIENT.into_iter().chain([ONE]).collect();
        let gateway = before(upstream.url(), &settings).await;
        upstream.next(say, Then::Stall);
        let asking = asking(&gateway);
        until(|| upstream.writes() == 1).await;
        let told = hang_up(&gateway, asking).await;
        assert_eq!(told["stage"], "forward", "{fault}");
        until(|| upstream.closed() == 1).await;
        assert_eq!(
            gateway.send(change()).await.status,
            200,
            "{fault}: the slot is free"
        );
        assert_eq!(upstream.writes(), 2, "{fault}");
        lines.push(line(fault, LEFT, &seen(&told), 1, TEST));
    }
    hold(&lines);
}

#[tokio::test]
async fn the_client_leaves_while_the_gateway_signs_in() {
    const TEST: &str = "the_client_leaves_while_the_gateway_signs_in";
    let settings: Vec<_> = SOON.into_iter().chain([ONE]).collect();
    let gateway = TestGateway::over_loopback(&settings).await;
    let late = Fault::Latency(std::time::Duration::from_millis(300));
    gateway.simulator.inject(On::SignIn, late, Times::Count(1));
    let asking = asking(&gateway);
    until(|| gateway.sign_ins_seen() == 1).await;
    let told = hang_up(&gateway, asking).await;
    assert_eq!(told["stage"], "inject");
    assert!(gateway.operations_seen().is_empty());
    // The sign-in goes on without it, and serves the next one.
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(
        (gateway.sign_ins_seen(), gateway.operations_seen().len()),
        (1, 1)
    );
    let fault = "the client leaves while the gateway signs in";
    hold(&[line(fault, LEFT, &seen(&told), 0, TEST)]);
}

#[tokio::test]
async fn the_client_leaves_while_it_waits_in_line() {
    const TEST: &str = "the_client_leaves_while_it_waits_in_line";
    let upstream = Scripted::start().await;
    let settings: Vec<_> = PATIENT
        .into_iter()
        .chain([
            ("upstream.concurrency.in_flight", "1"),
            ("upstream.concurrency.queue_timeout", "10s"),
            ("limits.in_flight_per_caller", "8"),
        ])
        .collect();
    let gateway = before(upstream.url(), &settings).await;
    upstream.next("", Then::Stall);
    let first = asking(&gateway);
    until(|| upstream.writes() == 1).await;
    let second = asking(&gateway);
    let waiting = || gateway.parts.live.current().upstream.concurrency.waiting();
    until(|| waiting() == 1).await;
    let told = hang_up(&gateway, second).await;
    assert_eq!((waiting(), upstream.writes()), (0, 1));
    hang_up(&gateway, first).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    let fault = "the client leaves while it waits in line";
    hold(&[line(fault, LEFT, &seen(&told), 0, TEST)]);
}
