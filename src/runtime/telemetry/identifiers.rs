//! The ids of requests, traces and spans, made before the SDK is asked: a span that is not recorded has ids, too, and never meets the
//! SDK.
//!
//! The SDK makes ids of its own for every span unless its generator says otherwise; ours says those that were made already.

use std::cell::Cell;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

use crate::model::hex;

thread_local! {
    /// The ids of the span that this thread is about to build.
    static NEXT: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// A new request's id: 32 hexadecimal digits. Unique, not unguessable: it names a request, it opens nothing.
pub(crate) fn new_request_id() -> Box<str> {
    let digits = hex::digits(fastrand::u128(..).to_be_bytes());
    let digits = std::str::from_utf8(digits.as_flattened());
    digits.unwrap_or_default().into()
}

/// A new trace's id. At random, so that the ratio of those that are recorded can go by it; never zero, which is none.
pub(super) fn new_trace_id() -> TraceId {
    let id = std::iter::repeat_with(|| fastrand::u128(..)).find(|id| *id != 0);
    TraceId::from(id.unwrap_or(1))
}

/// A new span's id; never zero, which is none.
pub(super) fn new_span_id() -> SpanId {
    let id = std::iter::repeat_with(|| fastrand::u64(..)).find(|id| *id != 0);
    SpanId::from(id.unwrap_or(1))
}

/// Builds a span that has these ids.
pub(super) fn building<T>(trace_id: TraceId, span_id: SpanId, build: impl FnOnce() -> T) -> T {
    NEXT.set(Some((trace_id, span_id)));
    let built = build();
    NEXT.set(None);
    built
}

/// Gives the ids of [`building`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Given;

impl IdGenerator for Given {
    fn new_trace_id(&self) -> TraceId {
        NEXT.get()
            .map_or_else(new_trace_id, |(trace_id, _)| trace_id)
    }

    fn new_span_id(&self) -> SpanId {
        NEXT.get().map_or_else(new_span_id, |(_, span_id)| span_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_that_are_given_and_only_then() {
        let (trace_id, span_id) = (TraceId::from(7), SpanId::from(8));
        let given = building(trace_id, span_id, || {
            (Given.new_trace_id(), Given.new_span_id())
        });
        assert_eq!(given, (trace_id, span_id));
        assert_ne!(Given.new_trace_id(), trace_id);
        assert_ne!(Given.new_span_id(), span_id);
    }
}
