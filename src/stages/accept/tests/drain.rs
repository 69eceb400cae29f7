//! A stop lets requests in flight finish, closes what is quiet, and ends in bounded time.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::super::stop::FIRST_WORDS;
use super::super::{Drained, Limits, Listener, Stop, serve};
use super::{DRAIN, answer, connect, connections, get, http2, limits, send, service, until_closed};

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

const ASK: &str = "GET / HTTP/1.1\r\nhost: g\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn whoever_has_just_connected_may_still_ask() {
    let connections = connections(None);
    let (mut asks, mut silent) = (connect(&connections), connect(&connections));
    let start = Instant::now();
    let drain = tokio::spawn(connections.drain());
    tokio::time::sleep(FIRST_WORDS / 2).await;
    send(&mut asks, ASK).await;
    let (said, _) = until_closed(&mut asks).await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    assert!(said.contains("connection: close\r\n"), "{said}");
    assert_eq!(until_closed(&mut silent).await.0, "");
    assert_eq!(drain.await.unwrap(), Drained { cut_off: 0 });
    assert_eq!(start.elapsed(), FIRST_WORDS);
}

#[tokio::test]
async fn whoever_waits_to_be_accepted_is_served() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.address();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(ASK.as_bytes()).await.unwrap();
        clients.push(client);
    }
    let (stop, limits) = (
        Stop::default(),
        Limits {
            connections: 100,
            ..limits()
        },
    );
    stop.drain();
    let drained = tokio::spawn(serve(listener, None, service(), limits, stop));
    for mut client in clients {
        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    }
    assert_eq!(drained.await.unwrap(), Drained { cut_off: 0 });
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn clients_are_told_before_anything_ends() {
    let stop = Stop::default();
    let connections = super::super::Connections::new(None, service(), limits(), stop.clone());
    let mut client = connect(&connections);
    send(&mut client, ASK).await;
    assert!(!answer(&mut client).await.contains("connection"));
    let (mut requests, _) = http2(connect(&connections)).await;
    stop.announce();
    // Over HTTP/2 there is nothing to be said yet, and the connection is good for more.
    for _ in 0..2 {
        let response = requests.send_request(get("/")).await.unwrap();
        assert!(!response.headers().contains_key("connection"));
    }
    send(&mut client, ASK).await;
    let (said, after) = until_closed(&mut client).await;
    assert!(said.contains("connection: close\r\n"), "{said}");
    assert_eq!(after, Duration::ZERO);
    let mut late = connect(&connections);
    send(&mut late, ASK).await;
    assert!(
        until_closed(&mut late)
            .await
            .0
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_cut_waits_for_nobody() {
    let stop = Stop::default();
    let connections = super::super::Connections::new(None, service(), limits(), stop.clone());
    let mut client = connect(&connections);
    send(&mut client, "GET /600 HTTP/1.1\r\nhost: g\r\n\r\n").await;
    let start = Instant::now();
    let drain = tokio::spawn(connections.drain());
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.cut();
    assert_eq!(until_closed(&mut client).await.0, "");
    drain.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}
