//! Authenticates the caller and pins the snapshot that the request is held to. At once, but for a JWT whose issuer's keys are being
//! fetched: that waits for them, in a future of its own.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use http::header::{HeaderMap, HeaderValue};
use tower::{Layer, Service};

use crate::model::header::ACCESS_TOKEN;
use crate::model::principal::Principal;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::credentials::authenticator::{Authentication, presented};
use crate::runtime::credentials::gateway_token;
use crate::runtime::snapshot::{Live, Snapshot};
use crate::stages::accept::Peer;
use crate::stages::admit::attempt::Attempt;
use crate::stages::admit::{Admitted, Arrival, only};
use crate::stages::forward::Answer;
use crate::stages::step::{Passed, refused};

/// Shortest upstream token; the documented samples have 36 to 40 characters.
const MIN_TOKEN: usize = 16;

/// [`Arrival`] → [`Admitted`], or 401; 429 where too many wrong credentials came from the client's address, 503 where a JWT cannot be
/// checked now.
#[derive(Debug, Clone)]
pub struct AuthenticateLayer {
    live: Live,
}

impl AuthenticateLayer {
    /// Authenticates against whatever snapshot is current.
    pub const fn new(live: Live) -> Self {
        Self { live }
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate {
            live: self.live.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Authenticate<S> {
    live: Live,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for Authenticate<S>
where
    S: Service<Admitted<B>, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<Passed<S::Future, Answer>, BoxFuture<'static, Result<Answer, Refusal>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        arrival.record.enter(Stage::Authenticate);
        let snapshot = self.live.current();
        let principal = match begin(&snapshot, &arrival) {
            Ok(Authentication::Known(principal)) => Ok(principal),
            Ok(Authentication::Waits(keys)) => {
                // The clone has not been asked whether it is ready; this one has.
                let fresh = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, fresh);
                let live = self.live.clone();
                return Either::Right(Box::pin(async move {
                    keys.await;
                    // Of now, not of then: whom a reload has turned out meanwhile does not come in.
                    let snapshot = live.current();
                    // Once: what is still missing is missing.
                    let shown = shown(&snapshot, &arrival);
                    let attempt = attempt(&snapshot, &arrival, &shown);
                    let principal = ask(&snapshot, &arrival, shown).and_then(Authentication::now);
                    if let Some(attempt) = attempt {
                        attempt.settle(&principal);
                    }
                    inner.call(admit(arrival, snapshot, principal)?).await
                }));
            }
            Err(refusal) => Err(refusal),
        };
        Either::Left(match admit(arrival, snapshot, principal) {
            Ok(admitted) => Either::Left(self.inner.call(admitted)),
            Err(refusal) => refused(refusal),
        })
    }
}

/// Looks at the credential, unless too many wrong ones came from the client's address.
fn begin<B>(snapshot: &Snapshot, arrival: &Arrival<B>) -> Result<Authentication, Refusal> {
    let shown = shown(snapshot, arrival);
    let Some(attempt) = attempt(snapshot, arrival, &shown) else {
        return ask(snapshot, arrival, shown);
    };
    attempt.admit()?;
    let begun = ask(snapshot, arrival, shown);
    // What has to wait has not come to anything yet.
    if !matches!(begun, Ok(Authentication::Waits(_))) {
        attempt.settle(&begun);
    }
    begun
}

/// The credential in the headers.
fn shown<'a, B>(snapshot: &Snapshot, arrival: &'a Arrival<B>) -> Result<&'a str, Refusal> {
    presented(arrival.request.headers(), snapshot.upstream.pass_through)
}

/// The attempt to be counted. A certificate cannot be guessed: whoever shows nothing else is not held to a number of attempts.
fn attempt<'a, B>(
    snapshot: &'a Snapshot,
    arrival: &'a Arrival<B>,
    shown: &Result<&'a str, Refusal>,
) -> Option<Attempt<'a>> {
    let credential = *shown.as_ref().ok()?;
    Some(Attempt::new(snapshot, &arrival.record, Some(credential)))
}

fn ask<B>(
    snapshot: &Snapshot,
    arrival: &Arrival<B>,
    shown: Result<&str, Refusal>,
) -> Result<Authentication, Refusal> {
    let peer = arrival.request.extensions().get::<Peer>();
    snapshot.authenticator.begin_over(
        peer.and_then(|peer| peer.certificate.as_deref()),
        arrival.record.clock().unix(),
        shown,
    )
}

/// Notes who asks, and hands the request on.
fn admit<B>(
    Arrival { request, record }: Arrival<B>,
    snapshot: Arc<Snapshot>,
    principal: Result<Principal, Refusal>,
) -> Result<Admitted<B>, Refusal> {
    let mut journal = record.journal();
    snapshot.sign(&mut journal);
    let principal = principal?;
    journal.principal = Some(principal.clone());
    drop(journal);
    let own_token = if snapshot.upstream.pass_through {
        Some(own_token(request.headers())?)
    } else {
        None
    };
    Ok(Admitted {
        request,
        principal,
        own_token,
        snapshot,
        record,
    })
}

/// The upstream token that the caller brings: exactly one, and of a form that cannot be mistaken for anything else, since
/// answers that repeat it have it masked.
fn own_token(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let token = only(headers, &ACCESS_TOKEN)?.ok_or(Refusal::CredentialMissing)?;
    let text = token.as_bytes();
    let ours = text.starts_with(gateway_token::PREFIX.as_bytes());
    let plain = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(b));
    if ours || !plain || text.len() < MIN_TOKEN {
        return Err(Refusal::CredentialInvalid);
    }
    let mut token = token.clone();
    token.set_sensitive(true);
    Ok(token)
}
