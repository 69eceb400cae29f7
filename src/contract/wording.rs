//! The words in which the contract speaks to people: what a right value is, and where a wrong one stands.

use std::fmt::Write as _;

use super::shape::Member;
use crate::model::field::FieldType;
use crate::model::json::Value;
use crate::model::pointer;

/// What a right value is: short for a table, and as the end of "it must be ...".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) short: String,
    pub(super) phrase: String,
}

impl Right {
    fn same(text: impl Into<String>) -> Self {
        let short = text.into();
        Self {
            phrase: short.clone(),
            short,
        }
    }
}

/// The bounds that a value failed; where a condition makes them narrower, narrower than the member's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
}

/// A right value of a member, or of its items.
pub(super) fn right(member: &Member, of_item: bool, bounds: Bounds) -> Right {
    let kind = match member.item {
        Some(item) if of_item => item,
        _ => member.kind,
    };
    if let Some(expected) = &member.expected {
        return Right::same(&**expected);
    }
    if !member.allowed.is_empty() {
        return Right::same(either(&member.allowed));
    }
    match kind {
        FieldType::Boolean => Right::same("true or false"),
        FieldType::Integer => number("a whole number", member, bounds),
        FieldType::Number => number("a number", member, bounds),
        FieldType::String => Right::same(match member.max_length {
            Some(most) => format!("a text of at most {most} characters"),
            None => "a text".to_owned(),
        }),
        FieldType::Array => Right::same("a list"),
        FieldType::Object => Right::same("an object"),
    }
}

fn number(what: &str, member: &Member, bounds: Bounds) -> Right {
    let mut phrase = what.to_owned();
    if let Some(unit) = &member.unit {
        let _ = write!(phrase, " of {unit}");
    }
    let minimum = bounds.minimum.max(member.minimum);
    let maximum = match (bounds.maximum, member.maximum) {
        (Some(narrow), Some(wide)) => Some(narrow.min(wide)),
        (narrow, wide) => narrow.or(wide),
    };
    let short = match (minimum, maximum) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("{most} or less"),
        (None, None) => return Right::same(phrase),
    };
    let from = if minimum.is_some() && maximum.is_some() {
        " from "
    } else {
        ", "
    };
    phrase.push_str(from);
    phrase.push_str(&short);
    Right { short, phrase }
}

/// `0, 1 or 2`.
pub(super) fn either(values: &[Value]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            let last = index + 1 == values.len();
            text.push_str(if last { " or " } else { ", " });
        }
        match value {
            Value::String(word) => text.push_str(word),
            other => {
                let _ = write!(text, "{other}");
            }
        }
    }
    text
}

/// A pointer as people write it: `attendees[3].role`.
pub(super) fn dotted(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for token in pointer::tokens(path).unwrap_or_default() {
        if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) {
            let _ = write!(text, "[{token}]");
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&token);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::test_support::shape;
    use crate::model::json::json;

    #[test]
    fn lists_and_places_read_naturally() {
        assert_eq!(either(&[json!(0), json!(2), json!(3)]), "0, 2 or 3");
        assert_eq!(either(&[json!("zh-CN"), json!("en-US")]), "zh-CN or en-US");
        assert_eq!(either(&[json!(1)]), "1");
        assert_eq!(dotted("/attendees/3/role"), "attendees[3].role");
    }

    #[test]
    fn what_is_right_follows_from_the_contract() {
        let shape = shape();
        let phrase = |pointer: &str, of_item, maximum| {
            let bounds = Bounds {
                maximum,
                ..Bounds::default()
            };
            right(shape.at(pointer).unwrap(), of_item, bounds).phrase
        };
        let cases = [
            (
                "/length",
                false,
                None,
                "a whole number of minutes from 15 to 1440",
            ),
            (
                "/cycleParams/interval",
                false,
                Some(5),
                "a whole number from 1 to 5",
            ),
            ("/cycleParams/point", false, None, "a list"),
            (
                "/cycleParams/point",
                true,
                Some(6),
                "a whole number from 0 to 6",
            ),
            ("/encryptMode", false, None, "0, 1 or 2"),
            ("/subject", false, None, "a text of at most 128 characters"),
            ("/confConfigInfo/isSendSms", false, None, "true or false"),
            ("/confConfigInfo", false, None, "an object"),
        ];
        for (pointer, of_item, maximum, expected) in cases {
            assert_eq!(phrase(pointer, of_item, maximum), expected, "{pointer}");
        }
    }
}
