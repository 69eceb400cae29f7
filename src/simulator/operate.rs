//! The operations that change meetings, for whoever holds a live token (facts parts 1 and 3).

use serde_json::json;

use super::conference_info::{Telling, conference_info};
use super::errors::{BAD_REQUEST, NO_SUCH_API};
use super::lenient;
use super::routes::Route;
use super::schedule::Schedule;
use super::settings::Settings;
use super::state::{Moment, Outcome, State};
use super::sub_meetings;
use super::witness::Seen;

impl State {
    /// Answers an operation that changes meetings; there is no other.
    pub(super) fn operate(
        &mut self,
        settings: &Settings,
        route: Route,
        seen: &Seen,
        now: Moment,
    ) -> Outcome {
        let user = self.grant(seen, now)?.holder.user_id.clone();
        let telling = &Telling::to(&user, settings);
        let encryption = settings.enterprise_encryption;
        let now = now.seconds();
        let id = || {
            let id = seen.query_value("conferenceID");
            id.filter(|id| !id.is_empty()).ok_or(BAD_REQUEST)
        };
        let end = || seen.query_value("type").as_deref() == Some("1");
        let body = || lenient::object(&seen.body);
        match route {
            Route::Create(door) => {
                let schedule = Schedule::read(&body()?, door, now, encryption)?;
                let meeting = self.meetings.create(schedule, &mut self.rng)?;
                Ok(Some(json!([conference_info(meeting, telling)])))
            }
            Route::Modify(door) => {
                let (id, sent) = (id()?, body()?);
                // An unknown or running meeting is told before what is wrong with the body.
                self.meetings.editable(&id)?;
                let schedule = Schedule::read(&sent, door, now, encryption)?;
                let rng = &mut self.rng;
                let meeting = self.meetings.modify(&id, door, schedule, rng)?;
                Ok(Some(json!([conference_info(meeting, telling)])))
            }
            Route::Cancel(door) => {
                self.meetings.cancel(&id()?, door, end(), now)?;
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
            _ => Err(NO_SUCH_API),
        }
    }
}
