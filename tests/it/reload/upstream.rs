//! An upstream that notes what it is sent, can keep requests waiting, and has one token.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(super) struct Upstream {
    pub(super) url: String,
    pub(super) token: String,
    seen: Arc<Mutex<BTreeMap<String, Seen>>>,
    open: watch::Sender<bool>,
}

/// A request, as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) token: String,
    pub(super) length: i64,
    /// How often.
    pub(super) times: u32,
}

impl Upstream {
    pub(super) async fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<BTreeMap<_, _>>>::default();
        let (open, opened) = watch::channel(true);
        tokio::spawn(serve(listener, Arc::clone(&seen), opened));
        Self {
            url,
            token: token.to_owned(),
            seen,
            open,
        }
    }

    /// Requests by their id.
    pub(super) fn seen(&self) -> BTreeMap<String, Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// From now on answers wait for [`Self::open`].
    pub(super) fn shut(&self) {
        self.open.send_replace(false);
    }

    pub(super) fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn serve(
    listener: TcpListener,
    seen: Arc<Mutex<BTreeMap<String, Seen>>>,
    opened: watch::Receiver<bool>,
) {
    loop {
        let (io, _) = listener.accept().await.unwrap();
        let (seen, opened) = (Arc::clone(&seen), opened.clone());
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (seen, mut opened) = (Arc::clone(&seen), opened.clone());
            async move {
                let text = |name: &str| {
                    let value = request.headers().get(name);
                    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
                };
                let (id, token) = (text("x-request-id"), text("x-access-token"));
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                {
                    let mut seen = seen.lock().unwrap();
                    let times = seen.get(&id).map_or(0, |seen| seen.times) + 1;
                    let length = body["length"].as_i64().unwrap_or_default();
                    seen.insert(
                        id,
                        Seen {
                            token,
                            length,
                            times,
                        },
                    );
                }
                opened.wait_for(|open| *open).await.unwrap();
                let answer = r#"[{"conferenceID":"914087436"}]"#;
                let answer = Response::builder()
                    .header("content-type", "application/json")
                    .body(Full::new(Bytes::from_static(answer.as_bytes())));
                Ok::<_, Infallible>(answer.unwrap())
            }
        });
        tokio::spawn(async move {
            let builder = auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(io), service).await;
        });
    }
}
