//! Which request a line of the log is about.
//!
//! While a future of a request is polled, the thread knows the request: its trace, its server span and its id. A line that is
//! written meanwhile carries them. Nothing is allocated for it, and no `tracing` span is made: a future sets a cell of its thread
//! and puts back what was there before.
//!
//! What a request starts in a task of its own (a sign-in upstream that others wait for, too) is not that request's any more.
//!
//! ```
//! use meeting_gateway::model::record::TraceIdentity;
//! use meeting_gateway::runtime::telemetry::logs::correlation::{Correlation, current};
//!
//! let trace = TraceIdentity { trace_id: 7, span_id: 9, sampled: true };
//! let correlation = Correlation::of(trace, "7ba6f742");
//! correlation.during(|| assert_eq!(current().unwrap().request_id(), "7ba6f742"));
//! assert!(current().is_none());
//! ```

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::model::record::TraceIdentity;

/// Bytes of a request id that are kept: as long as one may be.
const LONGEST_ID: usize = 64;

/// What joins a line of the log with the trace and the audit line of its request.
#[derive(Clone, Copy)]
pub struct Correlation {
    trace: TraceIdentity,
    id: [u8; LONGEST_ID],
    length: u8,
}

/// What the thread is at.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// Nothing of which the log has to know.
    Other,
    Request(Correlation),
    /// Telemetry is being sent. What is logged meanwhile is not sent, too: it would never end.
    Delivery,
}

thread_local! {
    static WORK: Cell<Work> = const { Cell::new(Work::Other) };
}

impl Correlation {
    /// Of a request with this trace context and id. An id of more than 64 bytes is cut there.
    pub fn of(trace: TraceIdentity, request_id: &str) -> Self {
        let cut = request_id.floor_char_boundary(LONGEST_ID);
        let mut id = [0; LONGEST_ID];
        let kept = request_id.as_bytes().get(..cut).unwrap_or_default();
        if let Some(place) = id.get_mut(..cut) {
            place.copy_from_slice(kept);
        }
        Self {
            trace,
            id,
            length: u8::try_from(cut).unwrap_or_default(),
        }
    }

    /// The trace context.
    pub const fn trace(&self) -> TraceIdentity {
        self.trace
    }

    /// The request id.
    pub fn request_id(&self) -> &str {
        let id = self.id.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(id).unwrap_or_default()
    }

    /// Runs something as a part of the request.
    pub fn during<T>(self, run: impl FnOnce() -> T) -> T {
        Work::Request(self).during(run)
    }
}

/// The request that this thread is at, if it is at one.
pub fn current() -> Option<Correlation> {
    match WORK.get() {
        Work::Request(correlation) => Some(correlation),
        Work::Other | Work::Delivery => None,
    }
}

/// Whether this thread is sending telemetry.
pub(super) fn is_delivery() -> bool {
    matches!(WORK.get(), Work::Delivery)
}

/// A future that sends telemetry: what is logged while it is polled is written, but not sent.
pub(crate) const fn delivery<F>(future: F) -> Delivering<F> {
    Delivering { inner: future }
}

pin_project! {
    /// See [`delivery`].
    #[derive(Debug)]
    pub(crate) struct Delivering<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for Delivering<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Work::Delivery.during(|| self.project().inner.poll(cx))
    }
}

impl Work {
    fn during<T>(self, run: impl FnOnce() -> T) -> T {
        let _before = Before(WORK.replace(self));
        run()
    }
}

/// Puts back what the thread was at, also when what it was at has panicked.
struct Before(Work);

impl Drop for Before {
    fn drop(&mut self) {
        WORK.set(self.0);
    }
}

impl fmt::Debug for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Correlation")
            .field("trace", &self.trace)
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str) -> Correlation {
        Correlation::of(TraceIdentity::default(), id)
    }

    fn now() -> String {
        current().map_or_else(String::new, |current| current.request_id().to_owned())
    }

    #[test]
    fn what_was_before_comes_back_also_after_a_panic() {
        named("outer").during(|| {
            let panicked = std::panic::catch_unwind(|| named("inner").during(|| panic!("inside")));
            assert!(panicked.is_err());
            assert_eq!(now(), "outer");
            Work::Delivery.during(|| assert_eq!((now(), is_delivery()), (String::new(), true)));
            assert_eq!((now(), is_delivery()), ("outer".to_owned(), false));
        });
        assert_eq!(now(), "");
    }

    #[test]
    fn an_id_is_kept_up_to_its_bound() {
        for (given, kept) in [
            ("", 0),
            ("a", 1),
            (&*"x".repeat(64), 64),
            (&*"x".repeat(65), 64),
            // Two bytes each: the 33rd would be cut in the middle.
            (&*format!("x{}", "é".repeat(40)), 63),
        ] {
            assert_eq!(named(given).request_id(), &given[..kept]);
        }
    }
}
