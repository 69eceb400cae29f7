//! What looks like a token, a key or a password, in a text for people: the error message of a service may quote what it was sent.
//!
//! This is a second net, for texts that have no members with names. It finds the forms that tokens have here and elsewhere, and
//! `name=value` where the name is that of a secret. A password in the middle of a sentence looks like any other word, and is not found.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::MASK;

/// The alternatives, each with what may stay of it in front of the secret. No secret has a quote or a backslash in it, so that JSON
/// in which one is masked is JSON still.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        // The upstream's tokens: 36 to 40 letters and digits.
        r"\b(?:cnr|stb)[0-9A-Za-z]{24,}",
        // The gateway's own, and its API keys.
        r"\b(?:mgw1|mgk_|mga_)[0-9A-Za-z_-]{20,}",
        // JSON Web Tokens, signed or not.
        r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*)*",
        // What stands in an Authorization header.
        r"(?i:\b(?P<scheme>(?:bearer|basic)\s+))[0-9A-Za-z+/_.~-]{12,}=*",
        // In URLs, forms and signatures.
        r#"(?i:\b(?P<name>[0-9a-z_.-]*(?:passw(?:or)?d|pwd|secret|token|signature|api_?key|app_?key|access_?key|credential)["']?\s?=\s?))[^\s"'\\&,;<>()]{3,}"#,
    ];
    Regex::new(&forms.join("|")).ok()
});

/// A text in which everything that looks like a secret is masked.
///
/// ```
/// use meeting_gateway::model::sensitive::without_tokens;
///
/// let told = "token cnr0123456789abcdef0123456789abcdef01 is invalid";
/// assert_eq!(without_tokens(told), "token *** is invalid");
/// assert_eq!(without_tokens("see https://x.example/?id=1&access_token=abc"), "see https://x.example/?id=1&access_token=***");
/// assert_eq!(without_tokens("The meeting 914087436 does not exist."), "The meeting 914087436 does not exist.");
/// ```
pub fn without_tokens(text: &str) -> Cow<'_, str> {
    let Some(forms) = &*FORMS else {
        // The tests rule it out.
        return MASK.into();
    };
    forms.replace_all(text, |found: &Captures<'_>| {
        let kept = found.name("scheme").or(found.name("name"));
        format!("{}{MASK}", kept.map_or("", |kept| kept.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_like_a_secret_is_masked_and_nothing_else() {
        for (text, expected) in [
            ("cnrTESTACCESSTOKEN000000000000000000000", "***"),
            ("(stb0123456789abcdef0123456789abcdef01)", "(***)"),
            ("mgw1AAECAwQFBgcICQoLDA0ODw-_y", "***"),
            ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "***"),
            ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "***"),
            (
                "Authorization: Bearer abcdef0123456789==",
                "Authorization: Bearer ***",
            ),
            ("basic dXNlcjpwYXNzd29yZA==.", "basic ***."),
            (
                "HMAC-SHA256 signature=0a1b2c,access=QQ==",
                "HMAC-SHA256 signature=***,access=QQ==",
            ),
            ("pwd=4711&x=1", "pwd=***&x=1"),
            ("guestPwd = 471147", "guestPwd = ***"),
            (
                r#"{"m":"password='x1y2'","n":1}"#,
                r#"{"m":"password='x1y2'","n":1}"#,
            ),
            (
                r#"{"m":"password=x1y2","n":1}"#,
                r#"{"m":"password=***","n":1}"#,
            ),
            ("X-Amz-Security-Token=abc/def==", "X-Amz-Security-Token=***"),
            // Words, ids and times.
            ("the bearer of bad news", "the bearer of bad news"),
            ("basic setup", "basic setup"),
            ("The password must be set.", "The password must be set."),
            (
                "request 4bf92f3577b34da6a3ce929d0e0e4736 failed",
                "request 4bf92f3577b34da6a3ce929d0e0e4736 failed",
            ),
            (
                "conferenceID=914087436&token_type=1",
                "conferenceID=914087436&token_type=1",
            ),
            ("", ""),
        ] {
            assert_eq!(without_tokens(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// JSON stays JSON, with the same members.
        #[test]
        fn json_stays_json(before in ".{0,20}", name in "(token|pwd|app_key)=", secret in "\\PC{0,40}", after in ".{0,20}") {
            let told = crate::model::json::json!({ "error_msg": format!("{before}{name}{secret}{after}"), "n": [1, null] }).to_string();
            let masked: crate::model::json::Value = serde_json::from_str(&without_tokens(&told)).unwrap();
            prop_assert_eq!(&masked["n"], &crate::model::json::json!([1, null]));
            prop_assert!(masked["error_msg"].is_string());
        }

        /// What is masked once is masked.
        #[test]
        fn twice_is_once(text in "[a-z0-9 =&.]{0,80}(cnr|Bearer |pwd=|token=)[a-zA-Z0-9+/]{0,60}") {
            let once = without_tokens(&text).into_owned();
            prop_assert_eq!(without_tokens(&once), once.as_str());
        }
    }
}
