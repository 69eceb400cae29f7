//! Against upstreams that really listen: which connection a request gets.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::runtime::http_client::whole;

/// An upstream that says on which connection it was asked, and for which host.
struct Upstream {
    origin: Origin,
    /// After so many answers, a connection is closed without a word.
    answers: Arc<AtomicUsize>,
}

impl Upstream {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(AtomicUsize::new(usize::MAX));
        let most = Arc::clone(&answers);
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let most = Arc::clone(&most);
                tokio::spawn(serve(TokioIo::new(stream), number, most));
            }
        });
        Self {
            origin: format!("http://{address}").parse().unwrap(),
            answers,
        }
    }

    fn client(&self, idle_connections: usize, idle_timeout: Duration) -> UpstreamClient {
        let pooling = Pooling {
            connect_timeout: Duration::from_secs(5),
            idle_timeout,
            idle_connections,
            http2: false,
        };
        UpstreamClient::new(&self.origin, pooling, None).unwrap()
    }
}

async fn serve(stream: TokioIo<tokio::net::TcpStream>, number: usize, most: Arc<AtomicUsize>) {
    let answered = AtomicUsize::new(0);
    let over = CancellationToken::new();
    let service = service_fn(|request: Request<Incoming>| {
        if answered.fetch_add(1, Ordering::Relaxed) + 1 >= most.load(Ordering::Relaxed) {
            over.cancel();
        }
        let host = request.headers()[HOST].to_str().unwrap();
        let text = format!("{number} {host} {}", request.uri());
        async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text)))) }
    });
    let mut connection = std::pin::pin!(
        hyper::server::conn::http1::Builder::new().serve_connection(stream, service)
    );
    tokio::select! {
        _ = connection.as_mut() => {}
        () = over.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn get() -> Request<Outgoing> {
    let request = Request::get("https://ignored.example/x?y=1");
    request.body(whole(Bytes::new())).unwrap()
}

async fn text(answered: Answered) -> String {
    let body = answered.response.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

/// On which connection a request was answered.
async fn connection(client: &UpstreamClient) -> usize {
    let text = text(client.request(get()).await.unwrap()).await;
    text.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_request_says_where_it_goes_and_a_connection_is_used_again() {
    let upstream = Upstream::start().await;
    let client = upstream.client(8, Duration::from_mins(1));
    let host = upstream.origin.host();
    for _ in 0..3 {
        let answered = client.request(get()).await.unwrap();
        assert_eq!(answered.peer.unwrap().to_string(), host);
        assert_eq!(text(answered).await, format!("0 {host} /x?y=1"));
    }
}

#[tokio::test]
async fn what_is_in_use_is_nobody_elses() {
    let upstream = Upstream::start().await;
    let client = upstream.client(8, Duration::from_mins(1));
    let first = client.request(get()).await.unwrap();
    let second = client.request(get()).await.unwrap();
    assert!(text(second).await.starts_with("1 "));
    assert!(text(first).await.starts_with("0 "));
    // The last one that came back.
    assert_eq!(connection(&client).await, 0);
}

#[tokio::test]
async fn no_more_are_kept_than_may_be() {
    let upstream = Upstream::start().await;
    let client = upstream.client(1, Duration::from_mins(1));
    let first = client.request(get()).await.unwrap();
    let second = client.request(get()).await.unwrap();
    text(second).await;
    text(first).await;
    assert_eq!(connection(&client).await, 1);
    let none = upstream.client(0, Duration::from_mins(1));
    assert_eq!(connection(&none).await, 2);
    assert_eq!(connection(&none).await, 3);
}

#[tokio::test]
async fn one_that_was_idle_for_too_long_is_not_used() {
    let upstream = Upstream::start().await;
    let client = upstream.client(8, Duration::ZERO);
    assert_eq!(connection(&client).await, 0);
    assert_eq!(connection(&client).await, 1);
}

#[tokio::test]
async fn one_that_the_upstream_has_closed_is_not_used() {
    let upstream = Upstream::start().await;
    let client = upstream.client(8, Duration::from_mins(1));
    upstream.answers.store(2, Ordering::Relaxed);
    let asked: Vec<usize> = [
        connection(&client).await,
        connection(&client).await,
        connection(&client).await,
        connection(&client).await,
        connection(&client).await,
    ]
    .into();
    assert_eq!(asked, [0, 0, 1, 1, 2]);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_told_from_one_that_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = Upstream {
        origin: format!("http://{address}").parse().unwrap(),
        answers: Arc::default(),
    };
    let client = upstream.client(8, Duration::from_mins(1));
    let (lost, ()) = tokio::join!(client.request(get()), async {
        drop(listener.accept().await.unwrap());
    });
    assert!(matches!(lost, Err(Fault::Lost(_))), "{lost:?}");
    drop(listener);
    let refused = client.request(get()).await;
    assert!(matches!(refused, Err(Fault::Connect(_))), "{refused:?}");
}
