//! Counters whose attributes are words: a code and a stage, a rule, its mode and its verdict.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, Counter, Meter};

use super::kept::Kept;
use crate::runtime::telemetry::metric::Metric;

/// Such a counter, with so many attributes.
#[derive(Debug)]
pub(super) struct Counted<const WORDS: usize> {
    counter: Counter<u64>,
    keys: [&'static str; WORDS],
    kept: Kept<[String; WORDS], OnceLock<BoundCounter<u64>>>,
}

/// The values of all attributes, looked for by their ends: ids that begin alike end differently.
struct Words<'w, const WORDS: usize>([&'w str; WORDS]);

impl<const WORDS: usize> Hash for Words<'_, WORDS> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for word in self.0 {
            let bytes = word.as_bytes();
            state.write_usize(bytes.len());
            match bytes.last_chunk() {
                Some(end) => state.write_u128(u128::from_le_bytes(*end)),
                None => state.write(bytes),
            }
        }
    }
}

impl<const WORDS: usize> PartialEq<Words<'_, WORDS>> for [String; WORDS] {
    fn eq(&self, other: &Words<'_, WORDS>) -> bool {
        *self == other.0
    }
}

impl<const WORDS: usize> Counted<WORDS> {
    /// The counter of a metric, with the keys of its attributes. So many series are recorded quickly.
    pub(super) fn new(
        meter: &Meter,
        metric: &Metric,
        keys: [&'static str; WORDS],
        quick: usize,
    ) -> Self {
        let builder = meter.u64_counter(metric.name).with_unit(metric.unit);
        Self {
            counter: builder.with_description(metric.meaning).build(),
            keys,
            kept: Kept::with_room_for(quick),
        }
    }

    /// One more with these values of the attributes.
    pub(super) fn count(&self, words: [&str; WORDS]) {
        let known = self.kept.find(&Words(words), || {
            (words.map(str::to_owned), OnceLock::new())
        });
        if let Some(bound) = known.and_then(OnceLock::get) {
            return bound.add(1);
        }
        let mut values = words.iter();
        let attributes = self.keys.map(|key| {
            let value = values.next().copied().unwrap_or_default();
            KeyValue::new(key, value.to_owned())
        });
        // The first time as ever: a series that is bound before anything was counted would be shown with nothing in it.
        self.counter.add(1, &attributes);
        if let Some(unbound) = known {
            let _ = unbound.set(self.counter.bind(&attributes));
        }
    }
}
