//! Which traces are recorded: decided once for a request, when it arrives, by the caller or by a ratio; and once more when it is
//! over, for what is recorded in any case.
//!
//! The ratio goes by the trace id, as the SDKs of OpenTelemetry do it, so that services with the same ratio record the same traces.
//! What is told in the end although nobody chose it (`always`) is bounded by the second: a flood of refusals is no flood of spans.
//!
//! ```
//! use meeting_gateway::config::traces::CallersTrace;
//! use meeting_gateway::runtime::telemetry::sampling::{Sampling, Why};
//!
//! let sampling = Sampling { ratio: 0.0, ..Sampling::default() };
//! assert!(!sampling.chooses(7));
//! assert!(Sampling { ratio: 1.0, ..sampling }.chooses(u128::MAX));
//! assert_eq!(sampling.always(true, false), Some(Why::Refusal));
//! assert_eq!(sampling.always(false, false), None);
//! ```

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use opentelemetry::trace::{SpanContext, TraceFlags, TraceState};

use super::identifiers::{new_span_id, new_trace_id};
use crate::config::traces::{Always, CallersTrace, StageDetail, Traces};

/// What is recorded, and in how much detail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// The share of traces that are recorded where the caller has not decided, 0 to 1.
    pub ratio: f64,
    /// What becomes of the trace that a caller brings.
    pub parent: CallersTrace,
    /// Whether refused requests are recorded in any case.
    pub refusals: bool,
    /// Whether requests that fail are recorded in any case.
    pub errors: bool,
    /// How many of these are recorded in a second at most.
    pub always_per_second: u32,
    /// How stages are told.
    pub stages: StageDetail,
}

impl Default for Sampling {
    /// Everything.
    fn default() -> Self {
        Self {
            ratio: 1.0,
            parent: CallersTrace::Follow,
            refusals: true,
            errors: true,
            always_per_second: 100,
            stages: StageDetail::Events,
        }
    }
}

impl From<&Traces> for Sampling {
    fn from(traces: &Traces) -> Self {
        Self {
            ratio: traces.ratio,
            parent: traces.parent,
            refusals: traces.always.contains(&Always::Refusals),
            errors: traces.always.contains(&Always::Errors),
            always_per_second: u32::try_from(traces.always_per_second).unwrap_or(u32::MAX),
            stages: traces.stages,
        }
    }
}

/// Why a request is recorded although nobody chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was refused.
    Refusal,
    /// It failed.
    Error,
}

impl Why {
    /// In one word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Error => "error",
        }
    }
}

impl Sampling {
    /// Whether the ratio chooses the trace with this id.
    pub fn chooses(&self, trace_id: u128) -> bool {
        // 63 bits of the id, as `TraceIdRatioBased` takes them.
        const RANGE: f64 = 9_223_372_036_854_775_808.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the lower half of the id; and the ratio is from 0 to 1"
        )]
        let (drawn, bound) = ((trace_id as u64) >> 1, (self.ratio * RANGE) as u64);
        drawn < bound
    }

    /// Whether stages are told at all.
    pub fn tells_stages(&self) -> bool {
        self.stages != StageDetail::Off
    }

    /// Whether they are told as spans.
    pub fn stages_are_spans(&self) -> bool {
        self.stages == StageDetail::Spans
    }

    /// Whether there is anything to look at when a request is over.
    pub const fn looks_back(&self) -> bool {
        self.refusals || self.errors
    }

    /// Why a request that is over is recorded, if it is.
    pub const fn always(&self, refused: bool, failed: bool) -> Option<Why> {
        if self.errors && failed {
            Some(Why::Error)
        } else if self.refusals && refused {
            Some(Why::Refusal)
        } else {
            None
        }
    }

    /// The context of the span for a request, whose caller brought this one perhaps, and where it stands.
    pub(super) fn begin(&self, caller: Option<SpanContext>) -> (SpanContext, Place) {
        let root = || {
            let id = new_trace_id();
            (id, self.chooses(u128::from_be_bytes(id.to_bytes())))
        };
        let (trace_id, sampled, state, place) = match (caller, self.parent) {
            (None, _) => {
                let (id, sampled) = root();
                (id, sampled, TraceState::default(), Place::Root)
            }
            (Some(caller), CallersTrace::Link) => {
                let (id, sampled) = root();
                (id, sampled, TraceState::default(), Place::Linked(caller))
            }
            (Some(caller), rule) => {
                let id = caller.trace_id();
                let sampled = match rule {
                    CallersTrace::Follow => caller.is_sampled(),
                    _ => self.chooses(u128::from_be_bytes(id.to_bytes())),
                };
                let state = caller.trace_state().clone();
                (id, sampled, state, Place::Within(caller))
            }
        };
        let flags = TraceFlags::default().with_sampled(sampled);
        let context = SpanContext::new(trace_id, new_span_id(), flags, false, state);
        (context, place)
    }
}

/// Where a span of ours stands.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// At the root of its trace.
    Root,
    /// Within a span of somebody else's.
    Within(SpanContext),
    /// At the root of a trace that was caused by another one.
    Linked(SpanContext),
}

/// Decides, by settings that can change at any time.
#[derive(Debug)]
pub(super) struct Sampler {
    settings: ArcSwap<Sampling>,
    spent: Spent,
}

impl Sampler {
    pub(super) fn new(settings: Sampling) -> Self {
        Self {
            settings: ArcSwap::from_pointee(settings),
            spent: Spent::default(),
        }
    }

    pub(super) fn settings(&self) -> Sampling {
        **self.settings.load()
    }

    pub(super) fn set(&self, settings: Sampling) {
        self.settings.store(settings.into());
    }

    /// The context of the span for a request, whose caller brought this one perhaps, and where it stands.
    #[cfg(test)]
    fn begin(&self, caller: Option<SpanContext>) -> (SpanContext, Place) {
        self.settings().begin(caller)
    }

    /// Whether one more trace may be recorded in this second that nobody chose.
    pub(super) fn may_look_back(&self, now: Duration) -> bool {
        self.spent.one_more(now, self.settings().always_per_second)
    }
}

/// What was spent in the present second: its number in the upper half, the count in the lower.
#[derive(Debug, Default)]
struct Spent(AtomicU64);

impl Spent {
    fn one_more(&self, now: Duration, most: u32) -> bool {
        // A clock that runs for 136 years begins anew; so does this.
        let second = now.as_secs() << 32;
        let spend = |spent: u64| {
            let in_this_second = if spent & !0xFFFF_FFFF == second {
                spent & 0xFFFF_FFFF
            } else {
                0
            };
            (in_this_second < u64::from(most)).then_some(second | (in_this_second + 1))
        };
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{SpanId, TraceId};

    fn caller(sampled: bool) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(sampled);
        let state = TraceState::from_key_value([("vendor", "1")]).unwrap();
        // An id that every ratio above a half chooses.
        let id = TraceId::from(u128::from(u64::MAX / 2));
        SpanContext::new(id, SpanId::from(9), flags, true, state)
    }

    #[test]
    fn the_callers_trace_is_followed_joined_or_linked() {
        use CallersTrace::{Follow, Join, Link};
        // (rule, ratio, the caller's decision; sampled, same trace)
        let cases = [
            (Follow, 1.0, false, false, true),
            (Follow, 0.0, true, true, true),
            (Join, 0.6, false, true, true),
            (Join, 0.4, true, false, true),
            (Link, 1.0, false, true, false),
            (Link, 0.0, true, false, false),
        ];
        for (parent, ratio, decided, sampled, same) in cases {
            let sampler = Sampler::new(Sampling {
                ratio,
                parent,
                ..Sampling::default()
            });
            let caller = caller(decided);
            let (ours, place) = sampler.begin(Some(caller.clone()));
            let case = format!("{parent:?} {ratio} {decided}");
            assert_eq!(ours.is_sampled(), sampled, "{case}");
            assert_eq!(ours.trace_id() == caller.trace_id(), same, "{case}");
            assert!(ours.is_valid() && !ours.is_remote() && ours.span_id() != caller.span_id());
            // What vendors say of one trace is not said of another.
            assert_eq!(ours.trace_state().get("vendor").is_some(), same, "{case}");
            match place {
                Place::Within(parent) => assert!(same && parent == caller, "{case}"),
                Place::Linked(cause) => assert!(!same && cause == caller, "{case}"),
                Place::Root => panic!("{case}"),
            }
        }
    }

    #[test]
    fn the_ratio_is_that_of_the_traces_that_are_chosen() {
        for ratio in [0.0, 0.01, 0.5, 1.0] {
            let sampler = Sampler::new(Sampling {
                ratio,
                ..Sampling::default()
            });
            let chosen = (0..20_000).filter(|_| sampler.begin(None).0.is_sampled());
            let share = f64::from(u32::try_from(chosen.count()).unwrap()) / 20_000.0;
            assert!((share - ratio).abs() < 0.03, "{share} of {ratio}");
        }
    }

    #[test]
    fn what_is_looked_back_at_is_bounded_by_the_second() {
        let sampler = Sampler::new(Sampling {
            always_per_second: 2,
            ..Sampling::default()
        });
        let at = |milliseconds| sampler.may_look_back(Duration::from_millis(milliseconds));
        let allowed = [0, 1, 999, 1000, 1001, 1002, 5000].map(at);
        assert_eq!(allowed, [true, true, false, true, true, false, true]);
    }

    #[test]
    fn every_key_of_the_configuration_counts() {
        let traces = Traces {
            ratio: 0.25,
            parent: CallersTrace::Link,
            always: vec![Always::Errors],
            always_per_second: 7,
            stages: StageDetail::Off,
        };
        let expected = Sampling {
            ratio: 0.25,
            parent: CallersTrace::Link,
            refusals: false,
            errors: true,
            always_per_second: 7,
            stages: StageDetail::Off,
        };
        assert_eq!(Sampling::from(&traces), expected);
    }

    #[test]
    fn failures_come_before_refusals() {
        let all = Sampling::default();
        assert_eq!(all.always(true, true), Some(Why::Error));
        let refusals = Sampling {
            errors: false,
            ..all
        };
        assert_eq!(refusals.always(true, true), Some(Why::Refusal));
        assert_eq!(refusals.always(false, true), None);
        let none = Sampling {
            refusals: false,
            ..refusals
        };
        assert!(none.always(true, true).is_none() && !none.looks_back());
    }
}
