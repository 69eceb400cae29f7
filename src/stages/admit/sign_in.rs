//! Answers the authentication operations of the upstream's API itself, with credentials that the gateway issued: an official
//! SDK that is pointed here signs in here, and never holds an upstream token.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use http_body::Body;
use tower::{Layer, Service};

use crate::contract::Routing;
use crate::model::operation::{Family, OperationRef};
use crate::model::principal::{Caller, CredentialKind, Principal};
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::credentials::sign_in::TokenAnswer;
use crate::runtime::snapshot::{Live, Snapshot};
use crate::stages::admit::Arrival;
use crate::stages::decode::body;
use crate::stages::forward::Answer;

/// Every path of the authentication family has this in it: the rest of the traffic pays one comparison.
const FAMILY_PREFIXES: [&str; 2] = ["/v1/usg/acs/", "/v2/usg/acs/"];
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");
/// Largest sign-in body: some ten short members.
const MAX_BODY: usize = 16 * 1024;

/// Answers sign-ins; passes every other [`Arrival`] on.
#[derive(Debug, Clone)]
pub struct SignInLayer {
    live: Live,
}

impl SignInLayer {
    /// Signs in against whatever snapshot is current.
    pub const fn new(live: Live) -> Self {
        Self { live }
    }
}

impl<S> Layer<S> for SignInLayer {
    type Service = SignIn<S>;

    fn layer(&self, inner: S) -> SignIn<S> {
        SignIn {
            live: self.live.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct SignIn<S> {
    live: Live,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for SignIn<S>
where
    S: Service<Arrival<B>, Response = Answer, Error = Refusal>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<S::Future, BoxFuture<'static, Result<Answer, Refusal>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        let path = arrival.request.uri().path();
        if !FAMILY_PREFIXES
            .iter()
            .any(|prefix| path.starts_with(prefix))
        {
            return Either::Left(self.inner.call(arrival));
        }
        let snapshot = self.live.current();
        match snapshot.contract.route(arrival.request.method(), path) {
            Routing::Found(operation) if operation.family == Family::Authentication => {
                let Arrival { request, record } = arrival;
                Either::Right(Box::pin(answer(operation, snapshot, request, record)))
            }
            _ => Either::Left(self.inner.call(arrival)),
        }
    }
}

async fn answer<B>(
    operation: OperationRef,
    snapshot: Arc<Snapshot>,
    request: Request<B>,
    record: Record,
) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    record.enter(Stage::Authenticate);
    {
        let mut journal = record.journal();
        journal.operation = Some(operation);
        journal.snapshot = snapshot.number;
    }
    let (parts, stream) = request.into_parts();
    let bytes = body::read(stream, MAX_BODY, snapshot.requests.body_timeout).await?;
    record.journal().bytes_in = bytes.len();
    let desk = snapshot.sign_in.as_ref().ok_or(Refusal::UnknownOperation)?;
    match operation.name {
        "create_app_id_token" => {
            let (caller, token) = desk.create_token(&parts.headers, &bytes)?;
            record.journal().principal = Some(signed_in(caller));
            Ok(json(&token))
        }
        "update_token" => Ok(json(&desk.refresh(access_token(&parts.headers)?)?)),
        "delete_token" => {
            desk.revoke(access_token(&parts.headers)?)?;
            Ok(Answer::own(StatusCode::OK, Bytes::new()))
        }
        "validate_token" => Ok(json(&desk.validate(&bytes)?)),
        _ => Err(Refusal::UnknownOperation),
    }
}

fn access_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = only(headers, &ACCESS_TOKEN)?.ok_or(Refusal::CredentialMissing)?;
    value.to_str().map_err(|_| Refusal::CredentialInvalid)
}

/// The only value of a header; two are one too many.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        _ => Err(Refusal::CredentialAmbiguous),
    }
}

fn json(token: &TokenAnswer) -> Answer {
    let mut answer = Answer::own(StatusCode::OK, token.to_json().into());
    answer.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=UTF-8"),
    );
    answer
        .headers
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Who signed in, for the record; the user is in the token.
fn signed_in(caller: Arc<Caller>) -> Principal {
    Principal {
        caller,
        signed_in_user: None,
        credential: CredentialKind::AppId,
    }
}
