//! Meetings that cannot be read: nothing is half merged.

use std::time::Duration;

use futures_util::future::join;
use meeting_gateway::simulator::{Coding, Fault, On, Times};
use serde_json::json;

use super::*;
use crate::support::until;

#[tokio::test]
async fn what_the_upstream_says_instead_of_a_meeting_goes_to_the_caller() {
    let gateway = merging();
    let reply = changed(&gateway, CONFERENCES, "123456789", &json!({"length": 60})).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.header("x-gateway-error-source"), "upstream");
    assert!(reply.said().1.starts_with("MMC."), "{reply:?}");
    assert!(writes(&gateway).is_empty());
    let id = made(&gateway, CONFERENCES, &planned()).await;
    for (status, code) in [
        (403, "USG.1"),
        (429, "APIG.0308"),
        (500, "MMC.1"),
        (503, "APIG.0613"),
    ] {
        for skipped in [0, 1] {
            if skipped == 1 {
                let passes = Fault::Coded(Coding::Gzip);
                gateway.simulator.inject(On::Reads, passes, Times::Count(1));
            }
            gateway
                .simulator
                .inject(On::Reads, Fault::status(status, code), Times::Count(1));
            let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
            assert_eq!(reply.said(), (status, code.to_owned()));
            assert_eq!(reply.header("x-gateway-error-source"), "upstream");
        }
    }
    assert!(writes(&gateway).is_empty());
}

#[tokio::test]
async fn an_answer_that_is_no_meeting_is_a_bad_gateway() {
    for fault in [
        Fault::BadJson,
        Fault::Garbage,
        Fault::Empty,
        Fault::Redirect("http://x.test".to_owned()),
        Fault::Oversized(2 << 20),
    ] {
        let gateway = merging();
        let id = made(&gateway, CONFERENCES, &planned()).await;
        gateway
            .simulator
            .inject(On::Reads, fault.clone(), Times::Count(1));
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
        assert_eq!(reply.said(), (502, "MGW.5020003".to_owned()), "{fault:?}");
        assert!(
            reply.json()["error_msg"]
                .as_str()
                .unwrap()
                .contains("Nothing was changed")
        );
        assert!(writes(&gateway).is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_reading_that_takes_too_long_is_given_up_with_the_request() {
    let gateway = TestGatewayOverLoopback::new().await;
    let id = made(&gateway.0, CONFERENCES, &planned()).await;
    gateway
        .0
        .simulator
        .inject(On::Reads, Fault::Stall, Times::Count(1));
    let reply = changed(&gateway.0, CONFERENCES, &id, &json!({"length": 60})).await;
    assert_eq!(reply.said(), (504, "MGW.5040001".to_owned()));
    let told = "The meeting service did not answer in time. Nothing was changed.";
    assert_eq!(reply.json()["error_msg"], told);
    assert!(writes(&gateway.0).is_empty());
    let reply = changed(&gateway.0, CONFERENCES, &id, &json!({"length": 60})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let spans = gateway.0.spans();
    let resent = spans
        .iter()
        .flat_map(|span| &span.attributes)
        .filter(|one| one.key.as_str() == "http.request.resend_count");
    assert_eq!(
        resent.count(),
        0,
        "a change behind a reading is no second try"
    );
}

#[tokio::test]
async fn the_readings_and_the_write_share_one_deadline() {
    let gateway = TestGatewayOverLoopback::new().await;
    let gateway = &gateway.0;
    let id = made(gateway, CONFERENCES, &planned()).await;
    let late = Fault::Latency(Duration::from_millis(100));
    gateway.simulator.inject(On::Reads, late, Times::Count(1));
    let change = json!({"length": 60});
    let passing = async {
        until(|| readings(gateway).len() == 1).await;
        gateway.clock.advance(Duration::from_secs(1));
    };
    let (reply, ()) = join(changed(gateway, CONFERENCES, &id, &change), passing).await;
    assert_eq!(reply.said(), (504, "MGW.5040001".to_owned()));
    let told = "The meeting service did not answer in time. Nothing was changed.";
    assert_eq!(reply.json()["error_msg"], told);
    assert!(writes(gateway).is_empty());
}

#[tokio::test]
async fn another_success_than_a_meeting_is_none_of_the_change() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    for skipped in [0, 1] {
        if skipped == 1 {
            let nothing = Fault::Coded(Coding::Gzip);
            gateway
                .simulator
                .inject(On::Reads, nothing, Times::Count(1));
        }
        gateway
            .simulator
            .inject(On::Reads, Fault::status(204, "x"), Times::Count(1));
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
        assert_eq!(reply.said(), (502, "MGW.5020003".to_owned()), "{skipped}");
    }
    assert!(writes(&gateway).is_empty());
}

#[tokio::test]
async fn the_pages_together_are_no_larger_than_one_answer() {
    let (text, directory, _folder) = configured("merge", IDLE);
    for (bytes, expected) in [("1MiB", 200), ("192KiB", 502)] {
        let overrides = [
            ("policy.directory", directory.as_str()),
            ("upstream.answer_bytes", bytes),
        ];
        let gateway = TestGateway::of_text(&text, &overrides);
        let mut plan = planned();
        let attendee = |n: usize| json!({"name": format!("P{n}"), "phone": format!("+86138{n:08}"), "role": 0});
        plan["attendees"] = (0..1500).map(attendee).collect();
        let id = made(&gateway, CONFERENCES, &plan).await;
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
        assert_eq!(reply.status, expected, "{bytes}: {reply:?}");
        if expected == 502 {
            let told = reply.json()["error_msg"].to_string();
            assert!(told.contains("`upstream.answer_bytes` together"), "{told}");
            assert!(readings(&gateway).len() > 1, "one page alone fits");
        }
    }
}

/// A gateway whose real client asks a simulator over a socket, and has little time.
struct TestGatewayOverLoopback(
    TestGateway,
    #[expect(dead_code, reason = "lives as long as the gateway")] TempDir,
);

impl TestGatewayOverLoopback {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (pack, wanted, rule) in [
            ("baseline", "merge", "explicit-start-time"),
            ("example-enterprise", "warn", "idle"),
        ] {
            fs::create_dir(folder.path().join(pack)).unwrap();
            let rules = IDLE.replace("idle", rule);
            let text = format!("pack: {pack}\nmissing_fields: {wanted}\nrules:\n{rules}\n");
            fs::write(folder.path().join(pack).join("pack.yaml"), text).unwrap();
        }
        let directory = folder.path().display().to_string();
        let overrides = [
            ("policy.directory", directory.as_str()),
            ("upstream.connect_timeout", "200ms"),
            ("upstream.response_timeout", "300ms"),
            ("upstream.total_timeout", "500ms"),
        ];
        Self(TestGateway::over_loopback(&overrides).await, folder)
    }
}
