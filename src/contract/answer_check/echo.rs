//! What an answer repeats under the name under which it was asked for, and when two values mean the same.
//!
//! Not in the table, because the service is known to change it on its own: `preRemindDays`, which it stretches to the length of
//! the cycle, `startDate`, which it may move to the first day that fits, and the start of a series, which is that of its first
//! meeting.

use std::borrow::Cow;

use crate::model::civil_time;
use crate::model::json::Value;
use crate::model::pointer;

/// The object that makes a series.
pub(super) const SERIES: &str = "cycleParams";
/// The object of settings.
const SETTINGS: &str = "confConfigInfo";

/// One member that comes back.
#[derive(Debug)]
pub(super) struct Echo {
    /// The member of the body, or the `ConferenceInfo`, that it is in, if it is in any.
    pub(super) parent: Option<&'static str>,
    /// Its name.
    pub(super) name: &'static str,
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

const fn echo(name: &'static str, alike: Alike) -> Echo {
    Echo {
        parent: None,
        name,
        alike,
        of_single_meetings: false,
    }
}

const fn within(parent: &'static str, name: &'static str, alike: Alike) -> Echo {
    Echo {
        parent: Some(parent),
        ..echo(name, alike)
    }
}

/// What is compared, in the order of the findings: those first that change most.
pub(super) const ECHOES: &[Echo] = &[
    within(SERIES, "endDate", Alike::LastDay),
    echo("encryptMode", Alike::Scalar),
    within(SETTINGS, "callInRestriction", Alike::Scalar),
    within(SETTINGS, "isGuestFreePwd", Alike::Scalar),
    within(SETTINGS, "allowGuestStartConf", Alike::Scalar),
    within(SETTINGS, "enableWaitingRoom", Alike::Scalar),
    within(SETTINGS, "prolongLength", Alike::Scalar),
    within(SETTINGS, "isAutoMute", Alike::Scalar),
    within(SETTINGS, "isHardTerminalAutoMute", Alike::Scalar),
    echo("recordType", Alike::Scalar),
    echo("isAutoRecord", Alike::Scalar),
    echo("recordAuthType", Alike::Scalar),
    echo("recordAuxStream", Alike::Scalar),
    echo("mediaTypes", Alike::Media),
    echo("concurrentParticipants", Alike::Scalar),
    echo("supportSimultaneousInterpretation", Alike::Scalar),
    echo("subject", Alike::Scalar),
    Echo {
        of_single_meetings: true,
        ..echo("startTime", Alike::Scalar)
    },
    echo("timeZoneID", Alike::Scalar),
    echo("language", Alike::Scalar),
    within(SERIES, "cycle", Alike::Scalar),
    within(SERIES, "interval", Alike::Scalar),
    within(SERIES, "point", Alike::Set),
];

impl Echo {
    /// The JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        let mut text = String::new();
        for name in self.parent.into_iter().chain([self.name]) {
            pointer::push(&mut text, name);
        }
        text
    }

    /// Whether a series ends earlier than asked.
    pub(super) fn is_shortened(&self, asked: &Value, answered: &Value) -> bool {
        let day = |value: &Value| value.as_str().and_then(civil_time::day);
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
                (Some(asked), Some(answered)) => is_same_medium(asked, answered),
                _ => asked == answered,
            },
            Self::Set => set(asked) == set(answered),
        }
    }

    /// Whether that is so at first sight: without reading a JSON value that is written nearly as it was asked for.
    pub(super) fn same_as_written(self, asked: &Value, answered: &str) -> bool {
        match asked {
            Value::String(asked) => plain_text(answered).is_some_and(|answered| {
                asked == answered || (self == Self::Media && is_same_medium(asked, answered))
            }),
            Value::Bool(asked) => answered == if *asked { "true" } else { "false" },
            Value::Number(asked) => {
                let asked = asked.as_i64();
                asked.is_some() && answered.parse().ok() == asked
            }
            _ => false,
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

/// What a JSON text says, where nothing in it is escaped.
fn plain_text(written: &str) -> Option<&str> {
    let text = written.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

/// Whether two lists of media come to the same.
fn is_same_medium(asked: &str, answered: &str) -> bool {
    match (medium(asked), medium(answered)) {
        (None, None) => media(asked).eq(media(answered)),
        (asked, answered) => asked == answered,
    }
}

/// What decides in a list of media.
fn medium(list: &str) -> Option<&'static str> {
    let decisive = ["Video", "HDVideo", "Voice"];
    decisive
        .into_iter()
        .find(|decisive| media(list).any(|medium| medium == *decisive))
}

fn media(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

/// The items, sorted, each once; none where it is no list.
fn set(value: &Value) -> Option<Vec<Cow<'_, str>>> {
    let items = value.as_array()?.iter();
    let mut items: Vec<_> = items.map(written).collect::<Option<_>>()?;
    items.sort_unstable();
    items.dedup();
    Some(items)
}
