//! One meeting as the simulator holds it: its effective body, whether it runs, its secrets and sub-meetings.

use fastrand::Rng;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::errors::{CONF_DATA_NOT_FOUND, Rejection};
use super::random;
use super::schedule::Schedule;

/// A meeting, for a witness to look at.
#[derive(Clone)]
pub struct Meeting {
    id: String,
    pub(super) uuid: String,
    pub(super) schedule: Schedule,
    pub(super) started: bool,
    pub(super) chair_password: String,
    pub(super) guest_password: String,
    pub(super) chair_link: String,
    pub(super) guest_link: String,
    pub(super) sub_meetings: Vec<SubMeeting>,
}

/// One occurrence of a series.
#[derive(Debug, Clone)]
pub(super) struct SubMeeting {
    /// Its own id.
    pub(super) id: String,
    /// When it starts, UTC.
    pub(super) start: DateTime,
    /// What was changed for it alone: the fields of `RestScheduleCycleConfDTO`.
    pub(super) changed: Option<Map<String, Value>>,
}

impl Meeting {
    /// A new meeting; a single one without a start runs already.
    pub(super) fn new(id: &str, schedule: Schedule, rng: &mut Rng) -> Self {
        let mut meeting = Self {
            id: id.to_owned(),
            started: false,
            chair_password: random::digits(rng, 6),
            guest_password: random::digits(rng, 6),
            chair_link: random::hex(rng, 48),
            guest_link: random::hex(rng, 48),
            sub_meetings: Vec::new(),
            schedule: schedule.clone(),
            uuid: String::new(),
        };
        meeting.reschedule(schedule, rng);
        meeting.uuid = random::hex(rng, 32);
        meeting
    }

    /// Takes a new schedule: passwords and links stay, sub-meetings are made anew.
    pub(super) fn reschedule(&mut self, schedule: Schedule, rng: &mut Rng) {
        self.started = schedule.starts_now && schedule.series.is_none();
        let sub_meeting = |start| SubMeeting {
            id: random::hex(rng, 32),
            start,
            changed: None,
        };
        self.sub_meetings = schedule
            .sub_meeting_starts()
            .into_iter()
            .map(sub_meeting)
            .collect();
        if let Some(password) = schedule.guest_password() {
            password.clone_into(&mut self.guest_password);
        }
        self.schedule = schedule;
    }

    /// The meeting's id, `conferenceID`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it runs, so that it can no longer be edited.
    pub fn is_started(&self) -> bool {
        self.started
    }

    /// Whether it is a recurring series.
    pub fn is_series(&self) -> bool {
        self.schedule.series.is_some()
    }

    /// Whether its `startTime` was absent or empty, which the documentation reads as "now".
    pub fn starts_now(&self) -> bool {
        self.schedule.starts_now
    }

    /// The effective scheduling body: documented fields in their canonical types, absent ones at their defaults.
    pub fn body(&self) -> &Map<String, Value> {
        &self.schedule.body
    }

    /// How many sub-meetings are left: at most 50, 0 for a single meeting.
    pub fn sub_meetings(&self) -> usize {
        self.sub_meetings.len()
    }

    /// Where the sub-meeting `id` stands.
    pub(super) fn position(&self, id: &str) -> Result<usize, Rejection> {
        self.sub_meetings
            .iter()
            .position(|sub_meeting| sub_meeting.id == id)
            .ok_or(CONF_DATA_NOT_FOUND)
    }
}

impl std::fmt::Debug for Meeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meeting")
            .field("id", &self.id)
            .field("started", &self.started)
            .field("sub_meetings", &self.sub_meetings.len())
            .finish_non_exhaustive()
    }
}
