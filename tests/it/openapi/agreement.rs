//! The schemas of requests and the gateway agree: whatever the gateway takes fits the schema, and what it does not take for a
//! reason that a schema can tell does not.

use std::sync::atomic::{AtomicUsize, Ordering};

use meeting_gateway::contract::ineffective::ineffective;
use meeting_gateway::contract::normalise::{Ineffective, normalise};
use meeting_gateway::contract::strict_json::{Limits, parse};
use meeting_gateway::contract::unknown_members::strip;
use meeting_gateway::model::changes::Changes;
use meeting_gateway::runtime::snapshot::Snapshot;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{described, operation, validator};
use crate::support::TestGateway;

/// What a schema cannot tell: an order of dates, days that no month has, names that look like others, masks.
const BEYOND_SCHEMAS: [&str; 5] = [
    "format",
    "x-not-before",
    "x-within-a-year",
    "look-alike",
    "mask",
];
const CASES: u32 = 3000;

/// The keywords of all that the gateway holds against a body; none where it takes it.
fn held_against(snapshot: &Snapshot, name: &str, body: &Value) -> Vec<String> {
    let operation = snapshot.contract.operation(name).unwrap();
    let contract = snapshot.contract.body(operation).unwrap();
    let Ok(mut document) = parse(body.to_string().as_bytes(), Limits::default()) else {
        return vec!["json".to_owned()];
    };
    let mut changes = Changes::default();
    let requests = &snapshot.requests;
    let stripped = strip(
        &mut document,
        contract.shape(),
        requests.unknown_members,
        &mut changes,
    );
    let mut findings = [stripped.look_alikes, stripped.unknown].concat();
    if findings.is_empty() {
        normalise(
            &mut document,
            contract.shape(),
            requests.normalise,
            &mut changes,
        );
        findings = contract.violations(&mut document, 50).0;
        if requests.normalise.ineffective == Ineffective::Keep {
            findings.extend(ineffective(&document, contract.shape(), 50).0);
        }
    }
    findings
        .into_iter()
        .map(|one| one.keyword.into_owned())
        .collect()
}

/// Whether something in it is written as no schema can judge it: the one number that may be a fraction as a text, which no
/// pattern bounds, or a time zone as `60.0`, which is 60 to a schema and no text of digits to the gateway.
fn is_beyond_schemas(body: &Value) -> bool {
    let multiple = body.pointer("/confConfigInfo/showAudienceCountInfo/multiple");
    let zone = body.get("timeZoneID");
    multiple.is_some_and(Value::is_string) || zone.is_some_and(Value::is_f64)
}

/// A body with something in every member, for each operation.
fn whole_bodies() -> Vec<(&'static str, Value)> {
    let attendee = json!({"userUUID": "u", "accountId": "a", "appId": "i", "name": " Ann ", "role": 1, "phone": "+86 138-1234-5678",
        "phone2": "1", "email": "Ann@CORP.example ", "sms": "+8613812345678", "isMute": 0, "isAutoInvite": 1, "type": "mobile",
        "address": "r", "deptUUID": "d", "deptName": "d", "uniqueType": 0});
    let info = json!({"isSendNotify": true, "isSendSms": false, "isAutoMute": true, "callInRestriction": 2, "allowGuestStartConf": false,
        "guestPwd": "482913", "vmrIDType": 1, "prolongLength": 10, "enableWaitingRoom": true, "inviteMode": 3});
    let meeting = json!({"startTime": "2026-09-02T08:30:00+08:00", "length": 60, "subject": "x", "mediaTypes": "Data,Voice", "groupuri": "g",
        "attendees": [attendee], "isAutoRecord": 1, "encryptMode": 1, "language": "en-US", "timeZoneID": "56", "recordType": 3,
        "liveAddress": "rtmp://a", "auxAddress": "rtmp://b", "recordAuxStream": 1, "recordAuthType": 2, "confConfigInfo": info,
        "vmrFlag": 0, "vmrID": "r", "concurrentParticipants": 100, "supportSimultaneousInterpretation": true, "confResType": 0,
        "conferenceType": 1});
    let series = |cycle: Value| {
        let mut series = meeting.clone();
        series["cycleParams"] = cycle;
        series
    };
    let week = json!({"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Week", "interval": 2, "point": [0, 6], "preRemindDays": 1});
    let month = json!({"startDate": "2026-09-01", "endDate": "2026-12-30", "cycle": " Month", "interval": 3, "point": [1, 31]});
    let day = json!({"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Day", "interval": 15, "point": "all", "cycleCount": 1});
    let one = json!({"cycleSubConfID": "a-1", "mediaTypes": "Voice", "startTime": "2026-09-02 08:30", "length": 60, "isAutoRecord": 1,
        "recordAuthType": 0, "description": "x", "confConfigInfo": {"callInRestriction": 0, "audienceCallInRestriction": 2,
        "allowGuestStartConf": true, "enableWaitingRoom": true, "joinBeforeHostTime": 1,
        "showAudienceCountInfo": {"showAudienceMode": 1, "baseAudienceCount": 5, "multiple": 1.5}}});
    vec![
        ("create_meeting", meeting.clone()),
        ("update_meeting", series(week.clone())),
        ("create_recurring_meeting", series(week)),
        ("update_recurring_meeting", series(month)),
        ("update_recurring_meeting", series(day)),
        ("update_recurring_sub_meeting", one),
        (
            "cancel_recurring_sub_meeting",
            json!({"cycleSubConfIDs": ["a", "b-2"]}),
        ),
    ]
}

/// What a body is changed by, one place at a time.
#[derive(Debug, Clone)]
enum Mutation {
    /// Another value.
    Replaced(Value),
    /// Taken out.
    Removed,
    /// White space around a text.
    Padded(&'static str),
    /// A number or boolean as a text, a text as what it spells.
    Respelt,
    /// Longer by far.
    Lengthened,
    /// A number that is off by so much.
    Moved(i64),
    /// A member beside it.
    Joined(&'static str),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let values = vec![
        json!(null),
        json!(true),
        json!("true"),
        json!(0),
        json!("0"),
        json!(1),
        json!("1"),
        json!(2),
        json!("3"),
        json!(60.0),
        json!("060"),
        json!(-1),
        json!("-1"),
        json!(1.5),
        json!("1.5"),
        json!(1e15),
        json!(""),
        json!(" "),
        json!("***"),
        json!("x"),
        json!([]),
        json!({}),
        json!([1]),
        json!(["1", 6]),
        json!([31]),
        json!(["x"]),
        json!("Day"),
        json!("Week "),
        json!("Month"),
        json!("Voice, ,HDVideo"),
        json!("voice"),
        json!("2026-09-31"),
        json!("2026-09-05 "),
        json!("2027-09-05"),
        json!("2026-09-05 08:61"),
        json!("20260905T0830Z"),
        json!("+86 (138) 1234-5678"),
        json!("a@b@c"),
        json!("zh-CN"),
        json!(" en-US"),
        json!(78),
        json!("77"),
        json!("customnumber"),
    ];
    prop_oneof![
        6 => select(values).prop_map(Mutation::Replaced),
        3 => Just(Mutation::Removed),
        3 => select(vec![" ", "\t", "\u{3000}", "\u{85}"]).prop_map(Mutation::Padded),
        4 => Just(Mutation::Respelt),
        1 => Just(Mutation::Lengthened),
        2 => select(vec![-1, 1, 4, 30, 1500]).prop_map(Mutation::Moved),
        2 => select(vec!["colour", "Length", "description", "conferenceType", "cycle_type"]).prop_map(Mutation::Joined),
    ]
}

/// Every place of a value, as JSON Pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut inside = |name: &str, value: &Value| {
        let place = format!("{at}/{name}");
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| inside(name, value)),
        Value::Array(items) => (0..)
            .zip(items)
            .for_each(|(index, value): (usize, _)| inside(&index.to_string(), value)),
        _ => {}
    }
}

fn mutate(body: &mut Value, place: Index, mutation: &Mutation) {
    let mut all = Vec::new();
    places(body, "", &mut all);
    let Some(path) = (!all.is_empty()).then(|| place.get(&all)) else {
        return;
    };
    let (parent, name) = path.rsplit_once('/').unwrap();
    match mutation {
        Mutation::Removed | Mutation::Joined(_) => {
            let Some(Value::Object(members)) = body.pointer_mut(parent) else {
                return;
            };
            match mutation {
                Mutation::Joined(name) => members.insert((*name).to_owned(), json!(1)),
                _ => members.shift_remove(name),
            };
        }
        mutation => {
            let value = body.pointer_mut(path).unwrap();
            *value = match (mutation, &*value) {
                (Mutation::Replaced(other), _) => other.clone(),
                (Mutation::Padded(space), Value::String(text)) => {
                    format!("{space}{text}{space}").into()
                }
                (Mutation::Respelt, Value::String(text)) => {
                    serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
                }
                (Mutation::Respelt, Value::Number(_) | Value::Bool(_)) => value.to_string().into(),
                (Mutation::Lengthened, Value::String(text)) => {
                    format!("{text}{}", "x".repeat(120)).into()
                }
                (Mutation::Moved(by), Value::Number(number)) if number.is_i64() => {
                    (number.as_i64().unwrap() + by).into()
                }
                (_, kept) => kept.clone(),
            };
        }
    }
}

#[test]
fn what_the_gateway_takes_fits_and_what_a_schema_can_tell_does_not() {
    let mut gateways = Vec::new();
    for coercion in ["accept", "reject"] {
        for unknown in ["strip", "reject", "forward"] {
            for ineffective in ["remove", "reject"] {
                let gateway = TestGateway::with(&[
                    ("contract.coercion", coercion),
                    ("contract.unknown_fields", unknown),
                    ("contract.ineffective_fields", ineffective),
                ]);
                let document = described(&gateway);
                let bodies: Vec<_> = whole_bodies()
                    .into_iter()
                    .map(|(name, body)| {
                        let content = &operation(&document, name)["requestBody"]["content"];
                        let reference = &content["application/json"]["schema"]["$ref"];
                        (
                            name,
                            body,
                            validator(&document, reference.as_str().unwrap()),
                        )
                    })
                    .collect();
                gateways.push((gateway.parts.live.current(), bodies));
            }
        }
    }
    let [taken, refused] = [const { AtomicUsize::new(0) }; 2];
    let config = Config {
        failure_persistence: None,
        cases: CASES,
        ..Config::default()
    };
    let mutations = proptest::collection::vec((any::<Index>(), mutation()), 0..4);
    let strategy = (any::<Index>(), any::<Index>(), mutations);
    let agree = |(gateway, body, mutations): (Index, Index, Vec<(Index, Mutation)>)| {
        let (snapshot, bodies) = gateway.get(&gateways);
        let (name, body, validator) = body.get(bodies);
        let mut body = body.clone();
        for (place, mutation) in &mutations {
            mutate(&mut body, *place, mutation);
        }
        let faults = held_against(snapshot, name, &body);
        let fits = validator.is_valid(&body);
        if faults.is_empty() {
            taken.fetch_add(1, Ordering::Relaxed);
            let why: Vec<String> = validator
                .iter_errors(&body)
                .map(|e| format!("{} {e}", e.instance_path()))
                .collect();
            prop_assert!(
                fits,
                "{} takes {}, the schema does not: {:?}",
                name,
                body,
                why
            );
        } else if !is_beyond_schemas(&body)
            && faults
                .iter()
                .any(|keyword| !BEYOND_SCHEMAS.contains(&keyword.as_str()))
        {
            refused.fetch_add(1, Ordering::Relaxed);
            prop_assert!(
                !fits,
                "{} refuses {} for {:?}, the schema takes it",
                name,
                body,
                faults
            );
        }
        Ok(())
    };
    TestRunner::new(config).run(&strategy, agree).unwrap();
    let [taken, refused] = [taken.into_inner(), refused.into_inner()];
    assert!(
        taken > 300 && refused > 300,
        "{taken} taken, {refused} refused"
    );
}
