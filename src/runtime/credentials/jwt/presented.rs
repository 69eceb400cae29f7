//! A token as it is presented: its form, its header and its claims, read strictly and not believed yet.

use data_encoding::BASE64URL_NOPAD;

use super::fault::Fault;
use crate::config::jwt::Algorithm;
use crate::contract::strict_json::{self, Limits};
use crate::model::json::{Object, Value};

/// The longest token that is looked at, in bytes.
pub const LONGEST_JWT: usize = 8 << 10;
/// The longest key id, in bytes.
pub(super) const LONGEST_KEY_ID: usize = 256;
/// Types of tokens that are meant to be shown here (RFC 7519, section 5.1; RFC 9068). Others, such as log-out tokens, are not.
const KINDS: [&str; 4] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];
/// Far more than any header or claims of that size hold.
const LIMITS: Limits = Limits {
    depth: 16,
    values: 2_000,
};

/// Whether a credential has the form of a JWT: three parts of base64url with dots between, of which the last may be empty.
pub fn has_form(credential: &str) -> bool {
    let mut parts = credential.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let coded = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    !header.is_empty() && !claims.is_empty() && [header, claims, signature].into_iter().all(coded)
}

/// A token that has been read. Nothing of it may be believed before its signature is verified.
#[derive(Debug)]
pub(super) struct Presented<'t> {
    /// As it came.
    pub(super) token: &'t str,
    /// What it says it is signed with.
    pub(super) algorithm: Algorithm,
    /// Which key it says it is signed with.
    pub(super) key_id: Option<String>,
    /// What it says.
    pub(super) claims: Object,
}

impl<'t> Presented<'t> {
    /// Reads a token that [`has_form`].
    pub(super) fn read(token: &'t str) -> Result<Self, Fault> {
        if token.len() > LONGEST_JWT {
            return Err(Fault::Malformed("length"));
        }
        let mut parts = token.split('.');
        let header = object(parts.next(), "header")?;
        let claims = object(parts.next(), "claims")?;
        if header.contains_key("crit") {
            return Err(Fault::Critical);
        }
        let kind = header.get("typ").map(Value::as_str);
        if kind.is_some_and(|kind| !kind.is_some_and(is_known_kind)) {
            return Err(Fault::Kind);
        }
        // Exactly as registered: names are compared by case (RFC 7515, section 4.1.1).
        let algorithm = match header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::Rs256,
            Some("ES256") => Algorithm::Es256,
            Some("EdDSA") => Algorithm::EdDsa,
            _ => return Err(Fault::Algorithm),
        };
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) if (1..=LONGEST_KEY_ID).contains(&id.len()) => {
                Some(id.to_string())
            }
            Some(_) => return Err(Fault::Malformed("kid")),
        };
        Ok(Self {
            token,
            algorithm,
            key_id,
            claims,
        })
    }
}

fn is_known_kind(kind: &str) -> bool {
    KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

fn object(part: Option<&str>, what: &'static str) -> Result<Object, Fault> {
    // Strict: one spelling for each text, no padding, no stray bits.
    let bytes = part.and_then(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
    let document = bytes.and_then(|bytes| strict_json::parse(&bytes, LIMITS).ok());
    document
        .map(|document| document.0)
        .ok_or(Fault::Malformed(what))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::json::json;

    fn coded(text: &str) -> String {
        BASE64URL_NOPAD.encode(text.as_bytes())
    }

    fn of(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", coded(header), coded(claims))
    }

    #[test]
    fn only_three_parts_of_base64url_have_the_form() {
        for token in ["a.b.c", "a.b.", "eyJ-_0.a.a"] {
            assert!(has_form(token), "{token}");
        }
        for other in [
            "",
            ".",
            "..",
            "a",
            "a.b",
            ".b.c",
            "a..c",
            "a.b.c.d",
            "a.b.c.",
            "a.b=.c",
            "a.b+.c",
            "a b.c.d",
            "a.b.c\u{e9}",
            "mgw1abc",
            "a/b.c.d",
        ] {
            assert!(!has_form(other), "{other}");
        }
    }

    #[test]
    fn a_header_says_exactly_what_is_understood() {
        let good = json!({ "alg": "ES256", "typ": "JWT", "kid": "k" });
        let with = |members: crate::model::json::Value| {
            let mut header = good.clone();
            for (name, value) in members.as_object().unwrap() {
                header[name] = value.clone();
            }
            header.to_string()
        };
        let taken = [
            ("as usual", with(json!({}))),
            ("an access token", with(json!({ "typ": "at+jwt" }))),
            (
                "its long name",
                with(json!({ "typ": "application/AT+jwt" })),
            ),
            ("no typ", r#"{"alg":"EdDSA"}"#.to_owned()),
            (
                "keys of its own",
                with(
                    json!({ "jwk": {}, "jku": "https://evil.example", "x5u": "u", "x5c": ["a"], "x5t": "t" }),
                ),
            ),
        ];
        for (name, header) in taken {
            assert!(Presented::read(&of(&header, "{}")).is_ok(), "{name}");
        }
        let refused = [
            ("none", with(json!({ "alg": "none" })), "alg"),
            ("None", with(json!({ "alg": "None" })), "alg"),
            ("lower case", with(json!({ "alg": "es256" })), "alg"),
            ("a space", with(json!({ "alg": "ES256 " })), "alg"),
            ("a shared secret", with(json!({ "alg": "HS256" })), "alg"),
            ("another digest", with(json!({ "alg": "RS512" })), "alg"),
            ("a list", with(json!({ "alg": ["ES256"] })), "alg"),
            ("null", with(json!({ "alg": null })), "alg"),
            ("no alg", r#"{"typ":"JWT"}"#.to_owned(), "alg"),
            (
                "crit",
                with(json!({ "crit": ["b64"], "b64": false })),
                "critical",
            ),
            ("an empty crit", with(json!({ "crit": [] })), "critical"),
            ("crit null", with(json!({ "crit": null })), "critical"),
            (
                "a log-out token",
                with(json!({ "typ": "logout+jwt" })),
                "typ",
            ),
            ("typ null", with(json!({ "typ": null })), "typ"),
            ("a number for kid", with(json!({ "kid": 1 })), "kid"),
            ("an empty kid", with(json!({ "kid": "" })), "kid"),
            ("a long kid", with(json!({ "kid": "k".repeat(257) })), "kid"),
            (
                "alg twice",
                r#"{"alg":"ES256","alg":"none"}"#.to_owned(),
                "header",
            ),
            (
                "alg twice, escaped",
                r#"{"alg":"ES256","\u0061lg":"none"}"#.to_owned(),
                "header",
            ),
            ("no object", "[]".to_owned(), "header"),
            ("no JSON", "alg".to_owned(), "header"),
        ];
        for (name, header, expected) in refused {
            let fault = Presented::read(&of(&header, "{}")).unwrap_err().to_string();
            assert!(fault.contains(expected), "{name}: {fault}");
        }
        for (name, claims) in [
            ("a claim twice", r#"{"sub":"a","sub":"b"}"#),
            ("no object", "1"),
            ("a nested token", "a.b.c"),
        ] {
            let fault = Presented::read(&of(&good.to_string(), claims)).unwrap_err();
            assert!(matches!(fault, Fault::Malformed("claims")), "{name}");
        }
        let padding = format!(r#"{{"a":"{}"}}"#, "a".repeat(LONGEST_JWT));
        let fault = Presented::read(&of(&good.to_string(), &padding)).unwrap_err();
        assert!(matches!(fault, Fault::Malformed("length")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_that_is_read_panics(token in "[a-zA-Z0-9_.=-]{0,200}", header in ".{0,40}", claims in ".{0,40}") {
            let _ = (has_form(&token), Presented::read(&token));
            let _ = Presented::read(&of(&header, &claims));
        }
    }
}
