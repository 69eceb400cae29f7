//! Why there is no upstream token. Clients learn only that signing in fails; this is for the log.

use http::StatusCode;

use super::transport::TransportFault;
use crate::model::refusal::Refusal;

/// The reason; holds nothing secret and no user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The user id is empty; upstream that would be the enterprise's default administrator.
    #[error(
        "the user id is empty, which upstream means the default administrator; that needs explicit configuration"
    )]
    NoUser,
    /// In pass-through mode the gateway has no tokens.
    #[error("in pass-through mode callers bring their own token")]
    NotOurs,
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportFault),
    /// The upstream answered with another status than 200.
    #[error("the upstream refused the sign-in with status {status}, error code {}", code.as_deref().unwrap_or("unknown"))]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its `error_code`, where it has one of the usual form.
        code: Option<Box<str>>,
    },
    /// The answer cannot be used.
    #[error("the upstream's answer to the sign-in cannot be used: {what}")]
    AnswerInvalid {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The sign-in ended without an outcome: a defect, a lack of random numbers, or the end of the process.
    #[error("the sign-in was not carried out")]
    Stopped,
}

impl Unavailable {
    /// One word for it: one of [`SIGN_IN_OUTCOMES`](super::SIGN_IN_OUTCOMES).
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Transport(TransportFault::Unreachable) => "unreachable",
            Self::Transport(TransportFault::Timeout) => "timeout",
            Self::Refused { .. } => "refused",
            Self::AnswerInvalid { .. }
            | Self::Transport(TransportFault::AnswerTooLarge | TransportFault::AnswerCoded) => {
                "invalid_answer"
            }
            Self::NoUser | Self::NotOurs | Self::Stopped => "not_carried_out",
        }
    }

    /// Whether repeating it soon would be of no use, and can do harm.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if !status.is_server_error())
    }
}

impl From<Unavailable> for Refusal {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::NoUser => Self::NoUpstreamUser,
            Unavailable::NotOurs => Self::Internal,
            Unavailable::Transport(_)
            | Unavailable::Refused { .. }
            | Unavailable::AnswerInvalid { .. }
            | Unavailable::Stopped => Self::SignInUnavailable,
        }
    }
}
