//! The upstream request, built from an allow-list: nothing of the caller's request is copied and then deleted, so nothing can
//! be forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Method, Request};
use percent_encoding::utf8_percent_encode;

use crate::model::header::{ACCESS_TOKEN, REQUEST_ID, TRACESTATE};
use crate::model::operation::OperationRef;
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::unreserved::ALL_BUT_UNRESERVED;
use crate::runtime::http_client::{self, Outgoing};
use crate::runtime::snapshot::Snapshot;
use crate::runtime::tokens::token::UpstreamToken;
use crate::runtime::upload::Upload;
use crate::stages::decode::{Call, Query};
use crate::stages::forward::Answer;
use crate::stages::relay::Relay;

const GATEWAY: HeaderValue =
    HeaderValue::from_static(concat!("meeting-gateway/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");
/// Headers of next to every request, those included that come to it last: token, trace context, host, length.
const MOST_HEADERS: usize = 10;
/// Bytes by which policies lengthen a body, usually at most.
const MORE: usize = 256;

/// A request that is ready for the upstream, but for the token; it can be sent more than once.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// What is asked.
    pub operation: OperationRef,
    /// The same for every try.
    fixed: Arc<Fixed>,
    token: Option<Token>,
    /// On the record's clock.
    deadline: Duration,
    /// The configuration the request is held to.
    pub snapshot: Arc<Snapshot>,
    /// Its record.
    pub record: Record,
}

#[derive(Debug)]
struct Fixed {
    method: Method,
    target: PathAndQuery,
    /// Of which each try makes a map, with room for what comes to it on the way.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Payload,
    tries: AtomicU32,
}

/// Whose token it carries.
#[derive(Debug, Clone)]
enum Token {
    /// The caller's own, passed through.
    Brought(HeaderValue),
    /// The gateway's.
    Ours(Arc<UpstreamToken>),
}

#[derive(Debug)]
enum Payload {
    Whole(Bytes),
    Passing(Upload),
}

impl Outbound {
    /// Serialises a call that has passed the policy. What was checked is what is sent.
    pub fn of(call: Call) -> Result<Self, Refusal> {
        let mut headers = Vec::with_capacity(MOST_HEADERS);
        let body = if call.snapshot.contract.body(call.operation).is_some() {
            headers.push((CONTENT_TYPE, JSON));
            let expected = call.record.journal().bytes_in + MORE;
            call.document.to_json(expected)
        } else {
            Vec::new()
        };
        headers.push((ACCEPT, JSON));
        own_headers(&mut headers, &call.record)?;
        headers.extend(call.passed);
        Ok(Self {
            operation: call.operation,
            fixed: Arc::new(Fixed {
                method: call.operation.method.clone(),
                target: target(call.operation.template, &call.query)?,
                headers,
                body: Payload::Whole(body.into()),
                tries: AtomicU32::new(0),
            }),
            token: None,
            deadline: call.deadline.unwrap_or_else(|| {
                call.record.clock().monotonic() + call.snapshot.upstream.total_timeout
            }),
            snapshot: call.snapshot,
            record: call.record,
        })
    }

    /// A request that is passed on with its body unread.
    pub fn relayed(relay: Relay) -> Result<Self, Refusal> {
        let mut headers = Vec::with_capacity(MOST_HEADERS);
        headers.extend(relay.media_type.map(|value| (CONTENT_TYPE, value)));
        headers.push((ACCEPT, ANYTHING));
        own_headers(&mut headers, &relay.record)?;
        headers.extend(relay.passed);
        let body = relay.upload.map_or_else(Payload::nothing, Payload::Passing);
        let time = relay.snapshot.upstream.relay.total_timeout;
        Ok(Self {
            operation: relay.operation,
            fixed: Arc::new(Fixed {
                method: relay.operation.method.clone(),
                target: target(&relay.path, &relay.query)?,
                headers,
                body,
                tries: AtomicU32::new(0),
            }),
            token: None,
            deadline: relay.record.clock().monotonic() + time,
            snapshot: relay.snapshot,
            record: relay.record,
        })
    }

    /// The same request with a token that the caller brought.
    #[must_use]
    pub fn with_token(mut self, token: HeaderValue) -> Self {
        self.token = Some(Token::Brought(token));
        self
    }

    /// The same request with a token of the gateway's.
    #[must_use]
    pub fn with_our_token(mut self, token: Arc<UpstreamToken>) -> Self {
        self.token = Some(Token::Ours(token));
        self
    }

    /// The token it carries; an answer that repeats it is masked.
    pub fn token(&self) -> Option<&HeaderValue> {
        Some(match self.token.as_ref()? {
            Token::Brought(token) => token,
            Token::Ours(token) => token.header(),
        })
    }

    /// Masks the token in an answer that repeats it.
    pub(super) fn hide_token(&self, answer: &mut Answer) {
        match &self.token {
            Some(Token::Brought(token)) => answer.without_token(token),
            Some(Token::Ours(token)) => answer.without(token.finder()),
            None => {}
        }
    }

    /// The time that is left for all tries together.
    pub fn time_left(&self) -> Duration {
        self.deadline
            .saturating_sub(self.record.clock().monotonic())
    }

    /// The body that is passed on, where there is one.
    pub fn upload(&self) -> Option<&Upload> {
        match &self.fixed.body {
            Payload::Whole(_) => None,
            Payload::Passing(upload) => Some(upload),
        }
    }

    /// Whether another try would send the same.
    pub fn can_be_repeated(&self) -> bool {
        self.upload().is_none_or(Upload::can_be_sent_again)
    }

    /// Counts one more try, and says how many there were before.
    pub fn count_try(&self) -> u32 {
        self.fixed.tries.fetch_add(1, Ordering::Relaxed)
    }

    /// How many tries there were.
    pub fn tries(&self) -> u32 {
        self.fixed.tries.load(Ordering::Relaxed)
    }

    /// The request for one try, but for its trace context.
    pub fn request(&self) -> Request<Outgoing> {
        let fixed = &*self.fixed;
        let mut request = Request::new(match &fixed.body {
            Payload::Whole(body) => http_client::whole(body.clone()),
            Payload::Passing(upload) => Outgoing::Right(upload.body()),
        });
        *request.method_mut() = fixed.method.clone();
        *request.uri_mut() = self.snapshot.upstream.origin.uri(fixed.target.clone());
        let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
        headers.extend(fixed.headers.iter().cloned());
        if let Some(token) = self.token() {
            headers.insert(ACCESS_TOKEN, token.clone());
        }
        *request.headers_mut() = headers;
        request
    }
}

impl Payload {
    const fn nothing() -> Self {
        Self::Whole(Bytes::new())
    }
}

/// What the gateway says of itself and of the request, whatever is asked.
fn own_headers(
    headers: &mut Vec<(HeaderName, HeaderValue)>,
    record: &Record,
) -> Result<(), Refusal> {
    headers.push((USER_AGENT, GATEWAY));
    let journal = record.journal();
    let id = HeaderValue::try_from(&*journal.request_id).map_err(|_| Refusal::Internal)?;
    headers.push((REQUEST_ID, id));
    if let Some(tracestate) = &journal.tracestate {
        headers.push((TRACESTATE, tracestate.clone()));
    }
    Ok(())
}

/// The path with the parameters that are left, in the order sent.
fn target(path: &str, query: &Query) -> Result<PathAndQuery, Refusal> {
    let mut text = String::with_capacity(path.len() + 48);
    text.push_str(path);
    let mut separator = '?';
    for (name, value) in query {
        text.push(separator);
        text.extend(utf8_percent_encode(name, ALL_BUT_UNRESERVED));
        text.push('=');
        text.extend(utf8_percent_encode(value, ALL_BUT_UNRESERVED));
        separator = '&';
    }
    PathAndQuery::try_from(text).map_err(|_| Refusal::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_built_from_decoded_parameters() {
        let query = vec![("conferenceID".into(), "91 40&x=1/é#".into())];
        assert_eq!(
            target("/v1/x", &query).unwrap().as_str(),
            "/v1/x?conferenceID=91%2040%26x%3D1%2F%C3%A9%23"
        );
        assert_eq!(target("/v1/x", &Query::new()).unwrap().as_str(), "/v1/x");
    }
}
