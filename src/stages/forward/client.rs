//! Sends the outbound request: deadlines, retry where nothing can have been acted on twice, one client span for each try.
//!
//! Rules: a try that could not connect is repeated once, since no byte of it was sent. What only reads is repeated once, too, where
//! its connection was lost before the answer: the upstream may have closed it just then. A change is not, because the upstream may
//! have carried it out. All tries and the token's one retry share one total deadline.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::Request;
use tokio::time::{Instant, sleep_until, timeout_at};
use tower::Service;

use crate::model::header::REQUEST_ID;
use crate::model::record::shortened;
use crate::model::refusal::{Aftermath, Refusal};
use crate::model::stage::Stage;
use crate::runtime::account::Account;
use crate::runtime::http_client::Outgoing;
use crate::runtime::telemetry::Telemetry;
use crate::runtime::upload;
use crate::runtime::upstream_client::{Answered, Fault, UpstreamClient};
use crate::stages::forward::answer::with_aftermath;
use crate::stages::forward::attempt::Attempt;
use crate::stages::forward::{Answer, Outbound, relayed};

/// Tries for a request that could not be sent at all, or only reads.
const TRIES: u32 = 2;

/// No answer in time; what it came to is said at the end.
pub(super) const TIMEOUT: Refusal = Refusal::UpstreamTimeout {
    aftermath: Aftermath::MayBeDone,
};

/// No answer at all; the same.
const LOST: Refusal = Refusal::UpstreamAnswerInvalid {
    what: "the connection was lost before it",
    aftermath: Aftermath::MayBeDone,
};

/// The real upstream.
#[derive(Debug, Clone)]
pub struct Upstream {
    client: Option<UpstreamClient>,
    telemetry: Arc<Telemetry>,
}

impl Upstream {
    /// Asks through `client`, whatever the snapshot of a request says.
    pub const fn new(client: UpstreamClient, telemetry: Arc<Telemetry>) -> Self {
        Self {
            client: Some(client),
            telemetry,
        }
    }

    /// Asks through the account in the snapshot that a request is held to.
    pub const fn of_snapshots(telemetry: Arc<Telemetry>) -> Self {
        Self {
            client: None,
            telemetry,
        }
    }
}

impl Service<Outbound> for Upstream {
    type Response = Answer;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<Answer, Refusal>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, outbound: Outbound) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            outbound.record.enter(Stage::Forward);
            let left = outbound.time_left();
            if left.is_zero() {
                // What waited before took all of its time: nothing is sent that nobody would wait for.
                return Err(Refusal::UpstreamTimeout {
                    aftermath: Aftermath::Unchanged,
                });
            }
            let result = this.tries(&outbound, Instant::now() + left).await;
            result.map_err(|refusal| with_aftermath(refusal, outbound.operation))
        })
    }
}

/// Why a try failed.
enum Failure {
    /// Nothing was sent: another try is safe.
    NotSent,
    /// The connection was lost before the answer: another try is safe for what only reads.
    Lost,
    /// Part of the request may have arrived.
    Refused(Refusal),
}

impl Upstream {
    async fn tries(&self, outbound: &Outbound, deadline: Instant) -> Result<Answer, Refusal> {
        let account = || outbound.snapshot.account.as_ref().map(Account::client);
        let client = self.client.as_ref().or_else(account);
        let client = client.ok_or(Refusal::Internal)?;
        let only_reads = outbound.operation.method.is_safe() && outbound.upload().is_none();
        let mut refusal = Refusal::UpstreamUnreachable;
        for _ in 0..TRIES {
            refusal = match self.attempt(client, outbound, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::NotSent) => Refusal::UpstreamUnreachable,
                Err(Failure::Lost) if only_reads => LOST,
                Err(Failure::Lost) => return Err(LOST),
                Err(Failure::Refused(refusal)) => return Err(refusal),
            };
        }
        Err(refusal)
    }

    async fn attempt(
        &self,
        client: &UpstreamClient,
        outbound: &Outbound,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let settings = &outbound.snapshot.upstream;
        let (mut attempt, request) = Attempt::begin(&self.telemetry, outbound);
        let answered = match head(client, outbound, request, deadline).await {
            Some(Ok(answered)) => answered,
            Some(Err(fault)) => {
                let (failure, error_type) = match of_upload(outbound) {
                    Some(refusal) => (Failure::Refused(refusal), "request_body"),
                    None => failure(&fault),
                };
                attempt.failed(error_type);
                return Err(failure);
            }
            None => {
                attempt.failed("timeout");
                return Err(Failure::Refused(TIMEOUT));
            }
        };
        let Answered {
            response,
            peer,
            connection,
        } = answered;
        attempt.head(&response, peer);
        {
            let mut journal = outbound.record.journal();
            journal.upstream.status = Some(response.status());
            let id = response.headers().get(REQUEST_ID);
            journal.upstream.request_id = id
                .and_then(|id| id.to_str().ok())
                .map(|id| shortened(id).into());
        }
        let mut read = pin!(async {
            if outbound.operation.family.is_governed() {
                let answer = Answer::read(response, settings.answer_bytes).await;
                (answer, Some(attempt))
            } else {
                // Boxed, so that requests of governed operations do not carry it along.
                Box::pin(relayed::answer(response, outbound, attempt)).await
            }
        });
        let Ok((answer, attempt)) = timeout_at(deadline, read.as_mut()).await else {
            // For the try, which ends behind this.
            outbound.record.journal().upstream.overdue = true;
            return Err(Failure::Refused(TIMEOUT));
        };
        match answer {
            Ok(mut answer) => {
                // Free for the next request: at once, or when the body that is passed on has ended.
                answer.body.hold(connection);
                outbound.hide_token(&mut answer);
                if let Some(attempt) = attempt {
                    attempt.answered();
                }
                Ok(answer)
            }
            Err(refusal) => {
                if let Some(attempt) = attempt {
                    attempt.failed("invalid_answer");
                }
                Err(Failure::Refused(of_upload(outbound).unwrap_or(refusal)))
            }
        }
    }
}

/// Waits for the head of the answer; `None` if it does not come in time. While a body is passed on, its receiver has that time for
/// each step, and its sender a deadline of its own.
async fn head(
    client: &UpstreamClient,
    outbound: &Outbound,
    request: Request<Outgoing>,
    deadline: Instant,
) -> Option<Result<Answered, Fault>> {
    let patience = outbound.snapshot.upstream.response_timeout;
    // It is large, and stays where it is.
    let asking = pin!(client.request(request));
    let Some(upload) = outbound.upload() else {
        // One timer for both.
        let deadline = deadline.min(Instant::now() + patience);
        return timeout_at(deadline, asking).await.ok();
    };
    let asking = async {
        tokio::select! {
            answered = asking => Some(answered),
            () = upload.stalled(patience) => None,
            () = sleep_until(deadline) => None,
        }
    };
    Box::pin(asking).await
}

/// What was wrong with the body that was passed on, if it was that.
fn of_upload(outbound: &Outbound) -> Option<Refusal> {
    Some(match outbound.upload()?.fault()? {
        upload::Fault::TooLarge => Refusal::BodyTooLarge {
            limit: outbound.snapshot.upstream.relay.body_bytes,
        },
        upload::Fault::Incomplete => Refusal::BodyIncomplete,
        upload::Fault::Timeout => Refusal::BodyTimeout,
        upload::Fault::Closed => return None,
    })
}

fn failure(fault: &Fault) -> (Failure, &'static str) {
    // The text of the cause names hosts and system errors, no part of the request.
    let cause = cause(fault);
    match fault {
        Fault::Connect(_) => {
            tracing::warn!(%cause, "the upstream cannot be reached");
            (Failure::NotSent, "connect")
        }
        Fault::Lost(_) => {
            tracing::warn!(%cause, "the connection to the upstream failed before its answer");
            (Failure::Lost, "connection_lost")
        }
    }
}

/// The innermost cause, which is the one that says something.
fn cause(fault: &Fault) -> String {
    let mut innermost: &dyn std::error::Error = fault;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
