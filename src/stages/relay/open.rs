//! Takes the caller's request apart and keeps what may go upstream; the body stays on its way, bounded.

use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::Body;
use tower::{Layer, Service};

use super::{Relay, media_type};
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::upload::{Bounds, Upload};
use crate::stages::decode::{Routed, body};
use crate::stages::forward::Answer;

/// Longest header passed on; some are credentials of a running meeting.
const MAX_PASSED: usize = 2048;

/// [`Routed`] → [`Relay`], or 400, 408, 413, 415.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenLayer;

impl<S> Layer<S> for OpenLayer {
    type Service = Open<S>;

    fn layer(&self, inner: S) -> Open<S> {
        Open { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Open<S> {
    inner: S,
}

impl<S, B> Service<Routed<B>> for Open<S>
where
    S: Service<Relay, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<Answer, Refusal>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, routed: Routed<B>) -> Self::Future {
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let relay = open(routed).await?;
            let closing = relay.upload.clone().map(|upload| Closing {
                upload,
                record: relay.record.clone(),
            });
            let answer = inner.call(relay).await?;
            answer.body.hold(closing);
            Ok(answer)
        })
    }
}

async fn open<B>(routed: Routed<B>) -> Result<Relay, Refusal>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    let Routed {
        request,
        operation,
        path,
        query,
        own_token,
        principal,
        snapshot,
        record,
    } = routed;
    record.enter(Stage::Decode);
    record.journal().relayed = true;
    let (mut parts, body) = request.into_parts();
    let (media_type, upload) = if operation.body.is_some() {
        let media_type = media_type::accepted(operation.media, &parts.headers)?;
        let settings = &snapshot.upstream.relay;
        let bounds = Bounds {
            bytes: settings.body_bytes,
            idle: settings.idle_timeout,
            total: settings.total_timeout,
        };
        if body.size_hint().lower() > bounds.bytes as u64 {
            return Err(Refusal::BodyTooLarge {
                limit: bounds.bytes,
            });
        }
        (Some(media_type), Some(Upload::new(body, bounds)))
    } else {
        body::nothing(body, &snapshot).await?;
        (None, None)
    };
    Ok(Relay {
        operation,
        path,
        query,
        deprecated: body::deprecated(&parts.headers),
        passed: body::passed(operation, &mut parts.headers, MAX_PASSED),
        media_type,
        upload,
        own_token,
        principal,
        snapshot,
        record,
    })
}

/// Ends the upload with the request that it is of, and counts it.
#[derive(Debug)]
struct Closing {
    upload: Upload,
    record: Record,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.upload.close();
        self.record.journal().bytes_in = self.upload.sent();
    }
}
