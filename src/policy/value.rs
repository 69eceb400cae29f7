//! How values are compared and shown. `1` and `1.0` are the same number here, as they are upstream: a rule that refuses
//! `2` must not be passed by `2.0`.

use std::cmp::Ordering;

use crate::model::change::{mask_within, of_path};
use crate::model::json::Value;
use crate::model::sensitive::{MASK, Sensitivity};

/// Characters of a value that a finding shows.
const SHOWN: usize = 64;

/// Whether two values are the same.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    left == right
        || (left.is_number()
            && right
                .as_i64()
                .is_some_and(|n| compare(left, n) == Some(Ordering::Equal)))
        || (right.is_number()
            && left
                .as_i64()
                .is_some_and(|n| compare(right, n) == Some(Ordering::Equal)))
}

/// How a value compares to a whole number; `None` where it is no number.
#[expect(
    clippy::cast_precision_loss,
    reason = "only for fractions and numbers beyond 64 bits, where a bound is far away"
)]
pub(super) fn compare(value: &Value, bound: i64) -> Option<Ordering> {
    if let Some(number) = value.as_i64() {
        return Some(number.cmp(&bound));
    }
    if value.is_u64() {
        return Some(Ordering::Greater);
    }
    value.as_f64()?.partial_cmp(&(bound as f64))
}

/// What is really there: null counts as absent.
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

/// A value as text for a person: shortened, and masked where the field or a member of it is sensitive.
pub(super) fn shown(pointer: &str, value: &Value) -> String {
    if of_path(pointer) != Sensitivity::Public {
        return MASK.to_owned();
    }
    let text = match value {
        Value::Array(items) => return format!("a list of {}", items.len()),
        Value::Object(_) => mask_within(value.clone()).to_string(),
        single => single.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn numbers_are_compared_by_value() {
        for (name, value, bound, expected) in [
            ("equal", json!(2), 2, Some(Ordering::Equal)),
            ("equal with a point", json!(2.0), 2, Some(Ordering::Equal)),
            (
                "a fraction above",
                json!(120.5),
                120,
                Some(Ordering::Greater),
            ),
            (
                "beyond 63 bits",
                json!(u64::MAX),
                i64::MAX,
                Some(Ordering::Greater),
            ),
            ("huge", json!(1e300), 120, Some(Ordering::Greater)),
            ("hugely negative", json!(-1e300), 120, Some(Ordering::Less)),
            ("no number", json!("2"), 2, None),
        ] {
            assert_eq!(compare(&value, bound), expected, "{name}");
        }
        assert!(same(&json!(2.0), &json!(2)) && same(&json!(2), &json!(2.0)));
        assert!(!same(&json!("2"), &json!(2)) && !same(&json!(true), &json!(1)));
    }

    #[test]
    fn what_is_shown_is_short_and_masked() {
        assert_eq!(shown("/confConfigInfo/guestPwd", &json!("123456")), "***");
        assert_eq!(shown("/attendees/0/email", &json!("a@b.c")), "***");
        assert_eq!(
            shown("/attendees/0", &json!({"phone": "1"})),
            r#"{"phone":"***"}"#
        );
        assert_eq!(
            shown("/subject", &json!("é".repeat(500))).chars().count(),
            SHOWN + 1
        );
    }
}
