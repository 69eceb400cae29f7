//! One operation of the document.

use serde_json::{Value, json};

use super::headers::{ALWAYS, TO_THE_UPSTREAM};
use super::reference;
use super::responses::Responses;
use super::security;
use super::served::{Served, Treatment};
use crate::contract::deprecation;
use crate::model::finding::Location;
use crate::model::operation::{BodyMedia, Family, TokenOperation};
use crate::policy::MissingFields;
use crate::runtime::credentials::sign_in::MAX_BODY;

/// The operation, but for its method and path.
pub(super) fn of(served: &Served<'_>, responses: &mut Responses) -> Value {
    let operation = served.operation;
    let mut told = json!({
        "operationId": operation.name,
        "summary": summary(operation.name),
        "description": description(served),
        "tags": [operation.family.name()],
        "parameters": parameters(served),
    });
    if let Some(body) = body(served) {
        told["requestBody"] = body;
    }
    told["security"] = security::of(served);
    told["responses"] = responses.of(served);
    told
}

/// The name in words.
fn summary(name: &str) -> String {
    let words = name.replace('_', " ");
    let (first, rest) = words.split_at_checked(1).unwrap_or_default();
    first.to_ascii_uppercase() + rest
}

fn description(served: &Served<'_>) -> String {
    match served.treatment {
        Treatment::WithBody => {
            let requests = &served.snapshot.requests;
            format!(
                "Held to the contract{}. The body is strict JSON of at most {} bytes and {} levels, without duplicate names; what is deprecated or has no effect is taken out, and values are brought to one spelling, before anything is sent on.{}",
                policy(served),
                requests.body_bytes,
                requests.json.depth,
                filled_in(served),
            )
        }
        Treatment::WithoutBody => format!("Held to the contract{}. There is no body.", policy(served)),
        Treatment::Relayed => "Sent on with its body unread: neither schema nor policy is asked. Answers in JSON are redacted like all others; files pass as they come.".to_owned(),
        Treatment::SignIn(asked) => {
            let what = match asked {
                TokenOperation::Create => "Signs in with an App ID that the gateway issued",
                TokenOperation::Update => "Gives new tokens for one that is still good",
                TokenOperation::Delete => "Ends a sign-in",
                TokenOperation::Validate => "Says what a token is good for",
            };
            format!("{what}. Answered by the gateway itself: the tokens are its own, and good here only.")
        }
    }
}

/// What becomes of what an update leaves out, which the schema of its body, shared with creations, cannot say.
fn filled_in(served: &Served<'_>) -> &'static str {
    let snapshot = served.snapshot;
    let replaces = snapshot.contract.replacement(served.operation).is_some();
    if replaces && snapshot.rules.missing_fields() == MissingFields::Merge {
        " What is left out is filled in with what the meeting has now, so members that the schema requires may be left out, too."
    } else {
        ""
    }
}

fn policy(served: &Served<'_>) -> String {
    let packs = served.snapshot.rules.packs();
    if packs.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = packs.iter().map(|pack| &*pack.name).collect();
    format!(
        " and to the policy ({}), which may refuse more (403) or change what is sent on",
        names.join(", ")
    )
}

fn parameters(served: &Served<'_>) -> Value {
    let operation = served.operation;
    let in_path = placeholders(operation.template).map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })
    });
    let in_query = operation.query.iter().map(|name| query(served, name));
    let in_headers = operation.headers.iter().map(|name| {
        json!({ "name": name.as_str(), "in": "header", "description": "Sent on as it is, if it is short.", "schema": { "type": "string" } })
    });
    let common: &[&str] = if served.treatment.asks_upstream() {
        &TO_THE_UPSTREAM
    } else {
        &[]
    };
    let common = ALWAYS.iter().chain(common);
    let common = common.map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    in_path
        .chain(in_query)
        .chain(in_headers)
        .chain(common)
        .collect()
}

/// The names in braces of a path.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let segments = template.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn query(served: &Served<'_>, name: &str) -> Value {
    let Some(contract) = served.snapshot.contract.parameters(served.operation) else {
        return json!({ "name": name, "in": "query", "schema": { "type": "string" } });
    };
    let mut told = json!({ "name": name, "in": "query" });
    if contract.requires(name) {
        told["required"] = true.into();
    }
    if deprecation::find(Location::Query, name).is_some() {
        told["deprecated"] = true.into();
    }
    told["schema"] = json!({ "$ref": reference::to(&reference::definition("query.json", name)) });
    told
}

fn body(served: &Served<'_>) -> Option<Value> {
    let operation = served.operation;
    let schema = |component: &str| json!({ "$ref": reference::to(component) });
    let of_json = |schema: Value| json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    match served.treatment {
        Treatment::WithBody => {
            let file = served.snapshot.contract.body_schema(operation)?;
            Some(of_json(schema(&reference::component(file))))
        }
        Treatment::Relayed => {
            let name = operation.body?;
            let most = served.snapshot.upstream.relay.body_bytes;
            let told = format!(
                "`{name}` of the official SDK; nobody looks at it here. At most {most} bytes."
            );
            let media_type = match operation.media {
                BodyMedia::Json => "application/json",
                BodyMedia::Form => "multipart/form-data",
            };
            Some(json!({ "description": told, "required": true, "content": { media_type: {} } }))
        }
        Treatment::SignIn(asked) => {
            let component = match asked {
                TokenOperation::Create => "AppAuth",
                TokenOperation::Validate => "ValidateToken",
                TokenOperation::Update | TokenOperation::Delete => return None,
            };
            let mut body = of_json(schema(component));
            body["description"] = format!("At most {MAX_BODY} bytes.").into();
            Some(body)
        }
        Treatment::WithoutBody => None,
    }
}

/// What the operations of a family have in common.
pub(super) const fn about(family: Family) -> &'static str {
    match family {
        Family::Scheduling => "Creates or replaces meetings and series.",
        Family::SubMeeting => "Changes one meeting of a series.",
        Family::Cancel => "Cancels meetings.",
        Family::Read => "Reads meetings. Of what a caller has no scope for it sees `***`.",
        Family::Authentication(_) => "Signs in to the gateway.",
        Family::Relayed => "Sent on without a policy, because the configuration allows it.",
    }
}
