//! The changes made to one request, in the order made; bounded, unless all of them are asked for.
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
    /// Keeps every change: a patch that leads from what came in to what is sent.
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
        if self.run > LISTED && !self.complete {
            self.omitted += 1;
        } else {
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
