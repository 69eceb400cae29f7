//! Connections that hold still are closed, each at its own deadline.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{HEADER, IDLE, answer, connect, connections, get, http2, send, until_closed};

/// Who has begun is told.
const TIMEOUT: &str = "HTTP/1.1 408 ";
const REQUEST: &str = "GET / HTTP/1.1\r\nhost: g\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_new_connection_has_until_the_header_deadline() {
    let cases = [
        ("silent", "", ""),
        ("one letter that both protocols may begin with", "P", ""),
        ("half an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", ""),
        (
            "half a head",
            "GET / HTTP/1.1\r\nhost: g\r\nx-slow: ",
            TIMEOUT,
        ),
        (
            "a head without its end",
            "GET / HTTP/1.1\r\nhost: g\r\n",
            TIMEOUT,
        ),
    ];
    for (name, text, expected) in cases {
        let connections = connections(None);
        let mut client = connect(&connections);
        send(&mut client, text).await;
        let (said, after) = until_closed(&mut client).await;
        assert_eq!(after, HEADER, "{name}");
        assert_eq!(&said[..said.len().min(TIMEOUT.len())], expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_do_not_prolong_the_header_deadline() {
    let connections = connections(None);
    let mut client = connect(&connections);
    let start = Instant::now();
    send(&mut client, "GET / HTTP/1.1\r\n").await;
    for _ in 0..4 {
        send(&mut client, "x: y\r\n").await;
        sleep(Duration::from_secs(1)).await;
    }
    until_closed(&mut client).await;
    assert_eq!(start.elapsed(), HEADER);
}

#[tokio::test(start_paused = true)]
async fn a_kept_alive_connection_may_idle_longer_than_a_head_may_take() {
    let connections = connections(None);
    let mut client = connect(&connections);
    for _ in 0..3 {
        send(&mut client, REQUEST).await;
        answer(&mut client).await;
        sleep(IDLE.checked_sub(Duration::from_millis(1)).unwrap()).await;
    }
    send(&mut client, REQUEST).await;
    answer(&mut client).await;
    let (said, after) = until_closed(&mut client).await;
    assert_eq!(said, "");
    assert!(after >= IDLE && after < IDLE + HEADER, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn the_head_of_a_later_request_has_the_header_deadline() {
    let connections = connections(None);
    let mut client = connect(&connections);
    send(&mut client, REQUEST).await;
    answer(&mut client).await;
    sleep(Duration::from_secs(33)).await;
    send(&mut client, "GET / HT").await;
    let (said, after) = until_closed(&mut client).await;
    assert!(said.starts_with(TIMEOUT), "{said}");
    assert_eq!(after, HEADER);
}

/// Old clients send an empty line behind a body. An answer to it would be taken for that to the next request.
#[tokio::test(start_paused = true)]
async fn an_empty_line_behind_a_request_is_not_answered() {
    for text in ["\r", "\r\n"] {
        let connections = connections(None);
        let mut client = connect(&connections);
        send(&mut client, &format!("{REQUEST}{text}")).await;
        answer(&mut client).await;
        let (said, _) = until_closed(&mut client).await;
        assert_eq!(said, "", "{text:?}");

        let mut client = connect(&connections);
        send(&mut client, &format!("{REQUEST}{text}")).await;
        answer(&mut client).await;
        send(&mut client, &"\r\n"[text.len()..]).await;
        send(&mut client, REQUEST).await;
        answer(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_in_flight_is_not_quiet() {
    let connections = connections(None);
    let mut client = connect(&connections);
    let start = Instant::now();
    send(&mut client, "GET /600 HTTP/1.1\r\nhost: g\r\n\r\n").await;
    answer(&mut client).await;
    assert_eq!(start.elapsed(), Duration::from_mins(10));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_takes_does_not_hold_the_connection() {
    let connections = connections(None);
    // The pipe is smaller than the answer, and nobody reads.
    let (mut client, server) = tokio::io::duplex(16);
    connections.open(server, super::address());
    let writer = tokio::io::AsyncWriteExt::write_all(&mut client, REQUEST.as_bytes());
    writer.await.unwrap();
    sleep(IDLE + HEADER * 2).await;
    assert_eq!(connections.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_http2_connection_without_requests_is_closed() {
    let connections = connections(None);
    let (mut requests, connection) = http2(connect(&connections)).await;
    requests.send_request(get("/600")).await.unwrap();
    let start = Instant::now();
    connection.await.unwrap().unwrap();
    let after = start.elapsed();
    assert!(after >= IDLE && after < IDLE + HEADER * 2, "{after:?}");
}
