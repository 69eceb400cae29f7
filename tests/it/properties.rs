//! What holds for every body: only what satisfies the policy and the contract reaches the upstream, unchanged by a second pass,
//! and what is refused reaches nobody.

use std::sync::atomic::{AtomicUsize, Ordering};

use meeting_gateway::contract::{Contract, strict_json};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::TestGateway;
use crate::support::request::Asking;

const CASES: u32 = 1500;

/// One of these values for a member, or none.
fn member(name: &'static str, values: Vec<Value>) -> BoxedStrategy<Option<(String, Value)>> {
    let present = select(values).prop_map(move |value| Some((name.to_owned(), value)));
    prop_oneof![1 => Just(None), 1 => present].boxed()
}

fn object(members: Vec<BoxedStrategy<Option<(String, Value)>>>) -> BoxedStrategy<Value> {
    members
        .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
        .boxed()
}

fn attendee() -> BoxedStrategy<Value> {
    object(vec![
        member(
            "email",
            vec![
                json!("a@corp.example"),
                json!("A@CORP.EXAMPLE"),
                json!(" b@corp.example "),
                json!("e@elsewhere.example"),
                json!("e@corp.example.org"),
                json!("x@y@corp.example"),
                json!(""),
            ],
        ),
        member("sms", vec![json!("+8613800138000"), json!("")]),
        member(
            "phone",
            vec![
                json!("0086 138-0013-8000"),
                json!("+8613800138000"),
                json!("x"),
            ],
        ),
        member(
            "type",
            vec![
                json!("normal"),
                json!("mobile"),
                json!("outside"),
                json!(" outside"),
                json!("OUTSIDE"),
            ],
        ),
        member("role", vec![json!(0), json!(1), json!("1")]),
        member("name", vec![json!("Alice"), json!("")]),
    ])
}

fn configuration() -> BoxedStrategy<Value> {
    object(vec![
        member(
            "prolongLength",
            vec![json!(0), json!(15), json!("30"), json!(60), json!(7)],
        ),
        member(
            "enableWaitingRoom",
            vec![json!(true), json!(false), json!("false"), json!(null)],
        ),
        member(
            "allowGuestStartConf",
            vec![json!(true), json!("true"), json!(false)],
        ),
        member(
            "isGuestFreePwd",
            vec![json!(true), json!("true"), json!(false)],
        ),
        member(
            "callInRestriction",
            vec![json!(0), json!("0"), json!(2), json!(3), json!(0.0)],
        ),
        member(
            "guestPwd",
            vec![
                json!("123456"),
                json!("1234"),
                json!(""),
                json!("12345678901234567"),
            ],
        ),
        member("isSendNotify", vec![json!(true), json!("false")]),
    ])
}

fn cycle() -> BoxedStrategy<Value> {
    select(vec![
        json!({"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1}),
        json!({"startDate": "2026-09-03", "endDate": "2026-09-30", "cycle": "Week", "interval": "1", "point": [3, 1], "preRemindDays": 0}),
        json!({"startDate": "2026-09-03", "endDate": "2026-12-30", "cycle": "Month", "interval": 1, "point": [1, 31]}),
    ])
    .boxed()
}

/// Bodies much like those that clients send, rightly or wrongly spelt, with things to get past the policy.
pub(crate) fn body() -> impl Strategy<Value = Value> {
    let known = vec![
        member(
            "startTime",
            vec![
                json!("2026-09-03 08:30"),
                json!("2026-09-03T16:30:00+08:00"),
                json!(""),
            ],
        ),
        member(
            "length",
            vec![
                json!(15),
                json!(60),
                json!(120),
                json!(121),
                json!("180"),
                json!(" 90"),
                json!(1440),
                json!(120.0),
                json!(1e2),
                json!(-1),
                json!(null),
            ],
        ),
        member(
            "encryptMode",
            vec![
                json!(0),
                json!(1),
                json!(2),
                json!("2"),
                json!(2.0),
                json!(null),
            ],
        ),
        member("recordType", vec![json!(0), json!(1), json!(2), json!("3")]),
        member(
            "recordAuthType",
            vec![json!(0), json!("0"), json!(1), json!(2)],
        ),
        member(
            "liveAddress",
            vec![json!(""), json!("rtmp://elsewhere.example")],
        ),
        member("auxAddress", vec![json!("rtmp://elsewhere.example")]),
        member(
            "subject",
            vec![json!("  PRJ-1 review "), json!(""), json!("\u{202e}x")],
        ),
        member("conferenceType", vec![json!(2)]),
        member("timeZoneID", vec![json!("56"), json!(56), json!("056")]),
    ];
    let mostly =
        |good: Vec<Value>, bad: Vec<Value>| prop_oneof![9 => select(good), 1 => select(bad)];
    let media = mostly(
        vec![
            json!("Voice"),
            json!("HDVideo,Data,HDVideo"),
            json!(" hdvideo "),
        ],
        vec![json!(""), json!("Smoke"), json!(7)],
    );
    let parts = (
        media,
        cycle(),
        object(known),
        prop::option::of(configuration()),
        prop::option::weighted(0.3, vec(attendee(), 0..4)),
        prop::option::weighted(0.2, ("[a-zA-Z]{1,12}", any::<i64>())),
    );
    (parts, any::<prop::sample::Index>()).prop_map(
        |((media, cycle, known, settings, attendees, unknown), turn)| {
            let mut members: Vec<(String, Value)> =
                vec![("mediaTypes".into(), media), ("cycleParams".into(), cycle)];
            members.extend(known.as_object().cloned().unwrap_or_default());
            members.extend(settings.map(|settings| ("confConfigInfo".to_owned(), settings)));
            members.extend(attendees.map(|attendees| ("attendees".to_owned(), attendees.into())));
            members.extend(unknown.map(|(name, value)| (name, value.into())));
            let by = turn.index(members.len());
            members.rotate_left(by);
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        },
    )
}

/// What the packs demand, said once more and independently of them.
fn offences(body: &Value) -> Vec<&'static str> {
    let none = Vec::new();
    let at = |pointer: &str| body.pointer(pointer).unwrap_or(&Value::Null);
    let attendees = body["attendees"].as_array().unwrap_or(&none);
    let demands = [
        (*at("/encryptMode") == json!(1), "encryptMode is 1"),
        (
            at("/length").is_null()
                || at("/length")
                    .as_i64()
                    .is_some_and(|length| (15..=120).contains(&length)),
            "length is at most 120",
        ),
        (
            *at("/confConfigInfo/prolongLength") == json!(0),
            "meetings are not prolonged",
        ),
        (
            *at("/confConfigInfo/enableWaitingRoom") == json!(true),
            "the waiting room is on",
        ),
        (
            *at("/confConfigInfo/allowGuestStartConf") == json!(false),
            "guests do not start",
        ),
        (
            *at("/confConfigInfo/isGuestFreePwd") == json!(false),
            "guests need a password",
        ),
        (
            [json!(2), json!(3)].contains(at("/confConfigInfo/callInRestriction")),
            "not everybody may join",
        ),
        (
            !["2", "3"].contains(&&*at("/recordType").to_string())
                || *at("/recordAuthType") == json!(1),
            "recordings are for the enterprise",
        ),
        (
            at("/liveAddress").as_str().is_none_or(str::is_empty),
            "nothing is pushed",
        ),
        (
            at("/auxAddress").as_str().is_none_or(str::is_empty),
            "no slides are pushed",
        ),
        (
            at("/confConfigInfo/guestPwd")
                .as_str()
                .is_none_or(|pwd| pwd.is_empty() || (6..=16).contains(&pwd.len())),
            "passwords are long",
        ),
        (attendees.len() <= 100, "not too many"),
        (
            attendees.iter().all(|one| one["type"] != "outside"),
            "no outsiders",
        ),
        (
            attendees.iter().all(|one| one.get("sms").is_none()),
            "no text messages",
        ),
        (
            attendees.iter().all(|one| {
                one["email"].as_str().is_none_or(|email| {
                    email.is_empty()
                        || email
                            .split_once('@')
                            .is_some_and(|(_, domain)| domain == "corp.example")
                })
            }),
            "colleagues only",
        ),
        (
            body.get("conferenceType").is_none(),
            "no undocumented member",
        ),
    ];
    demands
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, what)| what)
        .collect()
}

#[test]
fn whatever_is_asked_the_upstream_sees_what_policy_and_contract_allow() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let gateway = TestGateway::new();
    let contract = Contract::builtin().unwrap();
    let operation = contract.operation("update_recurring_meeting").unwrap();
    let schema = contract.body(operation).unwrap();
    let passed = AtomicUsize::new(0);
    let refused = AtomicUsize::new(0);
    let send = |bytes: Vec<u8>| {
        gateway.simulator.take_seen();
        let reply = runtime.block_on(gateway.send(Asking::update().body(bytes)));
        (reply, gateway.operations_seen())
    };
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&body(), |body| {
        let (reply, seen) = send(body.to_string().into_bytes());
        if reply.header("x-gateway-error-source") == "gateway" {
            refused.fetch_add(1, Ordering::Relaxed);
            prop_assert!(
                seen.is_empty(),
                "refused with {:?}, and sent all the same",
                reply.said()
            );
            prop_assert!(reply.status.is_client_error(), "{:?}", reply.said());
            return Ok(());
        }
        passed.fetch_add(1, Ordering::Relaxed);
        prop_assert_eq!(seen.len(), 1);
        let sent = seen[0].json().unwrap();
        prop_assert_eq!(offences(&sent), Vec::<&str>::new(), "{}", sent);
        let mut document =
            strict_json::parse(&seen[0].body, strict_json::Limits::default()).unwrap();
        prop_assert_eq!(
            schema.violations(&mut document, 20),
            (vec![], 0),
            "{}",
            sent
        );

        let (_, again) = send(seen[0].body.to_vec());
        prop_assert_eq!(again.len(), 1, "what passed once passes again: {}", sent);
        prop_assert_eq!(&again[0].body, &seen[0].body);
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    let (passed, refused) = (passed.into_inner(), refused.into_inner());
    let enough = CASES as usize / 20;
    assert!(
        passed > enough && refused > enough,
        "{passed} passed and {refused} were refused: too few of one kind"
    );
}

#[test]
fn any_bytes_are_answered_and_only_json_is_sent_on() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let gateway = TestGateway::new();
    let good = json!({"mediaTypes": "Voice", "length": 60,
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1}});
    let good = good.to_string().into_bytes();
    // A good body with some bytes of it overwritten.
    let changed = vec((any::<prop::sample::Index>(), any::<u8>()), 0..4).prop_map(move |changes| {
        let mut bytes = good.clone();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&changed, |bytes| {
        gateway.simulator.take_seen();
        let reply = runtime.block_on(gateway.send(Asking::update().body(bytes.clone())));
        let seen = gateway.operations_seen();
        prop_assert!(!reply.status.is_server_error(), "{:?}", reply.said());
        if reply.header("x-gateway-error-source") == "gateway" {
            prop_assert!(seen.is_empty());
        } else {
            prop_assert_eq!(seen.len(), 1);
            prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
            prop_assert_eq!(offences(&seen[0].json().unwrap()), Vec::<&str>::new());
        }
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
}
