//! What one field asks of another, and that the normalise step agrees with it.

use super::{body, findings, with};
use crate::contract::normalise::{NormaliseSettings, normalise};
use crate::contract::shape::Shape;
use crate::contract::test_support::document;
use crate::model::field::FieldType;
use crate::model::json::{Value, json};
use crate::model::pointer;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn fields_depend_on_one_another() {
    let cycle = |members: Value| {
        let mut cycle = json!({"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Day"});
        for (name, value) in members.as_object().unwrap() {
            cycle[name] = value.clone();
        }
        json!({"mediaTypes": "Voice", "cycleParams": cycle})
    };
    let person = |person: Value| with("/attendees", json!([person]));
    let cases = [
        ("daily, every 15", cycle(json!({"interval": 15})), None),
        (
            "weekly, every 5",
            cycle(json!({"cycle": "Week", "interval": 5, "point": [0]})),
            None,
        ),
        (
            "weekly, every 6",
            cycle(json!({"cycle": "Week", "interval": 6, "point": [0]})),
            Some(("/cycleParams/interval", "1 to 5")),
        ),
        (
            "weekly, every 20",
            cycle(json!({"cycle": "Week", "interval": 20, "point": [0]})),
            Some(("/cycleParams/interval", "1 to 5")),
        ),
        (
            "monthly, every 3",
            cycle(json!({"cycle": "Month", "interval": 3, "point": [31]})),
            None,
        ),
        (
            "monthly, every 4",
            cycle(json!({"cycle": "Month", "interval": 4, "point": [31]})),
            Some(("/cycleParams/interval", "1 to 3")),
        ),
        (
            "weekly without days",
            cycle(json!({"cycle": "Week"})),
            Some(("/cycleParams/point", "a list")),
        ),
        (
            "monthly without days",
            cycle(json!({"cycle": "Month"})),
            Some(("/cycleParams/point", "a list")),
        ),
        (
            "weekday 7",
            cycle(json!({"cycle": "Week", "point": [1, 7]})),
            Some(("/cycleParams/point/1", "0 to 6")),
        ),
        (
            "eight weekdays",
            cycle(json!({"cycle": "Week", "point": [0, 1, 2, 3, 4, 5, 6, 0]})),
            Some(("/cycleParams/point", "a list of at most 7 items")),
        ),
        (
            "day 0 of the month",
            cycle(json!({"cycle": "Month", "point": [0]})),
            Some(("/cycleParams/point/0", "1 to 31")),
        ),
        (
            "backwards",
            cycle(json!({"endDate": "2026-08-31"})),
            Some(("/cycleParams/endDate", "on or after `startDate`")),
        ),
        ("a year", cycle(json!({"endDate": "2027-09-01"})), None),
        (
            "a year and a day",
            cycle(json!({"endDate": "2027-09-02"})),
            Some(("/cycleParams/endDate", "at most one year after `startDate`")),
        ),
        (
            "no cycleParams",
            json!({"mediaTypes": "Voice"}),
            Some(("/cycleParams", "an object")),
        ),
        (
            "room without id",
            with("/vmrFlag", json!(1)),
            Some(("/vmrID", "the id of a room, of at most 128 characters")),
        ),
        (
            "room with an empty id",
            {
                let mut body = with("/vmrFlag", json!(1));
                body["vmrID"] = json!("");
                body
            },
            Some(("/vmrID", "the id of a room, of at most 128 characters")),
        ),
        ("no room, and an empty id", with("/vmrID", json!("")), None),
        (
            "site of no kind",
            person(json!({"uniqueType": 1})),
            Some((
                "/attendees/0/type",
                "normal, terminal, outside, mobile, ideahub, board, hwvision, customnumber, telepresence or telephone",
            )),
        ),
        (
            "site of another kind",
            person(json!({"uniqueType": 1, "type": "normal"})),
            Some(("/attendees/0/type", "customnumber")),
        ),
        (
            "site",
            person(json!({"uniqueType": 1, "type": "customnumber"})),
            None,
        ),
        (
            "live without address passes",
            with("/recordType", json!(1)),
            None,
        ),
    ];
    for (name, sent, expected) in cases {
        let found = findings(sent);
        let got: Vec<_> = found
            .iter()
            .map(|finding| {
                (
                    finding.pointer.as_str(),
                    finding.expected.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(got, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

/// Taking out what has no effect must never make a body wrong, and what a condition asks for must have an effect.
#[test]
fn effective_when_and_the_conditions_agree() {
    fn walk(shape: &Shape, at: &str, checked: &mut usize) {
        for (name, member, condition) in shape.conditional() {
            let sibling = shape.member(&condition.member).unwrap();
            assert!(
                !sibling.allowed.is_empty(),
                "{name}: needs a sibling with listed values"
            );
            for value in &condition.values {
                assert!(
                    sibling.allowed.contains(value),
                    "{name}: {value} is no value of {}",
                    condition.member
                );
            }
            let sample = match (member.kind, member.allowed.first()) {
                (_, Some(first)) => first.clone(),
                (FieldType::Array, _) => json!([1]),
                _ => json!("x"),
            };
            for value in &sibling.allowed {
                let mut sent = document(with(&format!("{at}/{}", condition.member), value.clone()));
                let path: Vec<Box<str>> = pointer::tokens(&format!("{at}/{name}"))
                    .unwrap()
                    .into_iter()
                    .map(String::into_boxed_str)
                    .collect();
                sent.remove(&path);
                let needed = !body().violations(&mut sent, 9).0.is_empty();
                sent.put(&path, sample.clone()).unwrap();
                normalise(
                    &mut sent,
                    body().shape(),
                    NormaliseSettings::default(),
                    &mut crate::model::changes::Changes::default(),
                );
                let kept = sent.get(&path).is_some();
                assert_eq!(kept, condition.values.contains(value), "{name} at {value}");
                assert!(
                    kept || !needed,
                    "{name} is needed at {value}, and taken out"
                );
                assert_eq!(body().violations(&mut sent, 9).0, [], "{name} at {value}");
                *checked += 1;
            }
        }
        for (name, member) in shape.members() {
            if let (FieldType::Object, Some(child)) = (member.kind, &member.child) {
                walk(child, &format!("{at}/{name}"), checked);
            }
        }
    }
    let mut checked = 0;
    walk(body().shape(), "", &mut checked);
    assert_eq!(
        checked,
        5 * 4 + 3,
        "five recording members at four values, point at three"
    );
}
