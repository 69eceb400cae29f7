//! The OpenAPI document: what is in it, and that it and the gateway agree.

mod document;
mod refusals;
mod agreement;
mod answers;
mod listener;

use meeting_gateway::openapi;
use serde_json::{Value, json};

use crate::support::TestGateway;

/// The document of a gateway.
pub(crate) fn described(gateway: &TestGateway) -> Value {
    openapi::document(&gateway.parts.live.current(), &[]).unwrap()
}

/// What holds values to a schema of a document.
fn validator(document: &Value, reference: &str) -> jsonschema::Validator {
    let schema = json!({ "$ref": reference, "components": document["components"] });
    jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(&schema)
        .unwrap()
}

/// Every operation of a document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|methods| methods.as_object().unwrap().values())
}

/// The operation of a name.
pub(crate) fn operation<'d>(document: &'d Value, name: &str) -> &'d Value {
    let mut all = operations(document);
    all.find(|one| one["operationId"] == name).unwrap()
}

/// What a reference leads to, if what stands there is one.
fn followed<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}
