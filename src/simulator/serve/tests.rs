//! The simulator behind hyper: what faults look like on the wire, and how serving ends.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;

use super::super::{Fault, On, Settings, Times};
use super::*;
use crate::model::clock::SystemClock;

fn simulator(fault: Option<Fault>) -> Simulator {
    let simulator = Simulator::new(Settings::default(), SystemClock::shared());
    if let Some(fault) = fault {
        simulator.inject(On::Everything, fault, Times::Always);
    }
    simulator
}

fn connect(simulator: Simulator) -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 * 1024);
    tokio::spawn(simulator.serve_connection(server));
    client
}

/// Everything that comes back, until the connection ends or nothing moves any more for an hour of paused time.
async fn raw(fault: Option<Fault>) -> (String, bool) {
    let mut io = connect(simulator(fault));
    let request = b"GET /nowhere HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
    io.write_all(request).await.unwrap();
    let mut read = Vec::new();
    let hour = Duration::from_hours(1);
    let ended = tokio::time::timeout(hour, io.read_to_end(&mut read)).await;
    let text = String::from_utf8_lossy(&read).into_owned();
    (text, ended.is_ok())
}

#[tokio::test(start_paused = true)]
async fn on_the_wire() {
    let body_of = |text: &str| text.split_once("\r\n\r\n").unwrap().1.len();
    let (whole, ended) = raw(None).await;
    assert!(whole.starts_with("HTTP/1.1 404") && ended, "{whole}");
    assert!(whole.to_lowercase().contains("\r\ndate: "), "{whole}");

    let (none, ended) = raw(Some(Fault::Reset)).await;
    assert_eq!((none.as_str(), ended), ("", true));

    let (half, ended) = raw(Some(Fault::Truncate)).await;
    assert!(ended && body_of(&half) == body_of(&whole) / 2, "{half}");
    let promised = format!("content-length: {}\r\n", body_of(&whole));
    assert!(half.contains(&promised), "{half}");

    let (half, ended) = raw(Some(Fault::StallBody)).await;
    assert!(!ended && body_of(&half) == body_of(&whole) / 2, "{half}");

    let (none, ended) = raw(Some(Fault::Stall)).await;
    assert_eq!((none.as_str(), ended), ("", false));

    let (huge, ended) = raw(Some(Fault::Oversized(1 << 20))).await;
    assert!(ended && body_of(&huge) > 1 << 20);
}

#[tokio::test]
async fn http2_streams_are_reset_alone() {
    let simulator = simulator(None);
    let io = TokioIo::new(connect(simulator.clone()));
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    simulator.inject(On::Everything, Fault::Reset, Times::Count(1));
    let ask = || Request::get("http://s/nowhere").body(Full::<Bytes>::default());
    assert!(client.send_request(ask().unwrap()).await.is_err());
    let answer = client.send_request(ask().unwrap()).await.unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn a_listener_serves_until_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(simulator(None).serve(listener, async {
        let _ = stopped.await;
    }));
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut client, connection) = http1::handshake(io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("/nowhere").header("host", "s");
    let answer = client.send_request(request.body(Full::<Bytes>::default()).unwrap());
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers()["server"], "api-gateway");
    assert!(answer.into_body().collect().await.is_ok());
    stop.send(()).unwrap();
    serving.await.unwrap();
    // The idle connection was closed, too.
    assert!(connection.await.unwrap().is_ok());
    assert!(TcpStream::connect(address).await.is_err());
}
