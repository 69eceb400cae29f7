//! The fourth page: this gateway's API, operation by operation, with a form for each that sends it to a simulator or, where the
//! configuration allows that, through the gateway to the real upstream.

mod described;
mod form;
mod request;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use maud::{Markup, html};
use serde_json::Value;
use tokio::runtime::Handle;

use super::backend::{Backend, Destination};
use super::page::Place;
use super::parts::{failure, pretty};
use crate::runtime::snapshot::Snapshot;
use described::Described;
use form::{Form, To};

/// Bytes that a form may have.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// Bytes of an answer that are shown.
const SHOWN: usize = 256 << 10;

/// What is asked of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The part of its address behind the question mark, which names the operation.
    pub(super) query: &'a str,
    /// The form, if it was sent.
    pub(super) form: Option<&'a Bytes>,
    /// Unix time.
    pub(super) now: Duration,
}

/// The page. `document` is the gateway's OpenAPI document; none where it cannot be made, a defect.
pub(super) fn page(
    backend: &dyn Backend,
    snapshot: &Snapshot,
    document: Option<&Value>,
    asked: Asked<'_>,
) -> Markup {
    let Some(document) = document else {
        return html! { p.note { "The document cannot be made; see the log." } };
    };
    let mut operations = described::all(document);
    // A sign-in takes a signature, which nobody writes by hand.
    operations.retain(|operation| operation.tag != "authentication");
    let mut query = form_urlencoded::parse(asked.query.as_bytes());
    let named = query
        .find(|(name, _)| name == "operation")
        .map(|(_, value)| value);
    let chosen = named.as_deref().unwrap_or("update_recurring_meeting");
    let found = operations.iter().find(|operation| operation.name == chosen);
    // One that was named is never taken for another.
    let operation = found.or(operations.first().filter(|_| named.is_none()));
    html! {
        p {
            "What this gateway serves, by its own " a href="/openapi.json" { "OpenAPI document" }
            ". Sign-ins are not here, since they take a signature."
        }
        div.explore {
            nav.operations aria-label="Operations" { (list(&operations, operation)) }
            div {
                @match operation {
                    Some(operation) => (one(backend, snapshot, operation, asked)),
                    None => div data-result="" {
                        (failure("It was not sent", &html! { p { "This gateway serves no operation " code { (chosen) } ". Choose one of the list." } }))
                    },
                }
            }
        }
    }
}

fn list(operations: &[Described], chosen: Option<&Described>) -> Markup {
    let mut tags: Vec<&str> = Vec::new();
    for operation in operations {
        if !tags.contains(&&*operation.tag) {
            tags.push(&operation.tag);
        }
    }
    html! {
        @for tag in tags {
            h2 { (tag.replace('_', " ")) }
            ul { @for operation in operations.iter().filter(|operation| operation.tag == tag) {
                li {
                    a href={ (Place::Explorer.path()) "?operation=" (operation.name) }
                        aria-current=[(Some(operation) == chosen).then_some("true")] { (operation.name) }
                }
            } }
        }
    }
}

fn one(
    backend: &dyn Backend,
    snapshot: &Snapshot,
    operation: &Described,
    asked: Asked<'_>,
) -> Markup {
    let form = match asked.form {
        Some(form) => Form::read(form),
        None => Form::of(operation, snapshot, asked.now),
    };
    html! {
        section aria-labelledby="operation" {
            h2 #operation { (operation.name) }
            p { code { (operation.method) " " (operation.path) } }
            p { (operation.description) }
            @if let Some((name, schema)) = &operation.schema {
                details {
                    summary { "Schema of the body: " (name) }
                    pre tabindex="0" { (serde_json::to_string_pretty(schema).unwrap_or_default()) }
                }
            }
            details {
                summary { "Answers" }
                dl { @for (status, meaning) in &operation.responses { dt { (status) } dd { (meaning) } } }
            }
            (form::markup(operation, &form, snapshot, backend.may_send()))
            div data-result="" aria-live="polite" {
                @if asked.form.is_some() { (outcome(backend, operation, &form)) }
            }
        }
    }
}

fn outcome(backend: &dyn Backend, operation: &Described, form: &Form) -> Markup {
    let failed = |why: &str| failure("There is no answer", &html! { p { (why) } });
    let request = match request::of(operation, form) {
        Ok(request) => request,
        Err(why) => return failed(&why),
    };
    let target = request.uri().to_string();
    let to = match form.to {
        To::Simulator => Destination::Simulator {
            caller: form.caller.clone(),
        },
        To::Gateway => Destination::Gateway,
    };
    match Handle::current().block_on(backend.send(to, request)) {
        Ok(response) => answered(operation, &target, &response),
        Err(why) => failed(&why),
    }
}

fn answered(operation: &Described, target: &str, response: &Response<Bytes>) -> Markup {
    let status = response.status();
    let class = if status.is_success() { "good" } else { "bad" };
    html! {
        section class={ "outcome " (class) } aria-labelledby="outcome" {
            h2 #outcome tabindex="-1" { (status.as_u16()) " " (status.canonical_reason().unwrap_or_default()) }
            p { code { (operation.method) " " (target) } }
            (headers(response.headers()))
            pre tabindex="0" { (shown(response.body())) }
        }
    }
}

fn headers(headers: &HeaderMap) -> Markup {
    html! {
        dl {
            @for (name, value) in headers {
                dt { (name) } dd { @if value.is_sensitive() { "***" } @else { (value.to_str().unwrap_or("(not text)")) } }
            }
        }
    }
}

fn shown(body: &Bytes) -> String {
    if body.len() > SHOWN {
        return format!("({} bytes, too many to show)", body.len());
    }
    pretty(body)
}
