//! Connections are shared out among workers, each to the one that has the fewest, and a drain waits for all of them.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use meeting_gateway::runtime::workers::{self, Workers};
use meeting_gateway::stages::accept::{self, Limits, Listener, Stop};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

type Client = SendRequest<Full<Bytes>>;

async fn connect(listening: std::net::SocketAddr) -> Client {
    let stream = TcpStream::connect(listening).await.unwrap();
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (client, connection) = shaken.unwrap();
    tokio::spawn(connection);
    client
}

/// The number of the worker that answers.
async fn worker_of(client: &mut Client) -> usize {
    let request = Request::get("/").header("host", "g");
    let request = request.body(Full::default()).unwrap();
    let response = client.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap();
    String::from_utf8_lossy(&body.to_bytes()).parse().unwrap()
}

#[tokio::test]
async fn each_connection_goes_to_the_worker_with_the_fewest() {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.address();
    let team = Workers::start(3).unwrap();
    let stop = Stop::default();
    let answers = tower::service_fn(async |_: Request<Incoming>| {
        let number = workers::current().to_string();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(number))))
    });
    let limits = Limits::default();
    let listener = listener.shared_among(&team);
    let serving = tokio::spawn(accept::serve(listener, None, answers, limits, stop.clone()));

    let mut clients = Vec::new();
    let mut seen = Vec::new();
    for _ in 0..6 {
        let mut client = connect(address).await;
        seen.push(worker_of(&mut client).await);
        clients.push(client);
    }
    assert_eq!(seen, [0, 1, 2, 0, 1, 2]);
    // All its life.
    assert_eq!(worker_of(&mut clients[1]).await, 1);

    stop.drain();
    assert_eq!(serving.await.unwrap().cut_off, 0);
}

#[tokio::test]
async fn a_drain_waits_for_what_another_worker_answers() {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.address();
    let team = Workers::start(2).unwrap();
    let stop = Stop::default();
    let (begun, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (has_begun, may_go) = (Arc::clone(&begun), Arc::clone(&go));
    let answers = tower::service_fn(move |_: Request<Incoming>| {
        let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
        async move {
            begun.add_permits(1);
            go.acquire().await.unwrap().forget();
            let number = workers::current().to_string();
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(number))))
        }
    });
    let limits = Limits::default();
    let listener = listener.shared_among(&team);
    let serving = tokio::spawn(accept::serve(listener, None, answers, limits, stop.clone()));

    let _first = connect(address).await;
    let mut second = connect(address).await;
    let asking = tokio::spawn(async move { worker_of(&mut second).await });
    has_begun.acquire().await.unwrap().forget();
    stop.drain();
    assert!(!serving.is_finished());
    may_go.add_permits(1);
    assert_eq!(asking.await.unwrap(), 1);
    assert_eq!(serving.await.unwrap().cut_off, 0);
}
