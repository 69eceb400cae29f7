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
    /// No upstream token to be had.
    SignInUnavailable,
    /// The upstream failed so often lately that nothing is sent to it for a while.
    CircuitOpen {
        /// When another try makes sense.
        retry_after: Duration,
    },
    /// As many requests are at the upstream as there may be.
    UpstreamBusy,
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
            | Self::SignInUnavailable
            | Self::CircuitOpen { .. }
            | Self::UpstreamBusy => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::UpstreamTimeout { .. } => "MGW.5040001",
        }
    }

    /// What is wrong and what to do, in one or two sentences. Never a secret, never a value of the caller's.
    #[expect(clippy::too_many_lines, reason = "one arm for each refusal")]
    pub fn message(&self) -> Cow<'static, str> {
        match self {
            Self::NonCanonicalTarget { what } => {
                format!("The request target is not canonical: {what}. Send the path and each parameter once, as documented.").into()
            }
            Self::MalformedJson { reason, line, column } => {
                format!("The body is not strict JSON: {reason} (line {line}, column {column}).").into()
            }
            Self::LookAlikes { findings } => format!(
                "{} from known ones only by case, space or invisible characters. Use the documented spelling.",
                counted(findings.len(), "member name differs", "member names differ")
            )
            .into(),
            Self::Violations { findings, omitted } => format!(
                "The request does not fit the API: {}, listed in `errors`.{}",
                counted(findings.len() + omitted, "violation", "violations"),
                first(findings)
            )
            .into(),
            Self::MissingFields { findings, omitted } => format!(
                "The change leaves out what the meeting has, and would reset it: {}, listed in `errors`.{}",
                counted(findings.len() + omitted, "setting", "settings"),
                first(findings)
            )
            .into(),
            Self::SignInBody { reason } => format!("The sign-in request cannot be read: {reason}.").into(),
            Self::BodyIncomplete => "The body ended before its announced length.".into(),
            Self::UnexpectedBody => "This operation has no body. Send none.".into(),
            Self::MalformedRequest { what } => {
                format!("The request is not well-formed HTTP: {what}. The connection is closed.").into()
            }
            Self::CredentialMissing => {
                "No credential. Send an API key or a gateway token in X-Access-Token, X-Api-Key or Authorization: Bearer.".into()
            }
            Self::CredentialAmbiguous => {
                "Credentials in more than one place. Send exactly one: one header, or a client certificate that names one caller.".into()
            }
            Self::CredentialInvalid => {
                "The credential is unknown, expired or revoked. Sign in again, or ask the platform team for a key.".into()
            }
            Self::SignIn(fault) => fault.message().into(),
            Self::NoUpstreamUser => {
                "This caller acts for the user it signs in with, and none was named. Sign in with a userId, or ask the platform team to \
                 set `upstream_user` for this caller."
                    .into()
            }
            Self::Denied { findings } => format!(
                "The request is against the enterprise's policy: {}, listed in `errors`.{}",
                counted(findings.len(), "violation", "violations"),
                first(findings)
            )
            .into(),
            Self::UnknownOperation => "This gateway serves no operation on this path.".into(),
            Self::OperationNotAllowed { operation } => format!(
                "This gateway knows `{operation}`, and does not serve it: nothing would hold it to the policy. The platform team can let \
                 it pass with `operations: {{allow: [{operation}]}}` in the configuration."
            )
            .into(),
            Self::MethodNotAllowed { .. } => "This path has no such method; see the Allow header.".into(),
            Self::MeetingBusy => {
                "Another change of this meeting is under way. Nothing was changed. Try again shortly; see Retry-After.".into()
            }
            Self::MeetingChanged => {
                "Somebody changed this meeting at the same time. Nothing was changed by this request: read the meeting, and send the change again.".into()
            }
            Self::MeetingStarted => {
                "The meeting has started, so it can no longer be changed. Nothing was changed. Use the operations for running meetings, or change it once it is over.".into()
            }
            Self::MeetingVanished => {
                "The meeting is not there: it was cancelled, it is over, or the series has no such meeting. Nothing was changed. Look it up in the list of meetings.".into()
            }
            Self::BodyTimeout => "The body did not arrive in time.".into(),
            Self::HeadTimeout => "The request line and headers did not arrive in time. The connection is closed.".into(),
            Self::UnknownExpectation => "The Expect header may say `100-continue` and nothing else.".into(),
            Self::HeadTooLarge { what, limit } => {
                format!("The request line and headers are too large: more than {limit} {what}. The connection is closed.").into()
            }
            Self::BodyTooLarge { limit } => format!("The body is larger than {limit} bytes.").into(),
            Self::UnsupportedMediaType => "The body must be application/json in UTF-8, without Content-Encoding.".into(),
            Self::NotAForm => {
                "The body must be multipart/form-data with one boundary and no other parameter, without Content-Encoding.".into()
            }
            Self::RateLimited { policy, .. } => format!("The quota `{policy}` is used up; see Retry-After.").into(),
            Self::TooManyFailedAttempts { .. } => {
                "Too many wrong credentials came from this address, so this one was not looked at. Check the credential, and try again after Retry-After.".into()
            }
            Self::CallerBusy { most } => caller_busy(*most).into(),
            Self::Internal => "The gateway failed on this request. The request id leads to the log.".into(),
            Self::UpstreamUnreachable => "The meeting service cannot be reached. The request was not carried out.".into(),
            Self::UpstreamAnswerInvalid { what, aftermath } => {
                format!("The meeting service's answer cannot be used: {what}. {}", aftermath.told()).into()
            }
            Self::MeetingUnreadable { what } => {
                format!("What the meeting service tells of the meeting cannot be used to fill in what the change leaves out: {what}. Nothing was changed. Send the whole meeting.").into()
            }
            Self::Overloaded => "Too many requests in flight. Try again shortly.".into(),
            Self::SignInUnavailable => "The gateway cannot sign in to the meeting service now. The request was not sent.".into(),
            Self::CircuitOpen { .. } => {
                "The meeting service fails at the moment, and is not asked for a while. The request was not sent; see Retry-After.".into()
            }
            Self::UpstreamBusy => {
                "As many requests are at the meeting service as there may be. The request was not sent. Try again shortly.".into()
            }
            Self::UpstreamTimeout { aftermath } => {
                format!("The meeting service did not answer in time. {}", aftermath.told()).into()
            }
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
            | Self::SignInUnavailable => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

fn caller_busy(most: usize) -> String {
    let all = counted(most, "request", "requests");
    format!(
        "This caller has {all} in flight, which is as many as it may have. Wait for one to be answered."
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The first finding's own sentence, since some clients show only the message.
fn first(findings: &[Finding]) -> String {
    findings
        .first()
        .map(|finding| format!(" {}", finding.message))
        .unwrap_or_default()
}
