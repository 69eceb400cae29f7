//! The meeting operations, for whoever holds a live token (facts parts 1 and 3).

use serde_json::{Value, json};

use super::conference_info::conference_info;
use super::errors::BAD_REQUEST;
use super::lenient;
use super::routes::Route;
use super::schedule::Schedule;
use super::state::{Moment, Outcome, State};
use super::sub_meetings;
use super::witness::Seen;

impl State {
    /// Answers a meeting operation; any other route is read as a list.
    pub(super) fn operate(&mut self, route: Route, seen: &Seen, now: Moment) -> Outcome {
        let user = self.grant(seen, now)?.holder.user_id.clone();
        let now = now.seconds();
        let id = || {
            let id = seen.query_value("conferenceID");
            id.filter(|id| !id.is_empty()).ok_or(BAD_REQUEST)
        };
        let end = || seen.query_value("type").as_deref() == Some("1");
        let body = || lenient::object(&seen.body);
        match route {
            Route::Create(door) => {
                let schedule = Schedule::read(&body()?, door, now)?;
                let meeting = self.meetings.create(schedule, &mut self.rng)?;
                Ok(Some(json!([conference_info(meeting, &user)])))
            }
            Route::Modify(door) => {
                let (id, sent) = (id()?, body()?);
                // An unknown or running meeting is told before what is wrong with the body.
                self.meetings.editable(&id)?;
                let schedule = Schedule::read(&sent, door, now)?;
                let rng = &mut self.rng;
                let meeting = self.meetings.modify(&id, door, schedule, rng)?;
                Ok(Some(json!([conference_info(meeting, &user)])))
            }
            Route::Cancel(door) => {
                self.meetings.cancel(&id()?, door, end())?;
                Ok(None)
            }
            Route::ModifySubMeeting => {
                let meeting = self.meetings.find_mut(&id()?)?;
                sub_meetings::modify(meeting, &body()?, now)?;
                Ok(None)
            }
            Route::CancelSubMeetings => {
                let meeting = self.meetings.find_mut(&id()?)?;
                sub_meetings::cancel(meeting, &body()?, end())?;
                Ok(None)
            }
            Route::Detail => {
                let info = conference_info(self.meetings.find(&id()?)?, &user);
                let people = json!({"limit": 20, "count": 0, "offset": 0, "data": []});
                Ok(Some(json!({"conferenceData": info, "data": people})))
            }
            _ => Ok(Some(self.list(seen, &user))),
        }
    }

    /// A page of all meetings: `limit` up to 500, 20 unless told, from `offset` on.
    fn list(&self, seen: &Seen, user: &str) -> Value {
        let number = |key: &str| seen.query_value(key).and_then(|text| text.parse().ok());
        let offset: usize = number("offset").unwrap_or(0);
        let limit = number("limit").unwrap_or(20).clamp(1, 500);
        let page = self.meetings.all().skip(offset).take(limit);
        let data: Vec<_> = page.map(|meeting| conference_info(meeting, user)).collect();
        json!({"offset": offset, "limit": limit, "count": self.meetings.all().count(), "data": data})
    }
}
