//! Closes every record exactly once, with one line in the audit log: after an answer, a refusal, a panic or a hang-up.
//!
//! A client that hangs up drops the future of its request, wherever it is; the line is written by the guard that goes with it. An
//! answer that is passed on as it comes takes the guard along: its line is written when it ends.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::model::record::{Outcome, Record};
use crate::runtime::audit_log::AuditLog;
use crate::stages::admit::Arrival;
use crate::stages::forward::AnswerBody;
use crate::stages::reply::audit_line;

/// Writes the audit log.
#[derive(Debug, Clone)]
pub struct AuditLayer {
    log: Arc<AuditLog>,
}

impl AuditLayer {
    /// Writes to `log`.
    pub const fn new(log: Arc<AuditLog>) -> Self {
        Self { log }
    }
}

impl<S> Layer<S> for AuditLayer {
    type Service = Audit<S>;

    fn layer(&self, inner: S) -> Audit<S> {
        Audit {
            log: Arc::clone(&self.log),
            inner,
        }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Audit<S> {
    log: Arc<AuditLog>,
    inner: S,
}

impl<S, B> Service<Arrival<B>> for Audit<S>
where
    S: Service<Arrival<B>, Response = Response<AnswerBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Audited<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        let closing = Closing {
            log: Arc::clone(&self.log),
            record: arrival.record.clone(),
        };
        Audited {
            inner: self.inner.call(arrival),
            closing: Some(closing),
        }
    }
}

pin_project! {
    /// The rest of the path, with the guard that closes the record.
    #[derive(Debug)]
    pub struct Audited<F> {
        #[pin]
        inner: F,
        closing: Option<Closing>,
    }
}

impl<F, E> Future for Audited<F>
where
    F: Future<Output = Result<Response<AnswerBody>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        if let Some(closing) = this.closing.take() {
            match response.body().whole() {
                Some(body) => closing.record.journal().bytes_out = body.len(),
                None => response.body().hold(closing),
            }
        }
        Poll::Ready(Ok(response))
    }
}

/// Writes the line when the request is over, however it ended.
#[derive(Debug)]
struct Closing {
    log: Arc<AuditLog>,
    record: Record,
}

impl Drop for Closing {
    fn drop(&mut self) {
        let now = self.record.clock().monotonic();
        let mut journal = self.record.journal();
        journal.outcome.get_or_insert(Outcome::ClientLeft);
        if self.log.is_none() {
            return;
        }
        // Where the thread ends, its buffer may be gone already.
        let mut line = LINE.try_with(Cell::take).unwrap_or_default();
        audit_line::write(&journal, now.saturating_sub(journal.started), &mut line);
        let promised = journal.audit_promised;
        drop(journal);
        if promised {
            self.log.append_promised(&line);
        } else {
            self.log.append(&line);
        }
        line.clear();
        line.shrink_to(KEPT_BYTES);
        let _ = LINE.try_with(|kept| kept.set(line));
    }
}

/// Bytes that a thread keeps to write its next line in; few lines are longer.
const KEPT_BYTES: usize = 8 * 1024;

thread_local! {
    /// Where the lines of a thread are written, one after the other.
    static LINE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}
