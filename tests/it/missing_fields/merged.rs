//! Partial changes that are filled in.

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::support::request::PATH;

#[tokio::test]
async fn a_partial_change_keeps_what_it_leaves_out() {
    let gateway = merging();
    for (made_by, by, plan, change) in [
        (
            CONFERENCES,
            CONFERENCES,
            planned(),
            json!({"subject": "Board, moved", "length": "45"}),
        ),
        (
            SERIES,
            SERIES,
            series(),
            json!({"cycleParams": {"endDate": "2026-09-20"}}),
        ),
        // A series may be changed by the other door, too.
        (
            SERIES,
            CONFERENCES,
            series(),
            json!({"confConfigInfo": {"isAutoMute": true}}),
        ),
    ] {
        let id = made(&gateway, made_by, &plan).await;
        let before = held(&gateway, &id);
        let reply = changed(&gateway, by, &id, &change).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let after = held(&gateway, &id);
        let mut expected = before.clone();
        for (place, value) in [
            ("/subject", change.get("subject").cloned()),
            ("/length", change.get("length").map(|_| json!(45))),
            (
                "/cycleParams/endDate",
                change.pointer("/cycleParams/endDate").cloned(),
            ),
            (
                "/confConfigInfo/isAutoMute",
                change.pointer("/confConfigInfo/isAutoMute").cloned(),
            ),
        ] {
            if let Some(value) = value {
                *expected.pointer_mut(place).unwrap() = value;
            }
        }
        // The service does not tell these.
        expected["encryptMode"] = json!(0);
        expected["attendees"][1]["isMute"] = json!(0);
        expected["attendees"][0]["type"] = json!("normal");
        assert_eq!(after, expected);
        assert_eq!(readings(&gateway).len(), 2);
        assert_eq!(gateway.last_line()["upstream"]["attempts"], 3);
    }
}

#[tokio::test]
async fn every_attendee_is_kept() {
    let gateway = merging();
    for count in [0, 1, 20, 21, 45, 500, 501, 1203] {
        let mut plan = planned();
        let attendee = |n: usize| {
            let kind = if n.is_multiple_of(3) {
                "terminal"
            } else {
                "normal"
            };
            json!({"name": format!("P{n}"), "phone": format!("+86138{n:08}"), "type": kind, "role": 0})
        };
        plan["attendees"] = (0..count).map(attendee).collect();
        let id = made(&gateway, CONFERENCES, &plan).await;
        let before = held(&gateway, &id);
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"length": 60})).await;
        assert_eq!(reply.status, 200, "{count}: {reply:?}");
        assert_eq!(
            held(&gateway, &id)["attendees"],
            before["attendees"],
            "{count}"
        );
        assert_eq!(before["attendees"].as_array().unwrap().len(), count);
        let pages = count.div_ceil(500).max(1);
        assert_eq!(readings(&gateway).len(), 2 * pages, "{count}");
        gateway.simulator.take_seen();
    }
}

#[tokio::test]
async fn what_is_sent_is_sent_also_where_it_is_empty() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let change = json!({"attendees": [], "subject": "", "confConfigInfo": {"guestPwd": ""}});
    assert_eq!(
        changed(&gateway, CONFERENCES, &id, &change).await.status,
        200
    );
    let sent = writes(&gateway).remove(0).json().unwrap();
    assert_eq!(
        (&sent["attendees"], &sent["subject"]),
        (&json!([]), &json!(""))
    );
    assert_eq!(sent["confConfigInfo"]["guestPwd"], "");
    assert_eq!(sent["confConfigInfo"]["enableWaitingRoom"], true);
    // Nobody needs the people then.
    let asked: Vec<_> = readings(&gateway)
        .iter()
        .map(|seen| seen.query_value("limit"))
        .collect();
    assert_eq!(asked, [Some("1".to_owned()), Some("1".to_owned())]);
    // `null` is no value in this API, so it is refused as ever.
    for change in [
        json!({"subject": null}),
        json!({"confConfigInfo": null}),
        json!({"attendees": null}),
    ] {
        let reply = changed(&gateway, CONFERENCES, &id, &change).await;
        assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()), "{change}");
    }
    assert_eq!(writes(&gateway).len(), 1);
}

#[tokio::test]
async fn the_days_of_another_cycle_are_not_kept() {
    let gateway = merging();
    let id = made(&gateway, SERIES, &series()).await;
    let change = json!({"cycleParams": {"cycle": "Day"}});
    assert_eq!(changed(&gateway, SERIES, &id, &change).await.status, 200);
    let sent = writes(&gateway).remove(0).json().unwrap();
    let expected = json!({"cycle": "Day", "startDate": "2026-09-10", "endDate": "2026-09-30", "preRemindDays": 3});
    assert_eq!(sent["cycleParams"], expected);
    let weekly = json!({"cycleParams": {"cycle": " Week ", "point": [2]}});
    let id = made(&gateway, SERIES, &series()).await;
    assert_eq!(changed(&gateway, SERIES, &id, &weekly).await.status, 200);
    assert_eq!(held(&gateway, &id)["cycleParams"]["point"], json!([2]));
}

#[tokio::test]
async fn one_meeting_of_a_series_is_kept() {
    let gateway = merging();
    let id = made(&gateway, SERIES, &series()).await;
    let ids = gateway
        .simulator
        .meeting(&id)
        .unwrap()
        .sub_meeting_ids()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    let first = json!({"cycleSubConfID": ids[1], "mediaTypes": "HDVideo", "startTime": "2026-09-14 09:15", "length": 50,
        "description": "With guests", "confConfigInfo": {"callInRestriction": 3, "enableWaitingRoom": true}});
    assert_eq!(
        changed(&gateway, SUB_MEETING, &id, &first).await.status,
        200
    );
    gateway.simulator.take_seen();
    let reply = changed(
        &gateway,
        SUB_MEETING,
        &id,
        &json!({"cycleSubConfID": ids[1], "length": 40}),
    )
    .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let sent = writes(&gateway).remove(0).json().unwrap();
    assert_eq!(sent["startTime"], "2026-09-14 09:15");
    assert_eq!(sent["description"], "With guests");
    assert_eq!(sent["length"], 40);
    assert_eq!(sent["mediaTypes"], "HDVideo");
    assert_eq!(sent["isAutoRecord"], 1);
    assert_eq!(sent["confConfigInfo"]["callInRestriction"], 3);
    assert_eq!(sent["confConfigInfo"]["allowGuestStartConf"], false);
    let unknown = json!({"cycleSubConfID": "0123", "length": 40});
    let reply = changed(&gateway, SUB_MEETING, &id, &unknown).await;
    assert_eq!(reply.said(), (409, "MGW.4090004".to_owned()));
    assert_eq!(writes(&gateway).len(), 1);
}

#[tokio::test]
async fn rules_act_on_what_the_meeting_will_be() {
    // Whoever made the meeting could make it as it may not be.
    let but = "match: {except_callers: [front-desk]}";
    let length =
        |over: &str| format!("{{id: length, {but}, max_duration: {{minutes: 120, over: {over}}}}}");
    let guests = format!(
        "{{id: guests, {but}, force: {{field: /confConfigInfo/callInRestriction, value: 2}}}}"
    );
    let few = format!("{{id: few, {but}, max_items: {{field: /attendees, count: 1}}}}");
    let clamp = format!("  - {}\n  - {guests}", length("clamp"));
    let refuse = format!("  - {}\n  - {few}", length("refuse"));
    let mut plan = planned();
    plan["length"] = json!(180);
    plan["confConfigInfo"]["callInRestriction"] = json!(0);
    for (rules, allowed) in [(clamp, true), (refuse, false)] {
        let gateway = gateway("merge", &rules);
        let id = made(&gateway, CONFERENCES, &plan).await;
        let reply = changed(&gateway, CONFERENCES, &id, &json!({"subject": "Longer"})).await;
        if allowed {
            assert_eq!(reply.status, 200, "{reply:?}");
            let after = held(&gateway, &id);
            assert_eq!(after["length"], 120);
            assert_eq!(after["confConfigInfo"]["prolongLength"], 0);
            assert_eq!(after["confConfigInfo"]["callInRestriction"], 2);
        } else {
            assert_eq!(reply.said(), (403, "MGW.4030001".to_owned()));
            let rules: Vec<_> = reply.json()["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| e["pointer"].clone())
                .collect();
            assert_eq!(rules, [json!("/length"), json!("/attendees")]);
            assert!(writes(&gateway).is_empty());
            assert_eq!(
                readings(&gateway).len(),
                1,
                "what is refused is not confirmed"
            );
        }
    }
}

#[tokio::test]
async fn a_complete_update_reads_nothing() {
    let gateway = merging();
    let mut whole = series();
    whole["liveAddress"] = json!("");
    let id = made(&gateway, SERIES, &whole).await;
    let detail = Asking::with_key(
        Method::GET,
        &format!("{DETAIL}?conferenceID={id}"),
        FRONT_DESK_KEY,
    );
    let told = gateway.send(detail.body("")).await.json();
    for (name, value) in told["conferenceData"]["confConfigInfo"]
        .as_object()
        .unwrap()
    {
        if !["inviteMode", "audienceCallInRestriction"].contains(&name.as_str()) {
            whole["confConfigInfo"][name] = value.clone();
        }
    }
    whole["recordAuxStream"] = json!(0);
    gateway.simulator.take_seen();
    let reply = changed(&gateway, SERIES, &id, &whole).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!((readings(&gateway).len(), writes(&gateway).len()), (0, 1));
    assert_eq!(missing(&gateway.last_line()), ["/groupuri"]);
}

#[tokio::test]
async fn creating_and_cancelling_are_no_updates() {
    let gateway = merging();
    let id = made(
        &gateway,
        CONFERENCES,
        &json!({"mediaTypes": "Voice", "startTime": "2026-09-10 08:00"}),
    )
    .await;
    let target = format!("{CONFERENCES}?conferenceID={id}");
    let cancel = Asking::with_key(Method::DELETE, &target, KEY);
    assert_eq!(gateway.send(cancel.body("")).await.status, 200);
    assert!(readings(&gateway).is_empty());
    // Nor is a request that does not say which meeting.
    let reply = gateway
        .send(Asking::with_key(Method::PUT, PATH, KEY).json(&json!({})))
        .await;
    assert_eq!(reply.said().1, "MGW.4000004");
    let reply = gateway
        .send(
            Asking::with_key(Method::PUT, &format!("{PATH}?conferenceID=x"), KEY)
                .json(&Value::from(serde_json::Map::new())),
        )
        .await;
    assert_eq!(reply.said().1, "MGW.4000004");
    assert!(readings(&gateway).is_empty());
}
