//! What the claims of a token say, and whether it is for us and for now. Times in Unix seconds.

use std::time::Duration;

use super::fault::Fault;
use crate::model::json::{Object, Value};

/// The longest user id that a token may name, in bytes.
const LONGEST_USER: usize = 255;
/// Whole seconds beyond this are not told apart in JSON.
const LAST_SECOND: f64 = 9_007_199_254_740_992.0;

/// A claim by its name, or by a JSON Pointer where the name begins with `/`.
pub(super) fn claim<'c>(claims: &'c Object, name: &str) -> Option<&'c Value> {
    let Some(path) = name.strip_prefix('/') else {
        return claims.get(name);
    };
    let mut tokens = path
        .split('/')
        .map(|token| token.replace("~1", "/").replace("~0", "~"));
    let first = claims.get(&tokens.next()?)?;
    tokens.try_fold(first, |value, token| value.get(&token))
}

/// Whether `aud`, a text or a list of texts, names one of `audiences`.
pub(super) fn is_for(claims: &Object, audiences: &[String]) -> bool {
    let ours = |value: &Value| audiences.iter().any(|ours| value.as_str() == Some(ours));
    match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    }
}

/// Checks `exp`, `nbf` and `iat`. Returns the first second in which the token is not valid any more, leeway included.
pub(super) fn check_times(
    claims: &Object,
    now: u64,
    leeway: Duration,
    max_lifetime: Duration,
) -> Result<u64, Fault> {
    let leeway = leeway.as_secs();
    let expires = time(claims, "exp", f64::floor)?.ok_or(Fault::Time("exp"))?;
    let until = expires.saturating_add(leeway);
    for name in ["nbf", "iat"] {
        if time(claims, name, f64::ceil)?.is_some_and(|begins| begins > now.saturating_add(leeway))
        {
            return Err(Fault::Early(name));
        }
    }
    if now >= until {
        return Err(Fault::Expired);
    }
    let latest = now.saturating_add(max_lifetime.as_secs());
    if expires > latest.saturating_add(leeway) {
        return Err(Fault::LongLived);
    }
    Ok(until)
}

/// A time, which may have a fraction (RFC 7519, section 2); rounded so that no token is valid for longer than it says.
fn time(claims: &Object, name: &'static str, round: fn(f64) -> f64) -> Result<Option<u64>, Fault> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    if let Some(seconds) = value.as_u64() {
        return Ok(Some(seconds));
    }
    let seconds = value.as_f64().map(round);
    let seconds = seconds.filter(|seconds| (0.0..LAST_SECOND).contains(seconds));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, and within bounds"
    )]
    seconds
        .map(|seconds| Some(seconds as u64))
        .ok_or(Fault::Time(name))
}

/// The texts of a list, or of one text with spaces between (RFC 8693, section 4.2). Whatever else is there is passed over.
pub(super) fn texts<'c>(claims: &'c Object, name: &str) -> Vec<&'c str> {
    match claim(claims, name) {
        Some(Value::String(text)) => text.split(' ').filter(|text| !text.is_empty()).collect(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A user id: a text that is neither empty nor too long, without control characters.
pub(super) fn user<'c>(claims: &'c Object, name: &str) -> Result<Option<&'c str>, Fault> {
    match claim(claims, name) {
        None => Ok(None),
        Some(Value::String(user))
            if (1..=LONGEST_USER).contains(&user.len()) && !user.chars().any(char::is_control) =>
        {
            Ok(Some(user))
        }
        Some(_) => Err(Fault::User),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::json;

    const NOW: u64 = 1_000_000;
    const LEEWAY: Duration = Duration::from_mins(1);
    const LIFETIME: Duration = Duration::from_hours(1);

    fn claims(value: Value) -> Object {
        match value {
            Value::Object(claims) => claims,
            _ => panic!("an object"),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn times_are_held_to_leeway_and_lifetime() {
        let cases = [
            ("good", json!({ "exp": NOW + 600 }), Ok(NOW + 660)),
            (
                "in its last second",
                json!({ "exp": NOW - 59 }),
                Ok(NOW + 1),
            ),
            (
                "a fraction is cut",
                json!({ "exp": 1_000_600.9 }),
                Ok(NOW + 660),
            ),
            ("longest", json!({ "exp": NOW + 3660 }), Ok(NOW + 3720)),
            (
                "all three",
                json!({ "exp": NOW + 1, "nbf": NOW, "iat": NOW }),
                Ok(NOW + 61),
            ),
            (
                "just within leeway",
                json!({ "exp": NOW + 1, "nbf": NOW + 60, "iat": NOW + 60 }),
                Ok(NOW + 61),
            ),
            (
                "long ago",
                json!({ "exp": NOW + 1, "nbf": 0, "iat": 0 }),
                Ok(NOW + 61),
            ),
            ("expired", json!({ "exp": NOW - 60 }), Err("it has expired")),
            ("never valid", json!({ "exp": 0 }), Err("it has expired")),
            (
                "too long",
                json!({ "exp": NOW + 3661 }),
                Err("its exp lies further ahead than max_lifetime"),
            ),
            (
                "milliseconds",
                json!({ "exp": NOW * 1000 }),
                Err("its exp lies further ahead than max_lifetime"),
            ),
            (
                "for ever",
                json!({ "exp": u64::MAX }),
                Err("its exp lies further ahead than max_lifetime"),
            ),
            ("no exp", json!({}), Err("its exp is missing, or no time")),
            (
                "exp null",
                json!({ "exp": null }),
                Err("its exp is missing, or no time"),
            ),
            (
                "exp a text",
                json!({ "exp": "1000600" }),
                Err("its exp is missing, or no time"),
            ),
            (
                "exp a list",
                json!({ "exp": [NOW + 600] }),
                Err("its exp is missing, or no time"),
            ),
            (
                "exp true",
                json!({ "exp": true }),
                Err("its exp is missing, or no time"),
            ),
            (
                "exp negative",
                json!({ "exp": -1 }),
                Err("its exp is missing, or no time"),
            ),
            (
                "exp huge",
                json!({ "exp": 1e300 }),
                Err("its exp is missing, or no time"),
            ),
            (
                "nbf ahead",
                json!({ "exp": NOW + 600, "nbf": NOW + 61 }),
                Err("it is not valid yet: its nbf lies ahead"),
            ),
            (
                "nbf ahead by a fraction",
                json!({ "exp": NOW + 600, "nbf": 1_000_060.1 }),
                Err("it is not valid yet: its nbf lies ahead"),
            ),
            (
                "nbf a text",
                json!({ "exp": NOW + 600, "nbf": "0" }),
                Err("its nbf is missing, or no time"),
            ),
            (
                "iat ahead",
                json!({ "exp": NOW + 600, "iat": NOW + 61 }),
                Err("it is not valid yet: its iat lies ahead"),
            ),
            (
                "iat null",
                json!({ "exp": NOW + 600, "iat": null }),
                Err("its iat is missing, or no time"),
            ),
        ];
        for (name, said, expected) in cases {
            let checked = check_times(&claims(said), NOW, LEEWAY, LIFETIME);
            let checked = checked.map_err(|fault| fault.to_string());
            assert_eq!(checked, expected.map_err(str::to_owned), "{name}");
        }
    }

    #[test]
    fn an_audience_is_named_exactly() {
        let ours = ["gateway".to_owned(), "https://gateway.example/".to_owned()];
        let cases = [
            (json!("gateway"), true),
            (json!(["other", "gateway"]), true),
            (json!(["https://gateway.example/"]), true),
            (json!("gateway "), false),
            (json!("Gateway"), false),
            (json!("gateway other"), false),
            (json!("https://gateway.example"), false),
            (json!(["other"]), false),
            (json!([]), false),
            (json!(["gateway", 1]), false),
            (json!([["gateway"]]), false),
            (json!({ "gateway": true }), false),
            (json!(null), false),
        ];
        for (aud, expected) in cases {
            assert_eq!(
                is_for(&claims(json!({ "aud": aud })), &ours),
                expected,
                "{aud}"
            );
        }
        assert!(!is_for(&Object::new(), &ours));
    }

    #[test]
    fn claims_are_found_by_name_or_pointer() {
        let said = claims(json!({
            "a": "1", "/b": "2", "https://x/c": "3", "d": { "e": ["4"], "f/g": "5", "~": "6" }
        }));
        let cases = [
            ("a", Some(json!("1"))),
            ("https://x/c", Some(json!("3"))),
            ("/d/e", Some(json!(["4"]))),
            ("/d/f~1g", Some(json!("5"))),
            ("/d/~0", Some(json!("6"))),
            ("/b", None),
            ("/d/e/0", None),
            ("/", None),
            ("d.e", None),
            ("z", None),
        ];
        for (name, expected) in cases {
            assert_eq!(claim(&said, name), expected.as_ref(), "{name}");
        }
        assert_eq!(texts(&said, "/d/e"), ["4"]);
        let scopes = claims(json!({ "s": " a  b ", "l": ["a b", 1, "c"], "n": 1 }));
        assert_eq!(texts(&scopes, "s"), ["a", "b"]);
        assert_eq!(texts(&scopes, "l"), ["a b", "c"]);
        assert!(texts(&scopes, "n").is_empty() && texts(&scopes, "z").is_empty());
    }

    #[test]
    fn a_user_is_a_usable_id_or_the_token_is_refused() {
        let long = "u".repeat(256);
        for (value, expected) in [
            (json!("alice@corp"), Ok(Some("alice@corp"))),
            (json!(""), Err(())),
            (json!(null), Err(())),
            (json!(7), Err(())),
            (json!("a\nb"), Err(())),
            (json!(long), Err(())),
        ] {
            let said = claims(json!({ "u": value }));
            assert_eq!(user(&said, "u").map_err(|_| ()), expected, "{value}");
        }
        assert_eq!(user(&Object::new(), "u").map_err(|_| ()), Ok(None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the times are: what is accepted is within all its bounds.
        #[test]
        fn nothing_is_accepted_out_of_its_time(exp in 0u64..4 * NOW, nbf in 0u64..2 * NOW, now in 0u64..2 * NOW) {
            let said = claims(json!({ "exp": exp, "nbf": nbf }));
            let accepted = check_times(&said, now, LEEWAY, LIFETIME);
            let within = now < exp + 60 && nbf <= now + 60 && exp <= now + 3660;
            prop_assert_eq!(accepted.is_ok(), within);
        }
    }
}
