//! Masks members of a JSON text without building a tree: everything but the masked values stays byte for byte as it was, so
//! that fields nobody knows here pass untouched.
//!
//! ```
//! use bytes::Bytes;
//! use meeting_gateway::model::mask;
//!
//! let answer = Bytes::from_static(br#"[{"conferenceID":"914087436","password":"123456","x":1.0}]"#);
//! let (masked, count) = mask::members(answer.clone(), |name| name == "password").unwrap();
//! assert_eq!((&masked[..], count), (&br#"[{"conferenceID":"914087436","password":"***","x":1.0}]"#[..], 1));
//! assert!(mask::members(Bytes::from_static(b"[{"), |_| true).is_err());
//! ```

use std::borrow::Cow;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::sensitive::MASK;

/// Masks the value of each member whose (unescaped) name `is_secret`; returns how many were masked. Empty texts and `null`
/// hold no secret and stay. Fails only if the text is not JSON.
pub fn members(
    json: Bytes,
    is_secret: impl Fn(&str) -> bool,
) -> Result<(Bytes, usize), serde_json::Error> {
    let text = std::str::from_utf8(&json).map_err(serde::de::Error::custom)?;
    let mut secrets = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walk = Walk {
        start: text.as_ptr() as usize,
        is_secret: &is_secret,
        secrets: &mut secrets,
    };
    walk.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((
        replaced(json, &secrets, &format!("\"{MASK}\"")),
        secrets.len(),
    ))
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

/// The text with each range replaced; not copied where there is none.
fn replaced(text: Bytes, ranges: &[Range<usize>], with: &str) -> Bytes {
    if ranges.is_empty() {
        return text;
    }
    let mut out = BytesMut::with_capacity(text.len() + ranges.len() * with.len());
    let mut from = 0;
    for range in ranges {
        out.extend_from_slice(&text[from..range.start]);
        out.extend_from_slice(with.as_bytes());
        from = range.end;
    }
    out.extend_from_slice(&text[from..]);
    out.freeze()
}

/// Walks a value and notes where the secret ones stand.
struct Walk<'a, F> {
    /// Address of the text, to turn a borrowed slice into an offset.
    start: usize,
    is_secret: &'a F,
    secrets: &'a mut Vec<Range<usize>>,
}

impl<F> Walk<'_, F> {
    const fn child(&mut self) -> Walk<'_, F> {
        Walk {
            start: self.start,
            is_secret: self.is_secret,
            secrets: self.secrets,
        }
    }
}

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Walk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Walk<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(MemberName(name)) = map.next_key()? {
            if (self.is_secret)(&name) {
                let value: &RawValue = map.next_value()?;
                let value = value.get();
                if value != "null" && value != "\"\"" {
                    let at = value.as_ptr() as usize - self.start;
                    self.secrets.push(at..at + value.len());
                }
            } else {
                map.next_value_seed(self.child())?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self.child())?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, borrowed unless it is escaped.
#[derive(serde::Deserialize)]
struct MemberName<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &'static str) -> String {
        let (out, _) = members(Bytes::from_static(text.as_bytes()), |name| {
            name == "password"
        })
        .unwrap();
        String::from_utf8(out.to_vec()).unwrap()
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
    fn nothing_is_copied_where_nothing_is_masked() {
        let text = Bytes::from_static(br#"{"a":1}"#);
        assert_eq!(
            members(text.clone(), |_| false).unwrap().0.as_ptr(),
            text.as_ptr()
        );
    }
}
