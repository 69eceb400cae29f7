//! An answer that tells something else than what the service holds.
//!
//! Only what `ConferenceInfo`s tell is changed: those of a scheduling operation, and the one of a detail. The meeting
//! itself is as it was asked for.

use jiff::ToSpan as _;
use serde_json::{Map, Value};

use super::reply::{self, Reply};
use super::schedule::{minute, show};

/// What an answer lies about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// `cycleParams.endDate` is this, `YYYY-MM-DD`, and there are no sub-meetings that start after it (UTC): as if the
    /// service had shortened the series. A single meeting is told truly.
    EndDate(String),
    /// `endTime` is this many minutes after `startTime`, also of the sub-meetings.
    Length(u16),
    /// `encryptMode` is there, and is this.
    EncryptMode(i64),
}

impl Lie {
    /// Lies in an answer; one that is no JSON stays as it is.
    pub(super) fn tell(&self, reply: &mut Reply) {
        let Ok(mut told) = serde_json::from_slice::<Value>(reply.body().bytes()) else {
            return;
        };
        let infos = match &mut told {
            Value::Array(infos) => infos.as_mut_slice(),
            Value::Object(detail) => detail
                .get_mut("conferenceData")
                .map_or(&mut [][..], std::slice::from_mut),
            _ => return,
        };
        for info in infos.iter_mut().filter_map(Value::as_object_mut) {
            self.change(info);
        }
        reply::set_body(reply, told.to_string());
    }

    fn change(&self, info: &mut Map<String, Value>) {
        let subs = info.get_mut("subConfs").and_then(Value::as_array_mut);
        match self {
            Self::EndDate(date) => {
                if let Some(subs) = subs {
                    let day = |sub: &Value| sub["startTime"].as_str()?.get(..10).map(str::to_owned);
                    subs.retain(|sub| day(sub).is_none_or(|day| day <= *date));
                }
                let params = info.get_mut("cycleParams").and_then(Value::as_object_mut);
                if let Some(params) = params {
                    params.insert("endDate".to_owned(), date.as_str().into());
                }
            }
            Self::Length(minutes) => {
                let subs = subs.into_iter().flatten();
                for sub in subs.filter_map(Value::as_object_mut) {
                    last(sub, *minutes);
                }
                last(info, *minutes);
            }
            Self::EncryptMode(mode) => {
                info.insert("encryptMode".to_owned(), (*mode).into());
            }
        }
    }
}

/// Lets a meeting end `minutes` after its start.
fn last(meeting: &mut Map<String, Value>, minutes: u16) {
    let start = meeting.get("startTime").and_then(Value::as_str);
    if let Some(Ok(start)) = start.map(minute) {
        let end = show(start.saturating_add(i64::from(minutes).minutes()));
        meeting.insert("endTime".to_owned(), end.into());
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use serde_json::json;

    use super::super::reply::Part;
    use super::*;

    fn info() -> Value {
        json!({"startTime": "2026-01-06 08:00", "endTime": "2026-01-06 08:30", "cycleParams": {"endDate": "2026-01-08"},
            "subConfs": [{"startTime": "2026-01-06 08:00"}, {"startTime": "2026-01-08 08:00"}]})
    }

    #[test]
    fn lies() {
        let mut shorter = info();
        shorter["cycleParams"]["endDate"] = "2026-01-07".into();
        shorter["subConfs"].as_array_mut().unwrap().pop();
        let mut longer = info();
        longer["endTime"] = "2026-01-06 10:00".into();
        longer["subConfs"][0]["endTime"] = "2026-01-06 10:00".into();
        longer["subConfs"][1]["endTime"] = "2026-01-08 10:00".into();
        let mut open = info();
        open["encryptMode"] = 2.into();
        for (lie, expected) in [
            (Lie::EndDate("2026-01-07".to_owned()), shorter),
            (Lie::Length(120), longer),
            (Lie::EncryptMode(2), open),
        ] {
            let detail = |info: &Value| json!({"conferenceData": info, "data": {}});
            for (true_one, told) in [
                (json!([info()]), json!([expected])),
                (detail(&info()), detail(&expected)),
                (json!({"data": [info()]}), json!({"data": [info()]})),
                (json!([1]), json!([1])),
            ] {
                let mut reply = reply::success(Part::Query, &true_one, &mut Rng::with_seed(1));
                lie.tell(&mut reply);
                let read: Value = serde_json::from_slice(reply.body().bytes()).unwrap();
                assert_eq!(read, told, "{lie:?}");
            }
        }
    }

    #[test]
    fn a_single_meeting_has_no_end_date_to_lie_about() {
        let one = json!([{"startTime": "2026-01-06 08:00"}]);
        let mut reply = reply::success(Part::Query, &one, &mut Rng::with_seed(1));
        Lie::EndDate("2026-01-07".to_owned()).tell(&mut reply);
        assert_eq!(reply.body().bytes(), &one.to_string());
    }
}
