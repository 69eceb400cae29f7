//! Masks members of a JSON text without building a tree: everything but the masked values stays byte for byte as it was, so
//! that fields nobody knows here pass untouched. A text is JSON if it is UTF-8 and follows the grammar: numbers of any size,
//! escapes of any half of a character and any depth are, since nothing here decodes a value or recurses.
//!
//! A list keeps its form, for readers with types: each of its values is masked. Empty texts and `null` hold nothing and stay.
//!
//! ```
//! use bytes::Bytes;
//! use meeting_gateway::model::mask;
//!
//! let answer = Bytes::from_static(br#"[{"conferenceID":"914087436","password":"123456","x":1.0}]"#);
//! let (masked, count) = mask::members(answer.clone(), |name, _| name == "password").unwrap();
//! assert_eq!((&masked[..], count), (&br#"[{"conferenceID":"914087436","password":"***","x":1.0}]"#[..], 1));
//! assert!(mask::members(Bytes::from_static(b"[{"), |_, _| true).is_err());
//! ```

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use memchr::memchr;
use memchr::memmem::Finder;
use serde::de::IgnoredAny;

use super::json_text::{end_of_text, unescaped};
use super::json_walk::{Member, Watch, walk};
use crate::model::sensitive::MASK;

/// What of a member's value is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Where it is a list that begins with texts or numbers, those.
    Listed,
}

/// What stands in a JSON text in place of a value.
const MASKED: &str = "\"***\"";

/// Holds a text to the grammar of JSON, and gives it.
///
/// # Errors
///
/// It is not JSON, or not UTF-8.
pub fn json(text: &[u8]) -> Result<&str, serde_json::Error> {
    json_watched(text, &mut ())?;
    utf8(text)
}

/// The same, while somebody looks on.
pub(crate) fn json_watched(text: &[u8], other: &mut impl Watch) -> Result<(), serde_json::Error> {
    walk(text, other).ok_or_else(|| why_not(text))
}

/// Masks of each member by its (unescaped) name what `is_secret`; returns how many values were masked.
///
/// # Errors
///
/// The text is not [`json()`].
pub fn members(
    json: Bytes,
    is_secret: impl Fn(&str, Part) -> bool,
) -> Result<(Bytes, usize), serde_json::Error> {
    members_watched(json, is_secret, &mut ())
}

/// The same, while somebody else looks on.
pub(crate) fn members_watched(
    json: Bytes,
    is_secret: impl Fn(&str, Part) -> bool,
    other: &mut impl Watch,
) -> Result<(Bytes, usize), serde_json::Error> {
    let text = utf8(&json)?;
    let mut secrets = Secrets {
        json: text,
        is_secret,
        found: Vec::new(),
        hides: Hides::Nothing,
    };
    walk(text, &mut (&mut secrets, other)).ok_or_else(|| why_not(text.as_bytes()))?;
    let found = secrets.found;
    let count = found.len();
    Ok((replaced(json, &found, MASKED), count))
}

fn utf8(text: &[u8]) -> Result<&str, serde_json::Error> {
    std::str::from_utf8(text).map_err(serde::de::Error::custom)
}

/// Why a text is not JSON.
#[cold]
fn why_not(text: &[u8]) -> serde_json::Error {
    let said = utf8(text).and_then(serde_json::from_str::<IgnoredAny>);
    said.err()
        .unwrap_or_else(|| serde::de::Error::custom("it is not JSON"))
}

/// Where the secret values of a JSON text stand, in its order.
struct Secrets<'t, F> {
    json: &'t str,
    is_secret: F,
    found: Vec<Range<usize>>,
    hides: Hides,
}

/// What is being hidden, by the depth of the values.
#[derive(Debug, Clone, Copy)]
enum Hides {
    Nothing,
    /// The value of this depth, which begins there.
    Value(usize, usize),
    /// The items of this depth; the last container among them began there.
    Items(usize, usize),
    /// The items of this depth up to the first container.
    Scalars(usize),
}

impl<F: Fn(&str, Part) -> bool> Watch for Secrets<'_, F> {
    #[inline]
    fn member(&mut self, member: &Member<'_>) {
        if !matches!(self.hides, Hides::Nothing) {
            return;
        }
        let written = self.json.get(member.place.clone()).unwrap_or_default();
        let name = if member.is_escaped {
            member.name()
        } else {
            Some(Cow::Borrowed(written))
        };
        // One with half a character in it is like no other name, and is taken as it is written.
        let name = name.as_deref().unwrap_or(written);
        let is_list = member.first_byte() == Some(b'[');
        if (self.is_secret)(name, Part::Whole) {
            self.hides = if is_list {
                Hides::Items(member.depth + 1, 0)
            } else {
                Hides::Value(member.depth, member.value)
            };
        } else if is_list && (self.is_secret)(name, Part::Listed) {
            self.hides = Hides::Scalars(member.depth + 1);
        }
    }

    #[inline]
    fn scalar(&mut self, value: Range<usize>, depth: usize) {
        match self.hides {
            Hides::Value(hidden, _) if hidden == depth => {
                self.hides = Hides::Nothing;
                self.hide(value);
            }
            Hides::Items(hidden, _) | Hides::Scalars(hidden) if hidden == depth => self.hide(value),
            _ => {}
        }
    }

    #[inline]
    fn opens(&mut self, at: usize, depth: usize, _: u8) {
        match self.hides {
            Hides::Items(hidden, _) if hidden == depth => self.hides = Hides::Items(hidden, at),
            Hides::Scalars(hidden) if hidden == depth => self.hides = Hides::Nothing,
            _ => {}
        }
    }

    #[inline]
    fn closes(&mut self, end: usize, depth: usize) {
        match self.hides {
            Hides::Value(hidden, from) if hidden == depth => {
                self.hides = Hides::Nothing;
                self.hide(from..end);
            }
            Hides::Items(hidden, from) if hidden == depth => self.hide(from..end),
            Hides::Items(hidden, _) | Hides::Scalars(hidden) if hidden == depth + 1 => {
                self.hides = Hides::Nothing;
            }
            _ => {}
        }
    }
}

impl<F> Secrets<'_, F> {
    fn hide(&mut self, value: Range<usize>) {
        match self.json.get(value.clone()) {
            None | Some("null" | "\"\"") => {}
            Some(_) => self.found.push(value),
        }
    }
}

/// Masks every occurrence of a byte string, such as a token that an answer repeats. An empty one occurs nowhere.
pub fn occurrences(text: Bytes, secret: &Finder<'_>) -> (Bytes, usize) {
    let length = secret.needle().len();
    if length == 0 {
        return (text, 0);
    }
    let found: Vec<Range<usize>> = secret.find_iter(&text).map(|at| at..at + length).collect();
    let count = found.len();
    (replaced(text, &found, MASK), count)
}

/// The same in the texts of a JSON text that write it with escapes, of which they have many: `\u0063nr`, `\/`. Such a text is
/// masked as a whole. Where nothing is escaped, nothing is looked at twice.
pub fn escaped_occurrences(json: Bytes, secret: &Finder<'_>) -> (Bytes, usize) {
    let mut found = Vec::new();
    if !secret.needle().is_empty() && memchr(b'\\', &json).is_some() {
        let (mut at, mut said) = (0, Vec::new());
        while let Some(quote) = memchr(b'"', json.get(at..).unwrap_or_default()) {
            let begin = at + quote;
            let Some(end) = end_of_text(&json, begin) else {
                break;
            };
            at = end;
            let inner = begin + 1..end - 1;
            let Some(text) = json.get(inner.clone()) else {
                break;
            };
            if memchr(b'\\', text).is_some() {
                unescaped(text, &mut said);
                if secret.find(&said).is_some() {
                    found.push(inner);
                }
            }
        }
    }
    let count = found.len();
    (replaced(json, &found, MASK), count)
}

/// The text with each range replaced; not copied where there is none.
fn replaced(text: Bytes, ranges: &[Range<usize>], with: &str) -> Bytes {
    if ranges.is_empty() {
        return text;
    }
    let replaced: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    // Neither too little nor too much, so that it becomes `Bytes` where it is.
    let length = (text.len() + ranges.len() * with.len()).saturating_sub(replaced);
    let mut out = Vec::with_capacity(length);
    let mut from = 0;
    for range in ranges {
        out.extend_from_slice(&text[from..range.start]);
        out.extend_from_slice(with.as_bytes());
        from = range.end;
    }
    out.extend_from_slice(&text[from..]);
    out.into()
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &'static str) -> String {
        let (out, _) = members(
            Bytes::from_static(text.as_bytes()),
            |name, part| match part {
                Part::Whole => name == "password",
                Part::Listed => name == "id",
            },
        )
        .unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn what_stands_in_place_of_a_value_is_the_mask_as_json() {
        assert_eq!(MASKED, serde_json::to_string(MASK).unwrap());
    }

    #[test]
    fn only_the_values_change() {
        for (from, to) in [
            (
                r#"{"a":1e2, "b" : [ ] ,"password":"x"}"#,
                r#"{"a":1e2, "b" : [ ] ,"password":"***"}"#,
            ),
            (r#"{"p\u0061ssword":"x"}"#, r#"{"p\u0061ssword":"***"}"#),
            (
                r#"[{"password":{"deep":["x"]}},{"password":7}]"#,
                r#"[{"password":"***"},{"password":"***"}]"#,
            ),
            (
                r#"{"password":"","x":{"password":null}}"#,
                r#"{"password":"","x":{"password":null}}"#,
            ),
            (
                r#"{"n":123456789012345678901234567890.0}"#,
                r#"{"n":123456789012345678901234567890.0}"#,
            ),
            (r#""password""#, r#""password""#),
            (
                r#"{"password" : [ "a", "" ,null,{"b":["]"]} , 7,[1]],"x":["password"]}"#,
                r#"{"password" : [ "***", "" ,null,"***" , "***","***"],"x":["password"]}"#,
            ),
            (
                r#"{"id":["a","",7, null],"x":{"id":"a"},"y":[{"id":7},{"id":[{"id":["b"]}]},{"id":[]}]}"#,
                r#"{"id":["***","","***", null],"x":{"id":"a"},"y":[{"id":7},{"id":[{"id":["***"]}]},{"id":[]}]}"#,
            ),
            (
                r#"{"x":"\ud800","\udfff":1e999,"password":"\ud800"}"#,
                r#"{"x":"\ud800","\udfff":1e999,"password":"***"}"#,
            ),
        ] {
            assert_eq!(masked(from), to);
        }
    }

    #[test]
    fn an_echoed_token_is_masked_wherever_it_stands() {
        let (out, count) = occurrences(
            Bytes::from_static(b"token cnr1 and cnr1"),
            &Finder::new("cnr1"),
        );
        assert_eq!((&out[..], count), (&b"token *** and ***"[..], 2));
        assert_eq!(
            occurrences(Bytes::from_static(b"nothing"), &Finder::new("cnr1")).1,
            0
        );
    }

    #[test]
    fn an_escaped_token_is_masked_with_the_text_that_writes_it() {
        for (text, expected, masked) in [
            (
                r#"{"a":"x \u0063nr\/1 y","b":"\n"}"#,
                r#"{"a":"***","b":"\n"}"#,
                1,
            ),
            (
                r#"{"a":"cn\u00721","b":"\ud800","\u0063nr/1":1}"#,
                r#"{"a":"cn\u00721","b":"\ud800","***":1}"#,
                1,
            ),
            (r#"{"a":"\\u0063nr/1"}"#, r#"{"a":"\\u0063nr/1"}"#, 0),
            (r#"{"a":"\u00"#, r#"{"a":"\u00"#, 0),
        ] {
            let (out, count) = escaped_occurrences(text.into(), &Finder::new("cnr/1"));
            assert_eq!((&out[..], count), (expected.as_bytes(), masked));
        }
    }

    #[test]
    fn what_is_json_is_said_by_the_grammar_alone() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        for (text, expected) in [
            (&br#"{"a":"\ud800","\udc00":-1e999}"#[..], true),
            (deep.as_bytes(), true),
            (b"\"\xff\"", false),
            (br#""\uzzzz""#, false),
            (b"[1] 2", false),
            (b"[\"a\nb\"]", false),
            (b"[01]", false),
            (b"", false),
        ] {
            assert_eq!(json(text).is_ok(), expected);
            let got = members(Bytes::copy_from_slice(text), |_, _| true);
            assert_eq!(got.is_ok(), expected);
        }
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_masked() {
        let text = Bytes::from_static(br#"{"a":1}"#);
        assert_eq!(
            members(text.clone(), |_, _| false).unwrap().0.as_ptr(),
            text.as_ptr()
        );
    }
}
