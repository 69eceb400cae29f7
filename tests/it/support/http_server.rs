//! A server on a free port that answers as it is told: a collector, an upstream.

use std::convert::Infallible;
use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

pub(crate) type Whole = Response<Full<Bytes>>;

/// Serves to the end of the test; gives the URL.
pub(crate) async fn serve(
    answer: impl Fn(Parts, Bytes) -> Whole + Clone + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.map(Collected::to_bytes);
                    Ok::<_, Infallible>(answer(head, body.unwrap_or_default()))
                }
            });
            tokio::spawn(async move {
                let mut http = http1::Builder::new();
                http.header_read_timeout(None);
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    url
}

/// A body as it was before whoever sent it compressed it.
pub(crate) fn unpacked(head: &Parts, body: &[u8]) -> Vec<u8> {
    match head.headers.get(CONTENT_ENCODING) {
        Some(coding) => {
            assert_eq!(coding, "gzip");
            let mut plain = Vec::new();
            GzDecoder::new(body).read_to_end(&mut plain).unwrap();
            plain
        }
        None => body.to_vec(),
    }
}
