//! The meetings that ran and are over: the newest of them, by `confUUID`.
//!
//! A meeting that was cancelled before it ran leaves nothing behind. At most [`MOST_PAST`] are kept; the oldest go first.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::errors::{CONF_DATA_NOT_FOUND, Rejection};
use super::meeting::Meeting;

/// How many past meetings are kept.
pub(super) const MOST_PAST: usize = 1000;

/// A meeting that is over.
#[derive(Debug, Clone)]
pub(super) struct Past {
    /// The meeting as it was in the end.
    pub(super) meeting: Meeting,
    /// When it ended, seconds since 1970.
    pub(super) ended: i64,
}

impl Past {
    /// When it began, seconds since 1970: as scheduled, or when it ended if it was let run before that.
    pub(super) fn began(&self) -> i64 {
        self.meeting.schedule.start_seconds().min(self.ended)
    }

    /// What was done to it while it ran, as `ConfCtlRecordInfo`: its beginning and its end.
    pub(super) fn control_records(&self, operator: &str) -> [Value; 2] {
        [(self.began(), "START_CONF"), (self.ended, "END_CONF")].map(|(seconds, code)| {
            json!({
                "operateTime": seconds.saturating_mul(1000),
                "operateSource": "API",
                "operator": operator,
                "operateCode": code,
                "operationObject": self.meeting.id(),
                "operateResult": "SUCCESS",
                "detail": null,
            })
        })
    }
}

/// The past meetings, the newest last.
#[derive(Debug, Default)]
pub(super) struct History {
    past: VecDeque<Past>,
}

impl History {
    /// Keeps a meeting, and forgets the oldest one there is no room for.
    pub(super) fn push(&mut self, meeting: Meeting, ended: i64) {
        if self.past.len() >= MOST_PAST {
            self.past.pop_front();
        }
        self.past.push_back(Past { meeting, ended });
    }

    /// The past meeting with this `confUUID`.
    pub(super) fn find(&self, uuid: &str) -> Result<&Past, Rejection> {
        let mut past = self.newest();
        past.find(|past| past.meeting.uuid() == uuid)
            .ok_or(CONF_DATA_NOT_FOUND)
    }

    /// All of them, the newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Past> {
        self.past.iter().rev()
    }
}
