//! Whoever changes a meeting while it is being merged: nothing is written over that.

use std::time::Duration;

use futures_util::future::join;
use meeting_gateway::simulator::{Event, Fault, On, Times};
use serde_json::json;

use super::*;

fn meanwhile(id: &str, event: Event) -> Fault {
    Fault::Meanwhile {
        meeting: id.to_owned(),
        event,
    }
}

#[tokio::test]
async fn what_happens_between_the_readings_ends_the_change() {
    for (event, code) in [
        (Event::Renamed("Hijacked".to_owned()), "MGW.4090002"),
        (Event::Started, "MGW.4090003"),
        (Event::Cancelled, "MGW.4090004"),
    ] {
        for (path, plan) in [(CONFERENCES, planned()), (SERIES, series())] {
            let gateway = merging();
            let id = made(&gateway, path, &plan).await;
            gateway
                .simulator
                .inject(On::Reads, meanwhile(&id, event.clone()), Times::Count(1));
            let reply = changed(&gateway, path, &id, &json!({"length": 60})).await;
            assert_eq!(reply.said(), (409, code.to_owned()), "{event:?}");
            assert_eq!(reply.header("x-gateway-error-source"), "gateway");
            assert!(
                reply.json()["error_msg"]
                    .as_str()
                    .unwrap()
                    .contains("Nothing was changed")
            );
            assert!(writes(&gateway).is_empty(), "{event:?}");
            assert_eq!(gateway.last_line()["stage"], "merge");
        }
    }
}

#[tokio::test]
async fn what_happens_between_two_pages_ends_the_change() {
    for (event, code) in [
        (Event::Renamed("Hijacked".to_owned()), "MGW.4090002"),
        (Event::Started, "MGW.4090003"),
        (Event::Cancelled, "MGW.4090004"),
    ] {
        let gateway = merging();
        let mut plan = planned();
        plan["attendees"] = (0..600).map(|n| json!({"name": format!("P{n}")})).collect();
        let id = made(&gateway, CONFERENCES, &plan).await;
        gateway
            .simulator
            .inject(On::Reads, meanwhile(&id, event.clone()), Times::Count(1));
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
        assert_eq!(reply.said(), (409, code.to_owned()), "{event:?}");
        assert_eq!(readings(&gateway).len(), 2, "the second page was the last");
        assert!(writes(&gateway).is_empty());
    }
}

#[tokio::test]
async fn a_meeting_that_runs_is_not_filled_in() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    gateway.simulator.mark_started(&id);
    let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
    assert_eq!(reply.said(), (409, "MGW.4090003".to_owned()));
    assert_eq!((readings(&gateway).len(), writes(&gateway).len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_change_of_a_meeting_is_merged_at_a_time() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let other = made(&gateway, CONFERENCES, &planned()).await;
    let late = Fault::Latency(Duration::from_millis(300));
    gateway.simulator.inject(On::Reads, late, Times::Count(1));
    let change =
        |id: &str| gateway.start(asking(CONFERENCES, id, KEY).json(&json!({"length": 60})));
    let spelt = format!("00{id}");
    let ((first, second), (third, whole)) = join(
        join(change(&id), change(&spelt)),
        join(
            change(&other),
            changed(&gateway, CONFERENCES, "1", &json!({})),
        ),
    )
    .await;
    assert_eq!(first.status, 200);
    assert_eq!(second.said(), (409, "MGW.4090001".to_owned()));
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!(third.status, 200, "another meeting");
    assert_eq!(whole.status, 400);
    // It is let go with its answer, and with a caller that leaves.
    assert_eq!(
        changed(&gateway, CONFERENCES, &id, &json!({"length": 45}))
            .await
            .status,
        200
    );
    gateway
        .simulator
        .inject(On::Reads, Fault::Stall, Times::Count(1));
    let left = tokio::time::timeout(Duration::from_millis(50), change(&id)).await;
    assert!(left.is_err());
    assert_eq!(
        changed(&gateway, CONFERENCES, &id, &json!({"length": 50}))
            .await
            .status,
        200
    );
    assert_eq!(held(&gateway, &id)["length"], 50);
}

#[tokio::test]
async fn a_token_that_expired_is_renewed_for_the_reading() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    gateway.simulator.kick_tokens();
    let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    // Refused once, then read, read again, written.
    assert_eq!((readings(&gateway).len(), writes(&gateway).len()), (3, 1));
    assert_eq!(gateway.last_line()["upstream"]["attempts"], 4);
}

/// Nobody hears what became of the write: it may still be carried out, and what is read meanwhile may be old.
#[tokio::test]
async fn a_write_of_which_nobody_knows_keeps_the_meeting_in_work_for_a_while() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let change = |length| {
        let body = json!({ "length": length });
        gateway.start(asking(CONFERENCES, &id, KEY).json(&body))
    };
    gateway
        .simulator
        .inject(On::Writes, Fault::Stall, Times::Count(1));
    let left = tokio::time::timeout(Duration::from_millis(50), change(45)).await;
    assert!(left.is_err());
    assert_eq!(writes(&gateway).len(), 1, "it was sent");
    assert_eq!(change(50).await.said(), (409, "MGW.4090001".to_owned()));
    gateway.clock.advance(Duration::from_secs(15));
    assert_eq!(change(50).await.status, 200);
    // An answer that says no is an answer.
    let refused = Fault::status(400, "MMC.111070005");
    gateway
        .simulator
        .inject(On::Writes, refused, Times::Count(1));
    assert_eq!(change(60).await.status, 400);
    assert_eq!(change(60).await.status, 200);
}
