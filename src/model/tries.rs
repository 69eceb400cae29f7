//! The tries of a request at the upstream, kept for spans that may be made of them when the request is over: whether it is told of
//! at all is known only then.
//!
//! ```
//! use std::time::Duration;
//! use meeting_gateway::model::tries::Tries;
//!
//! let tries = Tries::default();
//! assert_eq!(tries.iter().count(), 0);
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use http::{StatusCode, Uri, Version};

use super::operation::OperationRef;

/// One try that is over.
#[derive(Debug, Clone)]
pub struct Try {
    /// What was asked.
    pub operation: OperationRef,
    /// Where it went.
    pub uri: Uri,
    /// The id that the upstream was told as its parent.
    pub span_id: u64,
    /// How many times the same was sent before.
    pub resends: u32,
    /// When it began, on the record's monotonic clock.
    pub started: Duration,
    /// How long it took.
    pub took: Duration,
    /// The status, if an answer came.
    pub status: Option<StatusCode>,
    /// The HTTP version of the answer.
    pub version: Option<Version>,
    /// Who answered.
    pub peer: Option<SocketAddr>,
    /// What went wrong, in one bounded word.
    pub error_type: Option<&'static str>,
}

/// Tries in the order in which they ended. The first, which is mostly the only one, is kept in place.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    first: Option<Try>,
    further: Vec<Try>,
}

impl Tries {
    /// Adds one. How many there are is bounded by who tries: one request is tried a few times, a meeting read in a few pages.
    pub fn push(&mut self, one: Try) {
        if self.first.is_none() {
            self.first = Some(one);
        } else {
            self.further.push(one);
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Try> {
        self.first.iter().chain(&self.further)
    }
}
