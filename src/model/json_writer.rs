//! JSON written straight into a buffer, member by member: for what is written at every request. The bytes are those that `serde_json`
//! writes; what is written so keeps a twin that `serde` writes, in its tests.
//!
//! Behind each member and item stands a comma, until the end puts a bracket in the place of the last: so nobody needs to know which one
//! is the first.

use super::json_escape;
use crate::model::json::{Number, Object, Value};

/// Bytes of the longest name of a member, with its quotes, the colon and the quote behind that.
const LONGEST: usize = 32;

/// An object that is being written. Its members have names of the program's own, which need no escape; that they are known when it
/// is compiled makes of each, with the quotes around it, a move or two.
#[derive(Debug)]
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
}

impl ObjectWriter<'_> {
    /// A member that is a text.
    #[inline]
    pub(crate) fn text<const N: usize>(&mut self, name: &[u8; N], text: &str) {
        self.begin(name, b"\":\"");
        end_text(text, self.out);
    }

    /// A member that is one of the program's own words, with nothing in it to escape.
    #[inline]
    pub(crate) fn word<const N: usize>(&mut self, name: &[u8; N], word: &str) {
        self.ascii(name, word.as_bytes());
    }

    /// The same, of bytes of ASCII.
    #[inline]
    pub(crate) fn ascii<const N: usize>(&mut self, name: &[u8; N], word: &[u8]) {
        self.begin(name, b"\":\"");
        end_word(word, self.out);
    }

    /// A member that is a text, if there is one.
    #[inline]
    pub(crate) fn text_if_any<const N: usize>(&mut self, name: &[u8; N], text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A member that is one of the program's own words, if there is one.
    #[inline]
    pub(crate) fn word_if_any<const N: usize>(&mut self, name: &[u8; N], word: Option<&str>) {
        if let Some(word) = word {
            self.word(name, word);
        }
    }

    /// A member that is a number.
    #[inline]
    pub(crate) fn number<const N: usize>(&mut self, name: &[u8; N], number: impl itoa::Integer) {
        self.begin(name, b"\":");
        integer(number, self.out);
        self.out.push(b',');
    }

    /// A member that is any value.
    #[inline]
    pub(crate) fn value<const N: usize>(&mut self, name: &[u8; N], of: &Value) {
        self.with(name, |out| value(of, out));
    }

    /// A member that is an object.
    #[inline]
    pub(crate) fn object<const N: usize>(
        &mut self,
        name: &[u8; N],
        write: impl FnOnce(&mut ObjectWriter<'_>),
    ) {
        self.with(name, |out| object(out, write));
    }

    /// A member that is a list.
    #[inline]
    pub(crate) fn list<const N: usize, I>(
        &mut self,
        name: &[u8; N],
        items: impl IntoIterator<Item = I>,
        write: impl FnMut(I, &mut Vec<u8>),
    ) {
        self.with(name, |out| list(out, items, write));
    }

    /// A member whose value is written by a function, whole and as nothing but JSON.
    #[inline]
    pub(crate) fn with<const N: usize>(
        &mut self,
        name: &[u8; N],
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        self.begin(name, b"\":");
        write(self.out);
        self.out.push(b',');
    }

    /// A name, from its first quote to what stands behind it.
    #[inline]
    fn begin<const N: usize, const M: usize>(&mut self, name: &[u8; N], behind: &[u8; M]) {
        const { assert!(1 + N + M <= LONGEST) };
        let mut whole = [b'"'; LONGEST];
        whole[1..=N].copy_from_slice(name);
        whole[1 + N..1 + N + M].copy_from_slice(behind);
        self.out.extend_from_slice(&whole[..1 + N + M]);
    }
}

/// The rest of a member that is a text, behind the first quote.
#[inline(never)]
fn end_text(text: &str, out: &mut Vec<u8>) {
    json_escape::inner(text, out);
    out.extend_from_slice(b"\",");
}

/// The same of a word.
#[inline(never)]
fn end_word(word: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(word);
    out.extend_from_slice(b"\",");
}

/// Appends an object.
#[inline]
pub(crate) fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.push(b'{');
    write(&mut ObjectWriter { out });
    close(out, b'}');
}

/// Appends a list.
#[inline]
pub(crate) fn list<I>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = I>,
    mut write: impl FnMut(I, &mut Vec<u8>),
) {
    out.push(b'[');
    for item in items {
        write(item, out);
        out.push(b',');
    }
    close(out, b']');
}

/// Appends any value. It recurses as deep as the value is.
pub(crate) fn value(of: &Value, out: &mut Vec<u8>) {
    match of {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => any_number(number, out),
        Value::String(text) => json_escape::text(text, out),
        Value::Array(items) => list(out, items, value),
        Value::Object(of) => members(of, out),
    }
}

/// Appends an object of any members.
pub(crate) fn members(of: &Object, out: &mut Vec<u8>) {
    out.push(b'{');
    for (name, member) in of {
        json_escape::text(name, out);
        out.push(b':');
        value(member, out);
        out.push(b',');
    }
    close(out, b'}');
}

/// Appends an object of members that are texts.
pub(crate) fn texts<'t>(of: impl IntoIterator<Item = (&'t str, &'t str)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (name, text) in of {
        json_escape::text(name, out);
        out.push(b':');
        json_escape::text(text, out);
        out.push(b',');
    }
    close(out, b'}');
}

/// Appends a whole number.
#[inline]
pub(crate) fn integer(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn any_number(number: &Number, out: &mut Vec<u8>) {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => integer(number, out),
        (None, Some(number)) => integer(number, out),
        // Writing into memory cannot fail.
        (None, None) => drop(serde_json::to_writer(out, number)),
    }
}

/// Puts the bracket in the place of the last comma, or behind the opening one.
#[inline]
fn close(out: &mut Vec<u8>, bracket: u8) {
    match out.last_mut() {
        Some(last) if *last == b',' => *last = bracket,
        _ => out.push(bracket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    #[test]
    fn members_come_in_the_order_in_which_they_are_written() {
        let mut out = b"before ".to_vec();
        object(&mut out, |line| {
            line.word(b"word", "enforce");
            line.text(b"text", "a \"quoted\" one,");
            line.text_if_any(b"absent", None);
            line.word_if_any(b"absent", None);
            line.number(b"number", u64::MAX);
            line.object(b"none", |_| {});
            line.object(b"object", |inner| inner.number(b"a", -1));
            line.list(b"list", [1, 2], integer);
            line.list(b"empty", [0; 0], integer);
            line.value(b"value", &json!([","]));
        });
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"before {"word":"enforce","text":"a \"quoted\" one,","number":18446744073709551615,"none":{},"#,
                r#""object":{"a":-1},"list":[1,2],"empty":[],"value":[","]}"#
            )
        );
        let mut out = Vec::new();
        object(&mut out, |_| {});
        assert_eq!(out, b"{}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z,\"\\\\\n会]{0,10}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::from),
                btree_map("[a-z,\"]{0,9}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_value_is_written_as_serde_json_writes_it(of in any_value()) {
            let mut out = Vec::new();
            value(&of, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), of.to_string());
        }
    }
}
