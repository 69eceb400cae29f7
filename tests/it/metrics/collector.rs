//! A collector that takes metrics by OTLP over HTTP, and hands on what it is sent.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message as _;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::support::http_server::{serve, unpacked};

/// Its URL, and what it is sent.
pub(super) async fn collector() -> (String, UnboundedReceiver<ExportMetricsServiceRequest>) {
    let (send, received) = mpsc::unbounded_channel();
    let url = serve(move |head: Parts, body: Bytes| {
        if head.uri.path() == "/v1/metrics" {
            let body = unpacked(&head, &body);
            let delivery = ExportMetricsServiceRequest::decode(&*body).unwrap();
            let _ = send.send(delivery);
        }
        Response::default()
    })
    .await;
    (url, received)
}
