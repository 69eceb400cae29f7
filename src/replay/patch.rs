//! Applies the recorded operations (RFC 6902) to a recorded body.

use super::recorded::Operation;
use crate::model::document::Document;
use crate::model::json::Value;
use crate::model::pointer;

/// The patch does not fit the body: the line was not written by the gateway as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// Applies one operation.
pub(super) fn apply(document: &mut Document, operation: &Operation<'_>) -> Result<(), Unfit> {
    let tokens = pointer::tokens(&operation.path).map_err(|_| Unfit)?;
    let tokens: Vec<Box<str>> = tokens.into_iter().map(Into::into).collect();
    let Some(value) = operation.value else {
        return document.remove(&tokens).map(drop).ok_or(Unfit);
    };
    let value: Value = serde_json::from_str(value.get()).map_err(|_| Unfit)?;
    let Some(value) = appended(document, &tokens, value) else {
        return Ok(());
    };
    // The gateway names the place that it made; what would need more places on the way is not of its making.
    match document.put(&tokens, value) {
        Ok(put) if put.depth == tokens.len() => Ok(()),
        _ => Err(Unfit),
    }
}

/// Puts a value behind the last item of a list, if that is where its path leads (RFC 6902, section 4.1); else gives it back.
fn appended(document: &mut Document, tokens: &[Box<str>], value: Value) -> Option<Value> {
    let Some((last, list)) = tokens.split_last() else {
        return Some(value);
    };
    let Some(Value::Array(items)) = document.get_mut(list) else {
        return Some(value);
    };
    if **last != *items.len().to_string() {
        return Some(value);
    }
    items.push(value);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn operations_are_applied_where_they_fit() {
        let body = json!({"a": {"b": 1}, "list": [{"x": 1}]});
        for (operation, expected) in [
            (
                json!({"op": "remove", "path": "/a/b"}),
                Some(json!({"a": {}, "list": [{"x": 1}]})),
            ),
            (
                json!({"op": "replace", "path": "/list/0/x", "value": null}),
                Some(json!({"a": {"b": 1}, "list": [{"x": null}]})),
            ),
            (
                json!({"op": "add", "path": "/a", "value": 7}),
                Some(json!({"a": 7, "list": [{"x": 1}]})),
            ),
            (json!({"op": "remove", "path": "/a/c"}), None),
            (json!({"op": "add", "path": "/c/d", "value": 7}), None),
            (json!({"op": "add", "path": "/list/1/x", "value": 7}), None),
            (
                json!({"op": "add", "path": "/list/1", "value": 7}),
                Some(json!({"a": {"b": 1}, "list": [{"x": 1}, 7]})),
            ),
            (json!({"op": "add", "path": "/list/2", "value": 7}), None),
            (json!({"op": "add", "path": "a", "value": 7}), None),
        ] {
            let mut document = Document(body.as_object().unwrap().clone());
            let mut text = operation;
            text["stage"] = "strip".into();
            let text = text.to_string();
            let done = apply(&mut document, &serde_json::from_str(&text).unwrap());
            assert_eq!(
                done.ok().map(|()| Value::Object(document.0)),
                expected,
                "{text}"
            );
        }
    }
}
