//! What stands in the upstream's place where a request is only explained: it keeps what would have been sent, and sends nothing.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use tower::Service;

use crate::model::header::ACCESS_TOKEN;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::http_client::Outgoing;
use crate::stages::forward::{Answer, Outbound};

/// A request that would have gone upstream.
#[derive(Debug, Clone)]
pub struct Forwarded {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The headers, but for the token.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// Keeps the last request. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Option<Forwarded>>>);

impl Recorder {
    /// Takes what was kept.
    pub fn take(&self) -> Option<Forwarded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Service<Outbound> for Recorder {
    type Response = Answer;
    type Error = Refusal;
    type Future = Ready<Result<Answer, Refusal>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, outbound: Outbound) -> Self::Future {
        outbound.record.enter(Stage::Forward);
        let (mut parts, body) = outbound.request().into_parts();
        parts.headers.remove(ACCESS_TOKEN);
        let kept = Forwarded {
            method: parts.method,
            target: parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            headers: parts.headers,
            body: whole(body),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        ready(Ok(Answer::own(StatusCode::OK, Bytes::new())))
    }
}

/// The bytes of a body that is all there, in one piece.
fn whole(mut body: Outgoing) -> Bytes {
    let mut context = Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(&mut body).poll_frame(&mut context) {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        _ => Bytes::new(),
    }
}
