//! What becomes of a request when the upstream fails, with the real client over a real socket.

use std::time::Duration;

use http::Method;
use meeting_gateway::simulator::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::request::{Asking, KEY, Reply, documented};

/// One request to a gateway whose upstream has a fault for it.
async fn met(gateway: &TestGateway, fault: Fault, times: Times) -> Reply {
    gateway.simulator.inject(On::Operations, fault, times);
    update(gateway).await
}

async fn update(gateway: &TestGateway) -> Reply {
    gateway.send(Asking::update().json(&documented())).await
}

fn last_line(gateway: &TestGateway) -> Value {
    gateway.audit().pop().unwrap()
}

#[tokio::test]
async fn a_good_answer_over_a_socket() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let reply = update(&gateway).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json()[0]["conferenceID"], "914087436");
    assert!(!reply.headers.contains_key("x-gateway-error-source"));
    let seen = gateway.only_seen();
    let mut names: Vec<_> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "content-length",
            "content-type",
            "host",
            "traceparent",
            "user-agent",
            "x-access-token",
            "x-request-id",
        ]
    );
    let line = gateway.only_line();
    assert_eq!(
        (&line["upstream"]["attempts"], &line["upstream"]["status"]),
        (&json!(1), &json!(200))
    );
}

#[tokio::test]
async fn a_401_is_tried_once_more_with_a_fresh_token() {
    let gateway = TestGateway::over_loopback(&[]).await;
    assert_eq!(update(&gateway).await.status, 200);
    gateway.simulator.kick_tokens();
    let reply = update(&gateway).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let seen = gateway.operations_seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[1].body, seen[2].body);
    assert_ne!(
        seen[1].header("x-access-token"),
        seen[2].header("x-access-token")
    );
    assert_eq!(gateway.sign_ins_seen(), 2);
    assert_eq!(last_line(&gateway)["upstream"]["attempts"], 2);
}

#[tokio::test]
async fn a_401_is_tried_only_once_more() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let reply = met(&gateway, Fault::bad_token(), Times::Always).await;
    assert_eq!(reply.said(), (401, "USG.000000004".to_owned()));
    assert_eq!(reply.header("x-gateway-error-source"), "upstream");
    assert_eq!(gateway.operations_seen().len(), 2);
    // An upstream that refuses every token does not make the gateway sign in for every request.
    assert_eq!(update(&gateway).await.status, 401);
    assert_eq!(gateway.operations_seen().len(), 3);
    assert_eq!(gateway.sign_ins_seen(), 2);
}

#[tokio::test]
async fn an_upstream_that_is_not_there() {
    // The port was free a moment ago, and nobody listens on it. The token is from an upstream that was there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fixed = [("upstream.connect_timeout", "2s")];
    let gateway = TestGateway::with_token_from_elsewhere(&format!("http://{address}"), &fixed);
    let reply = update(&gateway).await;
    assert_eq!(reply.said(), (502, "MGW.5020001".to_owned()));
    assert!(gateway.operations_seen().is_empty());
    let line = gateway.only_line();
    assert_eq!(
        (&line["outcome"], &line["stage"]),
        (&json!("refused"), &json!("forward"))
    );
    assert_eq!(
        line["upstream"]["attempts"], 2,
        "what was not sent may be tried again"
    );
    assert_eq!(line["upstream"].get("status"), None);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_not_sent_twice() {
    for fault in [Fault::Reset, Fault::LoseAnswer] {
        let gateway = TestGateway::over_loopback(&[]).await;
        // A connection that has served before is the case in which clients repeat a request by themselves.
        assert_eq!(update(&gateway).await.status, 200);
        gateway.simulator.take_seen();
        let reply = met(&gateway, fault.clone(), Times::Always).await;
        assert_eq!(reply.said(), (502, "MGW.5020002".to_owned()), "{fault:?}");
        assert_eq!(gateway.operations_seen().len(), 1, "{fault:?}");
        let line = last_line(&gateway);
        assert_eq!(
            (&line["stage"], &line["upstream"]["attempts"]),
            (&json!("forward"), &json!(1)),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_upstream_that_never_answers() {
    for (fault, settings) in [
        (Fault::Stall, &[("upstream.response_timeout", "150ms")][..]),
        (
            Fault::StallBody,
            &[
                ("upstream.response_timeout", "150ms"),
                ("upstream.connect_timeout", "150ms"),
                ("upstream.total_timeout", "200ms"),
            ],
        ),
    ] {
        let gateway = TestGateway::over_loopback(settings).await;
        let began = tokio::time::Instant::now();
        let reply = met(&gateway, fault.clone(), Times::Always).await;
        assert_eq!(reply.said(), (504, "MGW.5040001".to_owned()), "{fault:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{fault:?}");
        assert_eq!(gateway.operations_seen().len(), 1, "{fault:?}");
        assert_eq!(last_line(&gateway)["stage"], "forward");
    }
}

#[tokio::test]
async fn answers_that_cannot_be_trusted() {
    for (fault, what) in [
        (Fault::Truncate, "cut in the middle"),
        (Fault::BadJson, "not JSON"),
        (Fault::Garbage, "not JSON"),
        (Fault::Page, "not JSON"),
        (Fault::Oversized(1 << 20), "larger than"),
        (
            Fault::Redirect("http://127.0.0.1:1/".to_owned()),
            "redirect",
        ),
    ] {
        let gateway = TestGateway::over_loopback(&[("upstream.answer_bytes", "64KiB")]).await;
        let reply = met(&gateway, fault.clone(), Times::Count(1)).await;
        assert_eq!(reply.said(), (502, "MGW.5020002".to_owned()), "{fault:?}");
        assert_eq!(
            reply.header("x-gateway-error-source"),
            "gateway",
            "{fault:?}"
        );
        let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(message.contains(what), "{fault:?}: {message}");
        assert!(message.contains("may have been carried out"), "{message}");
        assert!(!reply.headers.contains_key("location"));
        assert_eq!(gateway.operations_seen().len(), 1, "{fault:?}");
        assert_eq!(
            update(&gateway).await.status,
            200,
            "{fault:?}: the next one is served"
        );
    }
}

#[tokio::test]
async fn a_reading_that_fails_speaks_of_no_change() {
    const LIST: &str = "/v1/mmc/management/conferences?limit=500";
    const DETAIL: &str = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";
    let settings = [
        ("upstream.answer_bytes", "64KiB"),
        ("upstream.response_timeout", "150ms"),
    ];
    for (target, fault, status, told) in [
        (
            LIST,
            Fault::BadJson,
            502,
            "it is not JSON. Nothing was changed.",
        ),
        (
            LIST,
            Fault::Truncate,
            502,
            "in the middle of it. Nothing was changed.",
        ),
        (LIST, Fault::Stall, 504, "in time. Nothing was changed."),
        (
            LIST,
            Fault::Oversized(1 << 20),
            502,
            "it is larger than `upstream.answer_bytes`. Ask for fewer at a time, with `limit`.",
        ),
        (
            DETAIL,
            Fault::BadJson,
            502,
            "it is not JSON. Nothing was changed.",
        ),
    ] {
        let gateway = TestGateway::over_loopback(&settings).await;
        let on_reads = fault.clone();
        gateway.simulator.inject(On::Reads, on_reads, Times::Always);
        let request = Asking::to(Method::GET, target).header("x-access-token", KEY);
        let reply = gateway.send(request.body("")).await;
        assert_eq!(reply.status, status, "{fault:?} {reply:?}");
        let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(message.ends_with(told), "{fault:?}: {message}");
    }
}

#[tokio::test]
async fn errors_of_the_upstream_pass_as_they_are() {
    let gateway = TestGateway::over_loopback(&[]).await;
    for (fault, status, code) in [
        (Fault::status(400, "MMC.111070005"), 400, "MMC.111070005"),
        (Fault::status(403, "USG.202000001"), 403, "USG.202000001"),
        (Fault::throttled(), 429, "APIG.0308"),
        (Fault::status(500, "MMC.100000001"), 500, "MMC.100000001"),
        (Fault::status(503, "APIG.0613"), 503, "APIG.0613"),
    ] {
        gateway.simulator.take_seen();
        let reply = met(&gateway, fault, Times::Count(1)).await;
        assert_eq!(reply.said(), (status, code.to_owned()));
        assert_eq!(reply.header("x-gateway-error-source"), "upstream");
        assert_eq!(
            gateway.operations_seen().len(),
            1,
            "{code}: repeated by nobody"
        );
        let line = last_line(&gateway);
        assert_eq!(
            (&line["outcome"], &line["status"]),
            (&json!("answered"), &json!(status))
        );
        assert_eq!(line.get("code"), None);
    }
    // A series that does not exist is the upstream's to tell.
    let target = "/v1/mmc/management/cycleconferences?conferenceID=1234";
    let reply = gateway
        .send(Asking::update().target(target).json(&documented()))
        .await;
    assert_eq!(reply.said(), (400, "MMC.111070005".to_owned()));
}

#[tokio::test]
async fn late_but_whole_answers_pass() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let late = Fault::Latency(Duration::from_millis(20));
    assert_eq!(met(&gateway, late, Times::Count(1)).await.status, 200);
    let reply = met(&gateway, Fault::Empty, Times::Count(1)).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
}

#[tokio::test]
async fn an_answer_that_repeats_our_token_is_masked() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let reply = met(&gateway, Fault::EchoToken, Times::Count(1)).await;
    let token = gateway
        .only_seen()
        .header("x-access-token")
        .unwrap()
        .to_owned();
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error_msg"], "CONF_BAD_REQUEST: token ***");
    assert!(!reply.headers.contains_key("x-debug"));
    assert!(!format!("{reply:?}").contains(&token));
    assert!(!gateway.audit_text().contains(&token));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    for fault in [
        Fault::status(503, "APIG.0613"),
        Fault::Reset,
        Fault::Garbage,
        Fault::status(401, "USG.000000003"),
    ] {
        let gateway = TestGateway::over_loopback(&[]).await;
        gateway
            .simulator
            .inject(On::SignIn, fault.clone(), Times::Always);
        let reply = update(&gateway).await;
        assert_eq!(reply.said(), (503, "MGW.5030002".to_owned()), "{fault:?}");
        assert_eq!(reply.header("retry-after"), "1", "{fault:?}");
        assert!(gateway.operations_seen().is_empty(), "{fault:?}");
        let line = gateway.only_line();
        assert_eq!(
            (&line["stage"], line.get("upstream")),
            (&json!("inject"), None),
            "{fault:?}"
        );
        // An upstream that is down is not asked for every request.
        let asked = gateway.sign_ins_seen();
        assert_eq!(update(&gateway).await.status, 503, "{fault:?}");
        assert_eq!(gateway.sign_ins_seen(), asked, "{fault:?}");
        gateway.simulator.clear_faults();
        gateway.clock.advance(Duration::from_mins(1));
        assert_eq!(update(&gateway).await.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_serves_while_sign_in_is_down() {
    let gateway = TestGateway::over_loopback(&[]).await;
    assert_eq!(update(&gateway).await.status, 200);
    gateway
        .simulator
        .inject(On::SignIn, Fault::status(503, "APIG.0613"), Times::Always);
    // The token lives 56 326 s; it is due ten minutes before.
    gateway.clock.advance(Duration::from_secs(56_000));
    assert_eq!(update(&gateway).await.status, 200, "due, and still good");
    gateway.clock.advance(Duration::from_secs(400));
    assert_eq!(
        update(&gateway).await.said(),
        (503, "MGW.5030002".to_owned()),
        "expired"
    );
    assert_eq!(gateway.operations_seen().len(), 2);
}

#[tokio::test]
async fn one_sign_in_serves_all_who_wait() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let asking = (0..10).map(|_| gateway.start(Asking::update().json(&documented())));
    let replies = futures_util::future::join_all(asking).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(gateway.sign_ins_seen(), 1);
}

#[tokio::test]
async fn a_callers_own_token_is_passed_through_where_that_is_configured() {
    let gateway = TestGateway::passing_through();
    let bare = || {
        Asking::update()
            .without("x-access-token")
            .header("x-api-key", KEY)
    };
    let request = bare()
        .header("x-access-token", "cnr-of-the-caller")
        .json(&documented());
    let reply = gateway.send(request).await;
    assert_eq!(
        reply.said(),
        (401, "USG.000000004".to_owned()),
        "the simulator does not know it"
    );
    assert_eq!(
        gateway.only_seen().header("x-access-token"),
        Some("cnr-of-the-caller"),
        "and tried once"
    );
    assert!(!gateway.only_seen().headers.contains_key("x-api-key"));
    let without = gateway.send(bare().json(&documented())).await;
    assert_eq!(without.said(), (401, "MGW.4010001".to_owned()));
    assert_eq!(gateway.operations_seen().len(), 1);
    assert!(!gateway.audit_text().contains("cnr-of-the-caller"));
}
