//! The changes made to one request, in the order made; bounded, and widely so where the whole patch is asked for.
//!
//! ```
//! use meeting_gateway::model::change::Change;
//! use meeting_gateway::model::changes::Changes;
//! use meeting_gateway::model::stage::Stage;
//!
//! let muted = |index: usize| {
//!     let path = format!("/attendees/{index}/isMute");
//!     Change::in_body(Stage::Decide, path, None, Some(1.into()), "set by policy")
//! };
//! let (mut listed, mut complete) = (Changes::default(), Changes::complete());
//! for index in 0..100 {
//!     listed.push(muted(index));
//!     complete.push(muted(index));
//! }
//! assert_eq!((listed.all().len(), listed.omitted()), (64, 36));
//! assert_eq!((complete.all().len(), complete.omitted()), (100, 0));
//! ```

use super::change::Change;

/// Changes that one stage, or one rule, lists in a row; the rest is counted.
pub const LISTED: usize = 64;

/// Changes that room is made for with the first one: few requests have more.
const AT_FIRST: usize = 8;

/// Changes that a whole patch can hold, so that the line it stands in fits into the audit log's buffer: more than a request
/// that anybody means will ever need, which could otherwise keep itself out of the log.
pub const MOST: usize = 10_000;

/// The changes of one request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    list: Vec<Change>,
    complete: bool,
    /// How many of the last ones are of one stage and rule.
    run: usize,
    omitted: usize,
}

impl Changes {
    /// Keeps every change, up to [`MOST`]: a patch that leads from what came in to what is sent.
    pub fn complete() -> Self {
        Self {
            complete: true,
            ..Self::default()
        }
    }

    /// Adds one, or counts it where its stage and rule have listed enough.
    pub fn push(&mut self, change: Change) {
        let same = self
            .list
            .last()
            .is_some_and(|last| last.stage == change.stage && last.rule == change.rule);
        self.run = if same { self.run + 1 } else { 1 };
        let is_full = if self.complete {
            self.list.len() >= MOST
        } else {
            self.run > LISTED
        };
        if is_full {
            self.omitted += 1;
        } else {
            if self.list.capacity() == 0 {
                self.list.reserve(AT_FIRST);
            }
            self.list.push(change);
        }
    }

    /// Those listed, in order.
    pub fn all(&self) -> &[Change] {
        &self.list
    }

    /// How many were made that are not listed.
    pub const fn omitted(&self) -> usize {
        self.omitted
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Location;
    use crate::model::stage::Stage;

    #[test]
    fn a_whole_patch_has_an_end_too() {
        let mut changes = Changes::complete();
        for _ in 0..MOST + 7 {
            changes.push(Change::removed(Stage::Strip, Location::Body, "/x", "x"));
        }
        assert_eq!((changes.all().len(), changes.omitted()), (MOST, 7));
    }

    #[test]
    fn each_stage_and_rule_lists_its_own() {
        let mut changes = Changes::default();
        for stage in [Stage::Strip, Stage::Normalise] {
            for _ in 0..=LISTED {
                changes.push(Change::removed(stage, Location::Body, "/x", "x"));
            }
        }
        assert_eq!((changes.all().len(), changes.omitted()), (2 * LISTED, 2));
    }
}
