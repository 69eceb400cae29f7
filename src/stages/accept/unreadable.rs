//! What a connection sent in the place of a request, and could not be read as one.
//!
//! ```
//! use meeting_gateway::stages::accept::Unreadable;
//!
//! let late = Unreadable::Overdue;
//! assert_eq!(late.status(), 408);
//! assert_eq!(Unreadable::Malformed { what: "no Host" }.status(), 400);
//! ```

use http::StatusCode;

/// Why no request could be made of what a connection sent. An extension of the request that is handed on in its place; see
/// [`HttpService::unreadable`](super::HttpService::unreadable).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not written as HTTP/1 is written.
    Malformed {
        /// What is wrong, as a noun. Never a byte of the client's.
        what: &'static str,
    },
    /// The head is larger than allowed.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The head has more fields than allowed.
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// The head began and did not end in time.
    Overdue,
}

impl Unreadable {
    /// The HTTP status that says so.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } | Self::TooManyFields { .. } => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::Overdue => StatusCode::REQUEST_TIMEOUT,
        }
    }
}
