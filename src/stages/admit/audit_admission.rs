//! Lets a request in if the audit log will take its line, where the configuration wants that (`audit.overflow`): with `shed` it is
//! refused with 503 while the log takes none, with `block` after a wait. So none goes upstream that is not in the log in the end.
//!
//! It stands before everything that refuses, so that a log that stands still is not filled by refusals either: what is turned away
//! here has a line only if there happens to be room.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use tower::{Layer, Service};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::audit_log::{Admission, AuditLog};
use crate::stages::admit::Arrival;
use crate::stages::forward::Answer;
use crate::stages::step::{Passed, refused};

/// Asks the audit log.
#[derive(Debug, Clone)]
pub struct AuditAdmissionLayer {
    log: Arc<AuditLog>,
}

impl AuditAdmissionLayer {
    /// Asks `log`, which is the one that lines are written to.
    pub const fn new(log: Arc<AuditLog>) -> Self {
        Self { log }
    }
}

impl<S> Layer<S> for AuditAdmissionLayer {
    type Service = AuditAdmission<S>;

    fn layer(&self, inner: S) -> AuditAdmission<S> {
        AuditAdmission {
            log: Arc::clone(&self.log),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct AuditAdmission<S> {
    log: Arc<AuditLog>,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for AuditAdmission<S>
where
    S: Service<Arrival<B>, Response = Answer, Error = Refusal> + Clone + Send + 'static,
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
        match self.log.admit() {
            Admission::Unpromised => {}
            Admission::Promised => arrival.record.journal().audit_promised = true,
            Admission::Refused => {
                arrival.record.enter(Stage::Limit);
                return Either::Left(refused(Refusal::AuditUnavailable));
            }
            Admission::Wait => {
                // The clone has not been asked whether it is ready; this one has.
                let fresh = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, fresh);
                let log = Arc::clone(&self.log);
                return Either::Right(Box::pin(async move {
                    if !log.wait_for_room().await {
                        arrival.record.enter(Stage::Limit);
                        return Err(Refusal::AuditUnavailable);
                    }
                    arrival.record.journal().audit_promised = true;
                    inner.call(arrival).await
                }));
            }
        }
        Either::Left(Either::Left(self.inner.call(arrival)))
    }
}
