//! The operator's listener: is it alive, may it be sent requests, what does it count, which version is it.
//!
//! | path | answers |
//! |---|---|
//! | `/livez` | 200 as long as the process can answer at all |
//! | `/readyz` | 200, or 503 with the reasons as JSON; `degraded` names what is amiss although requests can be sent |
//! | `/metrics` | the Prometheus text format |
//! | `/version` | name, version, configuration and policy in force, how the last reload went, and the upstream's circuit, as JSON |
//! | `/openapi.json` | what is served under the configuration in force: an [OpenAPI document](crate::openapi) |
//! | `/log-level` | the level of the log, and another for a while: see [`log_level`] |
//! | `POST /explain` | what would become of a request, as JSON: see [`explain`] |
//!
//! Everything else is 404; other methods than GET and HEAD, on `/explain` than POST, are 405. Nothing here changes anything but the
//! level of the log, where the configuration opens that; and nothing asks who is there: keep it on loopback or on a network of its own. It is served through the same [`accept`](crate::stages::accept) code as the
//! gateway itself, so the same deadlines hold.
//!
//! ```
//! use http::{Request, StatusCode};
//! use meeting_gateway::admin::{Admin, Version};
//! use meeting_gateway::runtime::readiness::{Condition, Readiness};
//!
//! let readiness = Readiness::default();
//! let admin = Admin::new(readiness.clone(), prometheus::Registry::new(), || Version {
//!     config_digest: "0f3a".into(), policy_digest: "77b1".into(), snapshot: 1, ..Version::default()
//! });
//! let get = |path: &str| admin.answer(&Request::get(path).body(()).unwrap());
//! assert_eq!(get("/livez").status(), StatusCode::OK);
//! assert_eq!(get("/readyz").status(), StatusCode::SERVICE_UNAVAILABLE);
//! for condition in Condition::ALL {
//!     readiness.met(condition);
//! }
//! assert_eq!(get("/readyz").status(), StatusCode::OK);
//! assert_eq!(get("/shutdown").status(), StatusCode::NOT_FOUND);
//! ```

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use prometheus::{Encoder, Registry, TextEncoder};
use serde::Serialize;

use crate::model::clock::SharedClock;
use crate::openapi::Listening;
use crate::runtime::audit_log::Head;
use crate::runtime::circuit_breaker::CircuitState;
use crate::runtime::readiness::{Readiness, Reason};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::logs::level::Levels;

pub mod explain;
pub mod log_level;
mod openapi;
#[cfg(test)]
mod tests;

use explain::Explain;
use log_level::LogLevel;
use openapi::OpenApi;

/// Where the level of the log is.
const LOG_LEVEL: &str = "/log-level";
/// Where requests are explained.
const EXPLAIN: &str = "/explain";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Version 0.0.4 of the text exposition format: what `prometheus::TextEncoder` writes.
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// Digest of the configuration.
    pub config_digest: Box<str>,
    /// Digest of the policy packs.
    pub policy_digest: Box<str>,
    /// Number of the snapshot; grows with each reload.
    pub snapshot: u64,
    /// When it was loaded; Unix time.
    pub loaded_at: Duration,
    /// Keys of the configuration that count from the next start only, because they changed while the process runs.
    pub restart_required: Vec<&'static str>,
    /// The last try to load another configuration, if it was refused.
    pub refused: Option<RefusedConfig>,
    /// Whether requests are let through to the upstream. An open circuit lets the first one through when its time is over.
    pub circuit: CircuitState,
    /// The last line of the audit log that was written. Whoever keeps it can tell later whether the end of the log was cut off.
    pub audit_head: Option<Head>,
}

/// A configuration that was refused, while the one in force stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedConfig {
    /// When; Unix time.
    pub at: Duration,
    /// How many problems it has.
    pub problems: usize,
    /// The first of them, one line each.
    pub listed: Vec<String>,
}

/// Answers the operator. A tower service; clones share everything.
#[derive(Clone)]
pub struct Admin {
    readiness: Readiness,
    registry: Registry,
    version: Arc<dyn Fn() -> Version + Send + Sync>,
    explain: Option<Explain>,
    openapi: Option<OpenApi>,
    log_level: Option<LogLevel>,
    degraded: Option<Arc<dyn Fn() -> Vec<Reason> + Send + Sync>>,
}

impl Admin {
    /// Reads from these; `version` is asked at each request, since a reload changes it.
    pub fn new(
        readiness: Readiness,
        registry: Registry,
        version: impl Fn() -> Version + Send + Sync + 'static,
    ) -> Self {
        Self {
            readiness,
            registry,
            version: Arc::new(version),
            explain: None,
            openapi: None,
            log_level: None,
            degraded: None,
        }
    }

    /// The same, which also tells on `/readyz` what is not as it should be although requests can be sent; asked at each request.
    #[must_use]
    pub fn noticing(mut self, degraded: impl Fn() -> Vec<Reason> + Send + Sync + 'static) -> Self {
        self.degraded = Some(Arc::new(degraded));
        self
    }

    /// The same, which also explains requests under the snapshot that is current; `clock` says when they are sent.
    #[must_use]
    pub fn explaining(mut self, live: Live, clock: SharedClock) -> Self {
        self.explain = Some(Explain::new(live, clock));
        self
    }

    /// The same, which also describes what is served under the snapshot that is current; `listening` is where callers find it.
    #[must_use]
    pub fn describing(mut self, live: Live, listening: &[Listening]) -> Self {
        self.openapi = Some(OpenApi::new(live, listening));
        self
    }

    /// The same, which also tells and changes the level of the log, as long as `is_open` says so.
    #[must_use]
    pub fn setting_level(
        mut self,
        levels: Option<Arc<Levels>>,
        is_open: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.log_level = Some(LogLevel::new(levels, is_open));
        self
    }

    /// Answers one request, whose body is not looked at: everything but `/log-level` and `POST /explain`.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if self.explain.is_some() && request.uri().path() == EXPLAIN {
            return not_allowed("POST only\n", "POST");
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return not_allowed("GET and HEAD only\n", "GET, HEAD");
        }
        let response = match request.uri().path() {
            "/livez" => reply(StatusCode::OK, TEXT, "alive\n"),
            "/readyz" => self.ready(),
            "/metrics" => self.metrics(),
            "/version" => self.version(),
            "/openapi.json" => self.described(),
            _ => reply(
                StatusCode::NOT_FOUND,
                TEXT,
                "not here; try /livez, /readyz, /metrics, /version, /openapi.json, /log-level, or POST /explain\n",
            ),
        };
        if request.method() == Method::HEAD {
            without_body(response)
        } else {
            response
        }
    }

    fn ready(&self) -> Response<Full<Bytes>> {
        #[derive(Serialize)]
        struct Report {
            ready: bool,
            reasons: Vec<Reason>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            degraded: Vec<Reason>,
        }
        let reasons = self.readiness.reasons();
        let ready = reasons.is_empty();
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let degraded = self.degraded.as_ref();
        let report = Report {
            ready,
            reasons,
            degraded: degraded.map_or_else(Vec::new, |degraded| degraded()),
        };
        json(status, &report)
    }

    fn metrics(&self) -> Response<Full<Bytes>> {
        let mut text = Vec::new();
        match TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            Ok(()) => reply(StatusCode::OK, METRICS, text),
            Err(error) => {
                tracing::error!(%error, "cannot write the metrics out");
                let text = "the metrics cannot be written out; see the log\n";
                reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, text)
            }
        }
    }

    fn described(&self) -> Response<Full<Bytes>> {
        let Some(openapi) = &self.openapi else {
            return reply(StatusCode::NOT_FOUND, TEXT, "nothing is described here\n");
        };
        if let Some(document) = openapi.document() {
            return reply(StatusCode::OK, JSON, document);
        }
        let text = "the document cannot be made; see the log\n";
        reply(StatusCode::INTERNAL_SERVER_ERROR, TEXT, text)
    }

    fn version(&self) -> Response<Full<Bytes>> {
        #[derive(Serialize)]
        struct Report<'a> {
            name: &'static str,
            version: &'static str,
            config_digest: &'a str,
            policy_digest: &'a str,
            snapshot: u64,
            loaded_at: Option<String>,
            restart_required: &'a [&'static str],
            refused: Option<Refused<'a>>,
            circuit: &'static str,
            audit_head: Option<Head>,
        }
        #[derive(Serialize)]
        struct Refused<'a> {
            at: Option<String>,
            problems: usize,
            listed: &'a [String],
        }
        let version = (self.version)();
        json(
            StatusCode::OK,
            &Report {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                config_digest: &version.config_digest,
                policy_digest: &version.policy_digest,
                snapshot: version.snapshot,
                loaded_at: instant(version.loaded_at),
                restart_required: &version.restart_required,
                refused: version.refused.as_ref().map(|refused| Refused {
                    at: instant(refused.at),
                    problems: refused.problems,
                    listed: &refused.listed,
                }),
                circuit: version.circuit.name(),
                audit_head: version.audit_head,
            },
        )
    }
}

/// At once, or when a request is explained.
type Answering = Either<
    Ready<Result<Response<Full<Bytes>>, Infallible>>,
    BoxFuture<'static, Result<Response<Full<Bytes>>, Infallible>>,
>;

impl<B> tower::Service<Request<B>> for Admin
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match &self.explain {
            Some(explain)
                if request.method() == Method::POST && request.uri().path() == EXPLAIN =>
            {
                let explaining = explain.clone().answer(request);
                Either::Right(Box::pin(async { Ok(explaining.await) }))
            }
            _ => match &self.log_level {
                Some(log_level) if request.uri().path() == LOG_LEVEL => {
                    let answering = log_level.clone().answer(request);
                    Either::Right(Box::pin(async { Ok(answering.await) }))
                }
                _ => Either::Left(ready(Ok(self.answer(&request)))),
            },
        }
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("readiness", &self.readiness)
            .finish_non_exhaustive()
    }
}

fn reply(
    status: StatusCode,
    media_type: HeaderValue,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    // A probe wants to know how it is now.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(status: StatusCode, report: &impl Serialize) -> Response<Full<Bytes>> {
    let mut body = serde_json::to_vec(report).unwrap_or_default();
    body.push(b'\n');
    reply(status, JSON, body)
}

/// Unix time as RFC 3339 has it.
fn instant(unix: Duration) -> Option<String> {
    let seconds = i64::try_from(unix.as_secs()).ok()?;
    let timestamp = jiff::Timestamp::from_second(seconds).ok()?;
    Some(timestamp.to_string())
}

fn not_allowed(text: &'static str, allow: &'static str) -> Response<Full<Bytes>> {
    let mut response = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, text);
    let allow = HeaderValue::from_static(allow);
    response.headers_mut().insert(ALLOW, allow);
    response
}

/// The answer to HEAD: the same fields, the length among them, and no body.
fn without_body(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let length = response.body().size_hint().lower();
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Full::default();
    response
}
