//! The meetings whose changes are being merged: one change of one meeting at a time, within this gateway.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::refusal::Refusal;

/// The ids of the meetings in work. Clones are handles on the same set. There are at most as many as requests in flight.
#[derive(Debug, Clone, Default)]
pub(super) struct InWork(Arc<Mutex<HashSet<Box<str>>>>);

/// A meeting in work, until this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    all: InWork,
    id: Box<str>,
}

impl InWork {
    /// Takes a meeting into work.
    ///
    /// # Errors
    ///
    /// It is in work already; there is no queue, so that nobody waits for somebody else's slow upstream.
    pub(super) fn hold(&self, id: &str) -> Result<Held, Refusal> {
        // To a reader of numbers, 0111 is 111.
        let id: Box<str> = id.trim_start_matches('0').into();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.insert(id.clone()) {
            return Err(Refusal::MeetingBusy);
        }
        Ok(Held {
            all: self.clone(),
            id,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_held_once_however_it_is_spelt_and_until_it_is_let_go() {
        let all = InWork::default();
        let held = all.hold("0111").unwrap();
        assert_eq!(all.clone().hold("111").err(), Some(Refusal::MeetingBusy));
        assert!(all.hold("112").is_ok());
        drop(held);
        assert!(all.hold("111").is_ok());
    }
}
