//! Which refusals can come on which operation.

use std::time::Duration;

use super::served::{Served, Treatment};
use crate::contract::unknown_members::UnknownMembers;
use crate::model::operation::BodyMedia;
use crate::model::operation::TokenOperation::{Create, Validate};
use crate::model::refusal::{Aftermath, Refusal, SignInFault};
use crate::policy::MissingFields;

/// One refusal of each code, in the order of the codes; what they say of a request is made up.
pub(super) fn every_kind() -> Vec<Refusal> {
    vec![
        Refusal::NonCanonicalTarget {
            what: "a repeated query parameter".into(),
        },
        Refusal::MalformedJson {
            reason: "it is empty".into(),
            line: 1,
            column: 1,
        },
        Refusal::LookAlikes { findings: vec![] },
        Refusal::Violations {
            findings: vec![],
            omitted: 0,
        },
        Refusal::MissingFields {
            findings: vec![],
            omitted: 0,
        },
        Refusal::SignInBody {
            reason: "`nonce` is missing".into(),
        },
        Refusal::BodyIncomplete,
        Refusal::UnexpectedBody,
        Refusal::MalformedRequest {
            what: "more than one Content-Length",
        },
        Refusal::CredentialMissing,
        Refusal::CredentialAmbiguous,
        Refusal::CredentialInvalid,
        Refusal::SignIn(SignInFault::Header),
        Refusal::SignIn(SignInFault::Signature),
        Refusal::SignIn(SignInFault::ExpireTime),
        Refusal::SignIn(SignInFault::NonceReused),
        Refusal::SignIn(SignInFault::NonceMemoryFull),
        Refusal::CredentialExpired,
        Refusal::Denied { findings: vec![] },
        Refusal::NoUpstreamUser,
        Refusal::UnknownOperation,
        Refusal::OperationNotAllowed {
            operation: "create_webinar",
        },
        Refusal::MethodNotAllowed { allow: vec![] },
        Refusal::MeetingBusy,
        Refusal::MeetingChanged,
        Refusal::MeetingStarted,
        Refusal::MeetingVanished,
        Refusal::BodyTimeout,
        Refusal::HeadTimeout,
        Refusal::BodyTooLarge { limit: 1 << 20 },
        Refusal::UnsupportedMediaType,
        Refusal::NotAForm,
        Refusal::UnknownExpectation,
        Refusal::RateLimited {
            policy: "caller".into(),
            retry_after: Duration::from_secs(1),
        },
        Refusal::TooManyFailedAttempts {
            retry_after: Duration::from_secs(1),
        },
        Refusal::CallerBusy { most: 512 },
        Refusal::HeadTooLarge {
            what: "bytes",
            limit: 32 << 10,
        },
        Refusal::Internal,
        Refusal::UpstreamUnreachable,
        Refusal::UpstreamAnswerInvalid {
            what: "it is not JSON",
            aftermath: Aftermath::MayBeDone,
        },
        Refusal::MeetingUnreadable {
            what: "it tells no meeting".into(),
        },
        Refusal::Overloaded,
        Refusal::SignInUnavailable,
        Refusal::CircuitOpen {
            retry_after: Duration::from_secs(5),
        },
        Refusal::UpstreamBusy,
        Refusal::AuditUnavailable,
        Refusal::CredentialKeysUnavailable,
        Refusal::UpstreamTimeout {
            aftermath: Aftermath::MayBeDone,
        },
    ]
}

/// Whether a request for an operation can be refused so. Exhaustive: a new refusal does not compile before it has its place.
pub(super) fn can_come(refusal: &Refusal, served: &Served<'_>) -> bool {
    let treatment = served.treatment;
    let snapshot = served.snapshot;
    let asks_upstream = treatment.asks_upstream();
    let by_header = !matches!(treatment, Treatment::SignIn(Create | Validate));
    let reads_body = asks_upstream || matches!(treatment, Treatment::SignIn(Create | Validate));
    let has_body = served.operation.body.is_some();
    let missing_fields = snapshot.rules.missing_fields();
    match refusal {
        Refusal::NonCanonicalTarget { .. }
        | Refusal::UpstreamUnreachable
        | Refusal::UpstreamAnswerInvalid { .. }
        | Refusal::CallerBusy { .. }
        | Refusal::CircuitOpen { .. }
        | Refusal::UpstreamBusy
        | Refusal::UpstreamTimeout { .. } => asks_upstream,
        Refusal::MalformedJson { .. } | Refusal::LookAlikes { .. } => {
            treatment == Treatment::WithBody
        }
        Refusal::Violations { .. } => match treatment {
            // Of what is relayed, the names of parameters alone are looked at.
            Treatment::Relayed => snapshot.requests.unknown_members == UnknownMembers::Reject,
            _ => treatment.is_governed(),
        },
        Refusal::MissingFields { .. } => {
            replaces(served) && missing_fields == MissingFields::Reject
        }
        Refusal::MeetingBusy
        | Refusal::MeetingChanged
        | Refusal::MeetingStarted
        | Refusal::MeetingVanished
        | Refusal::MeetingUnreadable { .. } => {
            replaces(served) && missing_fields == MissingFields::Merge
        }
        Refusal::SignInBody { .. } => !by_header,
        Refusal::BodyIncomplete | Refusal::BodyTimeout => reads_body,
        Refusal::UnexpectedBody => asks_upstream && !has_body,
        Refusal::CredentialMissing | Refusal::CredentialAmbiguous => by_header,
        Refusal::CredentialInvalid => treatment != Treatment::SignIn(Create),
        Refusal::CredentialExpired | Refusal::CredentialKeysUnavailable => {
            asks_upstream && snapshot.authenticator.accepts_tokens()
        }
        Refusal::SignIn(_) => treatment == Treatment::SignIn(Create),
        Refusal::NoUpstreamUser => match treatment {
            Treatment::SignIn(asked) => asked == Create,
            _ => !snapshot.upstream.pass_through,
        },
        Refusal::Denied { .. } => treatment.is_governed() && !snapshot.rules.packs().is_empty(),
        // Said of what is not in the document.
        Refusal::UnknownOperation
        | Refusal::OperationNotAllowed { .. }
        | Refusal::MethodNotAllowed { .. } => false,
        Refusal::BodyTooLarge { .. } => reads_body && has_body,
        Refusal::UnsupportedMediaType => {
            asks_upstream && has_body && served.operation.media == BodyMedia::Json
        }
        Refusal::NotAForm => {
            treatment == Treatment::Relayed && served.operation.media == BodyMedia::Form
        }
        Refusal::RateLimited { .. } => snapshot.quotas.policy().is_some(),
        // Whatever the operation is.
        Refusal::MalformedRequest { .. }
        | Refusal::HeadTimeout
        | Refusal::HeadTooLarge { .. }
        | Refusal::UnknownExpectation
        | Refusal::Internal
        | Refusal::Overloaded
        | Refusal::AuditUnavailable
        | Refusal::TooManyFailedAttempts { .. } => true,
        Refusal::SignInUnavailable => asks_upstream && !snapshot.upstream.pass_through,
    }
}

/// Whether it replaces a meeting that is there.
fn replaces(served: &Served<'_>) -> bool {
    let contract = &served.snapshot.contract;
    contract.replacement(served.operation).is_some()
}
