//! The responses of operations: the answer, and every refusal that can come, by status and code.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::headers::{
    self, ALLOW, AUTHENTICATE, DEPRECATION, ERROR_SOURCE, Header, LINK, PREFERENCE_APPLIED,
    RATELIMIT, RATELIMIT_POLICY, RECEIPT, REQUEST_ID, RETRY_AFTER, SUNSET, WARNING,
};
use super::reference;
use super::refusals::{can_come, every_kind};
use super::served::{Served, Treatment};
use crate::model::operation::{AnswerShape, TokenOperation};
use crate::model::refusal::Refusal;

/// Where an answer is described.
const COMPONENTS: &str = "#/components/responses/";

/// The responses of all operations, each said once.
#[derive(Debug)]
pub(super) struct Responses {
    kinds: Vec<Refusal>,
    components: Map<String, Value>,
}

impl Responses {
    /// With those that are not an operation's own.
    pub(super) fn new() -> Self {
        let mut responses = Self {
            kinds: every_kind(),
            components: Map::new(),
        };
        let elsewhere = |refusal: &&Refusal| {
            matches!(
                refusal,
                Refusal::UnknownOperation
                    | Refusal::OperationNotAllowed { .. }
                    | Refusal::MethodNotAllowed { .. }
            )
        };
        let kinds: Vec<_> = responses.kinds.iter().filter(elsewhere).cloned().collect();
        for (status, refusals) in by_status(&kinds) {
            let told = refused(status, &refusals, None);
            responses.components.insert(name_of(status), told);
        }
        responses
    }

    /// `responses` of an operation.
    pub(super) fn of(&mut self, served: &Served<'_>) -> Value {
        let mut all = Map::new();
        all.insert("200".to_owned(), answered(served));
        let kinds = self.kinds.iter();
        let kinds: Vec<_> = kinds
            .filter(|kind| can_come(kind, served))
            .cloned()
            .collect();
        for (status, refusals) in by_status(&kinds) {
            let told = refused(status, &refusals, Some(served));
            let name = self.component(&name_of(status), served.treatment, &told);
            all.insert(status.as_str().to_owned(), to(&name));
        }
        if served.treatment.asks_upstream() {
            for (range, what) in [("4XX", "ClientError"), ("5XX", "ServerError")] {
                let name = self.component(what, served.treatment, &of_upstream(served));
                all.insert(range.to_owned(), to(&name));
            }
        }
        all.into()
    }

    /// `components.responses`.
    pub(super) fn into_components(self) -> Value {
        self.components.into()
    }

    /// The component that says this: a known one, or a new one. Operations of one treatment may still differ, by their bodies or by
    /// what they do to a meeting.
    fn component(&mut self, name: &str, treatment: Treatment, told: &Value) -> String {
        let own = format!("{name}.{}", treatment.name());
        let mut candidate = name.to_owned();
        for number in 1.. {
            let known = self.components.entry(candidate.as_str());
            if known.or_insert_with(|| told.clone()) == told {
                break;
            }
            candidate = match number {
                1 => own.clone(),
                more => format!("{own}{more}"),
            };
        }
        candidate
    }
}

fn to(name: &str) -> Value {
    json!({ "$ref": format!("{COMPONENTS}{name}") })
}

fn by_status(refusals: &[Refusal]) -> BTreeMap<StatusCode, Vec<&Refusal>> {
    let mut found: BTreeMap<StatusCode, Vec<&Refusal>> = BTreeMap::new();
    for refusal in refusals {
        found.entry(refusal.status()).or_default().push(refusal);
    }
    found
}

/// `BadRequest`.
fn name_of(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    reason.split_whitespace().collect()
}

fn refused(status: StatusCode, refusals: &[&Refusal], served: Option<&Served<'_>>) -> Value {
    let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code()).collect();
    let from_upstream = served.is_some_and(|served| served.treatment.asks_upstream());
    let mut words = format!("Refused by the gateway: {}.", codes.join(", "));
    if from_upstream {
        words.push_str(
            " Or an error of the meeting service, as it is; X-Gateway-Error-Source tells which.",
        );
    }
    let schema = if from_upstream {
        json!({ "anyOf": [schema("Refusal"), schema("UpstreamError")] })
    } else {
        schema("Refusal")
    };
    let examples: Map<String, Value> = refusals
        .iter()
        .map(|refusal| (refusal.code().to_owned(), example(refusal)))
        .collect();
    json!({
        "description": words,
        "headers": headers::of_response(&headers_of(status, served)),
        "content": {
            "application/json": { "schema": schema, "examples": examples },
            "application/problem+json": { "schema": self::schema("Problem") },
        },
    })
}

fn example(refusal: &Refusal) -> Value {
    json!({
        "value": {
            "error_code": refusal.code(),
            "error_msg": refusal.message(),
            "request_id": "4a8bc54d78e3c46877094906d9fdaf53",
        },
    })
}

fn schema(component: &str) -> Value {
    json!({ "$ref": reference::to(component) })
}

fn of_upstream(served: &Served<'_>) -> Value {
    let mut headers = vec![REQUEST_ID, ERROR_SOURCE, RETRY_AFTER];
    headers.extend(of_the_path(served));
    json!({
        "description": "An error of the meeting service, as it is.",
        "headers": headers::of_response(&headers),
        "content": { "application/json": { "schema": schema("UpstreamError") } },
    })
}

fn headers_of(status: StatusCode, served: Option<&Served<'_>>) -> Vec<Header> {
    let mut headers = vec![REQUEST_ID, ERROR_SOURCE];
    match status {
        StatusCode::UNAUTHORIZED => headers.push(AUTHENTICATE),
        StatusCode::METHOD_NOT_ALLOWED => headers.push(ALLOW),
        StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            headers.push(RETRY_AFTER);
        }
        _ => {}
    }
    match served {
        Some(served) => headers.extend(of_the_path(served)),
        None => headers.extend([PREFERENCE_APPLIED, RECEIPT]),
    }
    headers
}

/// What the stages on a request's path may have to say.
fn of_the_path(served: &Served<'_>) -> Vec<Header> {
    let mut headers = Vec::new();
    if served.snapshot.quotas.policy().is_some() {
        headers.extend([RATELIMIT, RATELIMIT_POLICY]);
    }
    headers.extend([PREFERENCE_APPLIED, RECEIPT]);
    if served.treatment.asks_upstream() {
        headers.extend([DEPRECATION, LINK]);
    }
    if served.treatment.is_governed() {
        headers.extend([SUNSET, WARNING]);
    }
    headers
}

fn answered(served: &Served<'_>) -> Value {
    let mut headers = vec![REQUEST_ID];
    headers.extend(of_the_path(served));
    let mut response = json!({
        "description": "Carried out.",
        "headers": headers::of_response(&headers),
    });
    let content = match (served.treatment, served.operation.answer) {
        (Treatment::SignIn(TokenOperation::Delete), _) | (_, AnswerShape::Empty) => None,
        (Treatment::SignIn(_), _) => Some(schema("Token")),
        // Nobody holds it to anything, whatever it is said to be.
        (Treatment::Relayed, _) => Some(json!({})),
        (_, shape) => Some(shape_of(shape)),
    };
    let media = if served.treatment == Treatment::Relayed {
        "*/*"
    } else {
        "application/json"
    };
    if let Some(schema) = content {
        response["content"] = json!({ media: { "schema": schema } });
    }
    response
}

fn shape_of(shape: AnswerShape) -> Value {
    match shape {
        AnswerShape::ConferenceList => schema("ConferenceList"),
        AnswerShape::ConferencePage => schema("ConferencePage"),
        AnswerShape::ConferenceDetail => schema("ConferenceDetail"),
        AnswerShape::Page => schema("Page"),
        AnswerShape::Token => schema("Token"),
        AnswerShape::Empty | AnswerShape::Unknown => json!({}),
    }
}
