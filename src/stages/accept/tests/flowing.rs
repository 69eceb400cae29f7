//! Answers that come in pieces: a pause of ours is none of the client's, and a client that takes nothing is quiet.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use hyper::body::Incoming;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::{Connections, HttpService};
use super::{HEADER, IDLE, address, limits, send, until_closed};

/// How long the service pauses in an answer: longer than a connection may be quiet.
const PAUSE: Duration = Duration::from_mins(10);

/// A piece, a pause and a piece; of any other path than `/`, pieces without end.
fn connections() -> Connections<impl HttpService> {
    let service = tower::service_fn(async |request: Request<Incoming>| {
        let piece = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"piece")));
        let frames = if request.uri().path() == "/" {
            let pieces = stream::iter([Duration::ZERO, PAUSE]).then(move |pause| async move {
                sleep(pause).await;
                piece()
            });
            pieces.boxed()
        } else {
            stream::repeat_with(piece).boxed()
        };
        Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
    });
    Connections::new(None, service, limits(), CancellationToken::new())
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_pause_longer_than_a_connection_may_be_quiet() {
    let connections = connections();
    let mut client = super::connect(&connections);
    send(
        &mut client,
        "GET / HTTP/1.1\r\nhost: g\r\nconnection: close\r\n\r\n",
    )
    .await;
    let (said, after) = until_closed(&mut client).await;
    assert!(
        said.ends_with("5\r\npiece\r\n5\r\npiece\r\n0\r\n\r\n"),
        "{said}"
    );
    assert_eq!(after, PAUSE);
}

#[tokio::test(start_paused = true)]
async fn it_is_quiet_behind_its_last_piece() {
    let connections = connections();
    let mut client = super::connect(&connections);
    let start = Instant::now();
    send(&mut client, "GET / HTTP/1.1\r\nhost: g\r\n\r\n").await;
    until_closed(&mut client).await;
    let quiet = start.elapsed().checked_sub(PAUSE).unwrap();
    assert!(quiet >= IDLE && quiet < IDLE + HEADER * 2, "{quiet:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_does_not_hold_the_connection() {
    let connections = connections();
    let (mut client, server) = tokio::io::duplex(16);
    connections.open(server, address());
    let request = b"GET /flood HTTP/1.1\r\nhost: g\r\n\r\n";
    let written = tokio::io::AsyncWriteExt::write_all(&mut client, request).await;
    written.unwrap();
    sleep(IDLE + HEADER * 3).await;
    assert_eq!(connections.count(), 0);
}
