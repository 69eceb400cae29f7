//! A stop lets requests in flight finish, closes what is quiet, and ends in bounded time.

use std::time::Duration;

use tokio::time::Instant;

use super::super::Drained;
use super::{DRAIN, answer, connect, connections, get, http2, send, until_closed};

#[tokio::test(start_paused = true)]
async fn a_request_in_flight_is_answered() {
    let connections = connections(None);
    let mut client = connect(&connections);
    send(&mut client, "GET /15 HTTP/1.1\r\nhost: g\r\n\r\n").await;
    let mut idle = connect(&connections);
    send(&mut idle, "GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    answer(&mut idle).await;
    let (mut requests, _) = http2(connect(&connections)).await;
    let multiplexed = tokio::spawn(requests.send_request(get("/10")));
    let _silent = connect(&connections);
    tokio::time::sleep(Duration::from_secs(1)).await;

    let start = Instant::now();
    let drain = tokio::spawn(connections.drain());
    let (said, after) = until_closed(&mut idle).await;
    assert_eq!(
        (said.as_str(), after),
        ("", Duration::ZERO),
        "the idle one is closed at once"
    );
    let (said, _) = until_closed(&mut client).await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    assert!(multiplexed.await.unwrap().unwrap().status().is_success());
    assert_eq!(drain.await.unwrap(), Drained { cut_off: 0 });
    assert_eq!(
        start.elapsed(),
        Duration::from_secs(14),
        "and then there is nothing to wait for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_cut_off() {
    let connections = connections(None);
    let mut client = connect(&connections);
    send(&mut client, "GET /600 HTTP/1.1\r\nhost: g\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    assert_eq!(connections.drain().await, Drained { cut_off: 1 });
    assert_eq!(start.elapsed(), DRAIN);
    assert_eq!(until_closed(&mut client).await.0, "");
}
