//! A community's meeting platform, whose client is written by hand.

use serde_json::json;

use super::treatment::Client;

const NAME: &str = "meeting-platform";
const KEY: &str = "meeting-platform-key-not-a-secret";

fn client() -> Client {
    Client::new(NAME, KEY, &[])
}

#[tokio::test]
async fn it_needs_a_key_in_the_place_of_the_token_it_would_fetch() {
    let client = client();
    for message in ["sign-in-by-proxy", "detail-without-token"] {
        let refused = client.treat(message).await;
        assert_eq!(refused.said(), (401, "MGW.4010001".to_owned()), "{message}");
        assert!(
            refused
                .message()
                .contains("Send an API key, a gateway token or a JWT in X-Access-Token")
        );
        assert!(refused.sent.is_none(), "{message}");
    }
    let read = client.treat("detail").await;
    assert_eq!(read.said(), (200, String::new()));
    let token = read
        .sent
        .unwrap()
        .header("x-access-token")
        .unwrap()
        .to_owned();
    assert_ne!(token, KEY);
}

#[tokio::test]
async fn its_open_meetings_are_closed_by_the_policy() {
    let client = client();
    for message in [
        "create-meeting",
        "create-series",
        "update-meeting",
        "update-series",
    ] {
        let made = client.treat(message).await;
        assert_eq!(
            made.said(),
            (200, String::new()),
            "{message}: {}",
            made.message()
        );
        let held = client.held(&made.meeting).unwrap();
        assert_eq!((held.length(), held.encrypt_mode()), (120, 1), "{message}");
        for (field, expected) in [
            ("/subject", json!("例会 Infra SIG")),
            ("/confConfigInfo/isGuestFreePwd", json!(false)),
            ("/confConfigInfo/allowGuestStartConf", json!(false)),
            ("/confConfigInfo/enableWaitingRoom", json!(true)),
            ("/confConfigInfo/callInRestriction", json!(2)),
            ("/confConfigInfo/prolongLength", json!(0)),
        ] {
            assert_eq!(held.field(field), Some(&expected), "{message}: {field}");
        }
        let records = held.field("/recordType") == Some(&json!(2));
        assert!(
            !records || held.field("/recordAuthType") == Some(&json!(1)),
            "{message}"
        );
        // It reads these of the answer.
        let answer = &made.json()[0];
        assert_eq!(answer["conferenceID"], made.meeting);
        for link in ["chairJoinUri", "guestJoinUri"] {
            assert!(
                answer[link].as_str().unwrap().contains("/#/j/"),
                "{message}"
            );
        }
    }
}

#[tokio::test]
async fn its_undocumented_members_are_taken_out() {
    let client = client();
    for (message, stray) in [
        ("create-series", &["/conferenceType"][..]),
        (
            "update-series",
            &["/cycleParams/cycle_type", "/conferenceType"],
        ),
    ] {
        let made = client.treat(message).await;
        for pointer in stray {
            assert_eq!(made.sent_body().pointer(pointer), None);
            assert!(
                made.changes()
                    .iter()
                    .any(|(path, why)| path == pointer && why.contains("some clients send it"))
            );
        }
        // It leaves `preRemindDays` out of a change, and may.
        let days = made
            .sent_body()
            .pointer("/cycleParams/preRemindDays")
            .cloned();
        assert_eq!(days.is_some(), message == "create-series");
        let meetings = made.json()[0]["subConfs"].as_array().unwrap().len();
        assert_eq!(meetings, if message == "create-series" { 5 } else { 3 });
    }
}

#[tokio::test]
async fn one_meeting_of_a_series_is_moved_and_cancelled() {
    let client = client();
    let moved = client.treat("update-sub-meeting").await;
    assert_eq!(
        (moved.said(), moved.json()),
        ((200, String::new()), json!(null))
    );
    let held = client.held(&moved.meeting).unwrap();
    assert_eq!(held.sub_meeting_starts()[0], "2026-09-03 03:00");
    assert_eq!(held.sub_meeting_lengths(), [120; 5]);
    assert_eq!(
        held.sub_meeting_field(0, "/confConfigInfo/enableWaitingRoom"),
        Some(&json!(true))
    );

    let first = held.sub_meeting_ids()[0].to_owned();
    let cancelled = client.treat_of(&moved.meeting, "cancel-sub-meeting").await;
    assert_eq!(cancelled.said(), (200, String::new()));
    assert_eq!(cancelled.sent_body(), json!({"cycleSubConfIDs": [first]}));
    let held = client.held(&moved.meeting).unwrap();
    assert!(held.sub_meetings() == 4 && !held.sub_meeting_ids().contains(&&*first));
}

#[tokio::test]
async fn what_it_cancels_is_gone_and_what_is_gone_is_told_as_the_service_tells_it() {
    let client = client();
    for message in ["cancel-meeting", "cancel-series"] {
        let gone = client.treat(message).await;
        assert_eq!(gone.said(), (200, String::new()));
        assert!(client.held(&gone.meeting).is_none());
        // By this text it knows that it has nothing to do.
        let again = client.treat_of(&gone.meeting, message).await;
        assert_eq!(again.message(), "CONF_DATA_NOT_FOUND");
    }
}

#[tokio::test]
async fn it_finds_past_meetings_and_who_was_there() {
    let client = client();
    let attendance = client.treat("attendance").await;
    assert_eq!(attendance.said(), (200, String::new()));
    assert_eq!(attendance.json()["count"], 0);
    let history = client.treat("history").await.json();
    assert_eq!(history["data"][0]["conferenceID"], attendance.meeting);
    assert!(history["data"][0]["confUUID"].is_string());
}

#[tokio::test]
async fn what_controls_running_meetings_and_recordings_is_not_served() {
    let client = client();
    for (message, said, telling) in [
        (
            "control-token",
            (401, "MGW.4010003"),
            "ask the platform team for a key",
        ),
        ("stop", (401, "MGW.4010001"), "in X-Access-Token"),
        ("recordings", (404, "MGW.4040002"), "`search_recordings`"),
    ] {
        let refused = client.treat(message).await;
        assert_eq!(refused.said(), (said.0, said.1.to_owned()), "{message}");
        assert!(
            refused.message().contains(telling),
            "{message}: {}",
            refused.message()
        );
        assert!(refused.sent.is_none(), "{message}");
    }
}
