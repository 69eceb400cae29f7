//! The engine is the oracle, and of what is in order the strip and normalise steps: over bodies that mostly fit, and texts for every
//! parameter.

use proptest::prelude::*;

use super::*;
use crate::contract::ineffective::ineffective;
use crate::contract::normalise::{NormaliseSettings, normalise};
use crate::contract::schema::Schemas;
use crate::contract::shape::{Member, Shape};
use crate::contract::test_support::good;
use crate::contract::unknown_members::{Stripped, UnknownMembers, strip};
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::field::FieldType;
use crate::model::json::json;

const BODIES: [&str; 4] = [
    "scheduling-body.json",
    "series-body.json",
    "sub-meeting-body.json",
    "cancel-sub-meetings-body.json",
];

/// Texts that something takes, and such as nearly fit.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "***",
    "0",
    "1",
    "56",
    "77",
    "78",
    "056",
    "4711",
    "123",
    "12345678901234567",
    "HDVideo",
    "HDVideo,Data",
    "Voice,",
    "Day",
    "Week",
    "Month",
    "normal",
    "customnumber",
    "zh-CN",
    "en-US",
    "2026-09-01",
    "2026-09-30",
    "2027-09-01",
    "2027-09-02",
    "2028-02-29",
    "2026-02-29",
    "2026-09-01 08:30",
    "2026-09-01 24:00",
    "a@b.example",
    "a@b@c",
    "a b@c",
    "用@例.cn",
    "a\u{feff}@b.cn",
    "a\u{85}@b.cn",
    "+8613812345678",
    "+0123456789",
    "+861381234567890123",
    "1001",
    "sip:room@corp.example",
    "+99012345678901234",
    "a_b-1",
    "\u{661}",
];

fn pick<'a, T>(random: &mut fastrand::Rng, from: &'a [T]) -> Option<&'a T> {
    let at = random.usize(0..from.len().max(1));
    from.get(at)
}

#[expect(clippy::needless_pass_by_value, reason = "a literal")]
fn one_of(random: &mut fastrand::Rng, values: Value) -> Value {
    pick(random, values.as_array().unwrap()).unwrap().clone()
}

fn anything(random: &mut fastrand::Rng) -> Value {
    match random.u8(0..10) {
        0 => Value::Null,
        1 => random.bool().into(),
        2 => one_of(random, json!([1, 0, "***", 7, {}, "a_b"])),
        3 => one_of(
            random,
            json!([[], [0], [1, 3], [32], ["a_b"], ["***"], [{}], [null]]),
        ),
        4 => one_of(
            random,
            json!([{}, {"x": "***"}, {"phone": "1001"}, {"cycle": "Week"}]),
        ),
        5 => one_of(random, json!([1.0, 2.0, 1.5, 1e300, u64::MAX])),
        6 => random.i64(-2..100).into(),
        7 => "ä".repeat(random.usize(30..300)).into(),
        _ => TEXTS[random.usize(0..TEXTS.len())].into(),
    }
}

fn scalar(random: &mut fastrand::Rng, name: &str, member: &Member, kind: FieldType) -> Value {
    if let Some(value) = pick(random, &member.allowed) {
        return value.clone();
    }
    let texts: &[&str] = match name {
        "mediaTypes" => &["HDVideo,Data", "Voice", "Data,Voice"],
        "startDate" => &["2026-09-01", "2028-02-29", "9999-12-31"],
        "endDate" => &[
            "2026-09-01",
            "2026-09-30",
            "2027-09-01",
            "2027-09-02",
            "9999-12-31",
        ],
        "startTime" => &["2026-09-01 08:30", ""],
        "timeZoneID" => &["56", "1"],
        "guestPwd" => &["4711", ""],
        "phone" | "phone2" | "phone3" | "sms" => &["+8613812345678", "1001", "", "sip:a@b.example"],
        "email" => &["a@b.example", "", "用@例.cn"],
        "cycleSubConfID" | "cycleSubConfIDs" => &["a_b-1", "A"],
        _ => &["a", "", "x y", "é", " x"],
    };
    match kind {
        FieldType::Boolean => random.bool().into(),
        FieldType::String => texts[random.usize(0..texts.len())].into(),
        _ => {
            let (least, most) = (member.minimum.unwrap_or(0), member.maximum.unwrap_or(99));
            let near = [least - 1, least, least + 1, 3, most - 1, most, most + 1];
            let inside = [least, least + 1, most];
            let from = if random.u8(0..8) == 0 {
                &near[..]
            } else {
                &inside
            };
            from[random.usize(0..from.len())].into()
        }
    }
}

fn value(random: &mut fastrand::Rng, name: &str, member: &Member) -> Value {
    if random.u8(0..40) == 0 {
        return anything(random);
    }
    match (member.kind, &member.child, member.item) {
        (FieldType::Object, Some(child), _) => Value::Object(members(random, child, &[])),
        (FieldType::Array, child, item) => (0..random.usize(0..4))
            .map(|_| match child {
                Some(child) => Value::Object(members(random, child, &[])),
                None => scalar(random, name, member, item.unwrap_or(FieldType::Integer)),
            })
            .collect(),
        (kind, _, _) => scalar(random, name, member, kind),
    }
}

/// Some members, those that are required nearly always.
fn members(random: &mut fastrand::Rng, shape: &Shape, always: &[&str]) -> Object {
    let mut made = Object::new();
    for (name, member) in shape.members() {
        let is_needed = shape.requires(name) || always.contains(&name);
        let chance = if is_needed { 0..60 } else { 0..3 };
        if (random.u8(chance) == 0) != is_needed {
            made.insert(name.into(), value(random, name, member));
        }
    }
    if random.u8(0..30) == 0 {
        // Unknown, always taken out, like a known one.
        let names = [
            "colour", "vmrId", "Length", "confUUID", "subject ", "isMute",
        ];
        let name = pick(random, &names).unwrap();
        made.insert((*name).into(), anything(random));
    }
    made
}

/// Whether the check leaves something to the engine on purpose.
fn is_left_to_the_engine(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_none(),
        Value::String(text) => text == MASK,
        Value::Array(items) => items.iter().any(is_left_to_the_engine),
        Value::Object(members) => members.values().any(is_left_to_the_engine),
        _ => false,
    }
}

/// What the strip and the normalise step make of a body, and whether they had nothing to do.
fn tidied(body: &Object, shape: &Shape) -> (Object, bool) {
    let (mut document, mut changes) = (Document(body.clone()), Changes::default());
    let stripped = strip(&mut document, shape, UnknownMembers::Reject, &mut changes);
    let is_known = stripped == Stripped::default();
    let settings = NormaliseSettings::default();
    let has_effect = ineffective(&document, shape, 1).0.is_empty();
    normalise(&mut document, shape, settings, &mut changes);
    let is_tidy = is_known && has_effect && changes.all().is_empty();
    (document.0, is_tidy)
}

/// What check and engine say of a body made of a seed.
fn judged(
    schemas: &Schemas,
    file: &str,
    seeds: impl Iterator<Item = u64>,
) -> (usize, usize, usize) {
    let shape = Shape::compile(schemas, file).unwrap();
    let engine = schemas.validators().unwrap().at(file).unwrap();
    let check = TypedChecks::new(schemas).at(file).unwrap();
    let (mut passed, mut failed, mut ordered) = (0, 0, 0);
    for seed in seeds {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut body = members(&mut random, &shape, &[]);
        if random.bool() {
            body = tidied(&body, &shape).0;
        }
        let passes = check.members_pass(&body);
        let in_order = check.members_are_in_order(&body);
        let is_tidy = tidied(&body, &shape).1;
        assert_eq!(in_order, passes && is_tidy, "{file}: {body:?}");
        let body = Value::Object(body);
        let fits = engine.is_valid(&serde_json::Value::from(&body));
        assert!(fits || !passes, "{file}: passes and does not fit: {body}");
        assert!(
            passes || !fits || is_left_to_the_engine(&body),
            "{file}: fits and does not pass: {body}"
        );
        ordered += usize::from(in_order);
        if passes {
            passed += 1;
            assert!(!may_mask(&body), "{body}");
        } else {
            failed += 1;
        }
    }
    (passed, failed, ordered)
}

#[test]
fn bodies_pass_where_the_engine_passes_them_and_nowhere_else() {
    let schemas = Schemas::builtin().unwrap();
    let start = fastrand::u64(..u64::MAX / 2);
    for file in BODIES {
        let (passed, failed, ordered) = judged(&schemas, file, start..start + 2500);
        let untidy = passed - ordered;
        assert!(
            failed > 40 && ordered > 20 && untidy > 20,
            "{file}: {failed} {ordered} {untidy}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn texts_pass_where_the_engine_passes_them_and_nowhere_else(
        text in "\\PC{0,24}|[ -~]{0,24}|[+0-9 ().*#@a-z:-]{0,24}|[a-z]{1,5}@[a-z.A-Z é\u{a0}]{1,9}"
    ) {
        static KNOWN: std::sync::LazyLock<Vec<(Arc<jsonschema::Validator>, Arc<TypedCheck>)>> = std::sync::LazyLock::new(|| {
            let schemas = Schemas::builtin().unwrap();
            let (mut validators, mut checks) = (schemas.validators().unwrap(), TypedChecks::new(&schemas));
            let of = ["attendee.json", "scheduling-body.json", "conf-config-info.json", "cycle-params.json"];
            let mut at = Vec::new();
            for file in of {
                let shape = Shape::compile(&schemas, file).unwrap();
                at.extend(shape.members().map(|(name, _)| format!("{file}#/properties/{name}")));
            }
            let query = schemas.resolve("", "query.json#/$defs").unwrap().0.as_object().unwrap();
            at.extend(query.keys().map(|name| format!("query.json#/$defs/{name}")));
            at.iter().map(|at| (validators.at(at).unwrap(), checks.at(at).unwrap())).collect()
        });
        let long = "ä".repeat(text.chars().count() * 11);
        for sample in TEXTS.into_iter().chain([&*text, &*long]) {
            let value = serde_json::Value::from(sample);
            for (engine, check) in KNOWN.iter() {
                let expected = engine.is_valid(&value) && sample != MASK;
                prop_assert_eq!(check.text_passes(sample), expected, "{}: {:?}", sample, check);
            }
        }
    }
}

#[test]
fn everything_that_is_governed_has_a_check() {
    let contract = crate::contract::test_support::contract();
    for operation in contract.operations() {
        if let Some(body) = contract.body(operation) {
            assert!(body.has_typed_check(), "{}", operation.name);
        }
    }
    let schemas = Schemas::builtin().unwrap();
    for file in BODIES {
        assert!(TypedChecks::new(&schemas).at(file).is_some(), "{file}");
    }
}

#[test]
fn what_a_schema_names_and_does_not_describe_is_not_in_order() {
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["x"]});
    let schemas = Schemas::of_one("one.json", schema.into());
    let check = TypedChecks::new(&schemas).at("one.json").unwrap();
    let body = json!({"a": "", "x": 1});
    let body = body.as_object().unwrap();
    assert!(check.members_pass(body) && !check.members_are_in_order(body));
}

#[test]
fn a_keyword_that_is_not_known_leaves_the_schema_to_the_engine() {
    for schema in [
        json!({"type": "string", "minLength": 1}),
        json!({"type": ["string", "null"]}),
        json!({"enum": [1.5]}),
        json!({"properties": {"a": {"not": {}}}}),
        json!({"if": {"required": ["a", "b"], "properties": {"a": {}}}, "then": {}}),
        json!({"allOf": [{"items": {"uniqueItems": true}}]}),
        json!({"format": "date"}),
    ] {
        let schemas = Schemas::of_one("one.json", schema.clone().into());
        assert!(
            TypedChecks::new(&schemas).at("one.json").is_none(),
            "{schema}"
        );
    }
}

#[test]
fn a_mask_does_not_pass_anywhere() {
    let schemas = Schemas::builtin().unwrap();
    let check = TypedChecks::new(&schemas).at("series-body.json").unwrap();
    let passes = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        check.members_pass(body.as_object().unwrap())
    };
    assert!(passes("subject", json!("**")) && passes("colour", json!([{"x": "**"}])));
    assert!(!passes("subject", json!("***")) && !passes("colour", json!([{"x": "***"}])));
    assert!(!passes("attendees", json!([{"phone": "***"}])));
}
