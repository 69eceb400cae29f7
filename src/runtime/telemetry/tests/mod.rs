//! Spans as an exporter sees them, metrics as Prometheus sees them, and what goes over the wire.

mod metrics;
mod spans;
mod wire;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Uri, Version};

use super::Telemetry;
use super::spans::{ServerRequest, ServerSpan};

const ROUTE: &str = "/v1/mmc/management/cycleconferences";
/// When every span starts, since 1970.
const START: Duration = Duration::from_hours(496_728);

/// A server span.
fn start(telemetry: &Telemetry, method: &Method, parent: Option<&str>) -> ServerSpan {
    let mut headers = HeaderMap::new();
    if let Some(parent) = parent {
        headers.insert("traceparent", parent.parse().unwrap());
    }
    let host = HeaderValue::from_static("gateway.test:8443");
    let user_agent = HeaderValue::from_static("sdk/3");
    let request = ServerRequest {
        method,
        uri: &Uri::from_static("/v1/mmc/management/cycleconferences?conferenceID=900&flag"),
        host: Some(&host),
        user_agent: Some(&user_agent),
        scheme: "https",
        version: Version::HTTP_2,
        client: Some([198, 51, 100, 1].into()),
        peer: Some(([192, 0, 2, 7], 40_000).into()),
        started: START,
    };
    telemetry.server_span(&headers, &request)
}
