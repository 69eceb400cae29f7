//! Upstreams that answer as nobody should: what they can make a gateway do is bounded, and what they tell stays masked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::stages::forward::{Answer, AnswerSource, Outbound};
use serde_json::{Value, json};

use super::*;
use crate::support::AnyUpstream;

/// What such an upstream saw.
#[derive(Default)]
struct Saw {
    readings: AtomicUsize,
    written: Mutex<Vec<Value>>,
}

/// A merging gateway before an upstream that answers every reading so, and takes every change.
fn before(reading: impl Fn(usize) -> (u16, Value) + Send + Sync + 'static) -> (Gateway, Arc<Saw>) {
    let saw = Arc::new(Saw::default());
    let (reading, seen) = (Arc::new(reading), Arc::clone(&saw));
    let upstream = tower::service_fn(move |outbound: Outbound| {
        let (reading, seen) = (Arc::clone(&reading), Arc::clone(&seen));
        async move {
            let (parts, body) = outbound.request().into_parts();
            let (status, told) = if parts.method == Method::GET {
                reading(seen.readings.fetch_add(1, Ordering::Relaxed))
            } else {
                let body = body.collect().await.unwrap().to_bytes();
                let sent = serde_json::from_slice(&body).unwrap();
                seen.written.lock().unwrap().push(sent);
                (200, json!([]))
            };
            let answer = Answer::own(
                StatusCode::from_u16(status).unwrap(),
                Bytes::from(told.to_string()),
            );
            let source = AnswerSource::Upstream;
            Ok::<_, Refusal>(Answer { source, ..answer })
        }
    });
    let (text, directory, folder) = configured("merge", IDLE);
    let overrides = [("policy.directory", directory.as_str())];
    let gateway = TestGateway::of_text_asking(&text, &overrides, AnyUpstream::new(upstream));
    let gateway = Gateway {
        gateway,
        _folder: folder,
    };
    (gateway, saw)
}

/// A detail with these members of the meeting, and this page of participants.
fn detail(members: &Value, data: &Value) -> Value {
    let mut meeting = json!({"conferenceState": "Schedule", "startTime": "2026-09-10 08:30", "endTime": "2026-09-10 10:00",
        "mediaTypes": "Voice"});
    let members = members.as_object().unwrap().clone();
    meeting.as_object_mut().unwrap().extend(members);
    json!({"conferenceData": meeting, "data": data})
}

#[tokio::test]
async fn pages_and_people_are_bounded() {
    let one = json!([{"name": "Ann"}]);
    for (count, page, most, code) in [
        // One by one, for ever.
        (json!(10_000), one.clone(), 60, "MGW.5020003"),
        (json!(10_001), one.clone(), 1, "MGW.5020003"),
        (json!(u64::MAX), one.clone(), 1, "MGW.5020003"),
        (json!(-1), one.clone(), 1, "MGW.5020003"),
        // Fewer, or more, than it says.
        (json!(5), json!([]), 1, "MGW.4090002"),
        (json!(0), one, 1, "MGW.4090002"),
    ] {
        let told = json!({"count": count, "data": page});
        let (gateway, saw) = before(move |_| (200, detail(&json!({}), &told)));
        let reply = changed(&gateway, CONFERENCES, "1", &json!({"subject": "x"})).await;
        assert_eq!(reply.json()["error_code"], code, "{count}");
        assert_eq!(saw.readings.load(Ordering::Relaxed), most, "{count}");
        assert!(saw.written.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_error_with_secrets_in_it_is_redacted() {
    for failing in [0, 1] {
        let (gateway, _) = before(move |index| {
            let told = detail(&json!({}), &json!({"count": 0, "data": []}));
            let error = json!({"error_code": "USG.1", "error_msg": "no", "guestPwd": "482913", "name": "Ann"});
            if index == failing {
                (403, error)
            } else {
                (200, told)
            }
        });
        let reply = changed(&gateway, CONFERENCES, "1", &json!({"subject": "x"})).await;
        assert_eq!(reply.said(), (403, "USG.1".to_owned()));
        assert_eq!(reply.header("x-gateway-error-source"), "upstream");
        assert_eq!(
            (&reply.json()["guestPwd"], &reply.json()["name"]),
            (&json!("***"), &json!("***"))
        );
    }
}

#[tokio::test]
async fn answers_in_their_own_spelling_go_up_in_that_of_requests() {
    let members = json!({"isAutoRecord": "1", "recordType": "2", "recordAuthType": "1", "timeZoneID": 56, "mediaTypes": "Data,HDVideo,Voice",
        "supportSimultaneousInterpretation": "false", "concurrentParticipants": "7", "encryptMode": "1", "language": " en-US ",
        "isAutoMute": 1, "confConfigInfo": {"isAutoMute": 1, "isSendSms": "0", "callInRestriction": "2", "prolongLength": "0", "guestPwd": 4711}});
    let people = json!({"count": "1", "data": [{"name": "Ann", "participantID": "+86 138-1234-5678", "role": "1", "attendeeType": "mobile"}]});
    let expected = json!({"subject": "x", "startTime": "2026-09-10 08:30", "length": 90,
        "attendees": [{"name": "Ann", "phone": "+8613812345678", "role": 1, "type": "mobile"}], "encryptMode": 1, "language": "en-US",
        "timeZoneID": "56", "recordType": 2, "isAutoRecord": 1, "recordAuthType": 1, "concurrentParticipants": 7,
        "supportSimultaneousInterpretation": false,
        "confConfigInfo": {"isAutoMute": true, "isSendSms": false, "callInRestriction": 2, "prolongLength": 0, "guestPwd": "4711"}});
    let (gateway, saw) = before(move |_| (200, detail(&members, &people)));
    // The second is in order before anything is filled in.
    for (body, media) in [
        (json!({"subject": "x"}), "Voice,HDVideo,Data"),
        (json!({"subject": "x", "mediaTypes": "Voice"}), "Voice"),
    ] {
        let reply = changed(&gateway, CONFERENCES, "1", &body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let mut expected = expected.clone();
        expected["mediaTypes"] = json!(media);
        assert_eq!(
            std::mem::take(&mut *saw.written.lock().unwrap()),
            [expected]
        );
    }
}

#[tokio::test]
async fn what_is_filled_in_beside_a_body_in_order_is_brought_in_order() {
    let members = json!({"recordType": 2, "isAutoRecord": 1, "encryptMode": 1});
    let nobody = json!({"count": 0, "data": []});
    let (gateway, saw) = before(move |_| (200, detail(&members, &nobody)));
    let body = json!({"mediaTypes": "Voice", "recordType": 0});
    let reply = changed(&gateway, CONFERENCES, "1", &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let written = saw.written.lock().unwrap();
    let [written] = &**written else {
        panic!("{written:?}");
    };
    assert_eq!(written["recordType"], 0);
    assert_eq!(written["encryptMode"], 1);
    assert_eq!(written.get("isAutoRecord"), None, "has no effect now");
}

#[tokio::test]
async fn what_does_not_fit_is_never_half_written() {
    for (members, field) in [
        (
            json!({"confConfigInfo": {"guestPwd": "******"}}),
            "confConfigInfo.guestPwd",
        ),
        (
            json!({"confConfigInfo": {"guestPwd": "***"}}),
            "confConfigInfo.guestPwd",
        ),
        (json!({"mediaTypes": "Smell"}), "mediaTypes"),
        (json!({"endTime": "2026-09-10 08:31"}), "length"),
        (json!({"recordType": 9}), "recordType"),
    ] {
        let (gateway, saw) =
            before(move |_| (200, detail(&members, &json!({"count": 0, "data": []}))));
        let reply = changed(&gateway, CONFERENCES, "1", &json!({"subject": "x"})).await;
        assert_eq!(reply.said(), (502, "MGW.5020003".to_owned()));
        let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(
            message.contains(&format!("`{field}` does not fit")),
            "{message}"
        );
        assert!(saw.written.lock().unwrap().is_empty());
    }
}
