//! How much work goes into holding rules against each other. Rules about one field for the same callers are compared pair by pair, so
//! a pack of a megabyte could take minutes. What is looked for are slips, and none of them is a danger: after some millions of
//! comparisons no more are looked for.

use super::super::verb::Verb;
use super::Draft;

/// Comparisons of two rules with one name and one value each: those of three thousand rules about one field.
const COMPARISONS: u64 = 5_000_000;

/// The comparisons that are left.
#[derive(Debug)]
pub(super) struct Effort(u64);

impl Effort {
    pub(super) const fn new() -> Self {
        Self(COMPARISONS)
    }

    /// Takes what a comparison of two rules costs; `false` where there is not so much left.
    pub(super) fn spend(&mut self, one: &Draft<'_>, other: &Draft<'_>) -> bool {
        let names = |draft: &Draft<'_>| draft.rule.scope.callers.count();
        // Names are looked up, values are compared each with each.
        let cost = 1 + (names(one) + names(other)) / 4 + (values(one) * values(other)) / 4;
        let left = self.0.checked_sub(cost as u64);
        self.0 = left.unwrap_or_default();
        left.is_some()
    }
}

const fn values(draft: &Draft<'_>) -> usize {
    match &draft.rule.verb {
        Verb::OneOf { values, .. } | Verb::Forbid { values, .. } => values.len(),
        _ => 1,
    }
}
