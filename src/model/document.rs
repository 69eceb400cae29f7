//! The request's body as a tree. What is in here when the path ends is what the upstream gets, byte for byte our own
//! serialisation; nothing of the caller's bytes is forwarded.

use serde_json::{Map, Value};

/// A JSON document whose root is an object. Member order is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document(pub Map<String, Value>);

impl Document {
    /// The value at a path of tokens, if every token on the way exists.
    pub fn get(&self, path: &[Box<str>]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get(&**first)?, |value, token| step(value, token))
    }

    /// The value at a path of tokens, to be changed.
    pub fn get_mut(&mut self, path: &[Box<str>]) -> Option<&mut Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get_mut(&**first)?, |value, token| {
                step_mut(value, token)
            })
    }

    /// Sets the value at a path, making the objects on the way; returns what was there.
    /// Does nothing and returns the value as an error if something on the way is neither object nor an existing array item.
    pub fn set(&mut self, path: &[Box<str>], value: Value) -> Result<Option<Value>, Value> {
        let Some((last, parents)) = path.split_last() else {
            return Err(value);
        };
        let mut members = &mut self.0;
        let mut rest = parents;
        while let Some((token, after)) = rest.split_first() {
            let child = members
                .entry(&**token)
                .or_insert_with(|| Value::Object(Map::new()));
            rest = after;
            let mut child = child;
            while let Value::Array(items) = child {
                let Some((index, after)) = rest.split_first() else {
                    return Err(value);
                };
                let Some(item) = index.parse::<usize>().ok().and_then(|i| items.get_mut(i)) else {
                    return Err(value);
                };
                rest = after;
                child = item;
            }
            let Value::Object(next) = child else {
                return Err(value);
            };
            members = next;
        }
        Ok(members.insert(last.to_string(), value))
    }

    /// Removes the member at a path and returns it; the order of the others is kept.
    pub fn remove(&mut self, path: &[Box<str>]) -> Option<Value> {
        let (last, parents) = path.split_last()?;
        if parents.is_empty() {
            return self.0.shift_remove(&**last);
        }
        self.get_mut(parents)?
            .as_object_mut()?
            .shift_remove(&**last)
    }
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
    use serde_json::json;

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
    fn set_makes_the_objects_on_the_way_and_says_what_was_there() {
        let mut doc = document(json!({"a": 1}));
        assert_eq!(doc.set(&path("/b/c"), json!(2)), Ok(None));
        assert_eq!(doc.set(&path("/a"), json!(3)), Ok(Some(json!(1))));
        assert_eq!(doc, document(json!({"a": 3, "b": {"c": 2}})));
    }

    #[test]
    fn set_reaches_into_array_items_and_refuses_what_is_not_there() {
        let mut doc = document(json!({"people": [{"role": 1}], "n": 5}));
        assert_eq!(
            doc.set(&path("/people/0/role"), json!(0)),
            Ok(Some(json!(1)))
        );
        assert_eq!(doc.set(&path("/people/7/role"), json!(0)), Err(json!(0)));
        assert_eq!(doc.set(&path("/n/x"), json!(0)), Err(json!(0)));
    }

    #[test]
    fn remove_keeps_the_order_of_the_rest() {
        let mut doc = document(json!({"a": 1, "b": 2, "c": 3}));
        assert_eq!(doc.remove(&path("/a")), Some(json!(1)));
        assert_eq!(serde_json::to_string(&doc.0).unwrap(), r#"{"b":2,"c":3}"#);
        assert_eq!(doc.remove(&path("/nothing/there")), None);
    }
}
