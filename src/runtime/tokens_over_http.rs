//! Carries the gateway's own sign-ins to the upstream, over the same connections as everything else.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::HeaderMap;
use http::uri::PathAndQuery;
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::content_coding::{Coding, Undecodable};
use super::http_client::{self, Outgoing};
use super::telemetry::own_requests::{OwnRequest, OwnRequests, Wanted};
use super::tokens::SIGN_IN_PATH;
use super::tokens::transport::{SignInTransport, TransportFault};
use super::upstream_client::{Answered, Fault, UpstreamClient};
use crate::model::header::TRACEPARENT;
use crate::model::origin::Origin;

/// A token answer has some 1,500 bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Signs in at one upstream.
#[derive(Debug, Clone)]
pub struct TokensOverHttp {
    client: UpstreamClient,
    origin: Origin,
    timeout: Duration,
    own_requests: OwnRequests,
}

impl TokensOverHttp {
    /// Signs in at `origin`; one sign-in may take `timeout`. `own_requests` tells of it.
    pub const fn new(
        client: UpstreamClient,
        origin: Origin,
        timeout: Duration,
        own_requests: OwnRequests,
    ) -> Self {
        Self {
            client,
            origin,
            timeout,
            own_requests,
        }
    }
}

impl SignInTransport for TokensOverHttp {
    fn sign_in(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
        let this = self.clone();
        Box::pin(async move {
            match tokio::time::timeout(this.timeout, this.exchange(request)).await {
                Ok(result) => result,
                Err(_) => Err(TransportFault::Timeout),
            }
        })
    }
}

impl TokensOverHttp {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportFault> {
        let (mut head, body) = request.into_parts();
        let target = head
            .uri
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        head.uri = self.origin.uri(target);
        let wanted = head.extensions.remove::<Wanted>();
        let mut told = self.own_requests.begin(
            &head.method,
            head.uri.clone(),
            Some(SIGN_IN_PATH),
            wanted.unwrap_or_else(Wanted::by_nobody),
        );
        if let Some(traceparent) = told.traceparent() {
            head.headers.insert(TRACEPARENT, traceparent);
        }
        let request = Request::from_parts(head, http_client::whole(body));
        match self.answer(request, &mut told).await {
            Ok(response) => {
                told.answered();
                Ok(response)
            }
            Err((fault, error_type)) => {
                told.failed(error_type);
                Err(fault)
            }
        }
    }

    /// The answer, or what is wrong and in one word.
    async fn answer(
        &self,
        request: Request<Outgoing>,
        told: &mut OwnRequest,
    ) -> Result<Response<Bytes>, (TransportFault, &'static str)> {
        let answered = self.client.request(request).await.map_err(|fault| {
            // The text names hosts and system errors, nothing of the request.
            tracing::warn!(%fault, "cannot reach the upstream to sign in");
            let error_type = match fault {
                Fault::Connect(_) => "connect",
                Fault::Lost(_) => "connection_lost",
            };
            (TransportFault::Unreachable, error_type)
        })?;
        let Answered {
            response,
            peer,
            // Given back when the body has been read.
            connection: _connection,
        } = answered;
        told.head(&response, peer);
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map_err(|fault| {
                if fault.is::<LengthLimitError>() {
                    (TransportFault::AnswerTooLarge, "invalid_answer")
                } else {
                    (TransportFault::Unreachable, "connection_lost")
                }
            })?;
        let body = decoded(&head.headers, body.to_bytes());
        let body = body.map_err(|fault| (fault, "invalid_answer"))?;
        Ok(Response::from_parts(head, body))
    }
}

/// A body as it was before whatever stands before the service compressed it.
fn decoded(headers: &HeaderMap, body: Bytes) -> Result<Bytes, TransportFault> {
    let coding = Coding::of(headers);
    let decoded = coding.and_then(|coding| match coding {
        Some(coding) => coding.decode(&body, MAX_ANSWER),
        None => Ok(body),
    });
    decoded.map_err(|fault| match fault {
        Undecodable::TooLarge => TransportFault::AnswerTooLarge,
        _ => TransportFault::AnswerCoded,
    })
}
