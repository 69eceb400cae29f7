//! Answers the authentication operations of the upstream's API itself, with credentials that the gateway issued: an official
//! SDK that is pointed here signs in here, and never holds an upstream token.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Request, StatusCode};
use http_body::Body;
use tokio::sync::Semaphore;
use tower::{Layer, Service};

use crate::contract::Routing;
use crate::model::header::ACCESS_TOKEN;
use crate::model::operation::{Family, TokenOperation};
use crate::model::principal::{Caller, CredentialKind, Principal};
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::request_path::without_extra_slash;
use crate::model::stage::Stage;
use crate::runtime::credentials::sign_in::{MAX_BODY, SignIn as SignInDesk, TokenAnswer};
use crate::runtime::snapshot::{Live, Snapshot};
use crate::stages::accept::Peer;
use crate::stages::admit::attempt::Attempt;
use crate::stages::admit::{Arrival, limit, only};
use crate::stages::decode::body;
use crate::stages::forward::Answer;

/// Every path of the authentication family begins so: the rest of the traffic pays one comparison.
const FAMILY_PREFIXES: [&str; 2] = ["/v1/usg/acs/", "/v2/usg/acs/"];
/// Longest time for such a body. Nobody knows yet who sends it.
const BODY_DEADLINE: Duration = Duration::from_secs(5);
/// Sign-ins at a time. They have slots of their own: a stranger who holds them all keeps others from signing in for some
/// seconds, but takes nothing from callers who are signed in.
const SLOTS: usize = 128;

/// Answers sign-ins; passes every other [`Arrival`] on.
#[derive(Debug, Clone)]
pub struct SignInLayer {
    live: Live,
    slots: Arc<Semaphore>,
}

impl SignInLayer {
    /// Signs in against whatever snapshot is current.
    pub fn new(live: Live) -> Self {
        Self {
            live,
            slots: Arc::new(Semaphore::new(SLOTS)),
        }
    }
}

impl<S> Layer<S> for SignInLayer {
    type Service = SignIn<S>;

    fn layer(&self, inner: S) -> SignIn<S> {
        SignIn {
            layer: self.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct SignIn<S> {
    layer: SignInLayer,
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
        let bare = without_extra_slash(path);
        if !FAMILY_PREFIXES
            .iter()
            .any(|prefix| bare.starts_with(prefix))
        {
            return Either::Left(self.inner.call(arrival));
        }
        let snapshot = self.layer.live.current();
        let path = snapshot.requests.path(path);
        let Routing::Found(operation) = snapshot.contract.route(arrival.request.method(), path)
        else {
            return Either::Left(self.inner.call(arrival));
        };
        match operation.family {
            Family::Authentication(asked) => {
                let Arrival { request, record } = arrival;
                let slot = Arc::clone(&self.layer.slots).try_acquire_owned();
                Either::Right(Box::pin(async move {
                    // Given back when the answer is there.
                    let _slot = slot.map_err(|_| Refusal::Overloaded)?;
                    record.journal().operation = Some(operation);
                    answer(asked, snapshot, request, record).await
                }))
            }
            _ => Either::Left(self.inner.call(arrival)),
        }
    }
}

async fn answer<B>(
    asked: TokenOperation,
    snapshot: Arc<Snapshot>,
    request: Request<B>,
    record: Record,
) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    record.enter(Stage::Authenticate);
    snapshot.sign(&mut record.journal());
    let desk = snapshot.sign_in.as_ref().ok_or(Refusal::UnknownOperation)?;
    let (parts, stream) = request.into_parts();
    // A sign-in brings a credential of its own: beside a certificate that names a caller it is one too many.
    let peer = parts.extensions.get::<Peer>();
    let certificate = peer.and_then(|peer| peer.certificate.as_deref());
    let now = record.clock().unix();
    if snapshot.authenticator.holder(certificate, now)?.is_some() {
        return Err(Refusal::CredentialAmbiguous);
    }
    // A refresh shows the token that requests show; a sign-in shows something new each time.
    let token = match asked {
        TokenOperation::Update | TokenOperation::Delete => access_token(&parts.headers).ok(),
        TokenOperation::Create | TokenOperation::Validate => None,
    };
    let attempt = Attempt::new(&snapshot, &record, token);
    // No body is read for an address that has had its attempts.
    attempt.admit()?;
    let result = attempted(
        asked,
        desk,
        (&parts.headers, stream),
        &record,
        &snapshot,
        attempt,
    )
    .await;
    attempt.settle(&result);
    result
}

async fn attempted<B>(
    asked: TokenOperation,
    desk: &SignInDesk,
    (headers, stream): (&HeaderMap, B),
    record: &Record,
    snapshot: &Snapshot,
    attempt: Attempt<'_>,
) -> Result<Answer, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    // Whoever proved to be a caller is known to the record, held to its quota as with every other operation, and told where it
    // stands.
    let admit = async |caller: &Arc<Caller>, credential| {
        record.journal().principal = Some(Principal {
            caller: Arc::clone(caller),
            signed_in_user: None,
            credential,
        });
        limit::charge(record, snapshot, caller.index, None).await
    };
    match asked {
        TokenOperation::Create => {
            let bytes = read(stream, record).await?;
            // Many may have sent their bodies meanwhile.
            attempt.admit()?;
            let signed = desk.signed(headers, &bytes)?;
            admit(signed.caller(), CredentialKind::AppId).await?;
            Ok(json(&desk.create_token(signed).await?))
        }
        TokenOperation::Validate => {
            let bytes = read(stream, record).await?;
            attempt.admit()?;
            let asked = desk.to_validate(&bytes)?;
            admit(asked.caller(), CredentialKind::GatewayToken).await?;
            Ok(json(&desk.validate(asked)?))
        }
        // The token is in a header: their body, if any, is not waited for.
        TokenOperation::Update => {
            let shown = desk.shown(access_token(headers)?)?;
            admit(shown.caller(), CredentialKind::GatewayToken).await?;
            Ok(json(&desk.refresh(shown)?))
        }
        TokenOperation::Delete => {
            let shown = desk.shown(access_token(headers)?)?;
            admit(shown.caller(), CredentialKind::GatewayToken).await?;
            desk.revoke(&shown)?;
            Ok(Answer::own(StatusCode::OK, Bytes::new()))
        }
    }
}

async fn read<B>(stream: B, record: &Record) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let bytes = body::read(stream, MAX_BODY, BODY_DEADLINE).await?;
    record.journal().bytes_in = bytes.len();
    Ok(bytes)
}

fn access_token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = only(headers, &ACCESS_TOKEN)?.ok_or(Refusal::CredentialMissing)?;
    value.to_str().map_err(|_| Refusal::CredentialInvalid)
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
