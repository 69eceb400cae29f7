//! Where the path forks: governed operations go one way, all others that are served the other.

use std::task::{Context, Poll, ready};

use futures_util::future::Either;
use tower::Service;

use crate::model::refusal::Refusal;
use crate::stages::decode::Routed;
use crate::stages::forward::Answer;

/// Two ways on.
#[derive(Debug, Clone)]
pub struct Fork<G, R> {
    governed: G,
    relayed: R,
}

impl<G, R> Fork<G, R> {
    /// Only what has no contract goes to `relayed`.
    pub const fn new(governed: G, relayed: R) -> Self {
        Self { governed, relayed }
    }
}

impl<G, R, B> Service<Routed<B>> for Fork<G, R>
where
    G: Service<Routed<B>, Response = Answer, Error = Refusal>,
    R: Service<Routed<B>, Response = Answer, Error = Refusal>,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<G::Future, R::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        ready!(self.governed.poll_ready(cx))?;
        self.relayed.poll_ready(cx)
    }

    fn call(&mut self, routed: Routed<B>) -> Self::Future {
        if routed.operation.family.is_governed() {
            Either::Left(self.governed.call(routed))
        } else {
            Either::Right(self.relayed.call(routed))
        }
    }
}
