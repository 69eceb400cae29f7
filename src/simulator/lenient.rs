//! Reads JSON the way the upstream's Java stack evidently does: forgiving about the type of a scalar.
//!
//! - a repeated key: the last one wins;
//! - `"false"` is false, `"60"` is 60, 0 and 1 are booleans, a number is a text (official samples need the first
//!   two, facts 9.5; the rest is what Jackson does by default);
//! - `null` and an absent key are the same; so is `""` where a number or boolean is wanted;
//! - what cannot be read as its type is `JSON_CONVERSION_FAILED`.

use serde_json::{Map, Value};

use super::errors::{BAD_REQUEST, JSON_CONVERSION_FAILED, Rejection};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// The body as an object; an empty body is `CONF_BAD_REQUEST`.
pub(super) fn object(body: &[u8]) -> Result<Object, Rejection> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(BAD_REQUEST);
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(JSON_CONVERSION_FAILED),
    }
}

/// The object under `key`, if there is one.
pub(super) fn child<'a>(object: &'a Object, key: &str) -> Result<Option<&'a Object>, Rejection> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(child)) => Ok(Some(child)),
        Some(_) => Err(JSON_CONVERSION_FAILED),
    }
}

/// The array under `key`; empty if there is none.
pub(super) fn list<'a>(object: &'a Object, key: &str) -> Result<&'a [Value], Rejection> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(JSON_CONVERSION_FAILED),
    }
}

/// The text under `key`.
pub(super) fn text(object: &Object, key: &str) -> Result<Option<String>, Rejection> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Bool(boolean)) => Ok(Some(boolean.to_string())),
        Some(_) => Err(JSON_CONVERSION_FAILED),
    }
}

/// The text under `key`, where absent and empty mean the same.
pub(super) fn filled_text(object: &Object, key: &str) -> Result<Option<String>, Rejection> {
    Ok(text(object, key)?.filter(|text| !text.is_empty()))
}

/// The integer under `key`.
pub(super) fn integer(object: &Object, key: &str) -> Result<Option<i64>, Rejection> {
    object.get(key).map_or(Ok(None), integer_of)
}

/// One value as an integer; a fraction is cut off.
pub(super) fn integer_of(value: &Value) -> Result<Option<i64>, Rejection> {
    let read = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        _ => None,
    };
    read.map(Some).ok_or(JSON_CONVERSION_FAILED)
}

/// The whole part of a number small enough for a 32-bit integer: everything the API counts is.
fn whole(number: f64) -> Option<i64> {
    let bounded = number.abs() <= f64::from(i32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    bounded.then_some(number as i64)
}

/// The boolean under `key`.
pub(super) fn boolean(object: &Object, key: &str) -> Result<Option<bool>, Rejection> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(boolean)) => Ok(Some(*boolean)),
        Some(Value::Number(number)) if number.is_i64() => Ok(Some(number.as_i64() != Some(0))),
        Some(Value::String(text)) => match text.trim() {
            "" => Ok(None),
            "true" | "True" | "TRUE" => Ok(Some(true)),
            "false" | "False" | "FALSE" => Ok(Some(false)),
            _ => Err(JSON_CONVERSION_FAILED),
        },
        Some(_) => Err(JSON_CONVERSION_FAILED),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(value: Value) -> Object {
        Object::from_iter([("k".to_owned(), value)])
    }

    #[test]
    fn bodies() {
        assert_eq!(object(b" \r\n"), Err(BAD_REQUEST));
        for broken in ["{", "[]", "\"x\"", "{} {}", "{\"a\":01}", "\u{feff}{}"] {
            assert_eq!(
                object(broken.as_bytes()),
                Err(JSON_CONVERSION_FAILED),
                "{broken}"
            );
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err(JSON_CONVERSION_FAILED));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(object(deep.as_bytes()), Err(JSON_CONVERSION_FAILED));
    }

    #[test]
    fn the_last_of_a_repeated_key_wins() {
        let read = object(br#"{"length":30,"\u006cength":60}"#).unwrap();
        assert_eq!(integer(&read, "length"), Ok(Some(60)));
    }

    #[test]
    fn integers() {
        let cases = [
            ("number", json!(60), Ok(Some(60))),
            ("text", json!("60"), Ok(Some(60))),
            ("fraction", json!(60.9), Ok(Some(60))),
            ("null", Value::Null, Ok(None)),
            ("empty", json!(""), Ok(None)),
            ("boolean", json!(true), Err(JSON_CONVERSION_FAILED)),
            ("words", json!("sixty"), Err(JSON_CONVERSION_FAILED)),
            ("huge", json!(1e300), Err(JSON_CONVERSION_FAILED)),
            ("list", json!([60]), Err(JSON_CONVERSION_FAILED)),
        ];
        for (name, value, expected) in cases {
            assert_eq!(integer(&with(value), "k"), expected, "{name}");
        }
        assert_eq!(integer(&Object::new(), "k"), Ok(None));
    }

    #[test]
    fn booleans() {
        let cases = [
            ("boolean", json!(false), Ok(Some(false))),
            ("text", json!("false"), Ok(Some(false))),
            ("text true", json!("TRUE"), Ok(Some(true))),
            ("zero", json!(0), Ok(Some(false))),
            ("two", json!(2), Ok(Some(true))),
            ("empty", json!(""), Ok(None)),
            ("yes", json!("yes"), Err(JSON_CONVERSION_FAILED)),
            ("object", json!({}), Err(JSON_CONVERSION_FAILED)),
        ];
        for (name, value, expected) in cases {
            assert_eq!(boolean(&with(value), "k"), expected, "{name}");
        }
    }

    #[test]
    fn texts_and_children() {
        assert_eq!(text(&with(json!(56)), "k"), Ok(Some("56".to_owned())));
        assert_eq!(filled_text(&with(json!("")), "k"), Ok(None));
        assert_eq!(text(&with(json!([])), "k"), Err(JSON_CONVERSION_FAILED));
        assert_eq!(child(&with(json!(null)), "k"), Ok(None));
        assert_eq!(child(&with(json!("x")), "k"), Err(JSON_CONVERSION_FAILED));
        assert_eq!(list(&with(json!({})), "k"), Err(JSON_CONVERSION_FAILED));
    }
}
