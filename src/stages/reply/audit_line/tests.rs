//! Lines are held to a twin: the same members in the same order, written by `serde` from values that are made for it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;

use super::*;
use crate::model::change::Change;
use crate::model::clock::SystemClock;
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::header::VisibleHeaders;
use crate::model::json::{Object, json};
use crate::model::operation::{Family, Operation};
use crate::model::principal::{Caller, CredentialKind, Principal, UpstreamUser};
use crate::model::receipt::Receipt;
use crate::model::record::{RecordedRequest, TraceIdentity, UpstreamExchange};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;

#[derive(Debug, Serialize)]
struct Twin<'a> {
    schema: &'static str,
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'static str>,
    method: &'a str,
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    relayed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting: Option<&'a str>,
    outcome: &'static str,
    stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Kept<'a>>,
    #[serde(skip_serializing_if = "Receipt::is_empty")]
    receipt: Receipt<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<Exchange<'a>>,
    bytes_in: usize,
    bytes_out: usize,
    duration_us: u64,
    snapshot: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Exchange<'a> {
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    duration_us: u64,
}

#[derive(Debug, Serialize)]
struct Kept<'a> {
    values: &'static str,
    caller: Who<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, &'a str>,
    body: &'a Object,
}

#[derive(Debug, Serialize)]
struct Who<'a> {
    id: &'a str,
    groups: &'a [Box<str>],
    scopes: &'a [Box<str>],
    claims: &'a Object,
}

fn by_serde(journal: &Journal, duration: Duration) -> String {
    let (outcome, status, code, message) = match &journal.outcome {
        Some(Outcome::Answered(status)) => ("answered", Some(status.as_u16()), None, None),
        Some(Outcome::Refused(refusal)) => (
            "refused",
            Some(refusal.status().as_u16()),
            Some(refusal.code()),
            Some(refusal.message()),
        ),
        Some(Outcome::CutOff { status, what }) => {
            let what = Some(Cow::Borrowed(*what));
            ("cut_off", Some(status.as_u16()), None, what)
        }
        Some(Outcome::ClientLeft) | None => ("client_left", None, None, None),
    };
    let milliseconds = i64::try_from(journal.started_unix.as_millis()).unwrap();
    let time = Timestamp::from_millisecond(milliseconds).unwrap();
    let upstream = &journal.upstream;
    let recorded = journal.recorded.as_deref();
    let detail = recorded.map_or(Detail::Short, |request| request.detail);
    let principal = journal.principal.as_ref();
    let peer = journal.peer.map(|peer| peer.ip().to_canonical());
    let twin = Twin {
        schema: AUDIT_SCHEMA,
        time: format!("{time:.3}"),
        request_id: &journal.request_id,
        trace_id: (journal.trace.trace_id != 0).then(|| format!("{:032x}", journal.trace.trace_id)),
        client: journal.client.map(|client| client.to_string()),
        peer: peer
            .filter(|peer| journal.client != Some(*peer))
            .map(|peer| peer.to_string()),
        caller: principal.map(|principal| &*principal.caller.id),
        credential: principal.map(|principal| principal.credential.name()),
        method: journal.method.as_str(),
        path: shown_target::path(&journal.path),
        operation: journal.operation.map(|operation| operation.name),
        relayed: journal.relayed,
        meeting: journal.meeting.as_deref(),
        outcome,
        stage: journal.stage,
        status,
        code,
        message,
        request: recorded
            .zip(principal)
            .map(|(request, principal)| kept(request, &principal.caller)),
        receipt: Receipt::of(&journal.changes, &journal.findings, detail),
        upstream: (upstream.attempts > 0).then(|| Exchange {
            attempts: upstream.attempts,
            status: upstream.status.map(|status| status.as_u16()),
            request_id: upstream.request_id.as_deref(),
            duration_us: microseconds(upstream.duration),
        }),
        bytes_in: journal.bytes_in,
        bytes_out: journal.bytes_out,
        duration_us: microseconds(duration),
        snapshot: journal.snapshot,
        configuration: journal.configuration.as_deref(),
        policy: journal.policy.as_deref(),
    };
    serde_json::to_string(&twin).unwrap()
}

fn kept<'a>(request: &'a RecordedRequest, caller: &'a Caller) -> Kept<'a> {
    let texts = request.query.iter();
    let names = VisibleHeaders::NAMES.into_iter().enumerate();
    Kept {
        values: match request.detail {
            Detail::Exact => "exact",
            Detail::Masked | Detail::Short => "masked",
        },
        caller: Who {
            id: &caller.id,
            groups: &caller.groups,
            scopes: &caller.scopes,
            claims: &caller.claims,
        },
        query: texts.map(|(name, value)| (&**name, &**value)).collect(),
        headers: names
            .filter_map(|(index, name)| Some((name.to_string(), request.headers.at(index)?)))
            .collect(),
        body: &request.body.0,
    }
}

static OPERATION: Operation = Operation::new(
    "update_recurring_meeting",
    Method::PUT,
    "/v1/mmc/management/cycleconferences",
    Family::Scheduling,
);

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9-]{0,40}|[a-z\"\\\\\u{1}\n会]{0,9}"
}

fn boxed() -> impl Strategy<Value = Box<str>> {
    text().prop_map(String::into_boxed_str)
}

fn shared() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Arc::from)
}

fn peer() -> impl Strategy<Value = SocketAddr> {
    let mapped = any::<std::net::Ipv4Addr>().prop_map(|address| address.to_ipv6_mapped().into());
    let address = prop_oneof![
        any::<IpAddr>(),
        mapped,
        Just(IpAddr::from(Ipv6Addr::LOCALHOST))
    ];
    address.prop_map(|address| SocketAddr::new(address, 40_000))
}

fn members() -> Object {
    let value =
        json!({"subject": "会 \"x\"\n", "length": 60, "phone": ["+86", 1.5, null, [true]], "": {}});
    value.as_object().cloned().unwrap_or_default()
}

fn principal() -> impl Strategy<Value = Principal> {
    let credential = select(vec![CredentialKind::ApiKey, CredentialKind::Jwt]);
    let names = || proptest::collection::vec(boxed(), 0..3);
    let claims = select(vec![Object::new(), members()]);
    (shared(), names(), names(), claims, credential).prop_map(
        |(id, groups, scopes, claims, credential)| Principal {
            caller: Arc::new(Caller {
                id,
                index: 0,
                groups: groups.into(),
                scopes: scopes.into_iter().collect(),
                claims,
                upstream_user: UpstreamUser::SignedIn,
            }),
            signed_in_user: None,
            credential,
        },
    )
}

fn recorded() -> impl Strategy<Value = Box<RecordedRequest>> {
    let detail = select(vec![Detail::Masked, Detail::Exact]);
    let query = proptest::collection::vec((boxed(), boxed()), 0..4);
    let headers = select(vec![
        "user-agent",
        "accept-language",
        "x-request-id",
        "host",
    ]);
    let headers = proptest::collection::vec((headers, "[ -~]{0,20}"), 0..4);
    (detail, query, headers).prop_map(|(detail, query, headers)| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        Box::new(RecordedRequest {
            detail,
            body: Document(members()),
            query,
            headers: VisibleHeaders::of(&map),
        })
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let what = "the \"upstream\" left";
    select(vec![
        Outcome::Answered(StatusCode::OK),
        Outcome::Refused(Refusal::CredentialMissing),
        Outcome::Refused(Refusal::MalformedJson {
            reason: "a \"\u{1}\"".into(),
            line: 1,
            column: 2,
        }),
        Outcome::CutOff {
            status: StatusCode::OK,
            what,
        },
        Outcome::ClientLeft,
    ])
}

fn journal() -> impl Strategy<Value = Journal> {
    let target = prop_oneof![
        Just(OPERATION.template.to_owned()),
        Just("/v1/usg/dcs/corp/device/{devId}".to_owned()),
        Just("/v1/usg/dcs/corp/member/alice".to_owned()),
        "/[\\PC/]{0,30}"
    ];
    let asked = (boxed(), target, any::<u128>(), 0_u64..253_402_207_200_000);
    let whom = (
        option::of(peer()),
        option::of(peer()),
        any::<bool>(),
        option::of(principal()),
        option::of(boxed()),
    );
    let end = (
        option::of(outcome()),
        select(&Stage::ALL[..]),
        any::<bool>(),
    );
    let upstream = (0_u32..3, option::of(boxed()), any::<u64>());
    let rest = (
        any::<(usize, usize, u64)>(),
        option::of(shared()),
        option::of(shared()),
        option::of(recorded()),
        0_usize..3,
    );
    (asked, whom, end, upstream, rest).prop_map(|(asked, whom, end, upstream, rest)| {
        let (request_id, path, trace_id, started) = asked;
        let clock = SystemClock::shared();
        let path = path.into_boxed_str();
        let mut journal = Journal::of(request_id, Method::PUT, Version::HTTP_11, path, &clock);
        journal.started_unix = Duration::from_millis(started);
        journal.trace = TraceIdentity {
            trace_id: trace_id % 2 * (trace_id >> (trace_id % 120)),
            ..TraceIdentity::default()
        };
        let is_same;
        (
            journal.peer,
            journal.client,
            is_same,
            journal.principal,
            journal.meeting,
        ) = (
            whom.0,
            whom.1.map(|client| client.ip()),
            whom.2,
            whom.3,
            whom.4,
        );
        if is_same {
            journal.client = journal.peer.map(|peer| peer.ip().to_canonical());
        }
        (journal.outcome, journal.stage, journal.relayed) = end;
        journal.operation = journal.relayed.then_some(&OPERATION);
        journal.upstream = UpstreamExchange {
            attempts: upstream.0,
            status: (upstream.0 > 1).then_some(StatusCode::OK),
            request_id: upstream.1,
            duration: Duration::from_nanos(upstream.2),
            overdue: false,
        };
        (journal.bytes_in, journal.bytes_out, journal.snapshot) = rest.0;
        (journal.configuration, journal.policy, journal.recorded) = (rest.1, rest.2, rest.3);
        for _ in 0..rest.4 {
            let change =
                Change::in_body(Stage::Decide, "/length".into(), None, Some(json!(60)), "x");
            journal.changes.push(change);
            journal.findings.push(Finding {
                location: Location::Answer,
                pointer: "/0/length".to_owned(),
                keyword: "max".into(),
                rule: None,
                expected: None,
                got: None,
                message: "Too long.".to_owned(),
                mode: Mode::Warn,
                exemption: None,
            });
        }
        journal
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_is_its_twin_byte_for_byte(journal in journal(), duration: u64) {
        let duration = Duration::from_nanos(duration);
        let line = String::from_utf8(line(&journal, duration)).unwrap();
        prop_assert_eq!(line, by_serde(&journal, duration));
    }
}
