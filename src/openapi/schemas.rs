//! `components.schemas`: the one set of definitions, each as far as it is about what callers send or see.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::request_schema::{Rewriting, Strictness};
use super::{answer_schema, reference};
use crate::contract::{self, ContractError};

/// What answers are, and what sign-ins are: told to callers only.
const ANSWERS: &str = include_str!("../../config/contract/answers.json");
const SIGN_IN: &str = include_str!("../../config/contract/sign-in.json");
/// The receipt, and the findings of refusals.
const RECEIPT: &str = include_str!("../../config/receipt.schema.json");

/// Every schema there is.
pub(super) fn all(strictness: Strictness) -> Result<Map<String, Value>, ContractError> {
    let mut components = Map::new();
    for (file, schema) in contract::schema_files()? {
        let rewriting = Rewriting { file, strictness };
        if file == "query.json" {
            for (name, one) in definitions(&schema) {
                // Parameters are texts, and are never brought to another spelling.
                let mut one = one.clone();
                reference::rewrite_all(file, &mut one);
                components.insert(reference::definition(file, name), one);
            }
            continue;
        }
        components.insert(reference::component(file), rewriting.schema(&schema));
        for (name, one) in definitions(&schema) {
            components.insert(reference::definition(file, name), rewriting.schema(one));
        }
    }
    for (name, one) in definitions(&read(ANSWERS)) {
        components.insert(name.clone(), answer_schema::of("answers.json", one));
    }
    for (name, one) in definitions(&read(SIGN_IN)) {
        let mut one = one.clone();
        reference::rewrite_all("sign-in.json", &mut one);
        components.insert(name.clone(), one);
    }
    let file = "receipt.schema.json";
    let mut receipt = read(RECEIPT);
    reference::rewrite_all(file, &mut receipt);
    for (name, one) in definitions(&receipt) {
        components.insert(reference::definition(file, name), one.clone());
    }
    if let Value::Object(members) = &mut receipt {
        members.retain(|key, _| !matches!(key.as_str(), "$schema" | "$id" | "$defs"));
    }
    components.insert(reference::component(file), receipt);
    components.extend(refusals());
    Ok(components)
}

/// The built-in files are JSON, as the tests know.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn definitions(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let definitions = schema.get("$defs").and_then(Value::as_object);
    definitions.into_iter().flatten()
}

/// The bodies of refusals and errors.
fn refusals() -> [(String, Value); 3] {
    let receipt = reference::component("receipt.schema.json");
    let finding = reference::definition("receipt.schema.json", "finding");
    let refusal = json!({
        "description": "What the gateway says where it refuses: the members of the meeting service's errors, and its own.",
        "type": "object",
        "required": ["error_code", "error_msg", "request_id"],
        "properties": {
            "error_code": { "type": "string", "pattern": r"^MGW\.[0-9]{7}$", "description": "The stable code: the status and a number within it." },
            "error_msg": { "type": "string", "description": "What is wrong and what to do, for a person." },
            "request_id": { "type": "string", "description": "As in X-Request-Id." },
            "errors": { "type": "array", "minItems": 1, "items": { "$ref": reference::to(&finding) }, "description": "Every violation, as many as are listed." },
            "errors_omitted": { "type": "integer", "minimum": 1, "description": "How many more there were." },
            "receipt": { "$ref": reference::to(&receipt), "description": "With `Prefer: return=receipt`: what the gateway did to the request before." },
        },
    });
    let problem = json!({
        "description": "The same as problem details (RFC 9457), for `Accept: application/problem+json`.",
        "$ref": reference::to("Refusal"),
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "violated-policies": { "type": "array", "items": { "type": "string" }, "description": "The quotas that are used up." },
        },
    });
    let upstream = json!({
        "description": "An error of the meeting service.",
        "type": "object",
        "properties": {
            "error_code": { "type": "string", "not": { "pattern": r"^MGW\." }, "description": "Its code." },
            "error_msg": { "type": "string", "description": "Its words." },
        },
    });
    [
        ("Refusal", refusal),
        ("Problem", problem),
        ("UpstreamError", upstream),
    ]
    .map(|(name, schema)| (name.to_owned(), schema))
}

/// Those that something of the document leads to, by name.
pub(super) fn reachable(mut schemas: Map<String, Value>, from: &[&Value]) -> Map<String, Value> {
    let mut reached = BTreeSet::new();
    let mut open = Vec::new();
    for part in from {
        reference::all(part, &mut open);
    }
    while let Some(next) = open.pop() {
        let Some(name) = reference::schema_of(next) else {
            continue;
        };
        if let Some((name, schema)) = schemas.get_key_value(name)
            && reached.insert(name.clone())
        {
            reference::all(schema, &mut open);
        }
    }
    schemas.retain(|name, _| reached.contains(name));
    schemas.sort_keys();
    schemas
}
