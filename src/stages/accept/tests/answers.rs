//! What comes in, what goes out, and how many at a time.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::super::{Limits, Listener, Peer, serve};
use super::{answer, connect, connections, get, http2, limits, send, until_closed};

#[tokio::test(start_paused = true)]
async fn http1_and_http2_are_told_apart() {
    let connections = connections(None);
    let mut client = connect(&connections);
    send(&mut client, "GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    assert!(answer(&mut client).await.starts_with("HTTP/1.1 200 OK\r\n"));

    let (mut requests, _) = http2(connect(&connections)).await;
    let response = requests.send_request(get("/")).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "false", "the peer is known, and not by TLS");
}

#[tokio::test(start_paused = true)]
async fn bad_heads_are_answered_and_closed() {
    let long = format!(
        "GET / HTTP/1.1\r\nhost: g\r\nx-long: {}\r\n\r\n",
        "a".repeat(9000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nhost: g\r\n{}\r\n",
        "x: y\r\n".repeat(101)
    );
    let cases = [
        ("too long", long.as_str(), "HTTP/1.1 431 "),
        ("too many fields", many.as_str(), "HTTP/1.1 431 "),
        ("not HTTP", "hello, is it you?\r\n\r\n", "HTTP/1.1 400 "),
        (
            "a space in a field name",
            "GET / HTTP/1.1\r\nho st: g\r\n\r\n",
            "HTTP/1.1 400 ",
        ),
        (
            "lengths that differ",
            "POST / HTTP/1.1\r\nhost: g\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 400 ",
        ),
    ];
    for (name, text, expected) in cases {
        let connections = connections(None);
        let mut client = connect(&connections);
        send(&mut client, text).await;
        let (said, _) = until_closed(&mut client).await;
        assert!(said.starts_with(expected), "{name}: {said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_as_long_as_allowed_is_served() {
    let connections = connections(None);
    let mut client = connect(&connections);
    let head = format!(
        "GET / HTTP/1.1\r\nhost: g\r\nx-long: {}\r\n\r\n",
        "a".repeat(8000)
    );
    send(&mut client, &head).await;
    assert!(answer(&mut client).await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test(start_paused = true)]
async fn an_http2_header_list_over_the_limit_is_refused() {
    let connections = connections(None);
    let (mut requests, _) = http2(connect(&connections)).await;
    let mut request = get("/");
    let value = "a".repeat(9000).parse().unwrap();
    request.headers_mut().insert("x-long", value);
    // The client may see the announced limit in time and refuse by itself; whoever it is, no such request is answered with 200.
    let refused = match requests.send_request(request).await {
        Ok(response) => response.status() == 431,
        Err(_) => true,
    };
    assert!(refused);
}

/// Over the cap a connection waits until another one ends.
#[tokio::test]
async fn the_cap_lets_further_connections_wait() {
    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: g\r\n\r\n";
    let served = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&served);
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let peer = request.extensions().get::<Peer>().unwrap();
        log.lock().unwrap().push(peer.address);
        std::future::ready(Ok::<_, Infallible>(Response::new(Full::new(
            Bytes::from_static(b"!"),
        ))))
    });
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.address();
    let stop = CancellationToken::new();
    let limits = Limits {
        connections: 1,
        ..limits()
    };
    let server = tokio::spawn(serve(listener, None, service, limits, stop.clone()));

    let ask = async |client: &mut TcpStream| client.write_all(ASK).await.unwrap();
    let take = async |client: &mut TcpStream| {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"!") {
            assert_ne!(client.read_buf(&mut bytes).await.unwrap(), 0);
        }
    };
    let mut first = TcpStream::connect(address).await.unwrap();
    ask(&mut first).await;
    take(&mut first).await;
    let mut second = TcpStream::connect(address).await.unwrap();
    ask(&mut second).await;
    for _ in 0..20 {
        ask(&mut first).await;
        take(&mut first).await;
    }
    let firsts = first.local_addr().unwrap();
    assert!(served.lock().unwrap().iter().all(|peer| *peer == firsts));
    drop(first);
    take(&mut second).await;
    assert_eq!(
        served.lock().unwrap().last(),
        Some(&second.local_addr().unwrap())
    );
    stop.cancel();
    server.await.unwrap();
}
