//! `POST /explain`: what would become of a request under the configuration in force.
//!
//! The body is the request: as `application/json` put together by hand ([`Question`]), as `text/plain` or `message/http` in any
//! saved format ([`saved`]). `?caller=` says whose it is, `?at=` when it is sent, `?entry=` which entry of a HAR is meant. The
//! answer is the [explain document](crate::explain::document), always masked: the asker knows the values it sent, and others,
//! such as one that a rule sets, are not its to see. Credentials in a request are not looked at, so nobody learns here whether
//! one is good. `policy explain` on the command line shows exact values.
//!
//! Nothing is sent, counted or written. [`AT_A_TIME`] requests are explained at a time, on threads of their own, so that no
//! caller waits for it; a further one gets 503.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::path::Path;
//! # use meeting_gateway::config;
//! # use meeting_gateway::model::clock::SystemClock;
//! # use meeting_gateway::runtime::generation::Lasting;
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use meeting_gateway::admin::{Admin, Version};
//! # use meeting_gateway::runtime::readiness::Readiness;
//! use meeting_gateway::runtime::snapshot::Live;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let text = "
//! # upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! # callers: [{id: hr, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! # policy: {directory: policies, packs: [baseline]}
//! # ";
//! # let config = config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! # let snapshot = Lasting::new(&config, SystemClock::shared()).unwrap().compile(&config, 1, None).unwrap();
//! # let version = || Version { config_digest: "".into(), policy_digest: "".into(), snapshot: 1, ..Version::default() };
//! # let admin = Admin::new(Readiness::default(), prometheus::Registry::new(), version);
//! let admin = admin.explaining(Live::new(snapshot), SystemClock::shared());
//! let ask = async |body: &'static str| {
//!     let request = Request::post("/explain").header("content-type", "application/json");
//!     let request = request.body(Full::from(body)).unwrap();
//!     admin.clone().oneshot(request).await.unwrap().status()
//! };
//! assert_eq!(ask(r#"{"caller": "hr", "method": "PUT", "target": "/v1", "body": {}}"#).await, StatusCode::OK);
//! assert_eq!(ask(r#"{"caller": "rh", "method": "PUT", "target": "/v1"}"#).await, StatusCode::NOT_FOUND);
//! # }
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::json;
use crate::explain::document::{Document, ReadFrom};
use crate::explain::question::{self, Question};
use crate::explain::whose::{self, Credentials, Unknown};
use crate::explain::{Asked, Explainer, saved};
use crate::model::change::Detail;
use crate::model::clock::SharedClock;
use crate::model::problem::nearest;
use crate::model::refusal::Refusal;
use crate::runtime::snapshot::{Live, Snapshot};
use crate::stages::decode::body;

/// Bytes that a body may have.
pub const MAX_BYTES: usize = 1 << 20;
/// How many requests are explained at a time, those whose body is still arriving included.
pub const AT_A_TIME: usize = 4;

const PARAMETERS: [&str; 3] = ["caller", "at", "entry"];

/// Explains requests to whoever asks.
#[derive(Debug, Clone)]
pub(super) struct Explain {
    live: Live,
    clock: SharedClock,
    permits: Arc<Semaphore>,
}

/// Why there is no explanation: a status and a sentence.
type Fault = (StatusCode, String);

#[derive(Debug, Clone, Copy)]
enum Medium {
    Json,
    Saved,
}

/// What the query says.
#[derive(Debug, Default)]
struct Said {
    caller: Option<String>,
    at: Option<Duration>,
    entry: Option<usize>,
}

impl Explain {
    pub(super) fn new(live: Live, clock: SharedClock) -> Self {
        Self {
            live,
            clock,
            permits: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Answers one request.
    pub(super) async fn answer<B>(self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        match self.explained(request).await {
            Ok(document) => super::reply(StatusCode::OK, super::JSON, document),
            Err((status, error)) => refused(status, &error),
        }
    }

    async fn explained<B>(self, request: Request<B>) -> Result<Vec<u8>, Fault>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let (parts, body) = request.into_parts();
        let medium = medium(&parts.headers)?;
        let said = said(parts.uri.query().unwrap_or_default())
            .map_err(|what| (StatusCode::BAD_REQUEST, what))?;
        // Held to the end of the work, also where the asker hangs up meanwhile.
        let permit = self.permits.try_acquire_owned().map_err(|_| {
            let what = format!("{AT_A_TIME} requests are being explained; try again");
            (StatusCode::SERVICE_UNAVAILABLE, what)
        })?;
        let snapshot = self.live.current();
        let deadline = snapshot.requests.body_timeout;
        let bytes = body::read(body, MAX_BYTES, deadline)
            .await
            .map_err(|refusal| of_body(&refusal))?;
        let now = said.at.unwrap_or_else(|| self.clock.unix());
        let explaining = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let (asked, read_from) = asked(&snapshot, &bytes, medium, &said, now)?;
            let explainer = Explainer::new(snapshot).map_err(|_| defect())?;
            let explanation = Handle::current().block_on(explainer.explain(asked.clone()));
            let snapshot = explainer.snapshot();
            let document = Document::of(&asked, read_from, &explanation, snapshot, Detail::Masked);
            let mut text = serde_json::to_vec(&document).map_err(|_| defect())?;
            text.push(b'\n');
            Ok(text)
        });
        explaining.await.unwrap_or_else(|_| Err(defect()))
    }
}

fn defect() -> Fault {
    let what = "the gateway failed on this request; see the log".to_owned();
    (StatusCode::INTERNAL_SERVER_ERROR, what)
}

fn of_body(refusal: &Refusal) -> Fault {
    (refusal.status(), refusal.message().into_owned())
}

fn refused(status: StatusCode, error: &str) -> Response<Full<Bytes>> {
    #[derive(Serialize)]
    struct Report<'a> {
        error: &'a str,
    }
    let mut response = json(status, &Report { error });
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn medium(headers: &HeaderMap) -> Result<Medium, Fault> {
    let written = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = written.unwrap_or_default().split(';').next();
    match essence.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(Medium::Json),
        "text/plain" | "message/http" => Ok(Medium::Saved),
        _ => Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send application/json, or a saved request (curl command, HAR, HTTP message, audit line) as text/plain or message/http"
                .to_owned(),
        )),
    }
}

fn said(query: &str) -> Result<Said, String> {
    let mut said = Said::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|_| "the query is not UTF-8".to_owned())?;
        let again = match name {
            "caller" => said.caller.replace(value.into_owned()).is_some(),
            "at" => said
                .at
                .replace(since_1970(question::time(&value)?))
                .is_some(),
            "entry" => {
                let number = value.parse().map_err(|_| "`entry` is no number")?;
                said.entry.replace(number).is_some()
            }
            _ => {
                let meant = nearest(name, PARAMETERS).unwrap_or("caller`, `at` or `entry");
                return Err(format!(
                    "a query parameter is unknown; did you mean `{meant}`?"
                ));
            }
        };
        if again {
            return Err(format!("`{name}` is there twice"));
        }
    }
    Ok(said)
}

fn since_1970(time: jiff::Timestamp) -> Duration {
    Duration::try_from(time.as_duration()).unwrap_or_default()
}

/// What is asked, and in which form.
fn asked(
    snapshot: &Snapshot,
    bytes: &Bytes,
    medium: Medium,
    said: &Said,
    now: Duration,
) -> Result<(Asked, ReadFrom), Fault> {
    let bad = |what: String| (StatusCode::BAD_REQUEST, what);
    let id = said.caller.as_deref();
    match medium {
        Medium::Json => {
            let question = Question::read(bytes)
                .map_err(|what| bad(format!("{what}; a saved request is sent as text/plain")))?;
            if said.entry.is_some() {
                return Err(bad("`entry` is for a HAR".to_owned()));
            }
            if id.is_some() && question.caller.is_some() {
                return Err(bad("`caller` is there twice".to_owned()));
            }
            let caller = match id.or(question.caller.as_deref()) {
                Some(id) => whose::named(snapshot, id),
                None => whose::only(snapshot),
            };
            let now = match question.at {
                Some(time) if said.at.is_none() => since_1970(time),
                _ => now,
            };
            let caller = caller.map_err(|fault| unknown(&fault))?;
            Ok((Asked::written(question, caller, now), ReadFrom::Json))
        }
        Medium::Saved => {
            let read = match said.entry {
                Some(entry) => saved::read_entry(bytes, entry),
                None => saved::read(bytes),
            };
            let saved = read.map_err(|unreadable| {
                bad(unreadable.to_string().replace("--entry N", "?entry=N"))
            })?;
            let caller = whose::request(snapshot, &saved, id, Credentials::Ignored);
            let read_from = saved.format.into();
            let now = match saved.time {
                Some(time) if said.at.is_none() => since_1970(time),
                _ => now,
            };
            let caller = caller.map_err(|fault| unknown(&fault))?;
            Ok((Asked::saved(saved, caller, now), read_from))
        }
    }
}

fn unknown(unknown: &Unknown) -> Fault {
    match unknown {
        Unknown::NotConfigured { .. } => (StatusCode::NOT_FOUND, unknown.to_string()),
        Unknown::NotSaid => (
            StatusCode::BAD_REQUEST,
            format!("{unknown}: name the caller with ?caller="),
        ),
    }
}
