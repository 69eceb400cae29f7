//! What a pack wants done about what an update leaves out.
//!
//! An update replaces the whole meeting: a setting that the request does not name goes back to its default. Where several packs
//! apply, the strictest word of theirs counts.
//!
//! ```
//! use meeting_gateway::policy::MissingFields;
//!
//! assert!(MissingFields::Reject > MissingFields::Merge && MissingFields::Warn > MissingFields::default());
//! assert_eq!(MissingFields::Merge.name(), "merge");
//! ```

/// What becomes of an update that leaves out settings which the meeting has. In order, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum MissingFields {
    /// It goes on as it is.
    #[default]
    Forward,
    /// The same, and the caller is told what it leaves out.
    Warn,
    /// What is left out is filled in with what the meeting has now.
    Merge,
    /// It is refused.
    Reject,
}

impl MissingFields {
    /// Every one, in order.
    pub const ALL: [Self; 4] = [Self::Forward, Self::Warn, Self::Merge, Self::Reject];

    /// The word in a pack.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Warn => "warn",
            Self::Merge => "merge",
            Self::Reject => "reject",
        }
    }
}
