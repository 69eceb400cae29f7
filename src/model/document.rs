//! The request's body as a tree. What is in here when the path ends is what the upstream gets, byte for byte our own
//! serialisation; nothing of the caller's bytes is forwarded.

use std::mem;

use super::json_writer;
use crate::model::json::{Object, Value};

/// A JSON document whose root is an object. Member order is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document(pub Object);

/// What [`Document::put`] did: one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// How many tokens of the path lead to the place that was changed.
    pub depth: usize,
    /// What was there; `None` where the place was made.
    pub was: Option<Value>,
}

impl Document {
    /// The bytes that go upstream: the same that `serde_json` writes. `expected` is about how many they are.
    pub fn to_json(&self, expected: usize) -> Vec<u8> {
        let mut json = Vec::with_capacity(expected);
        json_writer::members(&self.0, &mut json);
        json
    }

    /// The value at a path of tokens, if every token on the way exists.
    pub fn get(&self, path: &[Box<str>]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get(first)?, |value, token| step(value, token))
    }

    /// The value at a path of tokens, to be changed.
    pub fn get_mut(&mut self, path: &[Box<str>]) -> Option<&mut Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get_mut(first)?, |value, token| {
                step_mut(value, token)
            })
    }

    /// Puts a value at a path, making the objects on the way; null on the way counts as absent.
    ///
    /// What was done is one operation at one place: at the path itself, or at the first object on the way that was not there, whose
    /// new value holds the others. Does nothing and gives the value back if something on the way is neither object nor an existing
    /// array item.
    pub fn put(&mut self, path: &[Box<str>], value: Value) -> Result<Put, Value> {
        put_member(&mut self.0, path, value, 1)
    }

    /// Removes the member at a path and returns it; the order of the others is kept.
    pub fn remove(&mut self, path: &[Box<str>]) -> Option<Value> {
        let (last, parents) = path.split_last()?;
        if parents.is_empty() {
            return self.0.remove(last);
        }
        self.get_mut(parents)?.as_object_mut()?.remove(last)
    }
}

/// Members that there is room for in an object that is made.
const FEW: usize = 8;

/// Puts a value at a path into an object whose members are so deep in the document.
fn put_member(
    members: &mut Object,
    path: &[Box<str>],
    value: Value,
    depth: usize,
) -> Result<Put, Value> {
    let Some((name, made)) = path.split_first() else {
        return Err(value);
    };
    match members.get_mut(name) {
        None => {
            members.insert((&**name).into(), nested(made, value));
            Ok(Put { depth, was: None })
        }
        Some(slot) if slot.is_null() => Ok(replace(slot, nested(made, value), depth)),
        Some(slot) => put_within(slot, made, value, depth),
    }
}

/// The same from a value on that is so deep in the document.
fn put_within(
    slot: &mut Value,
    path: &[Box<str>],
    value: Value,
    depth: usize,
) -> Result<Put, Value> {
    let Some((token, rest)) = path.split_first() else {
        return Ok(replace(slot, value, depth));
    };
    match slot {
        Value::Object(members) => put_member(members, path, value, depth + 1),
        // An item of a list cannot be made on the way.
        Value::Array(items) => {
            let index = token.parse::<usize>().ok();
            match index.and_then(|index| items.get_mut(index)) {
                Some(item) => put_within(item, rest, value, depth + 1),
                None => Err(value),
            }
        }
        _ => Err(value),
    }
}

fn replace(slot: &mut Value, value: Value, depth: usize) -> Put {
    Put {
        depth,
        was: Some(mem::replace(slot, value)),
    }
}

/// A value within new objects of these names, the first the outermost. Who makes an object mostly has more to put into it, so there is
/// room for some.
fn nested(names: &[Box<str>], value: Value) -> Value {
    names.iter().rev().fold(value, |inner, name| {
        let mut members = Object::with_capacity(FEW);
        members.insert((&**name).into(), inner);
        Value::Object(members)
    })
}

fn step<'a>(value: &'a Value, token: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

fn step_mut<'a>(value: &'a mut Value, token: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(members) => members.get_mut(token),
        Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    fn document(value: Value) -> Document {
        let Value::Object(members) = value else {
            panic!("an object")
        };
        Document(members)
    }

    fn path(pointer: &str) -> Vec<Box<str>> {
        crate::model::pointer::tokens(pointer)
            .unwrap()
            .into_iter()
            .map(String::into_boxed_str)
            .collect()
    }

    #[test]
    fn put_changes_one_place_and_says_which() {
        let put = |depth, was| Ok(Put { depth, was });
        for (name, before, at, done, after) in [
            (
                "a member",
                json!({"a": 1}),
                "/a",
                put(1, Some(json!(1))),
                json!({"a": 0}),
            ),
            (
                "a new member",
                json!({}),
                "/a",
                put(1, None),
                json!({"a": 0}),
            ),
            (
                "in an object",
                json!({"a": {}}),
                "/a/b",
                put(2, None),
                json!({"a": {"b": 0}}),
            ),
            (
                "in a new object",
                json!({}),
                "/a/b/c",
                put(1, None),
                json!({"a": {"b": {"c": 0}}}),
            ),
            (
                "in null",
                json!({"a": null}),
                "/a/b",
                put(1, Some(json!(null))),
                json!({"a": {"b": 0}}),
            ),
            (
                "in an item",
                json!({"a": [{}]}),
                "/a/0/b",
                put(3, None),
                json!({"a": [{"b": 0}]}),
            ),
            (
                "a null item",
                json!({"a": [null]}),
                "/a/0",
                put(2, Some(json!(null))),
                json!({"a": [0]}),
            ),
            (
                "no such item",
                json!({"a": []}),
                "/a/0",
                Err(json!(0)),
                json!({"a": []}),
            ),
            (
                "no such item on the way",
                json!({"a": []}),
                "/a/0/b",
                Err(json!(0)),
                json!({"a": []}),
            ),
            (
                "in a number",
                json!({"a": 5}),
                "/a/b",
                Err(json!(0)),
                json!({"a": 5}),
            ),
            (
                "deep in a number",
                json!({"a": 5}),
                "/a/b/c",
                Err(json!(0)),
                json!({"a": 5}),
            ),
        ] {
            let mut doc = document(before);
            assert_eq!(doc.put(&path(at), json!(0)), done, "{name}");
            assert_eq!(doc, document(after), "{name}");
        }
    }

    #[test]
    fn remove_keeps_the_order_of_the_rest() {
        let mut doc = document(json!({"a": 1, "b": 2, "c": 3}));
        assert_eq!(doc.remove(&path("/a")), Some(json!(1)));
        assert_eq!(serde_json::to_string(&doc.0).unwrap(), r#"{"b":2,"c":3}"#);
        assert_eq!(doc.remove(&path("/nothing/there")), None);
    }
}
