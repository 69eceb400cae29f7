//! How each refusal reads: the upstream's own shape, and RFC 9457 for those who ask for it.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use meeting_gateway::model::finding::{Finding, Location, Mode};
use meeting_gateway::model::refusal::{Aftermath, Refusal, SignInFault};
use meeting_gateway::stages::forward::Outbound;
use serde_json::{Value, json};

use crate::support::request::{Asking, documented};
use crate::support::{AnyUpstream, TestGateway};

fn finding(pointer: &str, rule: Option<&str>) -> Finding {
    Finding {
        location: Location::Body,
        pointer: pointer.to_owned(),
        keyword: "maximum".into(),
        rule: rule.map(Into::into),
        expected: Some("120".to_owned()),
        got: Some("180".to_owned()),
        message: "Meetings last at most two hours.".to_owned(),
        mode: Mode::Enforce,
        exemption: None,
    }
}

/// One of each kind, in the order of the codes.
#[expect(
    clippy::too_many_lines,
    reason = "one entry for each refusal, and its match"
)]
pub(crate) fn every_refusal() -> Vec<Refusal> {
    let all = vec![
        Refusal::NonCanonicalTarget {
            what: "a dot segment in the path".into(),
        },
        Refusal::MalformedJson {
            reason: "it is empty".into(),
            line: 1,
            column: 1,
        },
        Refusal::LookAlikes {
            findings: vec![finding("/Length", None)],
        },
        Refusal::Violations {
            findings: vec![finding("/length", None), finding("/x", None)],
            omitted: 3,
        },
        Refusal::SignInBody {
            reason: "`nonce` is missing".into(),
        },
        Refusal::BodyIncomplete,
        Refusal::UnexpectedBody,
        Refusal::MissingFields {
            findings: vec![finding("/subject", None)],
            omitted: 2,
        },
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
        Refusal::Denied {
            findings: vec![finding("/length", Some("pack/max-duration"))],
        },
        Refusal::NoUpstreamUser,
        Refusal::UnknownOperation,
        Refusal::OperationNotAllowed {
            operation: "create_webinar",
        },
        Refusal::MethodNotAllowed {
            allow: vec![Method::PUT, Method::DELETE],
        },
        Refusal::BodyTimeout,
        Refusal::HeadTimeout,
        Refusal::MeetingBusy,
        Refusal::MeetingChanged,
        Refusal::MeetingStarted,
        Refusal::MeetingVanished,
        Refusal::BodyTooLarge { limit: 1024 },
        Refusal::UnsupportedMediaType,
        Refusal::NotAForm,
        Refusal::UnknownExpectation,
        Refusal::RateLimited {
            policy: "caller".into(),
            retry_after: Duration::from_millis(1500),
        },
        Refusal::TooManyFailedAttempts {
            retry_after: Duration::from_secs(2),
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
            what: "it is not JSON".into(),
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
    ];
    // A new refusal does not compile here until it has an example above.
    for refusal in &all {
        match refusal {
            Refusal::NonCanonicalTarget { .. }
            | Refusal::MalformedJson { .. }
            | Refusal::LookAlikes { .. }
            | Refusal::Violations { .. }
            | Refusal::SignInBody { .. }
            | Refusal::BodyIncomplete
            | Refusal::UnexpectedBody
            | Refusal::MalformedRequest { .. }
            | Refusal::HeadTimeout
            | Refusal::HeadTooLarge { .. }
            | Refusal::UnknownExpectation
            | Refusal::MissingFields { .. }
            | Refusal::CredentialMissing
            | Refusal::CredentialAmbiguous
            | Refusal::CredentialInvalid
            | Refusal::CredentialExpired
            | Refusal::CredentialKeysUnavailable
            | Refusal::SignIn(
                SignInFault::Header
                | SignInFault::Signature
                | SignInFault::ExpireTime
                | SignInFault::NonceReused
                | SignInFault::NonceMemoryFull,
            )
            | Refusal::Denied { .. }
            | Refusal::NoUpstreamUser
            | Refusal::UnknownOperation
            | Refusal::OperationNotAllowed { .. }
            | Refusal::MethodNotAllowed { .. }
            | Refusal::BodyTimeout
            | Refusal::MeetingBusy
            | Refusal::MeetingChanged
            | Refusal::MeetingStarted
            | Refusal::MeetingVanished
            | Refusal::MeetingUnreadable { .. }
            | Refusal::BodyTooLarge { .. }
            | Refusal::UnsupportedMediaType
            | Refusal::NotAForm
            | Refusal::RateLimited { .. }
            | Refusal::TooManyFailedAttempts { .. }
            | Refusal::Internal
            | Refusal::UpstreamUnreachable
            | Refusal::UpstreamAnswerInvalid { .. }
            | Refusal::Overloaded
            | Refusal::SignInUnavailable
            | Refusal::CallerBusy { .. }
            | Refusal::CircuitOpen { .. }
            | Refusal::UpstreamBusy
            | Refusal::AuditUnavailable
            | Refusal::UpstreamTimeout { .. } => {}
        }
    }
    all
}

/// The code of each, and its status.
pub(crate) fn every_code_and_status() -> impl Iterator<Item = (String, String)> {
    let all = every_refusal().into_iter();
    all.map(|refusal| {
        let status = refusal.status().as_str().to_owned();
        (refusal.code().to_owned(), status)
    })
}

/// Status, headers and body of each refusal, by its code.
async fn rendered(accept: &str) -> BTreeMap<&'static str, Value> {
    let mut told = BTreeMap::new();
    for refusal in every_refusal() {
        let code = refusal.code();
        let upstream =
            tower::service_fn(move |_: Outbound| std::future::ready(Err(refusal.clone())));
        let gateway = TestGateway::asking(AnyUpstream::new(upstream));
        let request = Asking::update()
            .header("x-request-id", "the-request")
            .header("accept", accept)
            .json(&documented());
        let reply = gateway.send(request).await;
        let headers: BTreeMap<_, _> = reply
            .headers
            .iter()
            .filter(|(name, _)| !name.as_str().starts_with("ratelimit"))
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        let all =
            json!({"status": reply.status.as_u16(), "headers": headers, "body": reply.json()});
        assert!(
            told.insert(code, all).is_none(),
            "{code} stands for two refusals"
        );
    }
    told
}

#[tokio::test]
async fn in_the_upstreams_shape() {
    insta::assert_json_snapshot!(rendered("application/json").await);
}

#[tokio::test]
async fn as_problem_details() {
    insta::assert_json_snapshot!(rendered("application/json, application/problem+json").await);
}
