//! What answers are, as schemas: every member may be null or missing, others may be there, and what a caller has no scope for
//! reads `***`. Which members these are is said in [`sensitive`] alone.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::reference;
use crate::model::sensitive::{self, MASK};

/// The schema of a definition in `answers.json`.
pub(super) fn of(file: &str, schema: &Value) -> Value {
    let mut schema = schema.clone();
    reference::rewrite_all(file, &mut schema);
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        for (name, member) in members {
            if let Value::Object(told) = member {
                *member = may_be_missing(name, std::mem::take(told));
            }
        }
    }
    schema
}

fn may_be_missing(name: &str, mut member: Map<String, Value>) -> Value {
    let scope = sensitive::of_member(name).scope();
    if let (Some(scope), Some(Value::String(words))) = (scope, member.get_mut("description")) {
        // Writing to a String cannot fail.
        let _ = write!(words, " Reads `{MASK}` without the scope `{scope}`.");
    }
    let kind = member.get("type").cloned();
    match (kind, scope) {
        (Some(kind), None) => {
            member.insert("type".to_owned(), json!([kind, "null"]));
        }
        // A mask is a text.
        (Some(kind), Some(_)) if kind == "string" => {
            member.insert("type".to_owned(), json!([kind, "null"]));
        }
        (_, scope) => {
            let words = member.shift_remove("description");
            let mut any = vec![Value::from(member), json!({ "type": "null" })];
            if scope.is_some() {
                any.push(json!({ "const": MASK }));
            }
            member = Map::from_iter([("anyOf".to_owned(), any.into())]);
            if let Some(words) = words {
                member.insert("description".to_owned(), words);
            }
        }
    }
    member.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_masks_are_answers() {
        let written = json!({"type": "object", "properties": {
            "subject": {"type": "string", "description": "The title."},
            "name": {"type": "string", "description": "A name."},
            "operator": {"type": "integer", "description": "Who."},
            "data": {"$ref": "#/$defs/Page", "description": "More."},
        }});
        let expected = json!({"type": "object", "properties": {
            "subject": {"type": ["string", "null"], "description": "The title."},
            "name": {"type": ["string", "null"], "description": "A name. Reads `***` without the scope `personal_data`."},
            "operator": {
                "anyOf": [{"type": "integer"}, {"type": "null"}, {"const": "***"}],
                "description": "Who. Reads `***` without the scope `personal_data`.",
            },
            "data": {"anyOf": [{"$ref": "#/components/schemas/Page"}, {"type": "null"}], "description": "More."},
        }});
        assert_eq!(of("answers.json", &written), expected);
    }
}
