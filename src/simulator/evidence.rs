//! What a test may ask of a meeting, to prove that a policy holds for it.
//!
//! Everything is told as the upstream holds it: after its coercions and with its defaults, whatever was sent.

use serde_json::{Map, Value};

use super::meeting::{Meeting, SubMeeting};
use super::schedule::show;

impl Meeting {
    /// A field of the effective scheduling body by JSON Pointer (RFC 6901), such as `/confConfigInfo/callInRestriction`.
    ///
    /// `None` if there is no such field, and for the empty pointer: the whole is [`Meeting::body`].
    pub fn field(&self, pointer: &str) -> Option<&Value> {
        at(self.body(), pointer)
    }

    /// The effective `encryptMode`: as sent, or else the enterprise's default. 0 adaptive, 1 forced, 2 none.
    pub fn encrypt_mode(&self) -> i64 {
        self.field("/encryptMode").map_or(0, integer)
    }

    /// How long the meeting is, minutes; of a series, how long a sub-meeting is that was not changed on its own.
    pub fn length(&self) -> i64 {
        self.field("/length").map_or(30, integer)
    }

    /// When it starts, `yyyy-MM-dd HH:mm` UTC; of a series only the time of day counts.
    pub fn start(&self) -> String {
        show(self.schedule.start)
    }

    /// The service's own id of the meeting that runs or is over, `confUUID`.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// The ids of the sub-meetings, in order of their starts.
    pub fn sub_meeting_ids(&self) -> Vec<&str> {
        let all = self.sub_meetings.iter();
        all.map(|one| one.id.as_str()).collect()
    }

    /// When each sub-meeting starts, `yyyy-MM-dd HH:mm` UTC.
    pub fn sub_meeting_starts(&self) -> Vec<String> {
        let all = self.sub_meetings.iter();
        all.map(|one| show(one.start)).collect()
    }

    /// How long each sub-meeting is, minutes.
    pub fn sub_meeting_lengths(&self) -> Vec<i64> {
        let length = |one| self.of_sub_meeting(one, "/length").map_or(30, integer);
        self.sub_meetings.iter().map(length).collect()
    }

    /// A field of the sub-meeting at `index`, by JSON Pointer into the body that schedules: what was changed for it
    /// alone, else what holds for the series. `None` beyond the last one.
    pub fn sub_meeting_field(&self, index: usize, pointer: &str) -> Option<&Value> {
        self.of_sub_meeting(self.sub_meetings.get(index)?, pointer)
    }

    fn of_sub_meeting<'a>(&'a self, one: &'a SubMeeting, pointer: &str) -> Option<&'a Value> {
        // The answer's word for it is singular, and so it is held.
        let own = pointer.replacen("mediaTypes", "mediaType", 1);
        let changed = one.changed.as_ref();
        let changed = changed.and_then(|changed| at(changed, &own));
        changed.or_else(|| self.field(pointer))
    }

    /// Every secret of the meeting: host and guest password, and the keys at the end of the join links.
    ///
    /// An answer to somebody who may not have them must hold none of these.
    pub fn secrets(&self) -> [&str; 4] {
        [
            &self.chair_password,
            &self.guest_password,
            &self.chair_link,
            &self.guest_link,
        ]
    }
}

/// The value that a JSON Pointer leads to from these members.
fn at<'a>(members: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let pointer = pointer.strip_prefix('/')?;
    let (name, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
    let name = name.replace("~1", "/").replace("~0", "~");
    members.get(&name)?.pointer(rest)
}

/// The tables of fields hold only integers there; anything else would be 0.
fn integer(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use serde_json::json;

    use super::super::schedule::{Door, Schedule};
    use super::super::sub_meetings;
    use super::*;

    /// 2026-01-05T16:30:59Z.
    const NOW: i64 = 1_767_630_659;

    fn series() -> Meeting {
        let sent = json!({"mediaTypes": "Voice", "startTime": "2026-01-06 12:00", "timeZoneID": "26", "length": "60",
            "encryptMode": "1", "confConfigInfo": {"callInRestriction": 2, "prolongLength": 15},
            "attendees": [{"name": "Bob"}],
            "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-01-07", "cycle": "Day"}});
        let schedule =
            Schedule::read(sent.as_object().unwrap(), Door::CycleConferences, NOW, 0).unwrap();
        let mut meeting = Meeting::new("900000000", schedule, &mut Rng::with_seed(1));
        let sent = json!({"cycleSubConfID": meeting.sub_meeting_ids()[1], "mediaTypes": "HDVideo",
            "startTime": "2026-01-07 13:00", "length": 45});
        sub_meetings::modify(&mut meeting, sent.as_object().unwrap(), NOW).unwrap();
        meeting
    }

    #[test]
    fn fields_are_told_as_they_are_held() {
        let meeting = series();
        for (pointer, expected) in [
            ("/length", Some(json!(60))),
            ("/language", Some(json!("zh-CN"))),
            ("/confConfigInfo/callInRestriction", Some(json!(2))),
            ("/attendees/0/name", Some(json!("Bob"))),
            ("/cycleParams/cycle", Some(json!("Day"))),
            ("/subject", None),
            ("/attendees/1", None),
            ("length", None),
            ("", None),
            ("/", None),
            ("/周/x", None),
        ] {
            assert_eq!(meeting.field(pointer), expected.as_ref(), "{pointer}");
        }
        assert_eq!((meeting.encrypt_mode(), meeting.length()), (1, 60));
        assert_eq!(meeting.start(), "2026-01-06 12:00");
    }

    #[test]
    fn a_changed_sub_meeting_differs_from_its_series() {
        let meeting = series();
        assert_eq!(meeting.sub_meeting_lengths(), [60, 45]);
        assert_eq!(
            meeting.sub_meeting_starts(),
            ["2026-01-06 12:00", "2026-01-07 13:00"]
        );
        for (pointer, first, second) in [
            ("/mediaTypes", Some(json!("Voice")), Some(json!("HDVideo"))),
            // What an edit of a sub-meeting leaves out is at its default.
            (
                "/confConfigInfo/callInRestriction",
                Some(json!(2)),
                Some(json!(0)),
            ),
            (
                "/confConfigInfo/prolongLength",
                Some(json!(15)),
                Some(json!(15)),
            ),
            ("/encryptMode", Some(json!(1)), Some(json!(1))),
            ("/nothing", None, None),
        ] {
            let told = |index| meeting.sub_meeting_field(index, pointer).cloned();
            assert_eq!((told(0), told(1)), (first, second), "{pointer}");
            assert_eq!(told(2), None, "{pointer}");
        }
    }
}
