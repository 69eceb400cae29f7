//! What an answer repeats under the name under which it was asked for, and when two values mean the same.
//!
//! Not in the table, because the service is known to change it on its own: `preRemindDays`, which it stretches to the length of
//! the cycle, `startDate`, which it may move to the first day that fits, and the start of a series, which is that of its first
//! meeting.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::contract::dates::calendar_date;
use crate::model::document::member;
use crate::model::pointer;

/// The object that makes a series.
pub(super) const SERIES: &str = "cycleParams";

/// One member that comes back.
#[derive(Debug)]
pub(super) struct Echo {
    /// Its names from the body, or the `ConferenceInfo`, down: one, or two.
    pub(super) path: &'static [&'static str],
    /// When two values of it are the same.
    pub(super) alike: Alike,
    /// Whether it comes back as asked for where there is no series only.
    pub(super) of_single_meetings: bool,
}

/// When two values are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alike {
    /// Written the same, be it as text, number or truth value.
    Scalar,
    /// The same medium: pictures come with sound and shared screens, and `Video` is shown before `HDVideo`.
    Media,
    /// The same items in any order.
    Set,
    /// The same day; an earlier one shortens the series.
    LastDay,
}

const fn echo(path: &'static [&'static str], alike: Alike) -> Echo {
    Echo {
        path,
        alike,
        of_single_meetings: false,
    }
}

/// What is compared, in the order of the findings: those first that change most.
pub(super) const ECHOES: &[Echo] = &[
    echo(&[SERIES, "endDate"], Alike::LastDay),
    echo(&["encryptMode"], Alike::Scalar),
    echo(&["confConfigInfo", "callInRestriction"], Alike::Scalar),
    echo(&["confConfigInfo", "isGuestFreePwd"], Alike::Scalar),
    echo(&["confConfigInfo", "allowGuestStartConf"], Alike::Scalar),
    echo(&["confConfigInfo", "enableWaitingRoom"], Alike::Scalar),
    echo(&["confConfigInfo", "prolongLength"], Alike::Scalar),
    echo(&["confConfigInfo", "isAutoMute"], Alike::Scalar),
    echo(&["confConfigInfo", "isHardTerminalAutoMute"], Alike::Scalar),
    echo(&["recordType"], Alike::Scalar),
    echo(&["isAutoRecord"], Alike::Scalar),
    echo(&["recordAuthType"], Alike::Scalar),
    echo(&["recordAuxStream"], Alike::Scalar),
    echo(&["mediaTypes"], Alike::Media),
    echo(&["concurrentParticipants"], Alike::Scalar),
    echo(&["supportSimultaneousInterpretation"], Alike::Scalar),
    echo(&["subject"], Alike::Scalar),
    Echo {
        of_single_meetings: true,
        ..echo(&["startTime"], Alike::Scalar)
    },
    echo(&["timeZoneID"], Alike::Scalar),
    echo(&["language"], Alike::Scalar),
    echo(&[SERIES, "cycle"], Alike::Scalar),
    echo(&[SERIES, "interval"], Alike::Scalar),
    echo(&[SERIES, "point"], Alike::Set),
];

impl Echo {
    /// The value in a body or a `ConferenceInfo`.
    pub(super) fn in_members<'m>(&self, members: &'m Map<String, Value>) -> Option<&'m Value> {
        let (first, rest) = self.path.split_first()?;
        rest.iter()
            .try_fold(member(members, first)?, |value, name| {
                member(value.as_object()?, name)
            })
    }

    /// The JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        let mut text = String::new();
        for name in self.path {
            pointer::push(&mut text, name);
        }
        text
    }

    /// Whether a series ends earlier than asked.
    pub(super) fn is_shortened(&self, asked: &Value, answered: &Value) -> bool {
        let day = |value: &Value| value.as_str().and_then(calendar_date);
        self.alike == Alike::LastDay
            && matches!((day(asked), day(answered)), (Some(asked), Some(is)) if is < asked)
    }
}

/// Whether a value says anything.
pub(super) fn tells(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

impl Alike {
    /// Whether what was answered is what was asked for.
    pub(super) fn same(self, asked: &Value, answered: &Value) -> bool {
        match self {
            Self::Scalar | Self::LastDay => {
                asked == answered
                    || written(asked).is_some_and(|one| Some(one) == written(answered))
            }
            Self::Media => match (asked.as_str(), answered.as_str()) {
                (Some(asked), Some(answered)) => medium(asked) == medium(answered),
                _ => asked == answered,
            },
            Self::Set => set(asked) == set(answered),
        }
    }
}

/// A scalar as it is written; truth values as the numbers that some answers have in their place.
fn written(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Bool(is) => Some(if *is { "1" } else { "0" }.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::String(text) => Some(match text.trim() {
            "true" => "1".into(),
            "false" => "0".into(),
            text => text.into(),
        }),
        _ => None,
    }
}

/// What a list of media comes to.
fn medium(list: &str) -> Vec<&str> {
    let all: Vec<&str> = list.split(',').map(str::trim).collect();
    for decisive in ["Video", "HDVideo", "Voice"] {
        if all.contains(&decisive) {
            return vec![decisive];
        }
    }
    all
}

/// The items, sorted, each once; none where it is no list.
fn set(value: &Value) -> Option<Vec<Cow<'_, str>>> {
    let items = value.as_array()?.iter();
    let mut items: Vec<_> = items.map(written).collect::<Option<_>>()?;
    items.sort_unstable();
    items.dedup();
    Some(items)
}
