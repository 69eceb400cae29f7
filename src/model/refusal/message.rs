//! What callers are told of a refusal, in one or two sentences: what is wrong, and what to do.

use std::borrow::Cow;

use super::Refusal;
use crate::model::finding::Finding;

impl Refusal {
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
                "No credential. Send an API key, a gateway token or a JWT in X-Access-Token, X-Api-Key or Authorization: Bearer.".into()
            }
            Self::CredentialAmbiguous => {
                "Credentials in more than one place. Send exactly one: one header, or a client certificate that names one caller.".into()
            }
            Self::CredentialInvalid => {
                "The credential is unknown, expired or revoked. Sign in again, or ask the platform team for a key.".into()
            }
            Self::CredentialExpired => "The token has expired. Get a new one from its issuer.".into(),
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
            Self::CredentialKeysUnavailable => {
                "The token cannot be checked now, because the keys of its issuer cannot be fetched. Nothing was done. Try again shortly.".into()
            }
            Self::SignInUnavailable => "The gateway cannot sign in to the meeting service now. The request was not sent.".into(),
            Self::CircuitOpen { .. } => {
                "The meeting service fails at the moment, and is not asked for a while. The request was not sent; see Retry-After.".into()
            }
            Self::UpstreamBusy => {
                "As many requests are at the meeting service as there may be. The request was not sent. Try again shortly.".into()
            }
            Self::AuditUnavailable => {
                "The gateway cannot record requests at the moment, so it lets none pass. Nothing was done. Try again shortly.".into()
            }
            Self::UpstreamTimeout { aftermath } => {
                format!("The meeting service did not answer in time. {}", aftermath.told()).into()
            }
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
