//! The verbs: what a rule asks of one field. A rule has exactly one.
//!
//! Some verbs change a request (`force`, `default`, `remove`, and `max`, `min`, `max_duration` with `clamp`); the others
//! refuse it. A field that is absent counts as its documented default, because an update replaces the whole meeting.

use crate::model::finding::Location;
use crate::model::json::Value;
use crate::model::problem::Position;
use crate::model::until::Until;

use super::field_path::FieldPath;

pub(super) mod read;

/// Something as written, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) position: Position,
}

/// What to do with a number beyond a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Set it to the bound.
    Clamp,
    /// Refuse the request.
    Refuse,
}

/// What to do where a field is absent and the documentation states no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenAbsent {
    /// Nothing.
    Allow,
    /// Refuse the request.
    Refuse,
}

/// A pattern as written, and compiled so that it must match the whole text.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) written: String,
    pub(super) whole: regex::Regex,
}

/// A verb with its arguments, as written.
#[derive(Debug, Clone)]
pub(super) enum Verb {
    /// The field has this value, whatever was sent.
    Force {
        field: Placed<FieldPath>,
        value: Placed<Value>,
    },
    /// The field has this value where none was sent.
    Default {
        field: Placed<FieldPath>,
        value: Placed<Value>,
    },
    /// The number is at most this.
    Max {
        field: Placed<FieldPath>,
        value: Placed<Value>,
        over: Beyond,
    },
    /// The number is at least this.
    Min {
        field: Placed<FieldPath>,
        value: Placed<Value>,
        under: Beyond,
    },
    /// The value is one of these.
    OneOf {
        field: Placed<FieldPath>,
        values: Vec<Placed<Value>>,
        absent: WhenAbsent,
    },
    /// The whole text matches.
    Matches {
        field: Placed<FieldPath>,
        pattern: Pattern,
        absent: WhenAbsent,
    },
    /// The list has at most this many items.
    MaxItems {
        field: Placed<FieldPath>,
        count: usize,
    },
    /// The field is there, and is no empty text.
    Require { field: Placed<FieldPath> },
    /// The field is not there; with values: has none of these.
    Forbid {
        field: Placed<FieldPath>,
        values: Vec<Placed<Value>>,
    },
    /// The field is taken out.
    Remove { field: Placed<FieldPath> },
    /// The request is denied where the rule's `when` holds; the field is what the finding points at.
    Deny { field: Option<Placed<FieldPath>> },
    /// What was deprecated is refused from a date on.
    Sunset { what: Retired, on: Placed<Until> },
    /// `/length` is at most this many minutes, and prolonging is off.
    MaxDuration { minutes: Placed<i64>, over: Beyond },
}

/// What a sunset is of.
#[derive(Debug, Clone)]
pub(super) enum Retired {
    /// A member of the body.
    Field(Placed<FieldPath>),
    /// A query parameter or header that is deprecated, and taken out in any case.
    Parameter(Location, Placed<String>),
}

/// The names of all verbs, as in a pack.
pub(super) const NAMES: [&str; 13] = [
    "force",
    "default",
    "max",
    "min",
    "one_of",
    "matches",
    "max_items",
    "require",
    "forbid",
    "remove",
    "max_duration",
    "deny",
    "sunset",
];

impl Verb {
    /// The name, as in a pack and as the keyword of findings.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Force { .. } => "force",
            Self::Default { .. } => "default",
            Self::Max { .. } => "max",
            Self::Min { .. } => "min",
            Self::OneOf { .. } => "one_of",
            Self::Matches { .. } => "matches",
            Self::MaxItems { .. } => "max_items",
            Self::Require { .. } => "require",
            Self::Forbid { .. } => "forbid",
            Self::Remove { .. } => "remove",
            Self::MaxDuration { .. } => "max_duration",
            Self::Deny { .. } => "deny",
            Self::Sunset { .. } => "sunset",
        }
    }

    /// The field, where the pack names one.
    pub(super) const fn field(&self) -> Option<&Placed<FieldPath>> {
        match self {
            Self::Force { field, .. }
            | Self::Default { field, .. }
            | Self::Max { field, .. }
            | Self::Min { field, .. }
            | Self::OneOf { field, .. }
            | Self::Matches { field, .. }
            | Self::MaxItems { field, .. }
            | Self::Require { field }
            | Self::Forbid { field, .. }
            | Self::Remove { field }
            | Self::Deny { field: Some(field) }
            | Self::Sunset {
                what: Retired::Field(field),
                ..
            } => Some(field),
            Self::MaxDuration { .. } | Self::Deny { field: None } | Self::Sunset { .. } => None,
        }
    }
}
