//! What each rule had to say since the process started, from the metric that counts it.

use std::collections::BTreeMap;

use crate::admin::console::scrape::{Scrape, label_of};
use crate::runtime::telemetry::names;

/// By rule.
pub(super) struct Hits(BTreeMap<String, RuleHits>);

/// Of one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RuleHits {
    /// Violations and changes of every mode, exempt ones among them.
    pub(super) all: f64,
    /// Those that had no effect because the rule is not enforced.
    pub(super) would: f64,
    /// Those of callers that are exempt.
    pub(super) exempt: f64,
}

impl Hits {
    pub(super) fn of(scrape: &Scrape) -> Self {
        let mut hits = BTreeMap::<String, RuleHits>::new();
        for series in scrape.series(&names::DECISIONS) {
            let label = |name| label_of(series, name).unwrap_or_default();
            let count = series.get_counter().get_value();
            let of_rule = hits.entry(label("rule").to_owned()).or_default();
            of_rule.add(label("mode"), label("verdict"), count);
        }
        Self(hits)
    }

    pub(super) fn of_rule(&self, id: &str) -> RuleHits {
        self.0.get(id).copied().unwrap_or_default()
    }
}

impl RuleHits {
    fn add(&mut self, mode: &str, verdict: &str, count: f64) {
        self.all += count;
        if verdict == "exempt" {
            self.exempt += count;
        } else if mode != "enforce" {
            self.would += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_enforced_is_counted_apart() {
        let mut hits = RuleHits::default();
        for (mode, verdict, count) in [
            ("enforce", "violation", 1.0),
            ("enforce", "change", 2.0),
            ("warn", "violation", 4.0),
            ("audit", "change", 8.0),
            ("audit", "exempt", 16.0),
        ] {
            hits.add(mode, verdict, count);
        }
        let expected = RuleHits {
            all: 31.0,
            would: 12.0,
            exempt: 16.0,
        };
        assert_eq!(hits, expected);
    }
}
