//! The operations as this gateway's OpenAPI document describes them.

use serde_json::{Map, Value};

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) tag: String,
    pub(super) description: String,
    pub(super) parameters: Vec<Parameter>,
    /// The media type of its body, if it has one.
    pub(super) body: Option<String>,
    /// The name of its body's schema, and the schema.
    pub(super) schema: Option<(String, Value)>,
    /// Statuses, and what each means.
    pub(super) responses: Vec<(String, String)>,
}

/// A parameter in the path, the query or a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) location: ParameterLocation,
    pub(super) required: bool,
    pub(super) deprecated: bool,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterLocation {
    Path,
    Query,
    Header,
}

impl ParameterLocation {
    /// As in the document.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// Every operation of a document, in its order.
pub(super) fn all(document: &Value) -> Vec<Described> {
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| described(document, path, method, operation))
    });
    operations.collect()
}

fn described(document: &Value, path: &str, method: &str, operation: &Value) -> Described {
    let text = |key: &str| text(operation, key);
    let content = operation.pointer("/requestBody/content");
    let content = content
        .and_then(Value::as_object)
        .and_then(|content| content.iter().next());
    let reference = content.and_then(|(_, media)| media.pointer("/schema/$ref")?.as_str());
    Described {
        name: text("operationId"),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: operation
            .pointer("/tags/0")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        description: text("description"),
        parameters: parameters(document, operation),
        body: content.map(|(media_type, _)| media_type.clone()),
        schema: reference.and_then(|reference| {
            let name = reference.rsplit('/').next()?.to_owned();
            Some((name, resolved(document, reference)?.clone()))
        }),
        responses: responses(document, operation),
    }
}

fn parameters(document: &Value, operation: &Value) -> Vec<Parameter> {
    let listed = operation.get("parameters").and_then(Value::as_array);
    let read = |parameter: &Value| {
        let parameter = followed(document, parameter)?;
        let flag = |key| {
            parameter
                .get(key)
                .and_then(Value::as_bool)
                .unwrap_or_default()
        };
        Some(Parameter {
            name: text(parameter, "name"),
            location: match parameter.get("in")?.as_str()? {
                "path" => ParameterLocation::Path,
                "query" => ParameterLocation::Query,
                "header" => ParameterLocation::Header,
                _ => return None,
            },
            required: flag("required"),
            deprecated: flag("deprecated"),
        })
    };
    listed.into_iter().flatten().filter_map(read).collect()
}

fn responses(document: &Value, operation: &Value) -> Vec<(String, String)> {
    let none = Map::new();
    let listed = operation
        .get("responses")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let told = listed.iter().filter_map(|(status, response)| {
        Some((
            status.clone(),
            text(followed(document, response)?, "description"),
        ))
    });
    told.collect()
}

fn text(of: &Value, key: &str) -> String {
    of.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A value, or what it refers to.
fn followed<'d>(document: &'d Value, value: &'d Value) -> Option<&'d Value> {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => resolved(document, reference),
        None => Some(value),
    }
}

fn resolved<'d>(document: &'d Value, reference: &str) -> Option<&'d Value> {
    document.pointer(reference.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_followed() {
        let document = json!({
            "paths": {"/v1/a/{id}": {"put": {
                "operationId": "update_a", "tags": ["scheduling"], "description": "Held to the contract.",
                "parameters": [
                    {"name": "id", "in": "path", "required": true},
                    {"name": "old", "in": "query", "deprecated": true},
                    {"$ref": "#/components/parameters/AcceptLanguage"},
                    {"$ref": "#/components/parameters/Absent"},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {"200": {"$ref": "#/components/responses/Fine"}},
            }}},
            "components": {
                "parameters": {"AcceptLanguage": {"name": "Accept-Language", "in": "header"}},
                "schemas": {"A": {"type": "object"}},
                "responses": {"Fine": {"description": "It worked."}},
            },
        });
        let [described] = &all(&document)[..] else {
            panic!("one operation");
        };
        assert_eq!(
            (&*described.method, &*described.path),
            ("PUT", "/v1/a/{id}")
        );
        let names = described
            .parameters
            .iter()
            .map(|parameter| &*parameter.name);
        assert_eq!(names.collect::<Vec<_>>(), ["id", "old", "Accept-Language"]);
        assert_eq!(described.body.as_deref(), Some("application/json"));
        assert_eq!(
            described.schema,
            Some(("A".to_owned(), json!({"type": "object"})))
        );
        assert_eq!(
            described.responses,
            [("200".to_owned(), "It worked.".to_owned())]
        );
    }
}
