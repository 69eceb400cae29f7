//! However the bytes of a connection are cut, the same requests come of them, and the same answers go back.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::super::{Connections, HttpService, Informed, Unreadable};
use super::{connect, connections, limits};

/// Tells what it was asked, trailers apart.
fn echo() -> impl HttpService {
    tower::service_fn(async |request: Request<Incoming>| {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes().len());
        let unreadable = parts.extensions.get::<Unreadable>();
        let told = format!("{} {} {body:?} {unreadable:?}\n", parts.method, parts.uri);
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(told))))
    })
}

/// Requests of every kind of body, and at the end this.
fn stream(end: &str) -> Vec<u8> {
    let long = "x".repeat(6000);
    [
        "PUT /a HTTP/1.1\r\nhost: g\r\ncontent-length: 5\r\n\r\nabcde",
        "\r\nPUT /b HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nt: u\r\n\r\n",
        "GET /c HTTP/1.1\r\nhost: g\r\n\r\n",
        &format!("PUT /d HTTP/1.1\r\nhost: g\r\nx-long: {long}\r\ncontent-length: 6000\r\n\r\n{long}"),
        end,
    ]
    .concat()
    .into_bytes()
}

/// What is answered to these bytes, cut into pieces of these lengths; the rest comes at once.
fn answers(bytes: &[u8], cuts: &[usize]) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let connections = Connections::new(None, Informed(echo()), limits(), stop);
        let mut client = connect(&connections);
        let mut rest = bytes;
        for cut in cuts {
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            client.write_all(piece).await.unwrap();
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            rest = more;
        }
        client.write_all(rest).await.unwrap();
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        let undated = text
            .split("\r\n")
            .filter(|line| !line.starts_with("date: "));
        undated.collect::<Vec<_>>().join("\n")
    })
}

const MALFORMED: &str = "GET /e HTTP/1.1\r\nhost: g\n\r\n";

#[test]
fn every_request_is_told_and_what_is_none_last() {
    let told = answers(&stream(MALFORMED), &[]);
    let bodies: Vec<_> = told.lines().filter(|line| line.contains("Ok(")).collect();
    assert_eq!(
        bodies,
        [
            "PUT /a Ok(5) None",
            "PUT /b Ok(5) None",
            "GET /c Ok(0) None",
            "PUT /d Ok(6000) None",
            "GET /e Ok(0) Some(Malformed { what: \"a line that does not end in CR LF\" })",
        ],
        "{told}"
    );
    let late = answers(&stream("GET /e HTTP/1.1\r\nhost: g\r\n"), &[]);
    assert!(late.ends_with("GET /e Ok(0) Some(Overdue)\n"), "{late}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_do_not_matter(cuts in prop::collection::vec(1_usize..80, 1..60)) {
        let bytes = stream(MALFORMED);
        prop_assert_eq!(answers(&bytes, &cuts), answers(&bytes, &[]));
    }
}

/// The beginning of HTTP/2, a byte at a time.
#[tokio::test(start_paused = true)]
async fn http2_is_known_in_pieces() {
    let connections = connections(None);
    let mut client = connect(&connections);
    for byte in b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0" {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut head = [0; 9];
    client.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "its settings come back");
}
