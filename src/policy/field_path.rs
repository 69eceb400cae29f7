//! The field that a rule speaks of: a JSON Pointer (RFC 6901) in which `*` stands for every item of a list.
//!
//! `/attendees/*/type` is the `type` of each attendee. A list that is absent or empty has no places; each item of a list
//! is one place, whether it has the member or not. Items cannot be named by number: rules hold for all of them.

use std::fmt;

use crate::model::document::Document;
use crate::model::json::Value;
use crate::model::pointer;

/// Lists within lists that a field may be in; the deepest documented field is in one.
const MAX_LISTS: usize = 3;

/// A parsed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldPath {
    written: Box<str>,
    /// The member names before, between and after the `*`.
    runs: Box<[Box<[Box<str>]>]>,
}

/// One place in one document that a field stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    path: &'p FieldPath,
    indices: [usize; MAX_LISTS],
}

impl FieldPath {
    /// Reads a field; says what is wrong with it otherwise.
    pub(super) fn parse(written: &str) -> Result<Self, &'static str> {
        let tokens = pointer::tokens(written)
            .map_err(|_| "a field begins with `/`, and `~` is followed by 0 or 1 (RFC 6901)")?;
        if tokens.first().is_none_or(|first| first == "*") {
            return Err("the body itself is no field; name a member");
        }
        if tokens.iter().any(String::is_empty) {
            return Err("a name between two `/` is empty");
        }
        if tokens
            .iter()
            .any(|token| token.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err("items of a list have no numbers in rules; write `*` for each of them");
        }
        let runs: Vec<Box<[Box<str>]>> = tokens
            .split(|token| token == "*")
            .map(|run| run.iter().map(|name| name.as_str().into()).collect())
            .collect();
        if runs.len() > MAX_LISTS + 1 {
            return Err("more than three `*`");
        }
        Ok(Self {
            written: written.into(),
            runs: runs.into(),
        })
    }

    /// As written.
    pub(super) fn as_str(&self) -> &str {
        &self.written
    }

    /// The top-level member that it is, or is in.
    pub(super) fn member(&self) -> &str {
        let first = self.runs.first().and_then(|run| run.first());
        first.map_or("", |name| name)
    }

    /// The names that lead to it, where it is one place: in no list.
    pub(super) fn names(&self) -> Option<&[Box<str>]> {
        match &*self.runs {
            [names] => Some(names),
            _ => None,
        }
    }

    /// Its place where it has only one, or the first of its places.
    pub(super) const fn first_place(&self) -> Place<'_> {
        Place {
            path: self,
            indices: [0; MAX_LISTS],
        }
    }

    /// Whether it names the items of a list and not a member.
    pub(super) fn names_items(&self) -> bool {
        self.runs.len() > 1 && self.runs.last().is_some_and(|run| run.is_empty())
    }

    /// Whether it cannot be there without an outer field: inside it, and not in a list of it, which may be empty.
    pub(super) fn falls_with(&self, outer: &Self) -> bool {
        self.written
            .strip_prefix(&*outer.written)
            .is_some_and(|rest| rest.starts_with('/') && !rest.contains("/*"))
    }

    /// Shows every place in a document, with the value that is there.
    pub(super) fn each<'p, 'd>(
        &'p self,
        document: &'d Document,
        visit: &mut impl FnMut(Place<'p>, Option<&'d Value>),
    ) {
        if let Some((first, rest)) = self.runs.split_first() {
            walk(document.get(first), rest, 0, self.first_place(), visit);
        }
    }
}

fn walk<'p, 'd>(
    value: Option<&'d Value>,
    runs: &'p [Box<[Box<str>]>],
    depth: usize,
    mut place: Place<'p>,
    visit: &mut impl FnMut(Place<'p>, Option<&'d Value>),
) {
    let Some((run, rest)) = runs.split_first() else {
        return visit(place, value);
    };
    let Some(Value::Array(items)) = value else {
        return;
    };
    for (index, item) in items.iter().enumerate() {
        if let Some(slot) = place.indices.get_mut(depth) {
            *slot = index;
        }
        let inner = run.iter().try_fold(item, |value, name| value.get(name));
        walk(inner, rest, depth + 1, place, visit);
    }
}

impl Place<'_> {
    /// The tokens that lead to it in its document.
    pub(super) fn tokens(&self) -> Vec<Box<str>> {
        let mut tokens = Vec::new();
        for (depth, run) in self.path.runs.iter().enumerate() {
            if let Some(index) = depth.checked_sub(1).and_then(|d| self.indices.get(d)) {
                tokens.push(index.to_string().into());
            }
            tokens.extend(run.iter().cloned());
        }
        tokens
    }

    /// The JSON Pointer of it in its document.
    pub(super) fn pointer(&self) -> String {
        if self.path.runs.len() == 1 {
            return self.path.written.to_string();
        }
        let mut written = String::with_capacity(self.path.written.len() + 4);
        for token in self.tokens() {
            pointer::push(&mut written, &token);
        }
        written
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    fn places(field: &str, body: &Value) -> Vec<(String, Option<Value>)> {
        let document = Document(body.as_object().unwrap().clone());
        let path = FieldPath::parse(field).unwrap();
        let mut found = Vec::new();
        path.each(&document, &mut |place, value| {
            found.push((place.pointer(), value.cloned()));
        });
        found
    }

    #[test]
    fn every_place_is_shown_with_its_own_pointer() {
        let body = json!({"a": {"b": 1}, "people": [{"type": "x"}, {}, 3], "n": [[1], [2, 3]]});
        let at = |pointer: &str, value: Option<Value>| (pointer.to_owned(), value);
        for (name, field, expected) in [
            ("a member", "/a/b", vec![at("/a/b", Some(json!(1)))]),
            ("an absent member", "/a/c", vec![at("/a/c", None)]),
            (
                "an absent object on the way",
                "/z/c",
                vec![at("/z/c", None)],
            ),
            ("an absent list", "/z/*/c", vec![]),
            ("no list", "/a/*/c", vec![]),
            (
                "items with, without, and unable to have the member",
                "/people/*/type",
                vec![
                    at("/people/0/type", Some(json!("x"))),
                    at("/people/1/type", None),
                    at("/people/2/type", None),
                ],
            ),
            (
                "items of lists in a list",
                "/n/*/*",
                vec![
                    at("/n/0/0", Some(json!(1))),
                    at("/n/1/0", Some(json!(2))),
                    at("/n/1/1", Some(json!(3))),
                ],
            ),
        ] {
            assert_eq!(places(field, &body), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for wrong in [
            "",
            "length",
            "/",
            "/a//b",
            "/*",
            "/*/a",
            "/a~2",
            "/attendees/0/type",
            "/a/*/*/*/*",
        ] {
            assert!(FieldPath::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_member_falls_with_its_object_and_not_with_its_list() {
        let path = |text| FieldPath::parse(text).unwrap();
        assert!(path("/a/b").falls_with(&path("/a")));
        assert!(!path("/a").falls_with(&path("/a")));
        assert!(!path("/ab").falls_with(&path("/a")));
        assert!(!path("/a/*/b").falls_with(&path("/a")));
        assert!(path("/a/*").names_items() && !path("/a/*/b").names_items());
    }
}
