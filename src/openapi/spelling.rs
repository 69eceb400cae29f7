//! How a value may be written: the contract wants one canonical spelling, and the gateway brings others to it before it looks.
//! A schema that only knew the first would call wrong what the gateway takes.
//!
//! The first alternative is always the canonical one; it is the one to write.

use serde_json::{Map, Value, json};

use super::digits;
use crate::contract::normalise::Coercion;

/// White space at the ends, as it is taken away.
const SPACE: &str = r"[\s\u0085]*";
/// A day, but for months being of different lengths.
const DAY: &str = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
/// A minute of a day.
const MINUTE: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
/// A point in time with its offset, in the spellings of RFC 3339 and ISO 8601 that are read.
const INSTANT: &str = r"(?:\+[0-9]{2})?[0-9]{4}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])[Tt ](?:[01][0-9]|2[0-3])(?::?[0-5][0-9](?::?[0-5][0-9](?:[.,][0-9]{1,9})?)?)?(?:[Zz]|[-+][0-2][0-9](?::?[0-5][0-9](?::?[0-5][0-9](?:[.,][0-9]{1,9})?)?)?)";
/// A number as JSON writes it.
const NUMBER: &str = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$";
/// A telephone number that says that it is international, whatever stands between its digits.
const INTERNATIONAL: &str =
    r"(?:\+|00)[ \u00a0\-.()\[\]]*[1-9](?:[ \u00a0\-.()\[\]]*[0-9]){6,14}[ \u00a0\-.()\[\]]*";
/// What makes such a number one that nobody can read: the digit that is dialled at home only.
const TRUNK_DIGIT: &str = r"\(0\)";

/// The keywords that say which values a scalar may have; all others tell about it.
const CONSTRAINTS: [&str; 10] = [
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "x-as-integer",
];

/// The schema of a scalar in all the spellings that are taken.
pub(super) fn of(schema: &Map<String, Value>, coercion: Coercion) -> Map<String, Value> {
    let (constraints, mut told): (Map<_, _>, Map<_, _>) = schema
        .iter()
        .filter(|(key, _)| *key != "$comment")
        .map(|(key, value)| (key.clone(), value.clone()))
        .partition(|(key, _)| CONSTRAINTS.contains(&key.as_str()));
    let mut spellings = spellings(schema, constraints, coercion == Coercion::Accept);
    match (spellings.pop(), spellings.is_empty()) {
        (Some(Value::Object(only)), true) => told.extend(only),
        (Some(last), _) => {
            spellings.push(last);
            told.insert("anyOf".to_owned(), spellings.into());
        }
        (None, _) => {}
    }
    told
}

/// Whether a keyword says which values there may be.
pub(super) fn is_constraint(key: &str) -> bool {
    CONSTRAINTS.contains(&key)
}

fn spellings(
    schema: &Map<String, Value>,
    mut constraints: Map<String, Value>,
    coerced: bool,
) -> Vec<Value> {
    let kind = schema.get("type").and_then(Value::as_str);
    let form = schema.get("x-normal-form").and_then(Value::as_str);
    let as_integer = constraints.remove("x-as-integer");
    match (kind, form) {
        (Some("integer"), _) if coerced => {
            let text = integer_text(&constraints);
            vec![constraints.into(), text]
        }
        (Some("number"), _) if coerced => {
            vec![
                constraints.into(),
                json!({ "type": "string", "pattern": NUMBER }),
            ]
        }
        (Some("boolean"), _) if coerced => {
            vec![
                constraints.into(),
                json!({ "type": "string", "enum": ["true", "false"] }),
            ]
        }
        (Some("string"), Some(form)) => {
            let mut all = texts(constraints, form);
            if let (true, Some(Value::Object(range))) = (coerced, as_integer) {
                let mut number = Map::from_iter([("type".to_owned(), "integer".into())]);
                number.extend(range);
                all.push(number.into());
            }
            all
        }
        _ => vec![constraints.into()],
    }
}

/// The texts of the integers that a schema takes.
fn integer_text(constraints: &Map<String, Value>) -> Value {
    let listed = constraints.get("enum").and_then(Value::as_array).cloned();
    let listed = listed.or_else(|| Some(vec![constraints.get("const")?.clone()]));
    if let Some(values) = listed {
        let texts: Vec<Value> = values.iter().map(|v| v.to_string().into()).collect();
        return json!({ "type": "string", "enum": texts });
    }
    let bound = |key: &str| constraints.get(key).and_then(Value::as_u64);
    let pattern = match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("^{}$", digits::between(least, most)),
        _ => "^(?:0|-?[1-9][0-9]*)$".to_owned(),
    };
    json!({ "type": "string", "pattern": pattern })
}

/// The canonical texts, and those that are brought to them.
fn texts(mut canonical: Map<String, Value>, form: &str) -> Vec<Value> {
    let padded = |inner: &str| format!("^{SPACE}{inner}{SPACE}$");
    let other: Vec<String> = match (form, canonical.get("format").and_then(Value::as_str)) {
        ("utc-minutes", _) => {
            let strict = format!("^(?:{DAY} {MINUTE})?$");
            canonical.insert("pattern".to_owned(), strict.into());
            vec![padded(&format!("(?:{DAY} {MINUTE}|{INSTANT})?"))]
        }
        (_, Some("calendar-date")) => {
            canonical.insert("format".to_owned(), "date".into());
            canonical.insert("pattern".to_owned(), format!("^{DAY}$").into());
            vec![padded(DAY)]
        }
        ("media-types", _) => vec![media_types()],
        _ => bounds(&canonical, &padded),
    };
    let mut all: Vec<Value> = Vec::new();
    let mut lenient = Map::from_iter([("type".to_owned(), Value::from("string"))]);
    match &other[..] {
        [] => {}
        [only] => {
            lenient.insert("pattern".to_owned(), only.as_str().into());
        }
        several => {
            let several = several.iter().map(|pattern| json!({ "pattern": pattern }));
            lenient.insert("allOf".to_owned(), several.collect());
        }
    }
    all.push(canonical.into());
    if !other.is_empty() {
        all.push(lenient.into());
    }
    if form == "phone" {
        all.push(json!({
            "type": "string",
            "pattern": padded(INTERNATIONAL),
            "not": { "pattern": TRUNK_DIGIT },
        }));
    }
    all
}

/// What holds of a text once the white space at its ends is gone, said of the text before.
fn bounds(canonical: &Map<String, Value>, padded: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut found = Vec::new();
    let listed = canonical.get("enum").and_then(Value::as_array).cloned();
    let listed = listed.or_else(|| Some(vec![canonical.get("const")?.clone()]));
    if let Some(values) = listed {
        let words = values.iter().filter_map(Value::as_str);
        let words: Vec<String> = words.map(regex::escape).collect();
        found.push(padded(&format!("(?:{})", words.join("|"))));
    }
    if let Some(pattern) = canonical.get("pattern").and_then(Value::as_str) {
        let inner = pattern.strip_prefix('^').unwrap_or(pattern);
        let inner = inner.strip_suffix('$').unwrap_or(inner);
        found.push(padded(&format!("(?:{inner})")));
    }
    if let Some(most) = canonical.get("maxLength").and_then(Value::as_u64) {
        let between = most.saturating_sub(2);
        found.push(padded(&format!(r"(?:\S(?:[\s\S]{{0,{between}}}\S)?)?")));
    }
    found
}

/// A list of media in any order, with spaces and empty parts.
fn media_types() -> String {
    let one = format!(
        "(?:{})",
        crate::contract::normal_form::MEDIA_TYPES.join("|")
    );
    format!(r"^(?:{SPACE},)*{SPACE}{one}{SPACE}(?:,{SPACE}(?:{one}{SPACE})?)*$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::normal_form::NormalForm;

    fn schema(schema: &Value, coercion: Coercion) -> Value {
        of(schema.as_object().unwrap(), coercion).into()
    }

    fn takes(schema: &Value, value: &Value) -> bool {
        jsonschema::options()
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(schema)
            .unwrap()
            .is_valid(value)
    }

    #[test]
    fn what_is_brought_to_a_right_spelling_is_right_and_nothing_else() {
        let text = |form: &str| json!({"type": "string", "maxLength": 4, "x-normal-form": form});
        let time =
            json!({"type": "string", "format": "utc-minutes", "x-normal-form": "utc-minutes"});
        let date = json!({"type": "string", "format": "calendar-date", "x-normal-form": "trim"});
        let media = json!({"type": "string", "x-normal-form": "media-types",
            "pattern": "^(Voice|Video|HDVideo|Telepresence|Data)(,(Voice|Video|HDVideo|Telepresence|Data))*$"});
        let zone = json!({"type": "string", "pattern": "^([1-9]|7[0-7])$", "x-normal-form": "decimal-text",
            "x-as-integer": {"minimum": 1, "maximum": 77}});
        let word = json!({"type": "string", "enum": ["Day", "We.k"], "x-normal-form": "trim"});
        let minutes = json!({"type": "integer", "minimum": 15, "maximum": 1440});
        let flag = json!({"type": "integer", "enum": [0, 1]});
        let truth = json!({"type": "boolean"});
        let factor = json!({"type": "number", "minimum": 1, "maximum": 10});
        #[rustfmt::skip]
        let cases = [
            (&minutes, json!(60), true, true), (&minutes, json!("60"), true, false), (&minutes, json!("14"), false, false),
            (&minutes, json!("060"), false, false), (&minutes, json!(5000), false, false),
            (&flag, json!("1"), true, false), (&flag, json!("2"), false, false), (&flag, json!(1), true, true),
            (&truth, json!("false"), true, false), (&truth, json!("no"), false, false), (&truth, json!(true), true, true),
            (&factor, json!("1.5"), true, false), (&factor, json!("x"), false, false),
            (&text("trim"), json!(" abcd\t"), true, true), (&text("trim"), json!("abcde"), false, false),
            (&text("trim"), json!("  "), true, true), (&text("trim"), json!("a b "), true, true),
            (&text("phone"), json!("+86 138-1234-5678"), true, true), (&text("phone"), json!("13812"), false, false),
            (&text("phone"), json!("+49 (0)30 12345678"), false, false), (&text("phone"), json!("+0493012345678"), false, false),
            (&time, json!(" 2026-09-01T08:30:00+08:00"), true, true), (&time, json!("2026-09-01 08:30"), true, true),
            (&time, json!(""), true, true), (&time, json!("2026-09-01T08:30"), false, false), (&time, json!(5), false, false),
            (&date, json!(" 2026-09-01 "), true, true), (&date, json!("2026-13-01"), false, false),
            (&media, json!(" Data , Voice,,"), true, true), (&media, json!(" , "), false, false),
            (&media, json!("Voice Data"), false, false),
            (&zone, json!(56), true, false), (&zone, json!(" 7"), true, true), (&zone, json!(78), false, false),
            (&word, json!(" Day "), true, true), (&word, json!("Week"), false, false), (&word, json!("We.k"), true, true),
        ];
        for (written, value, accepted, kept) in cases {
            assert_eq!(
                takes(&schema(written, Coercion::Accept), &value),
                accepted,
                "{written} {value}"
            );
            assert_eq!(
                takes(&schema(written, Coercion::Keep), &value),
                kept,
                "{written} {value} kept"
            );
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        /// Whatever is read as a time is a time to the schema, too.
        #[test]
        fn every_time_that_is_read_is_taken(
            text in r" ?(\+00)?20[0-9]{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9])[Tt ]([01][0-9]|2[0-3])(:?[0-5][0-9](:?00([.,]0{1,3})?)?)?([Zz]|[-+][0-2][0-9](:?[0-5][0-9](:?[0-5][0-9])?)?) ?"
        ) {
            let written = json!({"type": "string", "format": "utc-minutes", "x-normal-form": "utc-minutes"});
            if NormalForm::UtcMinutes.apply(&text).is_some_and(|canonical| canonical.len() == 16) {
                proptest::prop_assert!(takes(&schema(&written, Coercion::Accept), &text.as_str().into()), "{}", text);
            }
        }
    }
}
