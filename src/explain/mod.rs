//! Explains what becomes of a request: the same path as in production, from a known caller on, with a recorder in the upstream's
//! place ([`Recorder`]). Nothing is sent, no quota is charged, no audit line is written.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use meeting_gateway::config;
//! use meeting_gateway::explain::{Asked, Explainer};
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::runtime::generation::Lasting;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let text = "
//! upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! callers: [{id: hr, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! policy: {directory: policies, packs: [baseline]}
//! ";
//! let config = config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! let snapshot = Lasting::new(&config, SystemClock::shared()).unwrap().compile(&config, 1, None).unwrap();
//! let explainer = Explainer::new(Arc::new(snapshot)).unwrap();
//!
//! let series = r#""mediaTypes":"HDVideo","cycleParams":{"startDate":"2031-03-04","endDate":"2031-03-05","cycle":"Day"}"#;
//! let ask = async |body: String| {
//!     let target = "/v1/mmc/management/cycleconferences?conferenceID=914087436";
//!     let mut asked = Asked::put(target.parse().unwrap(), body.into(), config.callers[0].caller.clone());
//!     asked.now = Duration::from_secs(1_900_000_000);
//!     explainer.explain(asked).await
//! };
//! let passed = ask(format!(r#"{{"startTime":"2031-03-04 09:00","length":"45",{series}}}"#)).await;
//! assert_eq!(passed.changes.all()[0].path, "/length");
//! assert!(passed.forwarded.unwrap().body.starts_with(br#"{"startTime":"2031-03-04 09:00","length":45"#));
//!
//! let refused = ask(format!("{{{series}}}")).await;
//! assert_eq!(refused.refusal.unwrap().code(), "MGW.4030001");
//! assert!(refused.forwarded.is_none());
//! # }
//! ```

pub mod recorder;
pub mod document;
pub mod question;
pub mod whose;
pub mod saved;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, Version};
use http_body_util::Full;
use tower::ServiceExt;

use crate::contract::left_out;
use crate::model::changes::Changes;
use crate::model::clock::{DatedClock, SharedClock, SystemClock};
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::model::json::Value;
use crate::model::operation::OperationRef;
use crate::model::principal::{Caller, CredentialKind, Principal};
use crate::model::record::{Journal, MeetingSource, Record};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::snapshot::Snapshot;
use crate::runtime::tokens::UpstreamTokens;
use crate::runtime::tokens::unavailable::Unavailable;
use crate::stack;
use crate::stages::admit::Admitted;
use crate::stages::admit::trace::given_request_id;

use question::Question;
pub use recorder::{Forwarded, Recorder};
use saved::SavedRequest;

/// A request to be explained.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// Path and query, as sent.
    pub target: PathAndQuery,
    /// The headers. Credentials among them are not looked at.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// When, since 1970-01-01T00:00:00Z.
    pub now: Duration,
    /// Whether it is out of a log that masks: `***` stands for values that were there.
    pub hides_values: bool,
    /// The meeting that it is about, as `show_meeting_detail` would tell it, if that is known.
    pub meeting: Option<Arc<Value>>,
}

impl Asked {
    /// A saved request of this caller, at this time since 1970-01-01T00:00:00Z.
    pub fn saved(saved: SavedRequest, caller: Arc<Caller>, now: Duration) -> Self {
        Self {
            method: saved.method,
            target: saved.target,
            headers: saved.headers,
            body: saved.body,
            caller,
            address: saved.address,
            now,
            hides_values: saved.hides_values,
            meeting: None,
        }
    }

    /// A request that somebody wrote down, of this caller, at this time since 1970-01-01T00:00:00Z.
    pub fn written(question: Question, caller: Arc<Caller>, now: Duration) -> Self {
        Self {
            method: question.method,
            target: question.target,
            headers: question.headers,
            body: question.body,
            caller,
            address: None,
            now,
            hides_values: false,
            meeting: None,
        }
    }

    /// A PUT of JSON, in 1970.
    pub fn put(target: PathAndQuery, body: Bytes, caller: Arc<Caller>) -> Self {
        let json = HeaderValue::from_static("application/json");
        Self {
            method: Method::PUT,
            target,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
            body,
            caller,
            address: None,
            now: Duration::ZERO,
            hides_values: false,
            meeting: None,
        }
    }
}

/// What became of a request.
#[derive(Debug)]
pub struct Explanation {
    /// What was asked, if it exists.
    pub operation: Option<OperationRef>,
    /// Whether its body is passed on unread.
    pub relayed: bool,
    /// The stages that it came to, in order, and how long it was in each.
    pub stages: Vec<(Stage, Duration)>,
    /// Every change, with its values as they are.
    pub changes: Changes,
    /// What was found: what only warns or counts, then what refuses.
    pub findings: Vec<Finding>,
    /// What came of each policy rule that was asked.
    pub decisions: Vec<Decision>,
    /// Why it was refused, if it was.
    pub refusal: Option<Refusal>,
    /// What would have gone upstream, if anything.
    pub forwarded: Option<Forwarded>,
    /// Whether a gateway would have read the meeting first, to fill in what the request leaves out.
    pub went_unasked: bool,
}

impl Explanation {
    /// The stage that found something: rules are asked in one, what is left out is found in another, and whatever else is found ends
    /// the path where it is found.
    pub fn stage_of(&self, finding: &Finding) -> Option<Stage> {
        match finding.rule {
            Some(_) => Some(Stage::Decide),
            None if finding.keyword == left_out::KEYWORD => Some(Stage::Merge),
            None => self.stages.last().map(|(stage, _)| *stage),
        }
    }
}

/// Explains requests under one snapshot.
#[derive(Debug)]
pub struct Explainer {
    snapshot: Arc<Snapshot>,
    tokens: UpstreamTokens,
}

impl Explainer {
    /// Explains under `snapshot`.
    ///
    /// # Errors
    ///
    /// Never in practice: the token that stands in for the upstream's would have to be none.
    pub fn new(snapshot: Arc<Snapshot>) -> Result<Self, Unavailable> {
        let token = "a-token-that-opens-nothing".into();
        Ok(Self {
            snapshot,
            tokens: UpstreamTokens::fixed(token, SystemClock::shared())?,
        })
    }

    /// What it explains under.
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Sends a request down the path. Must run within tokio, whose time the body's deadline is of.
    pub async fn explain(&self, asked: Asked) -> Explanation {
        let clock: SharedClock = Arc::new(DatedClock::at_unix(asked.now));
        let record = Record::open(journal(&asked, &clock), Arc::clone(&clock));
        let recorder = Recorder::default();
        let path = stack::admitted(Some(self.tokens.clone()), recorder.clone());
        let result = path.oneshot(self.admitted(asked, record.clone())).await;
        let end = clock.monotonic();
        let mut journal = record.journal();
        let mut findings = std::mem::take(&mut journal.findings);
        let refusal = result.err();
        if let Some(refusal) = &refusal {
            findings.extend_from_slice(refusal.findings());
        }
        Explanation {
            operation: journal.operation,
            relayed: journal.relayed,
            stages: durations(journal.entered.take().unwrap_or_default(), end),
            changes: std::mem::take(&mut journal.changes),
            findings,
            decisions: journal.decisions.take().unwrap_or_default(),
            refusal,
            forwarded: recorder.take(),
            went_unasked: matches!(
                journal.meeting_source,
                MeetingSource::Nobody { missed: true }
            ),
        }
    }

    fn admitted(&self, asked: Asked, record: Record) -> Admitted<Full<Bytes>> {
        let mut request = Request::new(Full::new(asked.body));
        *request.method_mut() = asked.method;
        *request.uri_mut() = Uri::from(asked.target);
        *request.headers_mut() = asked.headers;
        Admitted {
            request,
            principal: principal(asked.caller),
            own_token: None,
            snapshot: Arc::clone(&self.snapshot),
            record,
        }
    }
}

/// A record that keeps everything.
fn journal(asked: &Asked, clock: &SharedClock) -> Journal {
    let path = asked.target.path().into();
    let mut journal = Journal::of(
        given_request_id(&asked.headers)
            .unwrap_or("explained")
            .into(),
        asked.method.clone(),
        Version::HTTP_11,
        path,
        clock,
    );
    journal.client = asked.address;
    journal.principal = Some(principal(Arc::clone(&asked.caller)));
    journal.hides_values = asked.hides_values;
    journal.meeting_source = match &asked.meeting {
        Some(meeting) => MeetingSource::Given(Arc::clone(meeting)),
        None => MeetingSource::Nobody { missed: false },
    };
    journal.changes = Changes::complete();
    journal.decisions = Some(Vec::new());
    journal.entered = Some(Vec::new());
    journal
}

/// Whoever signs in as somebody would have: it is not what is asked here.
fn principal(caller: Arc<Caller>) -> Principal {
    Principal {
        caller,
        signed_in_user: Some("explained".into()),
        credential: CredentialKind::ApiKey,
    }
}

/// When stages were entered, as how long each took.
fn durations(entered: Vec<(Stage, Duration)>, end: Duration) -> Vec<(Stage, Duration)> {
    let ends: Vec<_> = entered
        .iter()
        .skip(1)
        .map(|(_, at)| *at)
        .chain([end])
        .collect();
    entered
        .into_iter()
        .zip(ends)
        .map(|((stage, from), to)| (stage, to.saturating_sub(from)))
        .collect()
}
