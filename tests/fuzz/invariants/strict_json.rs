//! Any bytes as a body, read by the gateway and by a second parser.
//!
//! What the second one refuses, the gateway refuses. What it accepts, the gateway accepts, with these exceptions and no others:
//! the outermost value is no object; there is a byte order mark; a name occurs twice in one object or contains NUL; it is nested
//! deeper or holds more values than the limits allow; a whole number fits no integer type, or a number no double. What both
//! accept has the same value for both, in the same order, and keeps it when the gateway writes it and reads it again. A fault
//! names a place in the text and shows no value.

use meeting_gateway::contract::strict_json::{JsonFault, Limits, parse};
use serde_json::Value;

use super::second_parser::{self, Read};

/// Less than the default, so that small inputs can reach the bounds.
const LIMITS: Limits = Limits {
    depth: 8,
    values: 64,
};
/// The longest text of a fault, in characters: a sentence, and a name of which 64 and an ellipsis are shown.
const LONGEST_REASON: usize = 110;

/// See above.
pub fn holds(data: &[u8]) {
    let ours = parse(data, LIMITS);
    match (&ours, second_parser::read(data)) {
        (Ok(document), None) => panic!("accepted what is no JSON: {document:?}"),
        (Ok(document), Some(read)) => {
            assert_eq!(
                refused_on_purpose(data, &read),
                None,
                "accepted all the same"
            );
            let value = Value::from(&document.0);
            same(&value, &read.value);
            written_and_read_again(&value);
        }
        (Err(fault), Some(read)) => {
            let purpose = refused_on_purpose(data, &read);
            assert!(purpose.is_some(), "refused for no reason: {fault}");
            is_presentable(fault, data);
        }
        (Err(fault), None) => is_presentable(fault, data),
    }
}

/// Why the gateway refuses what is JSON.
fn refused_on_purpose(data: &[u8], read: &Read) -> Option<&'static str> {
    [
        (data.starts_with(b"\xef\xbb\xbf"), "byte order mark"),
        (!read.value.is_object(), "no object"),
        (read.duplicates, "a name twice"),
        (read.nul_in_name, "NUL in a name"),
        (read.depth > LIMITS.depth, "depth"),
        // The outermost one is not counted.
        (read.values - 1 > LIMITS.values, "values"),
        (read.beyond_64_bits, "a whole number beyond 64 bits"),
        (read.beyond_double, "a number beyond all doubles"),
    ]
    .into_iter()
    .find_map(|(is_so, what)| is_so.then_some(what))
}

/// Equality of JSON values, in the order of members, and of doubles to the last bit.
fn same(ours: &Value, other: &Value) {
    match (ours, other) {
        (Value::Object(ours), Value::Object(others)) => {
            assert!(ours.keys().eq(others.keys()), "{ours:?} and {others:?}");
            for (mine, other) in ours.values().zip(others.values()) {
                same(mine, other);
            }
        }
        (Value::Array(ours), Value::Array(others)) => {
            assert_eq!(ours.len(), others.len());
            for (mine, other) in ours.iter().zip(others) {
                same(mine, other);
            }
        }
        (Value::Number(mine), Value::Number(other)) => {
            assert_eq!(mine, other);
            assert_eq!(mine.to_string(), other.to_string());
            let bits = |number: &serde_json::Number| number.as_f64().map(f64::to_bits);
            assert_eq!(bits(mine), bits(other));
        }
        (mine, other) => assert_eq!(mine, other),
    }
}

fn written_and_read_again(value: &Value) {
    let written = serde_json::to_vec(value).expect("a document can be written");
    let again = parse(&written, LIMITS).expect("what the gateway writes is strict JSON");
    let again = Value::from(&again.0);
    same(&again, value);
    let second = second_parser::read(&written).expect("what the gateway writes is JSON");
    same(&second.value, value);
    assert_eq!(serde_json::to_vec(&again).ok(), Some(written));
}

fn is_presentable(fault: &JsonFault, data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').count();
    assert!((1..=lines).contains(&fault.line), "{fault:?}");
    assert!(fault.column <= data.len() + 1, "{fault:?}");
    assert!(fault.reason.chars().count() <= LONGEST_REASON, "{fault:?}");
    assert!(!fault.reason.chars().any(char::is_control), "{fault:?}");
}
