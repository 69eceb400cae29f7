//! A collector that takes metrics by OTLP over HTTP, and hands on what it is sent.

use std::convert::Infallible;
use std::io::Read as _;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// Its URL, and what it is sent.
pub(super) async fn collector() -> (String, UnboundedReceiver<ExportMetricsServiceRequest>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let send = send.clone();
            let service = service_fn(move |request| take(request, send.clone()));
            let mut http = hyper::server::conn::http1::Builder::new();
            http.header_read_timeout(None);
            tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, received)
}

async fn take(
    request: Request<Incoming>,
    send: UnboundedSender<ExportMetricsServiceRequest>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut bytes = body.collect().await.unwrap().to_bytes().to_vec();
    if head.headers.contains_key(CONTENT_ENCODING) {
        let compressed = std::mem::take(&mut bytes);
        let mut decoder = flate2::read::GzDecoder::new(&*compressed);
        decoder.read_to_end(&mut bytes).unwrap();
    }
    if head.uri.path() == "/v1/metrics" {
        let delivery = ExportMetricsServiceRequest::decode(&*bytes).unwrap();
        let _ = send.send(delivery);
    }
    Ok(Response::new(Full::default()))
}
