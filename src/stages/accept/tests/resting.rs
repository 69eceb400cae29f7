//! Between requests a connection holds no buffers, and nothing else can be told of that.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::super::{Connections, HttpService};
use super::{IDLE, answer, connect, connections, limits, send, until_closed};

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: g\r\n\r\n";
/// Within this a connection that has nothing to do lets go of its buffers.
const SOON: Duration = Duration::from_millis(1100);

/// Reads the body, and answers with its length and `false`; a path that is a number takes that many seconds first.
fn counting() -> Connections<impl HttpService> {
    let service = tower::service_fn(async |request: Request<Incoming>| {
        let seconds = request.uri().path()[1..].parse().unwrap_or(0);
        sleep(Duration::from_secs(seconds)).await;
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let text = format!("{} false", body.len());
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text))))
    });
    Connections::new(None, service, limits(), CancellationToken::new())
}

#[tokio::test(start_paused = true)]
async fn a_connection_rests_between_requests_and_serves_the_next() {
    let cases = [
        ("no body", REQUEST, "0 false"),
        (
            "a body",
            "PUT / HTTP/1.1\r\nhost: g\r\ncontent-length: 3\r\n\r\nabc",
            "3 false",
        ),
        (
            "chunks",
            "PUT / HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n",
            "3 false",
        ),
        (
            "an empty line before it",
            "\r\nGET / HTTP/1.1\r\nhost: g\r\n\r\n",
            "0 false",
        ),
        (
            "an old client that keeps its connection",
            "GET / HTTP/1.0\r\nhost: g\r\nconnection: keep-alive\r\n\r\n",
            "0 false",
        ),
    ];
    let connections = counting();
    let mut client = connect(&connections);
    assert_eq!(connections.awake(), 0, "nothing was said yet");
    for (name, text, expected) in cases {
        for pieces in [1, 7, text.len()] {
            for piece in text.as_bytes().chunks(text.len().div_ceil(pieces)) {
                client.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            let said = answer(&mut client).await;
            assert!(said.ends_with(expected), "{name}: {said}");
            assert_eq!(connections.awake(), 1, "{name}: the next may come at once");
            sleep(SOON).await;
            assert_eq!(connections.awake(), 0, "{name}, in {pieces} pieces");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_requests_in_one_piece_are_both_answered() {
    let connections = counting();
    let mut client = connect(&connections);
    for _ in 0..2 {
        let first = "GET /3 HTTP/1.1\r\nhost: g\r\n\r\n";
        send(&mut client, &format!("{first}{REQUEST}")).await;
        let mut said = String::new();
        while said.matches("0 false").count() < 2 {
            said += &answer(&mut client).await;
        }
        sleep(SOON).await;
        assert_eq!(connections.awake(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_with_something_to_do_does_not_rest() {
    let cases = [
        (
            "a request in flight",
            "GET /600 HTTP/1.1\r\nhost: g\r\n\r\n",
        ),
        ("half a head", "GET / HTTP/1.1\r\nhost"),
        (
            "half a body",
            "PUT / HTTP/1.1\r\nhost: g\r\ncontent-length: 30\r\n\r\nabc",
        ),
    ];
    for (name, text) in cases {
        let connections = counting();
        let mut client = connect(&connections);
        send(&mut client, text).await;
        sleep(SOON * 3).await;
        assert_eq!(connections.awake(), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_waits_for_its_client_is_kept() {
    let connections = connections(None);
    // It takes its time, so that hyper has asked for the next request before it answers this one.
    let request = "GET /1 HTTP/1.1\r\nhost: g\r\n\r\n";
    for buffered in [false, true] {
        // Smaller than the answer.
        let (mut client, server) = tokio::io::duplex(request.len());
        if buffered {
            // As with TLS: the answer has been written, and yet not been sent.
            connections.open(BufWriter::new(server), super::address());
        } else {
            connections.open(server, super::address());
        }
        client.write_all(request.as_bytes()).await.unwrap();
        sleep(SOON * 4).await;
        assert_eq!(connections.awake(), 1, "buffered: {buffered}");
        let said = answer(&mut client).await;
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
        sleep(SOON).await;
        assert_eq!(connections.awake(), 0, "buffered: {buffered}");
    }
}

#[tokio::test(start_paused = true)]
async fn among_many_connections_buffers_go_with_the_answer() {
    let connections = connections(None);
    let mut clients: Vec<_> = (0..600).map(|_| connect(&connections)).collect();
    for round in 0..2 {
        for client in &mut clients {
            send(client, REQUEST).await;
            answer(client).await;
        }
        // Whoever reads an answer may be before its server, which still looks what comes next.
        tokio::task::yield_now().await;
        assert_eq!(connections.awake(), 512, "round {round}");
    }
    sleep(SOON).await;
    assert_eq!(connections.awake(), 0);
    assert_eq!(connections.count(), 600);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_it_rests_is_gone() {
    let connections = connections(None);
    for cut in [false, true] {
        let mut client = connect(&connections);
        send(&mut client, REQUEST).await;
        answer(&mut client).await;
        sleep(SOON).await;
        if cut {
            drop(client);
        } else {
            client.shutdown().await.unwrap();
            let mut rest = Vec::new();
            client.read_to_end(&mut rest).await.unwrap();
            assert!(rest.is_empty());
        }
        tokio::task::yield_now().await;
        assert_eq!(connections.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_at_rest_is_still_closed_in_its_time() {
    let connections = connections(None);
    let mut client = connect(&connections);
    send(&mut client, REQUEST).await;
    answer(&mut client).await;
    let (said, after) = until_closed(&mut client).await;
    assert_eq!((said.as_str(), after), ("", IDLE));
}
