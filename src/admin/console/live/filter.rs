//! Which refusals and warnings are shown: the part of the page's address behind the question mark.

use super::event::{Event, Verdict};
use crate::model::finding::Finding;

/// Characters of a choice that are looked at: more than any name has.
const LONGEST: usize = 200;

/// What somebody chose. An empty choice is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) operation: String,
    pub(super) caller: String,
    pub(super) rule: String,
    pub(super) verdict: Option<Verdict>,
}

impl Filter {
    /// Reads a query; what it does not know it leaves.
    pub(super) fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let chosen = || value.chars().take(LONGEST).collect();
            match &*name {
                "operation" => filter.operation = chosen(),
                "caller" => filter.caller = chosen(),
                "rule" => filter.rule = chosen(),
                "verdict" => filter.verdict = Verdict::of(&value),
                _ => {}
            }
        }
        filter
    }

    /// Whether anything was chosen.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event is meant.
    pub(super) fn lets_through(&self, event: &Event) -> bool {
        let is = |chosen: &str, value: Option<&str>| chosen.is_empty() || value == Some(chosen);
        is(&self.operation, event.operation.as_deref())
            && is(&self.caller, event.caller.as_deref())
            && self.verdict.is_none_or(|chosen| chosen == event.verdict())
            && (self.rule.is_empty() || event.findings().iter().any(|found| self.is_of_rule(found)))
    }

    fn is_of_rule(&self, found: &Finding) -> bool {
        found.rule.as_deref() == Some(&self.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Event {
        let line = br#"{"time":"t","request_id":"i","caller":"app","method":"PUT","path":"/v1","operation":"update_meeting","outcome":"refused",
            "receipt":{"findings":[{"in":"body","pointer":"/length","keyword":"max","rule":"baseline/long","message":"m","mode":"enforce"}]}}"#;
        Event::read(line).unwrap()
    }

    #[test]
    fn every_choice_must_be_met() {
        for (query, expected) in [
            ("", true),
            ("operation=&caller=&rule=&verdict=", true),
            (
                "caller=app&rule=baseline%2Flong&verdict=refused&operation=update_meeting",
                true,
            ),
            ("caller=other", false),
            ("rule=baseline/short", false),
            ("verdict=warned", false),
            ("operation=create_meeting", false),
            ("colour=red", true),
        ] {
            assert_eq!(
                Filter::read(query).lets_through(&refused()),
                expected,
                "{query}"
            );
        }
        assert!(Filter::read("operation=&rule=").is_empty());
    }
}
