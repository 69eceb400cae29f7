//! The public `JSONTestSuite` (`tests/data/JSONTestSuite`), asked of the strict parser.
//!
//! Bodies are objects, and many of the suite's texts are not: each is asked as it is, and as the value of a member. The suite takes
//! a name that occurs twice for valid JSON, as the grammar does, and a name with NUL in it; to the gateway these are the very things
//! that two parsers read differently. So three texts beginning with `y_` are refused, on purpose and by name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use meeting_gateway::contract::strict_json::{Limits, parse};
use meeting_gateway::model::json::Value;

/// The only texts beginning with `y_` that are refused, and why.
const REFUSED_ON_PURPOSE: [(&str, &str); 3] = [
    (
        "y_object_duplicated_key.json",
        "the name `a` occurs twice in one object",
    ),
    (
        "y_object_duplicated_key_and_value.json",
        "the name `a` occurs twice in one object",
    ),
    (
        "y_object_escaped_null_in_key.json",
        "a member's name contains NUL",
    ),
];

/// The texts of a kind by their file names, in order.
fn texts(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/JSONTestSuite/test_parsing");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
        if name.starts_with(kind) {
            found.push((name, fs::read(entry.unwrap().path()).unwrap()));
        }
    }
    found.sort();
    found
}

/// What the parser says of a whole body.
fn as_body(text: &[u8]) -> Result<Value, String> {
    let read = parse(text, Limits::default());
    read.map(|document| Value::Object(document.0))
        .map_err(|fault| fault.reason.into_owned())
}

/// What it says of a value in a body.
fn as_value(text: &[u8]) -> Result<Value, String> {
    let body = [b"{\"value\": ", text, b"}"].concat();
    as_body(&body).map(|mut body| body["value"].take())
}

#[test]
fn whatever_must_be_refused_is_refused() {
    let texts = texts("n_");
    assert_eq!(texts.len(), 188);
    for (name, text) in texts {
        assert!(as_body(&text).is_err(), "{name} as a body");
        assert!(as_value(&text).is_err(), "{name} as a value");
    }
}

#[test]
fn whatever_must_be_accepted_is_accepted_as_a_value() {
    let texts = texts("y_");
    assert_eq!(texts.len(), 95);
    let mut refused = Vec::new();
    for (name, text) in &texts {
        match as_value(text) {
            Ok(value) => {
                assert_eq!(
                    serde_json::from_slice::<Value>(text).unwrap(),
                    value,
                    "{name}"
                );
                let body = as_body(text);
                if value.is_object() {
                    assert_eq!(body, Ok(value), "{name}");
                } else {
                    let no_object = "the outermost value is not an object".to_owned();
                    assert_eq!(body, Err(no_object), "{name}");
                }
            }
            Err(why) => refused.push((name.as_str(), why)),
        }
    }
    let expected = REFUSED_ON_PURPOSE.map(|(name, why)| (name, why.to_owned()));
    assert_eq!(refused, expected);
}

#[test]
fn what_is_left_to_parsers_is_decided_as_written_down() {
    let texts = texts("i_");
    assert_eq!(texts.len(), 35);
    let mut table = String::new();
    for (name, text) in texts {
        let said = match as_value(&text) {
            Ok(value) => format!("accepted: {value}"),
            Err(why) => format!("refused: {why}"),
        };
        writeln!(table, "{name}: {said}").unwrap();
    }
    insta::assert_snapshot!(table);
}
