//! The request target in canonical form, or refused: no parser on the way to the upstream may read it in another way.
//!
//! Refused are `//`, dot segments, percent-encoding in the path (but in a documented parameter), backslashes and `;`; in the
//! query `;`, a name that is repeated or differs from a documented one only by case, and broken percent-encoding.
//!
//! ```
//! use meeting_gateway::stages::decode::target;
//!
//! assert!(target::canonical_path("/v1/mmc/management/cycleconferences").is_ok());
//! assert!(target::canonical_path("/v1/mmc/management/../management/cycleconferences").is_err());
//!
//! let documented = |name: &str| name.eq_ignore_ascii_case("conferenceID").then_some("conferenceID");
//! let query = target::canonical_query("conferenceID=914087436", documented).unwrap();
//! assert_eq!((&*query[0].0, &*query[0].1), ("conferenceID", "914087436"));
//! assert!(target::canonical_query("conferenceid=1", documented).is_err());
//! ```

use std::borrow::Cow;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::Query;
use crate::model::query_pairs::pairs;
use crate::model::refusal::Refusal;
use crate::model::unreserved::ALL_BUT_UNRESERVED;

/// Most query parameters looked at; the documented operations have at most 12.
const MAX_PARAMETERS: usize = 64;
/// Longest parameter in a path, decoded, in bytes: ids, accounts, codes.
const MAX_PATH_PARAMETER: usize = 256;

/// Passes a path that can be read in one way only. One slash too many at the beginning is
/// [forgiven](crate::model::request_path::without_extra_slash) before it comes here, where the configuration says so.
pub fn canonical_path(path: &str) -> Result<(), Refusal> {
    let what = if path.contains("//") {
        "an empty path segment (`//`)"
    } else if path.bytes().any(|b| matches!(b, b'%' | b'\\' | b';')) {
        "`%`, `\\` or `;` in the path"
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        "a dot segment in the path"
    } else if path.len() > 1 && path.ends_with('/') {
        "a slash at the end of the path"
    } else {
        return Ok(());
    };
    Err(Refusal::NonCanonicalTarget { what: what.into() })
}

/// The path of a template with the parameters of `path`, which matches it: decoded, checked and encoded in one way. What a
/// parameter holds cannot be read as anything but the text of one segment.
pub fn with_parameters(template: &str, path: &str) -> Result<String, Refusal> {
    let mut whole = String::with_capacity(path.len() + 16);
    let segments = template.split('/').zip(path.split('/')).skip(1);
    for (documented, sent) in segments {
        whole.push('/');
        if documented.starts_with('{') {
            let text = decoded(sent, "the path")?;
            if !is_one_segment(&text) {
                return refused("a path parameter that is not the text of one segment");
            }
            whole.extend(utf8_percent_encode(&text, ALL_BUT_UNRESERVED));
        } else {
            whole.push_str(documented);
        }
    }
    Ok(whole)
}

fn is_one_segment(text: &str) -> bool {
    (1..=MAX_PATH_PARAMETER).contains(&text.len())
        && !matches!(text, "." | "..")
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ';' | '%' | '?' | '#'))
}

/// Takes a query apart. `meant_by` gives the documented name that a name means, whether it is spelt like it or not.
pub fn canonical_query<'a>(
    query: &str,
    meant_by: impl Fn(&str) -> Option<&'a str>,
) -> Result<Query, Refusal> {
    let mut parameters = Query::new();
    // Most queries have neither, which one look tells.
    let is_plain = memchr::memchr2(b'%', b';', query.as_bytes()).is_none();
    for (name, value) in pairs(query) {
        if name.is_empty() && value.is_none() {
            continue;
        }
        if parameters.len() == MAX_PARAMETERS {
            return refused("more than 64 query parameters");
        }
        let value = value.unwrap_or_default();
        let (name, value) = if is_plain {
            (Cow::Borrowed(name), Cow::Borrowed(value))
        } else if name.contains(';') || value.contains(';') {
            return refused("`;` in the query");
        } else {
            (decoded(name, "the query")?, decoded(value, "the query")?)
        };
        // `conferenceID[]` and `conferenceID[0]` are spellings, too, to some readers.
        let bare = match name.bytes().position(|byte| byte == b'[') {
            Some(at) => name.get(..at).unwrap_or_default(),
            None => &name,
        };
        if let Some(meant) = meant_by(bare).filter(|meant| *meant != name) {
            return refused(format!(
                "a query parameter that is not, but looks like, `{meant}`"
            ));
        }
        if parameters
            .iter()
            .any(|(seen, _)| seen.eq_ignore_ascii_case(&name))
        {
            return refused("a repeated query parameter");
        }
        parameters.push((name.into(), value.into()));
    }
    Ok(parameters)
}

fn decoded<'t>(text: &'t str, part: &str) -> Result<Cow<'t, str>, Refusal> {
    let bytes = text.as_bytes();
    let broken = memchr::memchr_iter(b'%', bytes).any(|at| {
        !bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return refused(format!("broken percent-encoding in {part}"));
    }
    percent_decode_str(text)
        .decode_utf8()
        .or_else(|_| refused(format!("bytes in {part} that are not UTF-8")))
}

fn refused<T>(what: impl Into<Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal::NonCanonicalTarget { what: what.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documented(name: &str) -> Option<&'static str> {
        name.trim()
            .eq_ignore_ascii_case("conferenceID")
            .then_some("conferenceID")
    }

    #[test]
    fn paths_that_can_be_read_in_two_ways_are_refused() {
        for path in [
            "/v1/mmc//management/cycleconferences",
            "/v1/mmc/./management",
            "/v1/mmc/../management",
            "/v1/mmc/management%2Fcycleconferences",
            "/v1/mmc/management/cycleconferences;a=b",
            "/v1\\mmc",
            "/v1/mmc/management/cycleconferences/",
        ] {
            assert!(canonical_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_parameter_in_the_path_is_the_text_of_one_segment() {
        let template = "/v1/usg/dcs/corp/vision/activecode/{account}/reset";
        let filled = |parameter: &str| {
            with_parameters(template, &template.replace("{account}", parameter)).ok()
        };
        for (sent, goes_on) in [
            ("alice", "alice"),
            ("alice%40ent01", "alice%40ent01"),
            ("alice@ent01", "alice%40ent01"),
            ("%61lice", "alice"),
            ("a+b", "a%2Bb"),
            ("a%20b", "a%20b"),
            ("%E4%BC%9A", "%E4%BC%9A"),
            ("...", "..."),
        ] {
            let expected = template.replace("{account}", goes_on);
            assert_eq!(filled(sent), Some(expected), "{sent}");
        }
        let long = "x".repeat(257);
        for sent in [
            "a%2Fb", "%2e%2e", "..", ".", "%2E", "a%5Cb", "a;b", "a%3Bb", "a%252Fb", "a%00",
            "a%0d%0ab", "a%3Fb", "a%23b", "a%", "a%zz", "%ff", "", &long,
        ] {
            assert_eq!(filled(sent), None, "{sent}");
        }
    }

    #[test]
    fn queries_that_can_be_read_in_two_ways_are_refused() {
        for query in [
            "conferenceID=1&conferenceID=2",
            "conferenceID=1&CONFERENCEID=2",
            "conferenceid=1",
            "conferenceID[]=1",
            "conferenceID[0]=1",
            "%63onferenceId=1",
            "conferenceID%20=1",
            "conferenceID=1;a=b",
            "conferenceID=%4",
            "conferenceID=%zz",
            "conferenceID=%ff",
            "x=1&X=2",
        ] {
            assert!(canonical_query(query, documented).is_err(), "{query}");
        }
        let many = (0..65)
            .map(|i| format!("a{i}=1"))
            .collect::<Vec<_>>()
            .join("&");
        assert!(canonical_query(&many, documented).is_err());
    }

    #[test]
    fn encoded_names_and_values_are_decoded() {
        let query =
            canonical_query("conference%49D=91&user%55UID=a%2Bb&&flag", documented).unwrap();
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            query,
            [("conferenceID", "91"), ("userUUID", "a+b"), ("flag", "")]
        );
    }
}
