//! The OpenAPI 3.1 document of what a gateway serves, under the configuration in force: its operations and no others, what it
//! takes for a right request, every refusal that can come, how callers authenticate.
//!
//! Everything is read from what is enforced: the registry of operations and the schemas of `config/contract`, the [`Snapshot`]'s
//! settings, the refusals of the model. The same snapshot always makes the same document.
//!
//! Rules:
//! - A request schema is never stricter than the gateway: what would be stripped or spelt anew is in it. The one exception, told
//!   in words: where updates are merged (`missing_fields`), what is required may be left out. It can be more lenient:
//!   a policy, an order of two dates, a day that no month has are beyond a schema, and told in words.
//! - Answers are described, not promised: the meeting service makes them.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::path::Path;
//! # use meeting_gateway::config;
//! # use meeting_gateway::model::clock::SystemClock;
//! # use meeting_gateway::runtime::generation::Lasting;
//! # let text = "
//! # upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! # callers: [{id: hr, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! # policy: {directory: policies, packs: [baseline]}
//! # ";
//! # let config = config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! # let snapshot = Lasting::new(&config, SystemClock::shared()).unwrap().compile(&config, 1, None).unwrap();
//! let document = meeting_gateway::openapi::document(&snapshot, &[]).unwrap();
//! assert_eq!(document["openapi"], "3.1.1");
//! let create = &document["paths"]["/v1/mmc/management/conferences"]["post"];
//! assert_eq!(create["operationId"], "create_meeting");
//! // Known by name, but not served; and no sign-in without a key for tokens.
//! assert!(document["paths"].get("/v1/wss/webinar/open/conferences").is_none());
//! assert!(document["paths"].get("/v2/usg/acs/auth/appauth").is_none());
//! ```

mod digits;
mod spelling;
mod reference;
mod request_schema;
mod answer_schema;
mod schemas;
mod served;
mod refusals;
mod headers;
mod responses;
mod security;
mod operation;
mod servers;

use serde_json::{Map, Value, json};

use crate::contract::ContractError;
use crate::contract::unknown_members::UnknownMembers;
use crate::runtime::snapshot::Snapshot;

pub use servers::Listening;

use request_schema::Strictness;
use responses::Responses;
use served::Served;

/// The document. `listening` is where callers find the gateway.
///
/// # Errors
///
/// Only if the files that are built in are wrong, which the tests rule out.
pub fn document(snapshot: &Snapshot, listening: &[Listening]) -> Result<Value, ContractError> {
    let requests = &snapshot.requests;
    let strictness = Strictness {
        coercion: requests.normalise.coercion,
        ineffective: requests.normalise.ineffective,
        unknown: requests.unknown_members,
    };
    let served = served::all(snapshot);
    let mut responses = Responses::new();
    let paths = paths(&served, &mut responses);
    let responses = responses.into_components();
    let schemas = schemas::reachable(schemas::all(strictness)?, &[&paths, &responses]);
    Ok(json!({
        "openapi": "3.1.1",
        "info": {
            "title": "meeting-gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": about(snapshot),
            "x-configuration": &*snapshot.configuration_digest,
            "x-policy": &*snapshot.policy_digest,
        },
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers": servers::servers(listening),
        "tags": tags(&served),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": headers::parameters(),
            "headers": headers::components(),
            "securitySchemes": security::schemes(snapshot),
        },
    }))
}

fn paths(served: &[Served<'_>], responses: &mut Responses) -> Value {
    let mut paths = Map::new();
    for one in served {
        let path = paths
            .entry(one.operation.template)
            .or_insert_with(|| Value::Object(Map::new()));
        let method = one.operation.method.as_str().to_ascii_lowercase();
        if let Value::Object(methods) = path {
            methods.insert(method, operation::of(one, responses));
        }
    }
    paths.into()
}

fn tags(served: &[Served<'_>]) -> Value {
    let mut tags: Vec<Value> = Vec::new();
    for one in served {
        let family = one.operation.family;
        let tag = json!({ "name": family.name(), "description": operation::about(family) });
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.into()
}

fn about(snapshot: &Snapshot) -> String {
    let mut paragraphs = vec![
        "The policy gateway in front of the Huawei Cloud Meeting API: what it serves under the configuration in force. What is not in here is answered with 404 (`MGW.4040001`, or `MGW.4040002` for an operation that is known and not served) or 405 (`MGW.4050001`).".to_owned(),
        match snapshot.requests.unknown_members {
            UnknownMembers::Strip => "Members and query parameters that the API does not have are taken out.".to_owned(),
            UnknownMembers::Reject => "Members and query parameters that the API does not have are refused.".to_owned(),
            UnknownMembers::Forward => "Members that the API does not have are sent on; such query parameters are taken out.".to_owned(),
        } + " A name that differs from a known one by case, white space or invisible characters only is refused.",
        "In a request schema the first spelling of a value is the one to write; others are brought to it. `***` is what answers show in place of what the caller has no scope for: sent back in place of such a value, it is refused.".to_owned(),
        "A request that is not well-formed HTTP/1, or whose header section is too large or too slow, is refused in the same shape, and its connection closed. HTTP/2 has errors of its own for that; a header list that is too large gets a 431 without a body.".to_owned(),
        "Formats: `utc-minutes` is a minute that exists, `yyyy-MM-dd HH:mm` in UTC, or empty. Keywords: `x-normal-form` names what a text is brought to, `x-effective-when` beside which values of another member one counts, `x-immutable` what the upstream will not change after creation, `x-unit` what a number counts, `x-expected` what a right value is; `x-not-before` and `x-within-a-year` are held to for two dates.".to_owned(),
    ];
    let packs = snapshot.rules.packs();
    if !packs.is_empty() {
        let told = packs.iter().map(|pack| {
            let words = pack.description.trim();
            format!(
                "- `{}`{}{words}",
                pack.name,
                if words.is_empty() { "" } else { ": " }
            )
        });
        let told: Vec<String> = told.collect();
        paragraphs.push(format!(
            "The policy may refuse more than the schemas do (403, `MGW.4030001`), and change what is sent on. Its packs:\n\n{}",
            told.join("\n")
        ));
    }
    paragraphs.join("\n\n")
}
