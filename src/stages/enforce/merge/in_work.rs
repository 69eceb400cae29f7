//! The meetings whose changes are being merged: one change of one meeting at a time, within this gateway.
//!
//! A write of which nobody knows what it came to, because its client left or its answer was lost, may still be carried out: its
//! meeting stays in work for as long as an answer would have been waited for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::clock::SharedClock;
use crate::model::refusal::{Aftermath, Refusal};
use crate::stages::forward::Answer;

/// So many entries are kept before those are looked for that are over.
const KEPT: usize = 1024;

/// The meetings in work. Clones are handles on the same table. It holds as many as requests in flight, and as many as can be lost
/// in the time that an answer is waited for.
#[derive(Debug, Clone, Default)]
pub(super) struct InWork(Arc<Mutex<HashMap<Box<str>, Work>>>);

/// How far a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Nothing has been written.
    Reading,
    /// The write may be on its way.
    Writing,
    /// It may be carried out until then, on the monotonic clock.
    Lost(Duration),
}

/// A meeting in work, until this is dropped, or somewhat longer.
#[derive(Debug)]
pub(super) struct Held {
    all: InWork,
    id: Box<str>,
    clock: SharedClock,
    linger: Duration,
}

impl InWork {
    /// Takes a meeting into work; `linger` is how long a lost write may still be carried out.
    ///
    /// # Errors
    ///
    /// It is in work already; there is no queue, so that nobody waits for somebody else's slow upstream.
    pub(super) fn hold(
        &self,
        id: &str,
        clock: &SharedClock,
        linger: Duration,
    ) -> Result<Held, Refusal> {
        let now = clock.monotonic();
        let id = bare(id);
        let mut all = self.table();
        let is_over = |work: &Work| matches!(work, Work::Lost(until) if *until <= now);
        if all.len() >= KEPT {
            all.retain(|_, work| !is_over(work));
        }
        if all.get(&id).is_some_and(|work| !is_over(work)) {
            return Err(Refusal::MeetingBusy);
        }
        all.insert(id.clone(), Work::Reading);
        Ok(Held {
            all: self.clone(),
            id,
            clock: Arc::clone(clock),
            linger,
        })
    }

    /// The write of a meeting begins.
    pub(super) fn writing(&self, id: &str) {
        self.set(id, Work::Writing);
    }

    /// The write of a meeting ended so.
    pub(super) fn wrote(&self, id: &str, result: &Result<Answer, Refusal>) {
        let is_lost = matches!(
            result,
            Err(Refusal::UpstreamTimeout {
                aftermath: Aftermath::MayBeDone
            } | Refusal::UpstreamAnswerInvalid {
                aftermath: Aftermath::MayBeDone,
                ..
            })
        );
        if !is_lost {
            self.set(id, Work::Reading);
        }
    }

    fn set(&self, id: &str, work: Work) {
        if let Some(entry) = self.table().get_mut(&bare(id)) {
            *entry = work;
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Box<str>, Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// To a reader of numbers, 0111 is 111.
fn bare(id: &str) -> Box<str> {
    id.trim_start_matches('0').into()
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = self.all.table();
        if all.get(&self.id) == Some(&Work::Writing) {
            let until = self.clock.monotonic().saturating_add(self.linger);
            all.insert(std::mem::take(&mut self.id), Work::Lost(until));
        } else {
            all.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::ManualClock;
    use bytes::Bytes;
    use http::StatusCode;

    const LINGER: Duration = Duration::from_secs(15);

    #[test]
    fn a_meeting_is_held_once_however_it_is_spelt_and_until_it_is_let_go() {
        let clock: SharedClock = ManualClock::at_unix(Duration::ZERO);
        let all = InWork::default();
        let hold = |id| all.clone().hold(id, &clock, LINGER);
        let held = hold("0111").unwrap();
        assert_eq!(hold("111").err(), Some(Refusal::MeetingBusy));
        assert!(hold("112").is_ok());
        drop(held);
        assert!(hold("111").is_ok());
    }

    #[test]
    fn a_lost_write_keeps_its_meeting_for_a_while() {
        let manual = ManualClock::at_unix(Duration::ZERO);
        let clock: SharedClock = manual.clone();
        let all = InWork::default();
        let timeout = |aftermath| Err(Refusal::UpstreamTimeout { aftermath });
        let invalid = Refusal::UpstreamAnswerInvalid {
            what: "it is not JSON",
            aftermath: Aftermath::MayBeDone,
        };
        for (name, ended, lingers) in [
            ("its client left", None, true),
            ("no answer", Some(timeout(Aftermath::MayBeDone)), true),
            ("a lost answer", Some(Err(invalid)), true),
            ("never sent", Some(timeout(Aftermath::Unchanged)), false),
            ("refused", Some(Err(Refusal::UpstreamUnreachable)), false),
            (
                "answered",
                Some(Ok(Answer::own(StatusCode::OK, Bytes::new()))),
                false,
            ),
        ] {
            let held = all.hold("111", &clock, LINGER).unwrap();
            all.writing("0111");
            if let Some(ended) = ended {
                all.wrote("111", &ended);
            }
            drop(held);
            assert_eq!(all.hold("111", &clock, LINGER).is_err(), lingers, "{name}");
            manual.advance(LINGER);
            assert!(all.hold("111", &clock, LINGER).is_ok(), "{name}");
        }
    }
}
