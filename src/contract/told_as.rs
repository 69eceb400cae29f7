//! Where the answer of `show_meeting_detail` tells a member of a body, as the schema files say it (`x-told`).
//!
//! | `x-told` | the member is |
//! |---|---|
//! | `"subject"` | the member `subject` of the meeting, or of the object or participant that it stands in |
//! | `"encryptMode?"` | the same; the documentation does not have it in answers, so it may be missing although it is set |
//! | `"startTime..endTime"` | the minutes from one member to another |
//! | `"participants"` | the participants, which come in pages beside the meeting |
//!
//! Beside it, `x-told-with` names a sibling without which the value says nothing (the days of a weekly series, once it is a
//! monthly one), and `x-series-only` marks what single meetings do not have.

use serde_json::Value;

/// Where a member is told, and when that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAs {
    /// Where it is.
    pub(super) place: ToldPlace,
    /// The sibling that must be as it was for the value to make sense.
    pub(super) with: Option<Box<str>>,
    /// Whether single meetings lack it.
    pub(super) of_series: bool,
}

/// A place in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToldPlace {
    /// The member of this name.
    Member {
        name: Box<str>,
        /// Whether an answer without it says that there is nothing.
        always: bool,
    },
    /// The minutes between two members.
    Minutes { from: Box<str>, to: Box<str> },
    /// The pages of participants.
    Participants,
}

impl ToldAs {
    /// Reads the annotations of a member, where it has them.
    pub(super) fn of<'s>(
        said: &impl Fn(&str) -> Option<&'s Value>,
    ) -> Result<Option<Self>, &'static str> {
        let Some(told) = said("x-told") else {
            return Ok(None);
        };
        let told = told.as_str().ok_or("`x-told` is no text")?;
        let place = if told == "participants" {
            ToldPlace::Participants
        } else if let Some((from, to)) = told.split_once("..") {
            ToldPlace::Minutes {
                from: from.into(),
                to: to.into(),
            }
        } else {
            let (name, always) = told
                .strip_suffix('?')
                .map_or((told, true), |name| (name, false));
            ToldPlace::Member {
                name: name.into(),
                always,
            }
        };
        Ok(Some(Self {
            place,
            with: said("x-told-with").and_then(Value::as_str).map(Into::into),
            of_series: said("x-series-only") == Some(&Value::Bool(true)),
        }))
    }

    /// Whether an answer that does not have it leaves open what is set.
    pub(super) const fn may_be_untold(&self) -> bool {
        matches!(self.place, ToldPlace::Member { always: false, .. })
    }
}
