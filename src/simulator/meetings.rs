//! The meetings in memory, and what may be done to them.
//!
//! Everybody who has signed in may see and change every meeting: rights are not simulated. At most [`MOST_MEETINGS`] are
//! held at a time; then creating one says `CONF_NUM_UP_TO_LIMIT`, as the service does at its own limit.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::Value;

use super::errors::{
    ALREADY_STARTED, CANCEL_STARTED, CONF_DATA_NOT_FOUND, CONF_NUM_UP_TO_LIMIT,
    GUEST_PWD_IS_CHAIR_PWD, GUEST_PWD_IS_CONF_ID, NOT_A_SERIES, Rejection, VMR_FLAG_CANNOT_MODIFY,
    VMRID_CANNOT_MODIFY, VMRIDTYPE_CANNOT_MODIFY,
};
use super::history::History;
use super::meeting::Meeting;
use super::random;
use super::schedule::{Door, Schedule};

/// How many meetings are held.
const MOST_MEETINGS: usize = 10_000;

/// All meetings, by id.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    by_id: BTreeMap<String, Meeting>,
    /// Those that are over.
    pub(super) history: History,
}

impl Meetings {
    /// Creates a meeting under a new id of nine digits.
    pub(super) fn create(
        &mut self,
        schedule: Schedule,
        rng: &mut Rng,
    ) -> Result<&Meeting, Rejection> {
        let id = loop {
            let id = random::digits(rng, 9);
            if !self.by_id.contains_key(&id) {
                break id;
            }
        };
        self.insert(&id, schedule, rng)
    }

    /// Puts a meeting under `id`, in the place of one that is there.
    pub(super) fn insert(
        &mut self,
        id: &str,
        schedule: Schedule,
        rng: &mut Rng,
    ) -> Result<&Meeting, Rejection> {
        if self.by_id.len() >= MOST_MEETINGS && !self.by_id.contains_key(id) {
            return Err(CONF_NUM_UP_TO_LIMIT);
        }
        let meeting = Meeting::new(id, schedule, rng);
        check_guest_password(&meeting, &meeting.schedule)?;
        self.by_id.remove(id);
        Ok(self.by_id.entry(id.to_owned()).or_insert(meeting))
    }

    /// Replaces a meeting's schedule: what `schedule` leaves out is at its default again, save the fixed room.
    pub(super) fn modify(
        &mut self,
        id: &str,
        door: Door,
        mut schedule: Schedule,
        rng: &mut Rng,
    ) -> Result<&Meeting, Rejection> {
        self.editable(id)?;
        let meeting = self.find_mut(id)?;
        if door == Door::CycleConferences && meeting.schedule.series.is_none() {
            return Err(NOT_A_SERIES);
        }
        check_guest_password(meeting, &schedule)?;
        keep_room(&meeting.schedule, &mut schedule)?;
        meeting.reschedule(schedule, rng);
        Ok(meeting)
    }

    /// Whether the meeting `id` is there and does not run yet.
    pub(super) fn editable(&self, id: &str) -> Result<(), Rejection> {
        if self.find(id)?.started {
            return Err(ALREADY_STARTED);
        }
        Ok(())
    }

    /// The meeting `id`.
    pub(super) fn find(&self, id: &str) -> Result<&Meeting, Rejection> {
        self.by_id.get(id).ok_or(CONF_DATA_NOT_FOUND)
    }

    /// The meeting `id`, to be changed.
    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Meeting, Rejection> {
        self.by_id.get_mut(id).ok_or(CONF_DATA_NOT_FOUND)
    }

    /// Cancels a meeting; a running one only with `end`, and then it is history. `now` is seconds since 1970.
    pub(super) fn cancel(
        &mut self,
        id: &str,
        door: Door,
        end: bool,
        now: i64,
    ) -> Result<(), Rejection> {
        let meeting = self.find(id)?;
        if door == Door::CycleConferences && meeting.schedule.series.is_none() {
            return Err(NOT_A_SERIES);
        }
        if meeting.started && !end {
            return Err(CANCEL_STARTED);
        }
        self.remove(id, now);
        Ok(())
    }

    /// Takes a meeting away: one that runs is history. `now` is seconds since 1970.
    pub(super) fn remove(&mut self, id: &str, now: i64) {
        if let Some(meeting) = self.by_id.remove(id)
            && meeting.started
        {
            self.history.push(meeting, now);
        }
    }

    /// All meetings, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &Meeting> {
        self.by_id.values()
    }
}

fn check_guest_password(meeting: &Meeting, schedule: &Schedule) -> Result<(), Rejection> {
    match schedule.guest_password() {
        Some(password) if password == meeting.id() => Err(GUEST_PWD_IS_CONF_ID),
        Some(password) if password == meeting.chair_password => Err(GUEST_PWD_IS_CHAIR_PWD),
        _ => Ok(()),
    }
}

/// Refuses a changed room; one that is not mentioned stays as it is (facts 1.2: present and equal must pass).
fn keep_room(held: &Schedule, new: &mut Schedule) -> Result<(), Rejection> {
    let fixed = [
        ("vmrFlag", VMR_FLAG_CANNOT_MODIFY),
        ("vmrID", VMRID_CANNOT_MODIFY),
    ];
    for (sent, (key, refusal)) in new.room.iter().zip(fixed) {
        let kept = held.body.get(key);
        if sent.is_some() && sent.as_ref() != kept {
            return Err(refusal);
        }
        if let Some(kept) = kept {
            new.body.insert(key.to_owned(), kept.clone());
        }
    }
    let pointer = |schedule: &Schedule| {
        let info = schedule.body.get("confConfigInfo")?;
        info.get("vmrIDType").cloned()
    };
    let kept = pointer(held);
    if new.room[2].is_some() && new.room[2] != kept {
        return Err(VMRIDTYPE_CANNOT_MODIFY);
    }
    if let (Some(Value::Object(info)), Some(kept)) = (new.body.get_mut("confConfigInfo"), kept) {
        info.insert("vmrIDType".to_owned(), kept);
    }
    if let Some(kept) = held.body.get("confResType") {
        new.body.insert("confResType".to_owned(), kept.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
