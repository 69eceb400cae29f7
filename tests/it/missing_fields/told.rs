//! What callers and operators are told of what is left out, and what not.

use http::Method;
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn forward_looks_at_nothing() {
    let gateway = gateway("forward", IDLE);
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let change = json!({"mediaTypes": "Voice", "startTime": "2026-09-10 08:30"});
    let reply = changed(&gateway, CONFERENCES, &id, &change).await;
    assert_eq!((reply.status.as_u16(), reply.header("warning")), (200, ""));
    assert!(readings(&gateway).is_empty());
    assert_eq!(writes(&gateway).remove(0).json().unwrap(), change);
    assert_eq!(held(&gateway, &id)["length"], 30, "it is reset");
}

#[tokio::test]
async fn warn_tells_of_each_setting_and_sends_the_change_as_it_is() {
    let gateway = gateway("warn", IDLE);
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let change = json!({"mediaTypes": "Voice", "startTime": "2026-09-10 08:30", "attendees": [], "confConfigInfo": {"guestPwd": "4711"}});
    let reply = changed(&gateway, CONFERENCES, &id, &change).await;
    assert_eq!(reply.status, 200);
    assert!(
        reply.header("warning").contains("`length` is left out"),
        "{reply:?}"
    );
    assert_eq!(writes(&gateway).remove(0).json().unwrap(), change);
    let line = gateway.last_line();
    let told = missing(&line);
    for place in [
        "/length",
        "/encryptMode",
        "/recordType",
        "/confConfigInfo/callInRestriction",
    ] {
        assert!(told.iter().any(|at| at == place), "{place}: {told:?}");
    }
    for place in [
        "/attendees",
        "/confConfigInfo",
        "/cycleParams",
        "/mediaTypes",
        "/recordAuthType",
    ] {
        assert!(!told.iter().any(|at| at == place), "{place}: {told:?}");
    }
    assert!(
        line["receipt"]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["mode"] == "warn")
    );
}

#[tokio::test]
async fn reject_refuses_with_all_of_them_at_once() {
    let gateway = gateway("reject", IDLE);
    let id = made(&gateway, SERIES, &series()).await;
    let change = json!({"mediaTypes": "Voice", "cycleParams": {"startDate": "2026-09-10", "endDate": "2026-09-12", "cycle": "Day"}});
    let reply = changed(&gateway, SERIES, &id, &change).await;
    assert_eq!(reply.said(), (400, "MGW.4000008".to_owned()));
    let told: Vec<_> = reply.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "/startTime",
            "/length",
            "/subject",
            "/attendees",
            "/cycleParams/interval",
            "/cycleParams/preRemindDays",
            "/encryptMode",
            "/language",
            "/timeZoneID",
            "/recordType",
            "/confConfigInfo",
            "/concurrentParticipants",
            "/supportSimultaneousInterpretation"
        ]
    );
    assert!(gateway.operations_seen().is_empty());
    // A whole one passes, and so does a new meeting of which little is said.
    let id = made(
        &gateway,
        CONFERENCES,
        &json!({"mediaTypes": "Voice", "startTime": "2026-09-10 08:00"}),
    )
    .await;
    let mut whole = planned();
    let config = &mut whole["confConfigInfo"];
    for name in [
        "isSendSms",
        "isSendCalendar",
        "isHardTerminalAutoMute",
        "isGuestFreePwd",
        "isHostCameraOn",
        "isGuestCameraOn",
    ] {
        config[name] = json!(false);
    }
    whole["recordAuxStream"] = json!(0);
    let reply = changed(&gateway, CONFERENCES, &id, &whole).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn the_receipt_has_what_was_filled_in_and_no_secrets() {
    let gateway = merging();
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let request = asking(CONFERENCES, &id, KEY)
        .header("prefer", "return=receipt")
        .json(&json!({"length": 60}));
    let reply = gateway.send(request).await;
    assert_eq!(reply.status, 200);
    let receipt: Value = serde_json::from_str(reply.header("x-gateway-receipt")).unwrap();
    let patch = receipt["patch"].as_array().unwrap();
    let of = |at: &str| {
        patch
            .iter()
            .find(|one| one["path"] == at)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        of("/subject"),
        json!({"op": "add", "path": "/subject", "value": "Board", "stage": "merge",
        "reason": "left out; as the meeting has it"})
    );
    assert_eq!(of("/confConfigInfo")["value"]["guestPwd"], "***");
    assert_eq!(of("/attendees")["value"], json!([]));
    assert_eq!(
        of("/attendees/1")["value"],
        json!({"name": "***", "phone": "***", "role": 0, "isAutoInvite": 0, "type": "mobile"})
    );
    assert!(patch.iter().all(|one| one["stage"] == "merge"));
    let line = gateway.audit_text();
    for secret in ["482913", "+8613812345678", "ann@corp.example"] {
        assert!(!reply.header("x-gateway-receipt").contains(secret) && !line.contains(secret));
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(!body.contains(secret), "{secret}");
    }
    // And yet the meeting has them still, and no mask.
    let after = held(&gateway, &id);
    assert_eq!(after["confConfigInfo"]["guestPwd"], "482913");
    assert_eq!(after["attendees"][1]["phone"], "+8613812345678");
    assert!(!after.to_string().contains("***"));
    assert_eq!(
        missing(&gateway.last_line()),
        ["/groupuri", "/encryptMode", "/attendees"]
    );
}

#[tokio::test]
async fn what_a_rule_sets_is_not_open() {
    let gateway = gateway(
        "merge",
        "  - {id: encryption, force: {field: /encryptMode, value: 1}}",
    );
    let id = made(
        &gateway,
        CONFERENCES,
        &json!({"mediaTypes": "Voice", "startTime": "2026-09-10 08:00"}),
    )
    .await;
    assert_eq!(
        changed(&gateway, CONFERENCES, &id, &json!({"length": 60}))
            .await
            .status,
        200
    );
    assert_eq!(missing(&gateway.last_line()), ["/groupuri"]);
}

#[tokio::test]
async fn nobody_reads_a_meeting_by_changing_it() {
    let rule = "  - {id: readers, match: {operations: [show_meeting_detail], except_callers: [front-desk]}, message: 'Not for you.', when: has(query.conferenceID), deny: {}}";
    let gateway = gateway("merge", rule);
    let id = made(&gateway, CONFERENCES, &planned()).await;
    let request = asking(CONFERENCES, &id, KEY)
        .header("prefer", "return=receipt")
        .json(&json!({"length": 60}));
    let reply = gateway.send(request).await;
    assert_eq!(reply.said(), (403, "MGW.4030001".to_owned()));
    assert_eq!(reply.json()["errors"][0]["rule"], "house/readers");
    assert!(gateway.operations_seen().is_empty());
    let request = asking(CONFERENCES, &id, FRONT_DESK_KEY).json(&json!({"length": 60}));
    assert_eq!(gateway.send(request).await.status, 200);
    let target = format!("{DETAIL}?conferenceID={id}");
    let reading = Asking::with_key(Method::GET, &target, KEY);
    assert_eq!(gateway.send(reading.body("")).await.status, 403);
}
