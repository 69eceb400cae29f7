//! What stands around the gateway: a collector that keeps what it is sent, and an upstream that answers what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body_util::Full;

use super::outlet::{Departed, Outlet};
use crate::support::http_server::{serve, unpacked};

fn head_of(head: &Parts) -> Vec<u8> {
    let mut text = format!("{} {}\n", head.method, head.uri).into_bytes();
    for (name, value) in &head.headers {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    text
}

/// A collector, which keeps heads and bodies apart; gives its URL.
pub(super) async fn collector(departed: Departed) -> String {
    serve(move |head, body| {
        departed.note(Outlet::CollectorHead, head_of(&head));
        let outlet = match head.uri.path() {
            "/v1/traces" => Outlet::Traces,
            "/v1/metrics" => Outlet::Metrics,
            "/v1/logs" => Outlet::Logs,
            other => panic!("OTLP has no {other}"),
        };
        departed.note(outlet, unpacked(&head, &body));
        Response::default()
    })
    .await
}

/// An upstream. Without instructions it answers `[]`.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) url: String,
    next: Queue,
    next_sign_in: Queue,
}

type Queue = Arc<Mutex<VecDeque<Response<Bytes>>>>;

impl Service {
    /// Starts one; to a sign-in it answers `token`.
    pub(super) async fn start(departed: Departed, token: String) -> Self {
        let (next, next_sign_in): (Queue, Queue) = Default::default();
        let queues = (Arc::clone(&next), Arc::clone(&next_sign_in));
        let answer = move |head: Parts, body: Bytes| {
            let is_sign_in = head.uri.path().ends_with("/usg/acs/auth/appauth");
            let outlet = if is_sign_in {
                Outlet::SignIn
            } else {
                Outlet::Upstream
            };
            departed.note(outlet, [head_of(&head), body.to_vec()].concat());
            let (queue, usual) = if is_sign_in {
                (&queues.1, &*token)
            } else {
                (&queues.0, "[]")
            };
            let told = queue.lock().unwrap().pop_front();
            told.unwrap_or_else(|| json(usual.to_owned()))
                .map(Full::new)
        };
        Self {
            url: serve(answer).await,
            next,
            next_sign_in,
        }
    }

    /// What the next request is answered that is no sign-in.
    pub(super) fn next(&self, response: Response<Bytes>) {
        self.next.lock().unwrap().push_back(response);
    }

    /// What the next sign-in is answered.
    pub(super) fn next_sign_in(&self, response: Response<Bytes>) {
        self.next_sign_in.lock().unwrap().push_back(response);
    }

    /// Takes back what nobody came for.
    pub(super) fn forget(&self) {
        self.next_sign_in.lock().unwrap().clear();
    }

    /// Whether every answer was fetched.
    pub(super) fn has_nothing_left(&self) -> bool {
        [&self.next, &self.next_sign_in]
            .iter()
            .all(|queue| queue.lock().unwrap().is_empty())
    }
}

/// A good answer.
pub(super) fn json(body: impl Into<Bytes>) -> Response<Bytes> {
    let response = Response::builder().header("content-type", "application/json");
    response.body(body.into()).unwrap()
}
