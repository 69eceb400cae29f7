//! Every way in which the gateway says no: status, stable code, message, hint. One exhaustive match each.
//!
//! Codes read `MGW.` + the HTTP status + a number within it, a family that the upstream does not use (`MMC.`, `USG.`, `WSS.`,
//! `MBI.`, `APIG.`). They never change their meaning.
//!
//! ```
//! use meeting_gateway::model::refusal::Refusal;
//!
//! let refusal = Refusal::BodyTooLarge { limit: 1024 };
//! assert_eq!((refusal.status().as_u16(), refusal.code()), (413, "MGW.4130001"));
//! assert!(refusal.message().contains("1024"));
//! ```

use std::borrow::Cow;
use std::time::Duration;

use http::{Method, StatusCode};

mod message;

pub use super::aftermath::Aftermath;
use super::finding::Finding;
pub use super::sign_in_fault::SignInFault;

/// A refused request. What a client may know, and nothing else: details for operators go to the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The path or query is not in canonical form.
    NonCanonicalTarget {
        /// What is not canonical.
        what: Cow<'static, str>,
    },
    /// The body is not strict JSON.
    MalformedJson {
        /// What is wrong.
        reason: Cow<'static, str>,
        /// 1-based line in the body.
        line: usize,
        /// 1-based column (in bytes) in that line.
        column: usize,
    },
    /// Members whose names differ from known ones only by case, space or invisible characters.
    LookAlikes {
        /// One finding for each.
        findings: Vec<Finding>,
    },
    /// The request does not fit the contract.
    Violations {
        /// What is wrong, up to the configured cap.
        findings: Vec<Finding>,
        /// How many more there were than are listed.
        omitted: usize,
    },
    /// An update leaves out settings that it would reset, and the policy does not want that.
    MissingFields {
        /// One finding for each, up to the configured cap.
        findings: Vec<Finding>,
        /// How many more there were than are listed.
        omitted: usize,
    },
    /// A sign-in body is not what the operation needs.
    SignInBody {
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// The body could not be read to its end.
    BodyIncomplete,
    /// A body, where the operation has none.
    UnexpectedBody,
    /// It is not written as HTTP/1 is written, or could be read in two ways.
    MalformedRequest {
        /// What is wrong, as a noun.
        what: &'static str,
    },
    /// No credential.
    CredentialMissing,
    /// Credentials in more than one place, or a certificate that names two callers.
    CredentialAmbiguous,
    /// The credential is not known, is not valid any more, or was revoked.
    CredentialInvalid,
    /// A JWT that was valid and has expired.
    CredentialExpired,
    /// A sign-in that failed.
    SignIn(SignInFault),
    /// The caller has no upstream user to act for.
    NoUpstreamUser,
    /// A policy rule denies it.
    Denied {
        /// The rules and where they apply.
        findings: Vec<Finding>,
    },
    /// No such operation.
    UnknownOperation,
    /// A known operation that is not served, since nothing would hold it to the policy and the configuration does not allow it.
    OperationNotAllowed {
        /// Its name.
        operation: &'static str,
    },
    /// The path exists, with other methods.
    MethodNotAllowed {
        /// The methods that exist.
        allow: Vec<Method>,
    },
    /// Another change of the same meeting, which fills in what it leaves out, too, is under way.
    MeetingBusy,
    /// The meeting changed between being read and being written.
    MeetingChanged,
    /// The meeting has started, so that nothing can be filled in any more.
    MeetingStarted,
    /// The meeting is not there any more.
    MeetingVanished,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The head did not arrive in time.
    HeadTimeout,
    /// The body is larger than allowed.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The media type is not JSON in UTF-8, or the body is encoded.
    UnsupportedMediaType,
    /// The media type is not that of a form, where a file is documented, or the body is encoded.
    NotAForm,
    /// It expects something other than `100-continue`.
    UnknownExpectation,
    /// The head is larger than allowed.
    HeadTooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be of it.
        limit: usize,
    },
    /// A quota is used up.
    RateLimited {
        /// The quota's name.
        policy: Box<str>,
        /// When one more request will be admitted.
        retry_after: Duration,
    },
    /// Too many wrong credentials came from the client's address, so none is looked at.
    TooManyFailedAttempts {
        /// When one more will be looked at.
        retry_after: Duration,
    },
    /// The caller has as many requests in flight as it may have.
    CallerBusy {
        /// How many that are.
        most: usize,
    },
    /// A defect of the gateway.
    Internal,
    /// The upstream could not be reached.
    UpstreamUnreachable,
    /// The upstream's answer is cut, too large, not JSON, or a redirect.
    UpstreamAnswerInvalid {
        /// What is wrong with it.
        what: &'static str,
        /// What the request came to.
        aftermath: Aftermath,
    },
    /// What the upstream tells of the meeting cannot be used to fill in what a change leaves out.
    MeetingUnreadable {
        /// What is wrong with it, as the end of a sentence.
        what: Cow<'static, str>,
    },
    /// Too many requests in flight.
    Overloaded,
    /// A JWT whose issuer's keys cannot be had now.
    CredentialKeysUnavailable,
    /// No upstream token to be had.
    SignInUnavailable,
    /// The upstream failed so often lately that nothing is sent to it for a while.
    CircuitOpen {
        /// When another try makes sense.
        retry_after: Duration,
    },
    /// As many requests are at the upstream as there may be.
    UpstreamBusy,
    /// The audit log takes no lines, and none may be lost.
    AuditUnavailable,
    /// The upstream did not answer in time.
    UpstreamTimeout {
        /// What the request came to.
        aftermath: Aftermath,
    },
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NonCanonicalTarget { .. }
            | Self::MalformedJson { .. }
            | Self::LookAlikes { .. }
            | Self::Violations { .. }
            | Self::MissingFields { .. }
            | Self::SignInBody { .. }
            | Self::BodyIncomplete
            | Self::UnexpectedBody
            | Self::MalformedRequest { .. } => StatusCode::BAD_REQUEST,
            Self::CredentialMissing
            | Self::CredentialAmbiguous
            | Self::CredentialInvalid
            | Self::CredentialExpired
            | Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::NoUpstreamUser | Self::Denied { .. } => StatusCode::FORBIDDEN,
            Self::UnknownOperation | Self::OperationNotAllowed { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::MeetingBusy
            | Self::MeetingChanged
            | Self::MeetingStarted
            | Self::MeetingVanished => StatusCode::CONFLICT,
            Self::BodyTimeout | Self::HeadTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnknownExpectation => StatusCode::EXPECTATION_FAILED,
            Self::HeadTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::RateLimited { .. }
            | Self::TooManyFailedAttempts { .. }
            | Self::CallerBusy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UpstreamUnreachable
            | Self::UpstreamAnswerInvalid { .. }
            | Self::MeetingUnreadable { .. } => StatusCode::BAD_GATEWAY,
            Self::Overloaded
            | Self::CredentialKeysUnavailable
            | Self::SignInUnavailable
            | Self::CircuitOpen { .. }
            | Self::UpstreamBusy
            | Self::AuditUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamTimeout { .. } => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The stable machine code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NonCanonicalTarget { .. } => "MGW.4000001",
            Self::MalformedJson { .. } => "MGW.4000002",
            Self::LookAlikes { .. } => "MGW.4000003",
            Self::Violations { .. } => "MGW.4000004",
            Self::SignInBody { .. } => "MGW.4000005",
            Self::BodyIncomplete => "MGW.4000006",
            Self::UnexpectedBody => "MGW.4000007",
            Self::MissingFields { .. } => "MGW.4000008",
            Self::MalformedRequest { .. } => "MGW.4000009",
            Self::CredentialMissing => "MGW.4010001",
            Self::CredentialAmbiguous => "MGW.4010002",
            Self::CredentialInvalid => "MGW.4010003",
            Self::SignIn(SignInFault::Header) => "MGW.4010004",
            Self::SignIn(SignInFault::Signature) => "MGW.4010005",
            Self::SignIn(SignInFault::ExpireTime) => "MGW.4010006",
            Self::SignIn(SignInFault::NonceReused) => "MGW.4010007",
            Self::SignIn(SignInFault::NonceMemoryFull) => "MGW.4010008",
            Self::CredentialExpired => "MGW.4010010",
            Self::Denied { .. } => "MGW.4030001",
            Self::NoUpstreamUser => "MGW.4030002",
            Self::UnknownOperation => "MGW.4040001",
            Self::OperationNotAllowed { .. } => "MGW.4040002",
            Self::MethodNotAllowed { .. } => "MGW.4050001",
            Self::BodyTimeout => "MGW.4080001",
            Self::HeadTimeout => "MGW.4080002",
            Self::MeetingBusy => "MGW.4090001",
            Self::MeetingChanged => "MGW.4090002",
            Self::MeetingStarted => "MGW.4090003",
            Self::MeetingVanished => "MGW.4090004",
            Self::BodyTooLarge { .. } => "MGW.4130001",
            Self::UnsupportedMediaType => "MGW.4150001",
            Self::NotAForm => "MGW.4150002",
            Self::UnknownExpectation => "MGW.4170001",
            Self::RateLimited { .. } => "MGW.4290001",
            Self::TooManyFailedAttempts { .. } => "MGW.4290002",
            Self::CallerBusy { .. } => "MGW.4290003",
            Self::HeadTooLarge { .. } => "MGW.4310001",
            Self::Internal => "MGW.5000001",
            Self::UpstreamUnreachable => "MGW.5020001",
            Self::UpstreamAnswerInvalid { .. } => "MGW.5020002",
            Self::MeetingUnreadable { .. } => "MGW.5020003",
            Self::Overloaded => "MGW.5030001",
            Self::SignInUnavailable => "MGW.5030002",
            Self::CircuitOpen { .. } => "MGW.5030004",
            Self::UpstreamBusy => "MGW.5030005",
            Self::AuditUnavailable => "MGW.5030006",
            Self::CredentialKeysUnavailable => "MGW.5030010",
            Self::UpstreamTimeout { .. } => "MGW.5040001",
        }
    }

    /// The violations behind it, to be listed for the caller.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::LookAlikes { findings }
            | Self::Violations { findings, .. }
            | Self::MissingFields { findings, .. }
            | Self::Denied { findings } => findings,
            _ => &[],
        }
    }

    /// How long to wait before another try makes sense.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. }
            | Self::TooManyFailedAttempts { retry_after }
            | Self::CircuitOpen { retry_after } => Some(*retry_after),
            Self::MeetingBusy
            | Self::CallerBusy { .. }
            | Self::Overloaded
            | Self::UpstreamBusy
            | Self::AuditUnavailable
            | Self::CredentialKeysUnavailable
            | Self::SignInUnavailable => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}
