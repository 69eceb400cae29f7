//! Reads the body, bounded in size and time, and parses it as strict JSON.
//!
//! Accepted is `application/json`, alone or with `charset=utf-8`, without a content coding: nothing that another parser could
//! read in another way.

use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::poll;
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use http_body::Body;
use tower::{Layer, Service};

use crate::contract::deprecation::{self, DEPRECATED, Deprecated};
use crate::contract::shape::Shape;
use crate::contract::{masked, strict_json};
use crate::model::change::Detail;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::finding::Location;
use crate::model::header::VisibleHeaders;
use crate::model::operation::OperationRef;
use crate::model::record::{Record, RecordedRequest};
use crate::model::refusal::Refusal;
use crate::model::sensitive::{MASK, Sensitivity, of_header, of_parameter};
use crate::model::stage::Stage;
use crate::runtime::snapshot::Snapshot;
use crate::stages::bounded;
use crate::stages::decode::{Call, Query, Routed};

/// Longest header passed on: the service knows two languages, and the documented headers of governed operations are single
/// digits.
const MAX_PASSED: usize = 128;

/// [`Routed`] → [`Call`], or 400, 408, 413, 415.
#[derive(Debug, Clone, Copy, Default)]
pub struct DecodeLayer;

impl<S> Layer<S> for DecodeLayer {
    type Service = Decode<S>;

    fn layer(&self, inner: S) -> Decode<S> {
        Decode { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Decode<S> {
    inner: S,
}

impl<S, B> Service<Routed<B>> for Decode<S>
where
    S: Service<Call, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<S::Response, Refusal>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, routed: Routed<B>) -> Self::Future {
        // The clone takes the place of the one that was made ready.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        if let Err(refusal) = media_type_fits(&routed) {
            let record = routed.record;
            return Box::pin(async move {
                record.enter(Stage::Decode);
                Err(refusal)
            });
        }
        let (mut call, body) = open(routed);
        Box::pin(async move {
            // A client that leaves before this has not come here.
            call.record.enter(Stage::Decode);
            if call.snapshot.contract.body(call.operation).is_some() {
                call.document = document(body, &call.snapshot, &call.record).await?;
            } else {
                nothing(body, &call.snapshot).await?;
            }
            keep(&call);
            inner.call(call).await
        })
    }
}

/// Refuses a body, where the operation has one, that is not called JSON.
fn media_type_fits<B>(routed: &Routed<B>) -> Result<(), Refusal> {
    match routed.snapshot.contract.body(routed.operation) {
        Some(_) => json_media_type(routed.request.headers()),
        None => Ok(()),
    }
}

/// All but the body, which has not been waited for.
fn open<B>(routed: Routed<B>) -> (Call, B) {
    let Routed {
        request,
        operation,
        query,
        own_token,
        principal,
        snapshot,
        record,
        ..
    } = routed;
    let (mut parts, body) = request.into_parts();
    let call = Call {
        operation,
        query,
        deprecated: deprecated(&parts.headers),
        headers: VisibleHeaders::of(&parts.headers),
        passed: passed(operation, &mut parts.headers, MAX_PASSED),
        own_token,
        document: Document::default(),
        in_order: false,
        merged: None,
        deadline: None,
        principal,
        snapshot,
        record,
    };
    (call, body)
}

/// Keeps the request for the audit log as it came in, where the configuration wants that.
fn keep(call: &Call) {
    let Some(detail) = call.snapshot.requests.recorded else {
        return;
    };
    let recorded = RecordedRequest {
        detail,
        body: kept_body(&call.document, call.operation, &call.snapshot, detail),
        query: kept_query(&call.query, call.operation, detail),
        headers: call.headers.clone(),
    };
    let mut journal = call.record.journal();
    journal.changes = Changes::complete();
    journal.recorded = Some(Box::new(recorded));
}

/// What goes upstream of the headers, each once and none longer than `longest` bytes.
pub(crate) fn passed(
    operation: OperationRef,
    headers: &mut HeaderMap,
    longest: usize,
) -> Vec<(HeaderName, HeaderValue)> {
    let names = [&ACCEPT_LANGUAGE].into_iter().chain(&operation.headers);
    let pairs = names.filter_map(|name| {
        let value = headers.remove(name)?;
        Some((name.clone(), value))
    });
    let mut passed: Vec<_> = pairs.filter(|(_, value)| value.len() <= longest).collect();
    for (name, value) in &mut passed {
        value.set_sensitive(of_header(name.as_str()) != Sensitivity::Public);
    }
    passed
}

/// A body of strict JSON.
async fn document<B>(body: B, snapshot: &Snapshot, record: &Record) -> Result<Document, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let settings = &snapshot.requests;
    let bytes = read(body, settings.body_bytes, settings.body_timeout).await?;
    record.journal().bytes_in = bytes.len();
    strict_json::parse(&bytes, settings.json).map_err(|fault| Refusal::MalformedJson {
        reason: fault.reason,
        line: fault.line,
        column: fault.column,
    })
}

/// Passes a body that is none. Two readers may not agree on what one is for where none is documented.
pub(crate) async fn nothing<B>(body: B, snapshot: &Snapshot) -> Result<(), Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    match read(body, 0, snapshot.requests.body_timeout).await {
        Ok(_) => Ok(()),
        Err(Refusal::BodyTooLarge { .. }) => Err(Refusal::UnexpectedBody),
        Err(other) => Err(other),
    }
}

/// The body for the audit log. Of an operation whose body is not known, nothing but the names may be seen.
fn kept_body(
    document: &Document,
    operation: OperationRef,
    snapshot: &Snapshot,
    detail: Detail,
) -> Document {
    if detail == Detail::Exact {
        return document.clone();
    }
    let contract = snapshot.contract.body(operation);
    let kept = contract.map_or_else(
        || masked::masked(&document.0, &Shape::default()),
        |contract| masked::masked(&document.0, contract.shape()),
    );
    Document(kept)
}

/// The parameters that go upstream: of the others, nobody can say what they hold. As with bodies, what holds nothing stays.
fn kept_query(query: &Query, operation: OperationRef, detail: Detail) -> Query {
    let goes_upstream = |name: &str| {
        operation.query.contains(&name) && deprecation::find(Location::Query, name).is_none()
    };
    let is_masked = |name: &str, value: &str| {
        detail != Detail::Exact && !value.is_empty() && of_parameter(name) != Sensitivity::Public
    };
    let kept = query.iter().filter(|(name, _)| goes_upstream(name));
    kept.map(|(name, value)| {
        let value = if is_masked(name, value) {
            MASK.into()
        } else {
            value.clone()
        };
        (name.clone(), value)
    })
    .collect()
}

/// Reads a whole body of at most `limit` bytes within `deadline`.
pub async fn read<B>(body: B, limit: usize, deadline: Duration) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = pin!(bounded::collect(body, limit));
    // Most bodies are here already: no timer for them.
    let read = match poll!(whole.as_mut()) {
        Poll::Ready(read) => Ok(read),
        Poll::Pending => tokio::time::timeout(deadline, whole).await,
    };
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(bounded::Fault::TooLarge)) => Err(Refusal::BodyTooLarge { limit }),
        Ok(Err(bounded::Fault::Incomplete)) => Err(Refusal::BodyIncomplete),
        Err(_) => Err(Refusal::BodyTimeout),
    }
}

/// The deprecated headers that came along, in the order of the table.
pub(crate) fn deprecated(headers: &HeaderMap) -> Vec<&'static Deprecated> {
    let came = |entry: &&Deprecated| headers.keys().any(|name| name.as_str() == entry.name);
    let of_headers = DEPRECATED
        .iter()
        .filter(|entry| entry.location == Location::Header);
    of_headers.filter(came).collect()
}

/// Passes JSON in UTF-8 that is not encoded further.
pub(crate) fn json_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let (mut types, mut only, mut is_plain) = (0, None, true);
    // One walk over the fields is less than two searches among them.
    for (name, value) in headers {
        if *name == CONTENT_TYPE {
            types += 1;
            only = Some(value);
        } else if *name == CONTENT_ENCODING {
            is_plain &= value.as_bytes().eq_ignore_ascii_case(b"identity");
        }
    }
    let only = only.filter(|_| types == 1);
    let is_json = only.is_some_and(|only| only.to_str().is_ok_and(is_json));
    if is_json && is_plain {
        Ok(())
    } else {
        Err(Refusal::UnsupportedMediaType)
    }
}

/// `application/json`, at most with one `charset=utf-8`.
fn is_json(media_type: &str) -> bool {
    if media_type == "application/json" {
        return true;
    }
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.eq_ignore_ascii_case("charset")
                && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
        && media_type.matches(';').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Frame;
    use http_body_util::StreamBody;

    #[test]
    fn media_types() {
        let judged = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            json_media_type(&headers).is_ok()
        };
        for good in [
            "application/json",
            "Application/JSON",
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"",
        ] {
            assert!(judged(&[good]), "{good}");
        }
        for bad in [
            "text/json",
            "application/jsonp",
            "application/json;charset=utf-16",
            "application/json;a=b",
            "application/json;charset=utf-8;charset=utf-16",
        ] {
            assert!(!judged(&[bad]), "{bad}");
        }
        assert!(!judged(&[]) && !judged(&["application/json", "application/json"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_refused_in_time() {
        let endless = StreamBody::new(futures_util::stream::pending::<
            Result<Frame<Bytes>, std::io::Error>,
        >());
        assert_eq!(
            read(endless, 5, Duration::from_secs(30)).await,
            Err(Refusal::BodyTimeout)
        );
    }
}
