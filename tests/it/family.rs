//! Every door to the same room: each operation of the scheduling family under the same policy, and no other operation at all.

use http::{Method, StatusCode};
use meeting_gateway::contract::Contract;
use meeting_gateway::model::operation::Family;
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::request::{Asking, KEY, PATH, Reply, documented, documented_with, path_of};

const CONFERENCES: &str = "/v1/mmc/management/conferences";
const SUB_MEETINGS: &str = "/v1/mmc/management/conferences/cyclesubconf";
/// The series that the simulator begins with.
const SERIES: &str = "conferenceID=914087436";

async fn send(gateway: &TestGateway, method: Method, target: &str, body: Option<&Value>) -> Reply {
    let asking = Asking::with_key(method, target, KEY);
    let request = match body {
        Some(body) => asking.json(body),
        None => asking.body(""),
    };
    gateway.send(request).await
}

#[tokio::test]
async fn every_operation_that_is_not_of_the_family_is_refused_and_named() {
    let gateway = TestGateway::new();
    let contract = Contract::builtin().unwrap();
    let mut refused = 0;
    for operation in contract.operations() {
        if operation.family != Family::Relayed {
            continue;
        }
        let path = path_of(operation.template, "1");
        let reply = send(&gateway, operation.method.clone(), &path, None).await;
        assert_eq!(reply.said(), (404, "MGW.4040002".to_owned()), "{path}");
        let line = gateway.last_line();
        assert_eq!(line["operation"], operation.name);
        refused += 1;
    }
    assert_eq!(refused, 179);
    assert!(gateway.operations_seen().is_empty());
}

#[tokio::test]
async fn every_scheduling_door_has_the_same_policy() {
    let meeting = json!({"startTime": "2026-09-03 08:30", "mediaTypes": "HDVideo"});
    let meeting = |more: &Value| {
        let mut body = meeting.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let wish = json!({"length": 180, "encryptMode": 2});
    let gateway = TestGateway::new();
    let conference = format!("{CONFERENCES}?{SERIES}");
    let cycle = format!("{PATH}?{SERIES}");
    for (method, target, body) in [
        (Method::POST, CONFERENCES, meeting(&wish)),
        (Method::POST, PATH, documented_with(&wish)),
        (Method::PUT, &*cycle, documented_with(&wish)),
        // Last: it makes a single meeting of the series.
        (Method::PUT, &*conference, meeting(&wish)),
    ] {
        let reply = send(&gateway, method.clone(), target, Some(&body)).await;
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "{method} {target}: {:?}",
            reply.body
        );
        let seen = gateway.simulator.take_seen().pop().unwrap();
        let sent = seen.json().unwrap();
        assert_eq!(
            (&sent["length"], &sent["encryptMode"]),
            (&json!(120), &json!(1))
        );
        assert_eq!(
            (&seen.method, &*seen.path),
            (&method, target.split('?').next().unwrap())
        );
    }
    for meeting in gateway.simulator.meetings() {
        assert_eq!(meeting.body()["encryptMode"], 1, "{meeting:?}");
        assert_eq!(meeting.body()["length"], 120, "{meeting:?}");
    }
}

#[tokio::test]
async fn one_meeting_of_a_series_is_held_to_the_policy_and_cancelled() {
    let gateway = TestGateway::new();
    let target = format!("{PATH}?{SERIES}");
    let body = documented_with(&json!({"startTime": "2026-09-03 08:30"}));
    let reply = send(&gateway, Method::PUT, &target, Some(&body)).await;
    let id = reply.json()[0]["subConfs"][0]["cycleSubConfID"]
        .as_str()
        .unwrap()
        .to_owned();
    gateway.simulator.take_seen();

    let change = json!({
        "cycleSubConfID": id, "mediaTypes": "HDVideo,Voice", "startTime": "2026-09-03T16:30:00+08:00", "length": "180",
        "confConfigInfo": {"enableWaitingRoom": false},
    });
    let target = format!("{SUB_MEETINGS}?{SERIES}");
    let reply = send(&gateway, Method::PUT, &target, Some(&change)).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
    let sent = gateway.only_seen().json().unwrap();
    assert_eq!(
        sent,
        json!({
            "cycleSubConfID": id, "mediaTypes": "Voice,HDVideo", "startTime": "2026-09-03 08:30", "length": 120,
            "confConfigInfo": {"enableWaitingRoom": true, "allowGuestStartConf": false, "callInRestriction": 2},
            "recordAuthType": 1,
        })
    );

    gateway.simulator.take_seen();
    let which = json!({"cycleSubConfIDs": [id], "other": 1});
    let target = format!("{SUB_MEETINGS}?{SERIES}&type=1");
    let reply = send(&gateway, Method::DELETE, &target, Some(&which)).await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
    let seen = gateway.only_seen();
    assert_eq!(seen.json().unwrap(), json!({"cycleSubConfIDs": [id]}));
    assert_eq!(seen.query, "conferenceID=914087436&type=1");
    assert_eq!(
        gateway
            .simulator
            .meeting("914087436")
            .unwrap()
            .sub_meetings(),
        1
    );
}

#[tokio::test]
async fn what_has_no_body_is_sent_without_one() {
    let gateway = TestGateway::new();
    send(&gateway, Method::POST, PATH, Some(&documented())).await;
    gateway.simulator.take_seen();
    for (method, target) in [
        (
            Method::GET,
            format!("{CONFERENCES}?offset=0&limit=500&queryAll=true&userUUID=x"),
        ),
        (
            Method::GET,
            format!("{CONFERENCES}/confDetail?{SERIES}&limit=20"),
        ),
        (Method::DELETE, format!("{PATH}?{SERIES}&type=1")),
    ] {
        let asking = Asking::with_key(method.clone(), &target, KEY)
            .header("x-type", "0")
            .header("x-password", "hush");
        let reply = gateway.send(asking.body("")).await;
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "{method} {target}: {:?}",
            reply.body
        );
        let seen = gateway.only_seen();
        assert!(seen.body.is_empty() && seen.header("content-type").is_none());
        assert!(seen.header("x-password").is_none() && !seen.query.contains("userUUID"));
        assert_eq!(
            seen.header("x-type").is_some(),
            target.contains("confDetail")
        );
        // What opens a meeting is masked in lists and in detail, too.
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(!text.contains("/#/j/"), "{text}");
        gateway.simulator.take_seen();
    }
    assert!(gateway.simulator.meeting("914087436").is_none());
}

#[tokio::test]
async fn queries_are_held_to_what_each_operation_has() {
    let gateway = TestGateway::new();
    for (method, target, pointer) in [
        (Method::GET, format!("{CONFERENCES}?limit=501"), "limit"),
        (
            Method::GET,
            format!("{CONFERENCES}?queryAll=True"),
            "queryAll",
        ),
        (
            Method::GET,
            format!("{CONFERENCES}/confDetail"),
            "conferenceID",
        ),
        (
            Method::GET,
            format!("{CONFERENCES}/online/conf-attendee"),
            "conf_id",
        ),
        (
            Method::GET,
            format!("{CONFERENCES}/history/confDetail?confUUID=a%20b"),
            "confUUID",
        ),
        (Method::DELETE, CONFERENCES.to_owned(), "conferenceID"),
        (Method::DELETE, format!("{PATH}?{SERIES}&type=2"), "type"),
    ] {
        let reply = send(&gateway, method, &target, None).await;
        assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()), "{target}");
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{target}");
    }
    assert!(gateway.operations_seen().is_empty());
}
