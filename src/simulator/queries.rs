//! The reading operations: meetings to come, meetings that run, meetings that are over (facts parts 2 and 3).
//!
//! The headers `X-Type` and `X-Query-Type`, which tell people and terminals apart, are not honoured; nor are `queryAll`,
//! `queryConfMode` and `sortType`: everybody sees everything, by id, and of the past the newest first.

use serde_json::{Value, json};

use super::conference_info::{Telling, conference_info, past_conference_info};
use super::errors::{BAD_REQUEST, CONF_NOT_STARTED, Rejection};
use super::history::Past;
use super::meeting::Meeting;
use super::page::{MOST_ENTRIES, Page};
use super::participants::{
    attendance_record, attendees, online_attendee, participant_info, searched,
};
use super::settings::Settings;
use super::state::{Moment, Outcome, State};
use super::witness::Seen;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Query {
    /// The meetings to come and those that run.
    Meetings,
    /// One of them.
    Meeting,
    /// The meetings that run.
    Online,
    /// One of them.
    OnlineMeeting,
    /// Who is in one of them.
    OnlineAttendees,
    /// The meetings that are over.
    Past,
    /// One of them.
    PastMeeting,
    /// Who was in one of them.
    Attendance,
    /// What was done to one of them.
    ControlRecords,
}

impl State {
    /// Answers a query, for whoever holds a live token.
    pub(super) fn query(
        &self,
        settings: &Settings,
        query: Query,
        seen: &Seen,
        now: Moment,
    ) -> Outcome {
        let user = self.grant(seen, now)?.holder.user_id.as_str();
        let telling = &Telling::to(user, settings);
        let page = Page::read(seen, MOST_ENTRIES);
        let tell = |meeting: &Meeting| conference_info(meeting, telling);
        let fits = |meeting: &&Meeting| page.matches(named(meeting));
        let all = || self.meetings.all().filter(fits);
        let running = |key: &str| {
            let meeting = self.meetings.find(&wanted(seen, key)?)?;
            let started = meeting.is_started().then_some(meeting);
            started.ok_or(CONF_NOT_STARTED)
        };
        let past = || self.meetings.history.find(&wanted(seen, "confUUID")?);
        Ok(Some(match query {
            Query::Meetings => page.show(all(), tell),
            Query::Meeting => {
                let meeting = self.meetings.find(&wanted(seen, "conferenceID")?)?;
                detail(&page, meeting, &tell(meeting))
            }
            Query::Online => page.show(all().filter(|meeting| meeting.is_started()), tell),
            Query::OnlineMeeting => {
                let meeting = running("conferenceID")?;
                detail(&page, meeting, &tell(meeting))
            }
            Query::OnlineAttendees => {
                page.show(people(&page, running("conf_id")?), online_attendee)
            }
            Query::Past => {
                let within = period(seen);
                let all = self.meetings.history.newest();
                let all = all.filter(|past| fits(&&past.meeting) && within(past));
                page.show(all, |past| past_conference_info(past, telling))
            }
            Query::PastMeeting => {
                let past = past()?;
                let info = past_conference_info(past, telling);
                detail(&page, &past.meeting, &info)
            }
            Query::Attendance => {
                let past = past()?;
                let media = past.meeting.field("/mediaTypes").cloned();
                let media = media.unwrap_or_default();
                let (joined, left) = (milliseconds(past.began()), milliseconds(past.ended));
                page.show(people(&page, &past.meeting), |attendee| {
                    attendance_record(attendee, &media, joined, left)
                })
            }
            Query::ControlRecords => page.show(past()?.control_records(user), |record| record),
        }))
    }
}

/// The id a query needs, under `key`.
fn wanted(seen: &Seen, key: &str) -> Result<String, Rejection> {
    let id = seen.query_value(key).filter(|id| !id.is_empty());
    id.ok_or(BAD_REQUEST)
}

/// A detail: the meeting, and a page of its people.
fn detail(page: &Page, meeting: &Meeting, info: &Value) -> Value {
    let people = page.show(people(page, meeting), participant_info);
    json!({"conferenceData": info, "data": people})
}

fn people<'a>(page: &'a Page, meeting: &'a Meeting) -> impl Iterator<Item = &'a Value> {
    let fits = |attendee: &&Value| page.matches(searched(attendee));
    attendees(meeting).iter().filter(fits)
}

/// The texts that `searchKey` is compared with.
fn named(meeting: &Meeting) -> [Option<&str>; 2] {
    [
        Some(meeting.id()),
        meeting.field("/subject").and_then(Value::as_str),
    ]
}

/// Whether a meeting began between `startDate` and `endDate`, milliseconds since 1970, both included and both optional.
fn period(seen: &Seen) -> impl Fn(&Past) -> bool + use<> {
    let number = |key: &str| -> Option<i64> { seen.query_value(key)?.parse().ok() };
    let period = number("startDate").unwrap_or(i64::MIN)..=number("endDate").unwrap_or(i64::MAX);
    move |past| period.contains(&milliseconds(past.began()))
}

fn milliseconds(seconds: i64) -> i64 {
    seconds.saturating_mul(1000)
}
