//! The answer of `show_meeting_detail`: a meeting, and one page of its participants.

use std::borrow::Cow;

use crate::model::json::{Object, Value};

/// What is wrong with an answer that cannot be used, as the end of a sentence.
pub type Unusable = Cow<'static, str>;

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MeetingDetail {
    /// The meeting, a `ConferenceInfo`.
    pub(super) meeting: Object,
    /// The participants of this page; none where the answer has no page.
    pub(super) participants: Option<Participants>,
}

/// A page of participants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Participants {
    /// How many there are in all.
    pub(super) count: usize,
    /// Those of the page.
    pub(super) page: Vec<Value>,
}

impl MeetingDetail {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// It is not JSON, or has no meeting in it.
    pub fn read(answer: &[u8]) -> Result<Self, Unusable> {
        let answer = serde_json::from_slice(answer).map_err(|_| "it is not JSON")?;
        Self::of(answer)
    }

    /// The same of an answer that has been read.
    ///
    /// # Errors
    ///
    /// It has no meeting in it.
    pub fn of(answer: Value) -> Result<Self, Unusable> {
        let Value::Object(mut answer) = answer else {
            return Err("it is no object".into());
        };
        let Some(Value::Object(meeting)) = answer.remove("conferenceData") else {
            return Err("it has no `conferenceData`".into());
        };
        let participants = answer.remove("data").and_then(page);
        Ok(Self {
            meeting,
            participants,
        })
    }

    /// How many participants the meeting has in all.
    ///
    /// # Errors
    ///
    /// The answer has no page of participants.
    pub fn participants(&self) -> Result<usize, Unusable> {
        let page = self.participants.as_ref();
        page.map(|page| page.count)
            .ok_or_else(|| "it has no participants in `data`".into())
    }

    /// Takes the participants of this page out.
    pub fn take_page(&mut self) -> Vec<Value> {
        let page = self.participants.as_mut();
        page.map(|page| std::mem::take(&mut page.page))
            .unwrap_or_default()
    }
}

/// A page with a number of entries and a list of them.
fn page(data: Value) -> Option<Participants> {
    let Value::Object(mut data) = data else {
        return None;
    };
    let count = match data.get("count")? {
        Value::Number(count) => count.as_u64(),
        Value::String(count) => count.parse().ok(),
        _ => None,
    };
    let count = usize::try_from(count?).ok()?;
    let page = match data.remove("data") {
        Some(Value::Array(page)) => page,
        None | Some(Value::Null) if count == 0 => Vec::new(),
        _ => return None,
    };
    Some(Participants { count, page })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn an_answer_of_another_shape_is_unusable_and_says_why() {
        for (answer, what) in [
            (json!([{}]), "it is no object"),
            (json!({"data": {"count": 0}}), "it has no `conferenceData`"),
            (
                json!({"conferenceData": [{}]}),
                "it has no `conferenceData`",
            ),
        ] {
            assert_eq!(MeetingDetail::of(answer), Err(what.into()));
        }
        assert_eq!(MeetingDetail::read(b"{"), Err("it is not JSON".into()));
        let with = |data: Value| MeetingDetail::of(json!({"conferenceData": {}, "data": data}));
        for data in [
            json!(null),
            json!([]),
            json!({"count": -1, "data": []}),
            json!({"count": 1}),
            json!({"count": 1, "data": {}}),
        ] {
            assert!(
                with(data.clone()).unwrap().participants().is_err(),
                "{data}"
            );
        }
        let mut detail = with(json!({"count": "7", "data": [{"name": "Bob"}]})).unwrap();
        assert_eq!(detail.participants(), Ok(7));
        assert_eq!(detail.take_page(), [json!({"name": "Bob"})]);
        assert_eq!(with(json!({"count": 0})).unwrap().participants(), Ok(0));
    }
}
