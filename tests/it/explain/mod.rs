//! Explaining a request: the same path as in production, told in one document, on the command line and by the admin listener.

mod schema;
mod parity;
mod formats;
mod command;
mod listener;

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use meeting_gateway::explain::document::{Document, ReadFrom};
use meeting_gateway::explain::{Asked, Explainer};
use meeting_gateway::model::change::Detail;
use meeting_gateway::model::principal::Caller;
use serde_json::Value;

use crate::support::request::{KEY, TARGET};
use crate::support::{START, TestGateway};

/// Explains under the snapshot of a gateway.
fn explainer(gateway: &TestGateway) -> Explainer {
    Explainer::new(gateway.parts.live.current()).unwrap()
}

/// A configured caller.
fn caller(explainer: &Explainer, id: &str) -> Arc<Caller> {
    let callers = explainer.snapshot().authenticator.callers();
    Arc::clone(callers.iter().find(|caller| &*caller.id == id).unwrap())
}

/// The usual request of `scheduling-app`, with its credential, when every test begins.
fn asked(explainer: &Explainer, body: Vec<u8>) -> Asked {
    let json = HeaderValue::from_static("application/json");
    let key = HeaderValue::from_static(KEY);
    let mut asked = Asked::put(
        TARGET.parse().unwrap(),
        body.into(),
        caller(explainer, "scheduling-app"),
    );
    asked.headers = HeaderMap::from_iter([
        (CONTENT_TYPE, json),
        ("x-access-token".parse().unwrap(), key),
    ]);
    asked.now = START;
    asked
}

/// The document of a request.
async fn document(explainer: &Explainer, asked: &Asked, detail: Detail) -> Value {
    let explanation = explainer.explain(asked.clone()).await;
    let snapshot = explainer.snapshot();
    let document = Document::of(asked, ReadFrom::Json, &explanation, snapshot, detail);
    serde_json::to_value(document).unwrap()
}

/// A document without the times that it took.
fn without_times(mut document: Value) -> Value {
    for stage in document["stages"].as_array_mut().unwrap() {
        stage["microseconds"] = 0.into();
    }
    document
}
