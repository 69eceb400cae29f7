//! meeting-gateway: the policy gateway in front of the Huawei Cloud Meeting REST API.
//!
//! The program is in the repository's README; this is the library that it is made of. Everything the program does can be
//! mounted in another server, as a whole or stage by stage.
//!
//! # The life of a request
//!
//! Each stage that learns something hands on a richer type, so none can stand before the one it depends on.
//!
//! 1. [`accept`](stages::accept) makes HTTP requests of connections: PROXY protocol, TLS, well-formed HTTP, deadlines, a cap. In
//!    somebody else's server, that server does this.
//! 2. [`trace`](stages::admit::trace) opens the server span and the [`Record`](model::record::Record) that every later stage writes
//!    in: `Request<B>` becomes [`Arrival<B>`](stages::admit::Arrival).
//! 3. [`authenticate`](stages::admit::authenticate) finds the caller and pins the [`Snapshot`](runtime::snapshot::Snapshot) that
//!    the request is held to: [`Admitted<B>`](stages::admit::Admitted). Sign-ins are answered [just before](stages::admit::sign_in).
//! 4. [`limit`](stages::admit::limit) holds caller and meeting to their quotas; [`shed`](stages::admit::shed) has bounded the
//!    requests in flight before, [`share`](stages::admit::share) bounds those of one caller.
//! 5. [`route`](stages::decode::route) finds the operation: [`Routed<B>`](stages::decode::Routed).
//! 6. [`decode`](stages::decode::body) reads the body as strict JSON: [`Call`](stages::decode::Call). No byte of the caller's is left.
//! 7. [`strip`](stages::enforce::strip) takes out what is deprecated or unknown,
//! 8. [`merge`](stages::enforce::merge) fills in what an update leaves out, where the policy wants that,
//! 9. [`normalise`](stages::enforce::normalise) gives every value one spelling,
//! 10. [`validate`](stages::enforce::validate) holds the document to the [`contract`],
//! 11. [`decide`](stages::enforce::decide) applies the [`policy`]: `Call` to `Call`, all five.
//! 12. [`inject`](stages::forward::inject) makes an [`Outbound`](stages::forward::Outbound) with the upstream's token,
//! 13. [`forward`](stages::forward::client) sends it and reads the [`Answer`](stages::forward::Answer), unless the
//!     [circuit](stages::forward::circuit_break) is open or too many are [there](stages::forward::concurrency) already.
//! 14. [`redact`](stages::reply::redact) masks what the caller has no scope for: credentials, personal data.
//! 15. [`reply`](stages::reply::render) makes a response of the answer, or of the [`Refusal`](model::refusal::Refusal) that ended the
//!     path anywhere above; the [audit line](stages::reply::audit) is written.
//!
//! An operation that nothing governs, and that the configuration allows, leaves the list after 5: [`relay`](stages::relay) keeps its
//! documented query and headers and leaves its body on the way, then it is injected, forwarded and answered like the others. An
//! answer that is a file passes as it comes, and its record is closed when it ends.
//!
//! [`stack`] is this list as code.
//!
//! # In a server of one's own
//!
//! [`config::parse`] checks a configuration, [`gateway::Assembly`] compiles it, [`stack::gateway`] makes a tower service of
//! it. Here it stands behind a layer and a hyper server of the embedder's own, and in front of an upstream that is a closure;
//! `assembly.upstream` would be the real one.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use http::{HeaderValue, Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use hyper_util::rt::TokioIo;
//! use hyper_util::service::TowerToHyperService;
//! use meeting_gateway::gateway::{self, Assembly};
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::runtime::audit_log::AuditLog;
//! use meeting_gateway::stages::forward::{Answer, AnswerBody, Outbound};
//! use meeting_gateway::{config, stack};
//! use tower::ServiceBuilder;
//!
//! // The hash is that of the key `example-key`.
//! const CONFIGURATION: &str = "
//! upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: '${env.UPSTREAM_TOKEN}'}}
//! callers:
//!   - id: scheduling-app
//!     api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e']
//!     upstream_user: {fixed: alice}
//! policy: {directory: policies, packs: [baseline]}
//! ";
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let environment = BTreeMap::from([("UPSTREAM_TOKEN".to_owned(), "upstream-token".to_owned())]);
//! let config = config::parse(CONFIGURATION, "embedded.yaml", Path::new("."), &environment, &[]).unwrap();
//! let (audit, lines) = AuditLog::in_memory();
//! let assembly = Assembly::new(&config, SystemClock::shared(), Some(Arc::new(audit))).unwrap();
//! tokio::spawn(gateway::upkeep(assembly.parts.live.clone())); // refreshes tokens ahead
//!
//! let upstream = tower::service_fn(async |outbound: Outbound| {
//!     assert_eq!(outbound.request().headers()["x-access-token"], "upstream-token");
//!     Ok::<_, Refusal>(Answer::own(StatusCode::OK, Bytes::from_static(br#"[{"chairJoinUri":"https://join.example"}]"#)))
//! });
//! let service = ServiceBuilder::new()
//!     // A layer of one's own: it sees the gateway's requests and responses as any other's.
//!     .map_response(|mut response: Response<AnswerBody>| {
//!         response.headers_mut().insert("x-served-by", HeaderValue::from_static("house"));
//!         response
//!     })
//!     .service(stack::gateway(&assembly.parts, upstream));
//!
//! // A server of one's own; in memory here, else on a `TcpStream`.
//! let (client, server) = tokio::io::duplex(64 * 1024);
//! let connection = hyper::server::conn::http1::Builder::new()
//!     .serve_connection(TokioIo::new(server), TowerToHyperService::new(service));
//! tokio::spawn(connection);
//! let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(client)).await.unwrap();
//! tokio::spawn(connection);
//!
//! let change = |body: &'static str| {
//!     Request::put("/v1/mmc/management/cycleconferences?conferenceID=914087436")
//!         .header("host", "gateway.example")
//!         .header("x-access-token", "example-key")
//!         .header("content-type", "application/json")
//!         .body(Full::new(Bytes::from_static(body.as_bytes())))
//!         .unwrap()
//! };
//! let passes = change(
//!     r#"{"startTime":"2031-03-04 09:00","length":45,"mediaTypes":"HDVideo",
//!         "cycleParams":{"startDate":"2031-03-04","endDate":"2031-03-05","cycle":"Day","preRemindDays":1}}"#,
//! );
//! let response = client.send_request(passes).await.unwrap();
//! assert_eq!((response.status(), &*response.headers()["x-served-by"].as_bytes()), (StatusCode::OK, &b"house"[..]));
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, r#"[{"chairJoinUri":"***"}]"#); // redacted: the caller has no scope `secrets`
//!
//! let no_start_time = change(
//!     r#"{"mediaTypes":"HDVideo",
//!         "cycleParams":{"startDate":"2031-03-04","endDate":"2031-03-05","cycle":"Day","preRemindDays":1}}"#,
//! );
//! let response = client.send_request(no_start_time).await.unwrap();
//! assert_eq!(response.status(), StatusCode::FORBIDDEN);
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
//! assert_eq!(body["error_code"], "MGW.4030001");
//! assert_eq!(body["errors"][0]["rule"], "baseline/explicit-start-time");
//! assert_eq!(lines.lines().len(), 2); // one audit line for each
//! # }
//! ```
//!
//! A server that knows the client's address puts a [`Peer`](stages::accept::Peer) among the request's extensions: the audit log and
//! the trace tell it, policies look at it, and failed attempts are counted by it; without one they are not. [`stages`] shows how to use single stages, [`gateway::Gateway`] starts everything with its own
//! listeners.
//!
//! # Modules, floor by floor
//!
//! A module imports from floors below it only; a test holds the sources to that.
//!
//! | floor | modules |
//! |---|---|
//! | 6 | [`cli`] |
//! | 5 | [`gateway`] |
//! | 4 | [`stack`], [`explain`], [`openapi`], [`replay`], [`policy_test`], [`admin`] |
//! | 3 | [`stages`], [`simulator`] |
//! | 2 | [`runtime`] |
//! | 1 | [`config`], [`contract`], [`policy`] |
//! | 0 | [`model`] |

pub mod model;
pub mod config;
pub mod contract;
pub mod policy;
pub mod runtime;
pub mod stages;
pub mod simulator;
pub mod stack;
pub mod explain;
pub mod openapi;
pub mod replay;
pub mod policy_test;
pub mod admin;
pub mod gateway;
pub mod cli;
