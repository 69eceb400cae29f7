//! What somebody else does to a meeting between two requests, so that races can be tried.

use super::state::{Moment, State};

/// What happens to a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It starts, so that it can no longer be edited.
    Started,
    /// It is cancelled; if it ran, it is history.
    Cancelled,
    /// Somebody else gives it this subject.
    Renamed(String),
}

impl State {
    /// Lets `event` happen to the meeting `id`; nothing, if there is none.
    pub(super) fn happen(&mut self, id: &str, event: &Event, now: Moment) {
        match event {
            Event::Cancelled => self.meetings.remove(id, now.seconds()),
            Event::Started => {
                if let Ok(meeting) = self.meetings.find_mut(id) {
                    meeting.started = true;
                }
            }
            Event::Renamed(subject) => {
                if let Ok(meeting) = self.meetings.find_mut(id) {
                    let body = &mut meeting.schedule.body;
                    body.insert("subject".to_owned(), subject.as_str().into());
                }
            }
        }
    }
}
