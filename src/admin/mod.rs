//! The operator's listener: is it alive, may it be sent requests, what does it count, which version is it.
//!
//! | path | answers |
//! |---|---|
//! | `/livez` | 200 as long as the process can answer at all |
//! | `/readyz` | 200, or 503 with the reasons as JSON |
//! | `/metrics` | the Prometheus text format |
//! | `/version` | name, version, configuration and policy in force, as JSON |
//!
//! Everything else is 404; methods other than GET and HEAD are 405. Nothing here changes anything, and nothing asks who is there:
//! keep it on loopback or on a network of its own. It is served through the same [`accept`](crate::stages::accept) code as the
//! gateway itself, so the same deadlines hold.
//!
//! ```
//! use http::{Request, StatusCode};
//! use meeting_gateway::admin::{Admin, Version};
//! use meeting_gateway::runtime::readiness::{Condition, Readiness};
//!
//! let readiness = Readiness::default();
//! let admin = Admin::new(readiness.clone(), prometheus::Registry::new(), || Version {
//!     config_digest: "0f3a".into(), policy_digest: "77b1".into(), snapshot: 1,
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
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use prometheus::{Encoder, Registry, TextEncoder};
use serde::Serialize;

use crate::runtime::readiness::{Readiness, Reason};

#[cfg(test)]
mod tests;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Version 0.0.4 of the text exposition format: what `prometheus::TextEncoder` writes.
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Digest of the configuration.
    pub config_digest: Box<str>,
    /// Digest of the policy packs.
    pub policy_digest: Box<str>,
    /// Number of the snapshot; grows with each reload.
    pub snapshot: u64,
}

/// Answers the operator. A tower service; clones share everything.
#[derive(Clone)]
pub struct Admin {
    readiness: Readiness,
    registry: Registry,
    version: Arc<dyn Fn() -> Version + Send + Sync>,
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
        }
    }

    /// Answers one request. The body is not looked at.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = reply(StatusCode::METHOD_NOT_ALLOWED, TEXT, "GET and HEAD only\n");
            let allow = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allow);
            return response;
        }
        let response = match request.uri().path() {
            "/livez" => reply(StatusCode::OK, TEXT, "alive\n"),
            "/readyz" => self.ready(),
            "/metrics" => self.metrics(),
            "/version" => self.version(),
            _ => reply(
                StatusCode::NOT_FOUND,
                TEXT,
                "not here; try /livez, /readyz, /metrics or /version\n",
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
        }
        let reasons = self.readiness.reasons();
        let ready = reasons.is_empty();
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        json(status, &Report { ready, reasons })
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

    fn version(&self) -> Response<Full<Bytes>> {
        #[derive(Serialize)]
        struct Report<'a> {
            name: &'static str,
            version: &'static str,
            config_digest: &'a str,
            policy_digest: &'a str,
            snapshot: u64,
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
            },
        )
    }
}

impl<B> tower::Service<Request<B>> for Admin {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
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

/// The answer to HEAD: the same fields, the length among them, and no body.
fn without_body(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    use http_body::Body;
    let length = response.body().size_hint().lower();
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Full::default();
    response
}
