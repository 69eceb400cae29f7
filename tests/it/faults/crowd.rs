//! More requests than can be served: who comes too late is told so at once, and nobody takes the room of all.

use std::time::Duration;

use http::Request;
use tokio::time::Instant;

use super::scripted::{On, Scripted, Then};
use super::table::{hold, line};
use super::{DEADLINE, before, change, reading_of_another, told};
use crate::support::request::TestBody;
use crate::support::{TestGateway, until};

/// A refusal must not take longer, on an idle machine.
const AT_ONCE: Duration = Duration::from_millis(10);

/// Sends a request that is refused again and again; gives what is said, and how long half of them take at most.
async fn refused(gateway: &TestGateway, request: fn() -> Request<TestBody>) -> (String, Duration) {
    let mut times = Vec::new();
    let mut said = String::new();
    for _ in 0..101 {
        let began = Instant::now();
        let reply = gateway.send(request()).await;
        times.push(began.elapsed());
        assert_eq!(reply.header("retry-after"), "1", "{reply:?}");
        said = told(&reply);
    }
    times.sort_unstable();
    (said, times[50])
}

/// Changes under way at an upstream that says nothing.
async fn stalled(
    settings: &[(&str, &str)],
    count: usize,
) -> (Scripted, TestGateway, Vec<tokio::task::JoinHandle<String>>) {
    let upstream = Scripted::start().await;
    let patient = [
        ("upstream.response_timeout", "30s"),
        ("upstream.total_timeout", "30s"),
    ];
    let settings: Vec<_> = patient.iter().chain(settings).copied().collect();
    let gateway = before(upstream.url(), &settings).await;
    upstream.always(On::Writes, "", Then::Stall);
    let asking = (0..count).map(|_| {
        let asking = gateway.start(change());
        tokio::spawn(async move { told(&asking.await) })
    });
    let asking = asking.collect();
    until(|| upstream.writes() == count).await;
    (upstream, gateway, asking)
}

#[tokio::test]
async fn one_caller_takes_no_more_than_its_share() {
    const TEST: &str = "one_caller_takes_no_more_than_its_share";
    let (upstream, gateway, asking) = stalled(&[("server.in_flight", "8")], 4).await;
    let (said, took) = refused(&gateway, change).await;
    let expected = "429 `MGW.4290003`";
    assert_eq!(said, expected);
    assert!(took < AT_ONCE, "{took:?}");
    assert_eq!(upstream.writes(), 4);
    // Half of the room is the others'.
    for _ in 0..10 {
        assert_eq!(gateway.send(reading_of_another()).await.status, 200);
    }
    // A client that leaves makes room.
    upstream.heal();
    asking[0].abort();
    until(|| upstream.closed() == 1).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    hold(&[line(
        "one caller with half of all slots stalled",
        expected,
        &said,
        0,
        TEST,
    )]);
}

#[tokio::test]
async fn above_the_cap_everybody_is_refused_at_once() {
    const TEST: &str = "above_the_cap_everybody_is_refused_at_once";
    let settings = [
        ("server.in_flight", "4"),
        ("limits.in_flight_per_caller", "4"),
    ];
    let (upstream, gateway, asking) = stalled(&settings, 4).await;
    let (said, took) = refused(&gateway, reading_of_another).await;
    let expected = "503 `MGW.5030001`";
    assert_eq!(said, expected);
    assert!(took < AT_ONCE, "{took:?}");
    upstream.heal();
    for asking in asking {
        asking.abort();
    }
    until(|| upstream.closed() == 4).await;
    assert_eq!(gateway.send(reading_of_another()).await.status, 200);
    hold(&[line("all slots stalled", expected, &said, 0, TEST)]);
}

/// The upstream is asked once at a time, and one more may wait.
const ONE_AND_A_LINE: [(&str, &str); 4] = [
    ("upstream.concurrency.in_flight", "1"),
    ("upstream.concurrency.queue", "1"),
    ("upstream.concurrency.queue_timeout", "10s"),
    ("limits.in_flight_per_caller", "8"),
];

fn waiting_in_line(gateway: &TestGateway) -> usize {
    let current = gateway.parts.live.current();
    current.upstream.concurrency.waiting()
}

#[tokio::test]
async fn above_the_upstreams_cap_requests_wait_in_a_short_line_or_are_refused() {
    const TEST: &str = "above_the_upstreams_cap_requests_wait_in_a_short_line_or_are_refused";
    let settings = [
        ("upstream.concurrency.in_flight", "2"),
        ("upstream.concurrency.queue", "0"),
        ("limits.in_flight_per_caller", "8"),
    ];
    let (_upstream, gateway, _asking) = stalled(&settings, 2).await;
    let (said, took) = refused(&gateway, reading_of_another).await;
    let expected = "503 `MGW.5030005`";
    assert_eq!(said, expected);
    assert!(took < AT_ONCE, "{took:?}");
    assert_eq!(gateway.last_line()["stage"], "forward");
    // What asks nobody is not concerned.
    let own = crate::support::request::Asking::update().json(&serde_json::json!({}));
    assert_eq!(gateway.send(own).await.status, 400);

    let (upstream, gateway, asking) = stalled(&ONE_AND_A_LINE, 1).await;
    let waiting = tokio::spawn(gateway.start(reading_of_another()));
    until(|| waiting_in_line(&gateway) == 1).await;
    assert_eq!(
        told(&gateway.send(reading_of_another()).await),
        expected,
        "the line is full"
    );
    upstream.heal();
    asking[0].abort();
    assert_eq!(waiting.await.unwrap().status, 200, "who waited is served");
    hold(&[line(
        "all slots of the upstream stalled",
        expected,
        &said,
        0,
        TEST,
    )]);
}

#[tokio::test]
async fn who_waited_in_line_has_only_the_rest_of_the_time() {
    let (upstream, gateway, asking) = stalled(&ONE_AND_A_LINE, 1).await;
    let waiting = tokio::spawn(gateway.start(change()));
    until(|| waiting_in_line(&gateway) == 1).await;
    // A tenth of a second is left of `upstream.total_timeout`; a head alone could take all of it.
    gateway.clock.advance(Duration::from_millis(29_900));
    let began = Instant::now();
    asking[0].abort();
    assert_eq!(told(&waiting.await.unwrap()), "504 `MGW.5040001`");
    assert!(began.elapsed() < DEADLINE, "{:?}", began.elapsed());
    assert_eq!(upstream.writes(), 2, "it was sent");
}
