//! Random meetings, random partial changes: whatever a change does not name is as it was.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::*;

/// Settings that a meeting is made with, and that a change may name.
fn settings() -> impl Strategy<Value = Map<String, Value>> {
    let texts = (
        select(vec!["", "Board", "Weekly — 周会"]),
        select(vec!["Voice", "HDVideo", "Video", "Voice,HDVideo,Data"]),
        select(vec!["zh-CN", "en-US"]),
        1..=77_u32,
    );
    let numbers = (
        15..=1440_u32,
        0..=3_u32,
        0..=1_u32,
        0..=2_u32,
        0..=500_u32,
        any::<bool>(),
    );
    let config = (
        proptest::collection::vec(any::<bool>(), 9),
        select(vec![0, 2, 3]),
        0..=60_u32,
        "[0-9]{4,16}",
    );
    let attendees = proptest::collection::vec((0..1000_u32, 0..=1_u32, any::<bool>()), 0..45);
    let minute = (0..24_u32, 0..60_u32);
    (texts, numbers, config, attendees, minute).prop_map(|(texts, numbers, config, attendees, (hour, minute))| {
        const SWITCHES: [&str; 9] = ["isSendNotify", "isSendSms", "isSendCalendar", "isAutoMute", "isHardTerminalAutoMute",
            "allowGuestStartConf", "enableWaitingRoom", "isHostCameraOn", "isGuestCameraOn"];
        let (subject, media, language, zone) = texts;
        let (length, record, auto, who, most, interpreted) = numbers;
        let (switches, restriction, prolong, password) = config;
        let mut info: Map<String, Value> = SWITCHES.iter().zip(switches).map(|(name, is)| ((*name).to_owned(), json!(is))).collect();
        info.insert("callInRestriction".to_owned(), json!(restriction));
        info.insert("prolongLength".to_owned(), json!(prolong));
        info.insert("guestPwd".to_owned(), json!(password));
        let attendees: Vec<_> = attendees.into_iter().map(|(n, role, person)| {
            if person {
                json!({"name": format!("P{n}"), "accountId": format!("p{n}@corp"), "email": format!("p{n}@corp.example"), "role": role})
            } else {
                json!({"name": format!("R{n}"), "phone": format!("+86138{n:08}"), "type": "terminal", "role": role, "isAutoInvite": 1})
            }
        }).collect();
        let body = json!({
            "startTime": format!("2026-09-10 {hour:02}:{minute:02}"), "length": length, "subject": subject, "mediaTypes": media,
            "language": language, "timeZoneID": zone.to_string(), "recordType": record, "isAutoRecord": auto, "recordAuthType": who,
            "recordAuxStream": auto, "liveAddress": "rtmp://live.example/a", "auxAddress": "rtmp://live.example/b",
            "concurrentParticipants": most, "supportSimultaneousInterpretation": interpreted, "attendees": attendees,
            "confConfigInfo": info,
        });
        body.as_object().cloned().unwrap()
    })
}

fn cycle() -> impl Strategy<Value = Value> {
    let dates = (10..20_u32, 20..=30_u32);
    let pattern = prop_oneof![
        (1..=15_u32).prop_map(|interval| json!({"cycle": "Day", "interval": interval})),
        (1..=5_u32, subsequence(vec![0, 1, 2, 3, 4, 5, 6], 1..7)).prop_map(
            |(interval, point)| json!({"cycle": "Week", "interval": interval, "point": point})
        ),
        (
            1..=2_u32,
            subsequence((10..=20).collect::<Vec<u32>>(), 1..5)
        )
            .prop_map(
                |(interval, point)| json!({"cycle": "Month", "interval": interval, "point": point})
            ),
    ];
    (dates, pattern, 0..=30_u32).prop_map(|((first, last), mut pattern, days)| {
        pattern["startDate"] = json!(format!("2026-09-{first}"));
        pattern["endDate"] = json!(format!("2026-11-{last}"));
        pattern["preRemindDays"] = json!(days);
        pattern
    })
}

/// A body, of which some members, and some of those within, are named.
fn partial(whole: &Map<String, Value>, named: &[bool]) -> Map<String, Value> {
    let mut named = named.iter().copied().cycle();
    let mut part = Map::new();
    for (name, value) in whole {
        if !named.next().unwrap_or_default() {
            continue;
        }
        let value = match value {
            Value::Object(inner) if name == "confConfigInfo" => {
                let inner = inner.iter().filter(|_| named.next().unwrap_or_default());
                Value::Object(
                    inner
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect(),
                )
            }
            other => other.clone(),
        };
        part.insert(name.clone(), value);
    }
    part
}

/// What must be as it was: what is not named, and has an effect beside what is.
fn kept(
    before: &Value,
    after: &Value,
    change: &Map<String, Value>,
    is_series: bool,
) -> Result<(), TestCaseError> {
    let records = |kinds: [u64; 2]| {
        after["recordType"]
            .as_u64()
            .is_some_and(|kind| kinds.contains(&kind))
    };
    for (name, was) in before.as_object().unwrap() {
        let is = &after[name];
        let idle = match name.as_str() {
            "isAutoRecord" | "recordAuthType" | "recordAuxStream" => !records([2, 3]),
            "liveAddress" | "auxAddress" => !records([1, 3]),
            _ => false,
        };
        if idle || name == "encryptMode" || change.contains_key(name) && name != "confConfigInfo" {
            continue;
        }
        match name.as_str() {
            "confConfigInfo" => {
                for (name, was) in was.as_object().unwrap() {
                    if change
                        .get("confConfigInfo")
                        .is_none_or(|info| info.get(name).is_none())
                    {
                        prop_assert_eq!(&is[name], was, "confConfigInfo.{}", name);
                    }
                }
            }
            "attendees" => {
                let plain = |all: &Value| -> Vec<Value> {
                    let mut all = all.as_array().unwrap().clone();
                    for one in &mut all {
                        let type_of = one["type"].as_str().unwrap_or("normal").to_owned();
                        one["type"] = json!(type_of);
                    }
                    all
                };
                prop_assert_eq!(plain(is), plain(was));
            }
            // Of a series only the time of day counts.
            "startTime" if is_series => {
                prop_assert_eq!(&is.as_str().unwrap()[11..], &was.as_str().unwrap()[11..]);
            }
            "mediaTypes" => {
                let set = |list: &Value| {
                    let mut all: Vec<_> = list
                        .as_str()
                        .unwrap()
                        .split(',')
                        .map(str::to_owned)
                        .collect();
                    all.sort();
                    all
                };
                prop_assert_eq!(set(is), set(was));
            }
            // An empty one is none.
            "subject" if was == "" => prop_assert!(is.is_null() || is == ""),
            _ => prop_assert_eq!(is, was, "{}", name),
        }
    }
    Ok(())
}

#[test]
fn whatever_a_change_does_not_name_is_as_it_was() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let gateway = merging();
    let config = ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let changed_for_real = Cell::new(0);
    proptest!(config, |(first in settings(), second in settings(), cycle in proptest::option::of(cycle()),
        named in proptest::collection::vec(any::<bool>(), 30), other_door in any::<bool>())| {
        let mut first = first;
        let is_series = cycle.is_some();
        if let Some(cycle) = cycle {
            first.insert("cycleParams".to_owned(), cycle);
        }
        let change = partial(&second, &named);
        let door = if is_series { SERIES } else { CONFERENCES };
        let by = if other_door { CONFERENCES } else { door };
        runtime.block_on(async {
            let id = made(&gateway, door, &Value::Object(first)).await;
            let before = held(&gateway, &id);
            let password = gateway.simulator.meeting(&id).unwrap().secrets()[1].to_owned();
            let reply = changed(&gateway, by, &id, &Value::Object(change.clone())).await;
            prop_assert_eq!(reply.status, 200, "{:?}", reply);
            let after = held(&gateway, &id);
            kept(&before, &after, &change, is_series)?;
            if change.get("confConfigInfo").is_none_or(|info| info.get("guestPwd").is_none()) {
                let now = gateway.simulator.meeting(&id).unwrap().secrets()[1].to_owned();
                prop_assert_eq!(now, password);
            }
            changed_for_real.set(changed_for_real.get() + usize::from(before != after));
            Ok(())
        })?;
    });
    assert!(changed_for_real.get() > 40, "{changed_for_real:?}");
}
