//! What became of a request, as one stable document: what `policy explain --format json` prints and `POST /explain` answers.
//! Its JSON Schema is `config/explain.schema.json`.
//!
//! It says who asked what, how it ended, what each stage did and how long that took, which rules were asked, where they are
//! written, what they say and what came of them, and what would have gone upstream, byte for byte. What a stage did is told by
//! indices into the lists of the `receipt`.
//!
//! Credentials are in no document: headers are shown by an allow-list, and query parameters that are named like a credential
//! are masked. Values of the body are exact for the one whose request it is, or masked ([`Detail::Masked`]) for a ticket. Masked,
//! the files of packs are named without the folders that they are in.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::path::Path;
//! # use std::sync::Arc;
//! # use meeting_gateway::config;
//! use meeting_gateway::explain::document::{Document, ReadFrom};
//! use meeting_gateway::explain::{Asked, Explainer};
//! use meeting_gateway::model::change::Detail;
//! # use meeting_gateway::model::clock::SystemClock;
//! # use meeting_gateway::runtime::generation::Lasting;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let text = "
//! # upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! # callers: [{id: hr, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! # policy: {directory: policies, packs: [baseline]}
//! # ";
//! # let config = config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! # let caller = config.callers[0].caller.clone();
//! # let snapshot = Lasting::new(&config, SystemClock::shared()).unwrap().compile(&config, 1, None).unwrap();
//! let explainer = Explainer::new(Arc::new(snapshot)).unwrap();
//! let explained = async |body: &'static str| {
//!     let target = "/v1/mmc/management/cycleconferences?conferenceID=914087436";
//!     let asked = Asked::put(target.parse().unwrap(), body.into(), caller.clone());
//!     let explanation = explainer.explain(asked.clone()).await;
//!     let document = Document::of(&asked, ReadFrom::Json, &explanation, explainer.snapshot(), Detail::Exact);
//!     serde_json::to_value(document).unwrap()
//! };
//! let series = r#"{"startTime":"2031-03-04 09:00","mediaTypes":"HDVideo",
//!     "cycleParams":{"startDate":"2031-03-04","endDate":"2031-03-05","cycle":"Day","preRemindDays":1}}"#;
//! assert_eq!(explained(series).await["verdict"]["outcome"], "forwarded");
//! assert_eq!(explained("{}").await["verdict"]["code"], "MGW.4000004");
//! # }
//! ```

mod request;
mod rules;
mod stages;
mod verdict;

use serde::Serialize;

use super::saved::Format;
use super::{Asked, Explanation};
use crate::model::change::Detail;
use crate::model::receipt::Receipt;
use crate::runtime::snapshot::Snapshot;

use request::{Request, Sent};
use rules::Policy;
use stages::StageTold;
pub use verdict::Outcome;
use verdict::Verdict;

/// Version of the document's format; a change that breaks readers changes it.
pub const SCHEMA: &str = "meeting-gateway.explain/1";

/// What a request was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFrom {
    /// A curl command line.
    Curl,
    /// A HAR.
    Har,
    /// An HTTP message.
    Http,
    /// A line of the audit log.
    AuditLine,
    /// The JSON of `POST /explain`.
    Json,
}

impl ReadFrom {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Curl,
        Self::Har,
        Self::Http,
        Self::AuditLine,
        Self::Json,
    ];

    /// The stable lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Har => "har",
            Self::Http => "http",
            Self::AuditLine => "audit_line",
            Self::Json => "json",
        }
    }
}

impl From<Format> for ReadFrom {
    fn from(format: Format) -> Self {
        match format {
            Format::Curl => Self::Curl,
            Format::Har => Self::Har,
            Format::Http => Self::Http,
            Format::AuditLine => Self::AuditLine,
        }
    }
}

/// The document. It borrows from what it tells of.
#[derive(Debug, Serialize)]
pub struct Document<'e> {
    schema: &'static str,
    values: &'static str,
    request: Request<'e>,
    verdict: Verdict,
    stages: Vec<StageTold<'e>>,
    receipt: Receipt<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded: Option<Sent<'e>>,
    policy: Policy<'e>,
    configuration: &'e str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<&'static str>,
}

impl<'e> Document<'e> {
    /// Tells of what was asked and explained under `snapshot`. [`Detail::Exact`] shows values as they are, any other masks them.
    pub fn of(
        asked: &'e Asked,
        read_from: ReadFrom,
        explanation: &'e Explanation,
        snapshot: &'e Snapshot,
        detail: Detail,
    ) -> Self {
        let exact = detail == Detail::Exact;
        let receipt_detail = if exact { Detail::Exact } else { Detail::Masked };
        let view = View {
            snapshot,
            operation: explanation.operation,
            exact,
        };
        let request = Request::of(asked, read_from, &view);
        Self {
            schema: SCHEMA,
            values: if exact { "exact" } else { "masked" },
            notes: notes(&request, read_from, explanation),
            request,
            verdict: Verdict::of(explanation),
            stages: stages::told(explanation, &view),
            receipt: Receipt::of(&explanation.changes, &explanation.findings, receipt_detail),
            forwarded: explanation
                .forwarded
                .as_ref()
                .map(|sent| Sent::of(sent, &view)),
            policy: Policy::of(explanation, &view),
            configuration: &snapshot.configuration_digest,
        }
    }

    /// How it ended.
    pub const fn outcome(&self) -> Outcome {
        self.verdict.outcome
    }
}

/// What decides how much of something is shown.
struct View<'e> {
    snapshot: &'e Snapshot,
    operation: Option<crate::model::operation::OperationRef>,
    exact: bool,
}

/// What a reader should know before believing the rest.
fn notes(
    request: &Request<'_>,
    read_from: ReadFrom,
    explanation: &Explanation,
) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if explanation.relayed {
        notes.push(
            "The operation is relayed, because `operations.allow` names it: its body goes upstream as it is, and neither schema nor policy looks at it.",
        );
    }
    if read_from == ReadFrom::AuditLine && request.holds_masks {
        notes.push(
            "The log that the line is from masks: `***` stands for values that are not known, and rules that look at them decided on it.",
        );
    }
    if explanation.went_unasked {
        notes.push(
            "The policy wants what an update leaves out filled in (`missing_fields: merge`): a gateway would read the meeting from the service first. Nobody is asked here, so the request is judged as it came.",
        );
    }
    notes
}
