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
//! | `/console/` | pages for people: see [`console`] |
//!
//! Everything else is 404; other methods than GET and HEAD, on `/explain` than POST, are 405 (forms of the console are sent by POST). Nothing here changes anything but the
//! level of the log, where the configuration opens that, and sends nothing but what the console's API explorer is told to. Nothing but
//! the console asks who is there: keep it on loopback or on a network of its own. It is served through the same
//! [`accept`](crate::stages::accept) code as the gateway itself, so the same deadlines hold.
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
use crate::runtime::readiness::{Readiness, Reason};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::logs::level::Levels;

pub mod console;
pub mod explain;
pub mod log_level;
mod openapi;
mod version;
#[cfg(test)]
mod tests;

pub use version::{RefusedConfig, Version};

use console::Console;
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

/// Answers the operator. A tower service; clones share everything.
#[derive(Clone)]
pub struct Admin {
    readiness: Readiness,
    registry: Registry,
    version: Arc<dyn Fn() -> Version + Send + Sync>,
    explain: Option<Explain>,
    openapi: Option<OpenApi>,
    log_level: Option<LogLevel>,
    console: Option<Console>,
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
            console: None,
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

    /// The same, which also shows the console. Only what is [described](Self::describing) can be shown; else nothing changes.
    /// Whoever serves it also spawns [`Console::watch`].
    #[must_use]
    pub fn showing(mut self, parts: console::Parts) -> Self {
        let openapi = self.openapi.clone();
        self.console = openapi.map(|openapi| Console::new(parts, openapi));
        self
    }

    /// The console, where there is one.
    pub const fn console(&self) -> Option<&Console> {
        self.console.as_ref()
    }

    /// Answers one request, whose body is not looked at: everything but the console, `/log-level` and `POST /explain`.
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
            "/version" => (self.version)().answer(),
            "/openapi.json" => self.described(),
            _ => reply(
                StatusCode::NOT_FOUND,
                TEXT,
                "not here; try /livez, /readyz, /metrics, /version, /openapi.json, /log-level, /console/, or POST /explain\n",
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
}

fn is_of_console<B>(request: &Request<B>) -> bool {
    let behind = request.uri().path().strip_prefix(console::PREFIX);
    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// At once, or when somebody has thought about it.
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
        if let Some(console) = self.console.as_ref().filter(|_| is_of_console(&request)) {
            let (console, looks) = (console.clone(), *request.method() == Method::HEAD);
            return Either::Right(Box::pin(async move {
                let page = console.answer(request).await;
                Ok(if looks { without_body(page) } else { page })
            }));
        }
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
