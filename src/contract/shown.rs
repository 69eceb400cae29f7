//! The caller's values, made safe to show: shortened, and masked where the member is sensitive.

use crate::model::change::of_path;
use crate::model::json::Value;
use crate::model::sensitive::{MASK, Sensitivity};

/// Characters of a value that are shown.
const SHOWN: usize = 64;

/// The first 64 characters of a text.
pub(super) fn short_text(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value for a finding: `5000`, `"30"`, `null`, `an array`; `***` where the pointer ends in a sensitive member.
pub(super) fn got(pointer: &str, value: &Value) -> String {
    if of_path(pointer) != Sensitivity::Public {
        return MASK.to_owned();
    }
    match value {
        Value::String(text) => Value::from(short_text(text)).to_string(),
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        other => other.to_string(),
    }
}

/// What a value is, without showing it.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Null => "null",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn values_are_short_and_sensitive_ones_masked() {
        let cases = [
            ("/length", json!(5000), "5000"),
            ("/length", json!("30"), "\"30\""),
            ("/subject", json!(null), "null"),
            ("/subject", json!({"password": "x"}), "an object"),
            ("/confConfigInfo/guestPwd", json!("abc"), "***"),
            ("/attendees/0/phone", json!([1]), "***"),
        ];
        for (pointer, value, expected) in cases {
            assert_eq!(got(pointer, &value), expected, "{pointer}");
        }
        let long = got("/subject", &json!("会".repeat(200)));
        assert_eq!(long.chars().count(), 64 + 3);
    }
}
