//! Puts the upstream's token in; the caller's credentials were never in the [`Outbound`] request at all.
//!
//! It is a token of the account in the request's snapshot, so that a reload which names another upstream sends no token there
//! that was made for the old one.
//!
//! After a 401 the token is dropped and the request is tried once more with a fresh one: the upstream refused it without
//! acting on it. A second 401 passes to the caller; so does the first where the body was passed on and is not at hand any more.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::HeaderValue;
use tokio::time::timeout;
use tower::{Layer, Service};

use crate::model::principal::Principal;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::account::Account;
use crate::runtime::snapshot::Snapshot;
use crate::runtime::tokens::UpstreamTokens;
use crate::runtime::tokens::token::UpstreamToken;
use crate::stages::decode::Call;
use crate::stages::forward::{Answer, Outbound};
use crate::stages::relay::Relay;

/// [`Call`] or [`Relay`] → [`Outbound`] with a token, or 403, 503.
#[derive(Debug, Clone)]
pub struct InjectLayer {
    tokens: Option<UpstreamTokens>,
}

impl InjectLayer {
    /// Takes tokens from `tokens`; where that is `None`, from the account in the snapshot that the request is held to.
    pub const fn new(tokens: Option<UpstreamTokens>) -> Self {
        Self { tokens }
    }
}

impl<S> Layer<S> for InjectLayer {
    type Service = Inject<S>;

    fn layer(&self, inner: S) -> Inject<S> {
        Inject {
            tokens: self.tokens.clone(),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Inject<S> {
    tokens: Option<UpstreamTokens>,
    inner: S,
}

impl<S> Service<Call> for Inject<S>
where
    S: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<Answer, Refusal>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut call: Call) -> Self::Future {
        call.record.enter(Stage::Inject);
        let own = call.own_token.take();
        let user = upstream_user(own.as_ref(), &call.principal);
        let tokens = self.tokens_of(&call.snapshot);
        self.send(own, user, tokens, || Outbound::of(call))
    }
}

impl<S> Service<Relay> for Inject<S>
where
    S: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<Answer, Refusal>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut relay: Relay) -> Self::Future {
        relay.record.enter(Stage::Inject);
        let own = relay.own_token.take();
        let user = upstream_user(own.as_ref(), &relay.principal);
        let tokens = self.tokens_of(&relay.snapshot);
        self.send(own, user, tokens, || Outbound::relayed(relay))
    }
}

/// A token, unless that takes longer than the request has.
async fn token_in_time(
    tokens: &UpstreamTokens,
    user: Option<&Arc<str>>,
    outbound: &Outbound,
) -> Result<Arc<UpstreamToken>, Refusal> {
    if let Some(token) = tokens.at_hand(user) {
        return Ok(token);
    }
    let signing_in = timeout(
        outbound.time_left(),
        tokens.token_for(user, Some(&outbound.record)),
    );
    // Rare, and large.
    match Box::pin(signing_in).await {
        Ok(token) => Ok(token?),
        Err(_) => Err(Refusal::SignInUnavailable),
    }
}

/// As whom it is asked, unless the caller brings a token of its own.
fn upstream_user(
    own: Option<&HeaderValue>,
    principal: &Principal,
) -> Result<Option<Arc<str>>, Refusal> {
    match own {
        Some(_) => Ok(None),
        None => Ok(principal.acts_as()?.cloned()),
    }
}

impl<S> Inject<S> {
    fn tokens_of(&self, snapshot: &Snapshot) -> Option<UpstreamTokens> {
        let account = || snapshot.account.as_ref().map(Account::tokens);
        self.tokens.as_ref().or_else(account).cloned()
    }
}

impl<S> Inject<S>
where
    S: Service<Outbound, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
{
    fn send(
        &mut self,
        own: Option<HeaderValue>,
        user: Result<Option<Arc<str>>, Refusal>,
        tokens: Option<UpstreamTokens>,
        outbound: impl FnOnce() -> Result<Outbound, Refusal>,
    ) -> BoxFuture<'static, Result<Answer, Refusal>> {
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        // Made before the box, which then holds no call.
        let made = user.and_then(|user| Ok((user, outbound()?)));
        Box::pin(async move {
            let (user, outbound) = made?;
            // Before the token: there is no use in one, and signing in asks the same upstream.
            outbound.snapshot.upstream.circuit_breaker.look()?;
            if let Some(token) = own {
                return inner.call(outbound.with_token(token)).await;
            }
            let tokens = tokens.ok_or(Refusal::Internal)?;
            let token = token_in_time(&tokens, user.as_ref(), &outbound).await?;
            let answer = inner
                .call(outbound.clone().with_our_token(Arc::clone(&token)))
                .await?;
            if answer.status != StatusCode::UNAUTHORIZED
                || !tokens.invalidate(user.as_ref(), &token)
                || !outbound.can_be_repeated()
            {
                return Ok(answer);
            }
            let Ok(token) = token_in_time(&tokens, user.as_ref(), &outbound).await else {
                return Ok(answer);
            };
            inner.call(outbound.with_our_token(token)).await
        })
    }
}
