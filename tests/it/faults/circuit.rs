//! The circuit before the upstream: it opens, refuses at once, probes, and closes by itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use meeting_gateway::runtime::circuit_breaker::CircuitState;
use meeting_gateway::runtime::generation::Lasting;

use super::scripted::{On, Scripted, Then, json, page};
use super::table::{hold, line};
use super::watched::Log;
use super::{before, change, reading_of_another, told};
use crate::support::{CONFIGURATION, TestGateway, configuration, until};

const OPEN: &str = "503 `MGW.5030004`";
const OPEN_FOR: Duration = Duration::from_secs(5);

fn state(gateway: &TestGateway) -> CircuitState {
    gateway
        .parts
        .live
        .current()
        .upstream
        .circuit_breaker
        .state()
}

fn error(status: u16) -> Vec<u8> {
    json(status, "", r#"{"error_code":"X.1","error_msg":"told"}"#)
}

/// An upstream that failed five times.
async fn opened() -> (Scripted, TestGateway) {
    let upstream = Scripted::start().await;
    let gateway = before(upstream.url(), &[]).await;
    upstream.always(On::Everything, error(503), Then::Keep);
    for _ in 0..5 {
        assert_eq!(told(&gateway.send(change()).await), "503 `X.1`");
    }
    assert_eq!(state(&gateway), CircuitState::Open);
    (upstream, gateway)
}

#[tokio::test]
async fn an_upstream_that_keeps_failing_is_not_asked_for_a_while() {
    const TEST: &str = "an_upstream_that_keeps_failing_is_not_asked_for_a_while";
    let mut lines = Vec::new();
    for (fault, say, then) in [
        ("503 five times in a row", error(503), Then::Keep),
        ("502 as a page five times in a row", page(502), Then::Keep),
        ("closed five times in a row", Vec::new(), Then::Close),
        ("stalled five times in a row", Vec::new(), Then::Stall),
        (
            "cut within the body five times in a row",
            error(200)[..90].to_vec(),
            Then::Reset,
        ),
    ] {
        let (log, _guard) = Log::listen();
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[("upstream.response_timeout", "50ms")]).await;
        upstream.always(On::Everything, say, then);
        for _ in 0..5 {
            gateway.send(change()).await;
        }
        let (arrived, accepted) = (upstream.arrived().len(), upstream.accepted());
        let reply = gateway.send(change()).await;
        assert_eq!(told(&reply), OPEN, "{fault}: {reply:?}");
        assert_eq!(reply.header("retry-after"), "5", "{fault}");
        assert_eq!(reply.header("x-gateway-error-source"), "gateway");
        let other = gateway.send(reading_of_another()).await;
        assert_eq!(told(&other), OPEN, "{fault}: there is one upstream for all");
        assert_eq!(gateway.last_line()["upstream"].get("attempts"), None);
        let now = (upstream.arrived().len(), upstream.accepted());
        assert_eq!(now, (arrived, accepted), "{fault}: nobody was asked");
        assert_eq!(
            log.text().matches("the circuit is open").count(),
            1,
            "{fault}"
        );

        upstream.heal();
        gateway.clock.advance(OPEN_FOR);
        for _ in 0..2 {
            assert_eq!(gateway.send(change()).await.status, 200, "{fault}");
        }
        assert_eq!(state(&gateway), CircuitState::Closed, "{fault}");
        assert!(log.text().contains("the circuit is closed"), "{fault}");
        lines.push(line(fault, OPEN, &told(&reply), 0, TEST));
    }
    hold(&lines);
}

#[tokio::test]
async fn it_opens_for_nothing_that_a_caller_can_cause() {
    const TEST: &str = "it_opens_for_nothing_that_a_caller_can_cause";
    let mut lines = Vec::new();
    for (fault, status) in [
        ("400 thirty times in a row", 400),
        ("429 thirty times in a row", 429),
        ("500 thirty times in a row", 500),
    ] {
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[]).await;
        upstream.always(On::Everything, error(status), Then::Keep);
        let replies = join_all((0..30).map(|_| gateway.start(change()))).await;
        let expected = format!("{status} `X.1`");
        assert!(
            replies.iter().all(|reply| told(reply) == expected),
            "{fault}"
        );
        assert_eq!(state(&gateway), CircuitState::Closed, "{fault}");
        lines.push(line(fault, &expected, &told(&replies[0]), 1, TEST));
    }
    hold(&lines);
}

#[tokio::test]
async fn few_probes_at_a_time_find_out_and_one_that_leaves_makes_room() {
    let (upstream, gateway) = opened().await;
    let asked = upstream.writes();
    upstream.always(On::Everything, "", Then::Stall);
    gateway.clock.advance(OPEN_FOR);
    let mut probes: Vec<_> = (0..2)
        .map(|_| tokio::spawn(gateway.start(change())))
        .collect();
    until(|| upstream.writes() == asked + 2).await;
    for reply in join_all((0..10).map(|_| gateway.start(change()))).await {
        assert_eq!(
            (told(&reply), reply.header("retry-after")),
            (OPEN.to_owned(), "1")
        );
    }
    assert_eq!(upstream.writes(), asked + 2, "two probes, and no more");
    // One client hangs up: its place is another's, and it has said nothing.
    let left = probes.remove(0);
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    upstream.heal();
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(state(&gateway), CircuitState::HalfOpen);
    // The other comes to nothing, and opens it again.
    assert_eq!(told(&probes.remove(0).await.unwrap()), "504 `MGW.5040001`");
    assert_eq!(state(&gateway), CircuitState::Open);
    gateway.clock.advance(OPEN_FOR);
    for _ in 0..2 {
        assert_eq!(gateway.send(change()).await.status, 200);
    }
    assert_eq!(state(&gateway), CircuitState::Closed);
    assert_eq!(
        gateway
            .parts
            .live
            .current()
            .upstream
            .circuit_breaker
            .opened(),
        2
    );
}

#[tokio::test]
async fn switched_off_it_never_opens() {
    let upstream = Scripted::start().await;
    let off = [("upstream.circuit_breaker.enabled", "false")];
    let gateway = before(upstream.url(), &off).await;
    upstream.always(On::Everything, error(503), Then::Keep);
    for _ in 0..30 {
        assert_eq!(told(&gateway.send(change()).await), "503 `X.1`");
    }
    assert_eq!(upstream.writes(), 30);
}

#[tokio::test]
async fn its_state_outlives_a_reload_that_does_not_concern_it() {
    let (upstream, gateway) = opened().await;
    let old = gateway.parts.live.current();
    let compiled = |url: &str, more: &[(&str, &str)]| {
        let settings = [&[("upstream.url", url)], more].concat();
        let config = configuration(CONFIGURATION, &settings);
        let lasting = Lasting::new(&config, Arc::clone(&gateway.parts.clock)).unwrap();
        lasting.compile(&config, 2, Some(&old)).unwrap()
    };
    let url = upstream.url();
    let same = compiled(url, &[("contract.max_violations", "7")]).upstream;
    assert_eq!(same.circuit_breaker.state(), CircuitState::Open);
    assert!(Arc::ptr_eq(
        &same.circuit_breaker,
        &old.upstream.circuit_breaker
    ));
    assert!(Arc::ptr_eq(&same.concurrency, &old.upstream.concurrency));
    for changed in [
        compiled(url, &[("upstream.circuit_breaker.failures", "6")]),
        compiled("http://other.test", &[]),
    ] {
        let breaker = &changed.upstream.circuit_breaker;
        assert_eq!(breaker.state(), CircuitState::Closed);
    }
}

/// A caller that sends its body as slowly as it can, until all of its time is over.
#[tokio::test]
async fn a_caller_that_is_slow_itself_says_nothing_of_the_upstream() {
    use crate::support::request::{Asking, KEY, endless};
    let upstream = Scripted::start().await;
    let settings = [
        ("operations.allow.0", "add_user"),
        ("upstream.response_timeout", "50ms"),
        ("limits.relay.total_timeout", "60ms"),
        ("limits.relay.idle_timeout", "10s"),
    ];
    let gateway = before(upstream.url(), &settings).await;
    for _ in 0..6 {
        let asking = Asking::with_key(http::Method::POST, "/v1/usg/dcs/corp/member", KEY);
        let reply = gateway.send(asking.streamed(endless("{"))).await;
        assert!([408, 504].contains(&reply.status.as_u16()), "{reply:?}");
    }
    assert_eq!(state(&gateway), CircuitState::Closed);
    assert_eq!(gateway.send(change()).await.status, 200);
}
