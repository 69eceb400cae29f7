//! `contract`: how strictly a request is held to the upstream's documentation.

use crate::config::kind::{Kind, choice, count, flag};
use crate::config::section::section;

/// What to do with a field that the documentation does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// Take it out, and say so.
    Strip,
    /// Refuse the request.
    Reject,
    /// Send it on as it is.
    Forward,
}

/// What to do with a value of another JSON type that says the same, such as `"60"` for 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coercion {
    /// Change it, and say so.
    Accept,
    /// Refuse the request.
    Reject,
}

/// What to do with a field that has no effect where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IneffectiveFields {
    /// Take it out, and say so.
    Remove,
    /// Refuse the request.
    Reject,
}

/// What to do with one slash too many at the very beginning of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraSlash {
    /// Refuse the request, as with any other empty path segment.
    Reject,
    /// Read the path without it.
    Accept,
}

section! {
    /// How strictly a request is held to the upstream's documentation.
    pub struct Contract {
        /// Fields that the documentation does not know: strip, reject or forward them.
        unknown_fields: UnknownFields = choice(&[
            ("strip", UnknownFields::Strip),
            ("reject", UnknownFields::Reject),
            ("forward", UnknownFields::Forward),
        ]).or("strip"),
        /// Values of another JSON type that say the same, such as "60" for 60: accept or reject them.
        coercion: Coercion = choice(&[
            ("accept", Coercion::Accept),
            ("reject", Coercion::Reject),
        ]).or("accept"),
        /// Fields without effect where they stand: remove or reject them.
        ineffective_fields: IneffectiveFields = choice(&[
            ("remove", IneffectiveFields::Remove),
            ("reject", IneffectiveFields::Reject),
        ]).or("remove"),
        /// One slash too many at the very beginning of a path, which the Terraform provider puts there: reject or accept it.
        extra_slash: ExtraSlash = choice(&[
            ("reject", ExtraSlash::Reject),
            ("accept", ExtraSlash::Accept),
        ]).or("reject"),
        /// Violations listed in one refusal; the rest is counted.
        max_violations: usize = count(1, 1000).or(20),
        /// Whether the answer to a change is held against what was asked for: where the service did something else, there is a warning.
        compare_answers: bool = flag().or(true),
    }
}
