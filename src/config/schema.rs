//! The JSON Schema (2020-12) of the configuration file, for editors and for `config schema`.
//!
//! It is put together from the same tables that read the file. Two things it cannot say are left to the
//! readers: what a reference such as `${env.NAME}` brings in, and what keys mean to one another.

use serde_json::{Value as Json, json};

use crate::config::Written;
use crate::config::section::Section;

/// The schema of the whole file.
///
/// ```
/// let schema = meeting_gateway::config::schema();
/// let url = &schema["properties"]["upstream"]["properties"]["url"];
/// assert!(url["description"].as_str().unwrap().contains("http"));
/// ```
pub fn schema() -> Json {
    document("meeting-gateway configuration", Written::schema())
}

/// A schema as a document with this title.
pub(super) fn document(title: &str, body: Json) -> Json {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let (Json::Object(head), Json::Object(body)) = (&mut schema, body) {
        head.extend(body);
    }
    schema["$defs"] = json!({
        "reference": {
            "description": "A text with a reference: ${env.NAME}, ${env.NAME:-default} or ${file.path}.",
            "type": "string",
            "pattern": "\\$\\{(env|file)\\.",
        },
    });
    schema
}
