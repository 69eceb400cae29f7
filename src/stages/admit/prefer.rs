//! What the client prefers (RFC 7240): the one preference that the gateway knows is `return=receipt`.
//!
//! A receipt tells what was done to the request ([`Receipt`](crate::model::receipt::Receipt)). Preferences of others pass
//! unheard, as the RFC wants it.

use http::header::{HeaderMap, HeaderName};

/// The header field.
pub(super) const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Whether a receipt is asked for. Where `return` is given more than once, the first counts (section 2).
pub(super) fn wants_receipt(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(PREFER).iter();
    let mut preferences = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(preferences_of)
        // Parameters of a preference come behind a semicolon.
        .filter_map(|preference| preference.split(';').next()?.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("return"));
    preferences.next().is_some_and(|(_, value)| {
        value
            .trim()
            .trim_matches('"')
            .eq_ignore_ascii_case("receipt")
    })
}

/// The preferences of one line: between the commas that are in no quoted text (RFC 9110, section 5.6.4).
fn preferences_of(line: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |c| {
        let was_escaped = escaped;
        escaped = quoted && !escaped && c == '\\';
        quoted ^= c == '"' && !was_escaped;
        c == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_receipt_is_asked_for_by_name() {
        for (lines, expected) in [
            (vec![], false),
            (vec!["return=receipt"], true),
            (vec!["Return=\"Receipt\""], true),
            (vec!["respond-async, return=receipt; lang=en"], true),
            (vec!["respond-async", "return = receipt"], true),
            (vec!["return=minimal"], false),
            (vec!["return=minimal, return=receipt"], false),
            (vec!["receipt"], false),
            (vec!["x=\"return=receipt\""], false),
            (vec!["x=\"a, return=receipt, b\""], false),
            (vec!["x=\"a\\\", return=receipt, b\""], false),
            (vec!["x=\"a, b\", return=receipt"], true),
        ] {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(PREFER, HeaderValue::from_static(line));
            }
            assert_eq!(wants_receipt(&headers), expected, "{lines:?}");
        }
    }
}
