//! A compiled rule: who it is, and what it does at which field of one operation.

use std::sync::Arc;
use std::time::Duration;

use crate::model::finding::{Location, Mode};
use crate::model::json::Value;
use crate::model::principal::Caller;
use crate::model::until::Until;

use super::caller_marks::{CallerMarks, Marked};
use super::demand::Demand;
use super::exemption::Exempt;
use super::expression::Expression;
use super::field_path::FieldPath;
use super::fix::Fix;
use super::scope::Callers;
use super::verb::{Beyond, Verb};

/// Where the length of a meeting is, in minutes.
pub(super) const LENGTH: &str = "/length";
/// Where it is said how long a meeting goes on by itself, again and again (facts, part 1.5).
pub(super) const PROLONG_LENGTH: &str = "/confConfigInfo/prolongLength";

/// Who a rule is.
#[derive(Debug)]
pub(super) struct Head {
    /// `pack/rule`.
    pub(super) id: Arc<str>,
    /// The verb's name.
    pub(super) verb: &'static str,
    /// What a violation leads to, where no binding says otherwise.
    pub(super) mode: Mode,
    /// The sentence for the caller, where the pack has one.
    pub(super) message: Option<String>,
    /// Whom it applies to.
    pub(super) callers: Callers,
    /// Other modes for some callers; the first that fits counts.
    pub(super) bindings: Vec<(Callers, Mode)>,
    /// Who is let pass.
    pub(super) exemptions: Vec<Exempt>,
    /// Whether it both changes and refuses.
    pub(super) two_halves: bool,
    /// Until then an enforced rule only warns.
    pub(super) sunset: Option<Until>,
}

/// What a violation leads to, for one caller at one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'h> {
    pub(super) mode: Mode,
    pub(super) exempt: Option<&'h Exempt>,
    /// The date after which what now only warns is enforced.
    pub(super) sunset: Option<&'h Until>,
}

impl Head {
    /// What a violation leads to.
    pub(super) fn standing(&self, caller: &Caller, now: Duration) -> Standing<'_> {
        let mut exemptions = self.exemptions.iter();
        let exempt =
            exemptions.find(|exempt| !exempt.until.is_over(now) && exempt.callers.include(caller));
        let mut bindings = self.bindings.iter();
        let bound = bindings.find(|(callers, _)| callers.include(caller));
        let mode = bound.map_or(self.mode, |(_, mode)| *mode);
        let ahead = self.sunset.as_ref().filter(|on| !on.is_over(now));
        let sunset = ahead.filter(|_| mode == Mode::Enforce && exempt.is_none());
        Standing {
            mode: match (exempt, sunset) {
                (Some(_), _) => Mode::Audit,
                (None, Some(_)) => Mode::Warn,
                (None, None) => mode,
            },
            exempt,
            sunset,
        }
    }
}

/// A rule in one operation.
#[derive(Debug)]
pub(super) struct Rule<T> {
    /// Who it is.
    pub(super) head: Arc<Head>,
    /// Of the callers that it applies to.
    pub(super) marks: CallerMarks,
    /// It is asked only where this holds.
    pub(super) when: Option<Arc<Expression>>,
    /// What it does.
    pub(super) deed: T,
}

impl<T> Rule<T> {
    /// Whether it applies to a caller.
    pub(super) fn applies_to(&self, caller: &mut Marked<'_>) -> bool {
        caller.is_among(self.marks, &self.head.callers)
    }
}

/// One thing that a rule does at one field.
#[derive(Debug)]
pub(super) struct Step<T> {
    /// The field.
    pub(super) path: FieldPath,
    /// The value that holds where the field is absent, if the documentation states one.
    pub(super) default: Option<Value>,
    /// What is done.
    pub(super) deed: T,
}

/// What a refusing rule does.
#[derive(Debug)]
pub(super) enum Refusing {
    /// It demands something of fields.
    Demands(Vec<Step<Demand>>),
    /// It denies every request that it is asked about; the finding is at this pointer.
    Deny(Box<str>),
    /// It denies what brings this parameter or header.
    Retired(Location, Box<str>),
}

/// What a rule does at a field: change it, or refuse.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Change what is not as it must be.
    Fix(Fix),
    /// Refuse what is not as it must be.
    Demand(Demand),
}

impl Deed {
    /// The rule in words.
    pub(super) fn sentence(&self, pointer: &str) -> String {
        let expected = match self {
            Self::Fix(fix) => fix.expected(pointer),
            Self::Demand(demand) => demand.expected(pointer),
        };
        sentence(pointer, &expected)
    }
}

/// The sentence that a caller sees where a rule has no message of its own.
pub(super) fn sentence(pointer: &str, expected: &str) -> String {
    ["`", pointer, "` must be ", expected, "."].concat()
}

/// What a verb does, field by field.
#[expect(clippy::expect_used, reason = "it cannot fail: the messages say why")]
pub(super) fn deeds(verb: &Verb) -> Vec<(FieldPath, Deed)> {
    let at_most = |bound, over| match over {
        Beyond::Clamp => Deed::Fix(Fix::AtMost(bound)),
        Beyond::Refuse => Deed::Demand(Demand::AtMost(bound)),
    };
    let values = |values: &[super::verb::Placed<Value>]| {
        values
            .iter()
            .map(|placed| placed.value.clone())
            .collect::<Vec<_>>()
    };
    let whole = |value: &Value| value.as_i64().expect("read as a whole number");
    let deed = match verb {
        Verb::Force { value, .. } => Deed::Fix(Fix::Force(value.value.clone())),
        Verb::Default { value, .. } => Deed::Fix(Fix::Fill(value.value.clone())),
        Verb::Max { value, over, .. } => at_most(whole(&value.value), *over),
        Verb::Min { value, under, .. } => match under {
            Beyond::Clamp => Deed::Fix(Fix::AtLeast(whole(&value.value))),
            Beyond::Refuse => Deed::Demand(Demand::AtLeast(whole(&value.value))),
        },
        Verb::OneOf {
            values: all,
            absent,
            ..
        } => Deed::Demand(Demand::OneOf(values(all), *absent)),
        Verb::Matches {
            pattern, absent, ..
        } => Deed::Demand(Demand::Matches(pattern.clone(), *absent)),
        Verb::MaxItems { count, .. } => Deed::Demand(Demand::MaxItems(*count)),
        Verb::Require { .. } => Deed::Demand(Demand::Present),
        Verb::Forbid { values: all, .. } if all.is_empty() => Deed::Demand(Demand::Absent),
        Verb::Forbid { values: all, .. } => Deed::Demand(Demand::NoneOf(values(all))),
        Verb::Remove { .. } => Deed::Fix(Fix::Remove),
        Verb::Sunset { .. } => Deed::Demand(Demand::Absent),
        Verb::Deny { .. } => return Vec::new(),
        Verb::MaxDuration { minutes, over } => {
            let constant = |field| FieldPath::parse(field).expect("a constant field");
            // Prolonging is switched off whatever `over` says: it would defeat either.
            let never = Deed::Fix(Fix::Force(Value::from(0)));
            return vec![
                (constant(LENGTH), at_most(minutes.value, *over)),
                (constant(PROLONG_LENGTH), never),
            ];
        }
    };
    verb.field()
        .map(|field| (field.value.clone(), deed))
        .into_iter()
        .collect()
}
