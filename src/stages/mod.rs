//! The stages of the request's path, in the order in which a request meets them.
//!
//! A stage that learns something hands on a richer type, so that it cannot stand before the one it depends on:
//! `Request<B>` → [`Arrival`](admit::Arrival) → [`Admitted`](admit::Admitted) → [`Routed`](decode::Routed) →
//! [`Call`](decode::Call), or [`Relay`](relay::Relay), → [`Answer`](forward::Answer) → `Response`. A stage is either a pure [`Step`](step::Step) or a
//! `tower::Service` of its own (where it waits, or sees the answer). Every refusal is a
//! [`Refusal`](crate::model::refusal::Refusal) until [`reply::render`] makes it a response.
//!
//! # Stages by themselves
//!
//! [`stack::gateway`](crate::stack::gateway) is the whole path, [`stack::governed`](crate::stack::governed) the part from a decoded
//! `Call` to the upstream's answer. Any other selection can be stacked by hand: every stage is a `tower::Layer` with a public
//! constructor, a step becomes one by [`step::step`], and the types they hand on have public fields. A stage of your own that changes the
//! document of a `Call` between strip and validate sets its `in_order` to false, or the change is not looked at. What a stage needs beside its
//! request is in the [`Parts`](crate::stack::Parts) of a [`gateway::Assembly`](crate::gateway::Assembly).
//!
//! | stage | layer | takes |
//! |---|---|---|
//! | accept | [`accept::serve`], [`accept::Connections`] | connections |
//! | trace | [`admit::trace::TraceLayer`] | `Request<B>` |
//! | accept's refusals | [`admit::well_formed::WellFormed`] | `Arrival<B>` |
//! | authenticate | [`admit::sign_in::SignInLayer`], [`admit::authenticate::AuthenticateLayer`] | `Arrival<B>` |
//! | limit | before all others [`admit::audit_admission::AuditAdmissionLayer`], before authenticate [`admit::shed::ShedLayer`]; [`admit::limit::LimitLayer`], [`admit::share::ShareLayer`] | `Arrival<B>`; `Admitted<B>` |
//! | route | [`decode::route::Route`] | `Admitted<B>` |
//! | decode | [`decode::body::DecodeLayer`] | `Routed<B>` |
//! | strip | [`enforce::strip::Strip`] | `Call` |
//! | merge | [`enforce::merge::MergeLayer`], and behind decide [`enforce::merge::ConfirmLayer`] | `Call` |
//! | normalise | [`enforce::normalise::Normalise`] | `Call` |
//! | validate | [`enforce::validate::Validate`] | `Call` |
//! | decide | [`enforce::decide::Decide`] | `Call` |
//! | relay, in the place of the five above | [`relay::open::OpenLayer`], [`relay::fork::Fork`], [`enforce::strip::Strip`] | `Routed<B>`; `Relay` |
//! | inject | [`forward::inject::InjectLayer`] | `Call`, `Relay` |
//! | forward | [`forward::circuit_break::CircuitBreakLayer`], [`forward::concurrency::ConcurrencyLayer`], and [`forward::client::Upstream`], which is no layer but the end of the path | `Outbound` |
//! | redact | [`reply::redact::RedactLayer`] | `Call`, `Relay` |
//! | reply | [`reply::audit::AuditLayer`], [`reply::render::RenderLayer`], [`reply::catch_panic::CatchPanicLayer`] | `Arrival<B>` |
//!
//! Here four of them guard a service that has nothing to do with meetings:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::Path;
//!
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use http_body_util::Full;
//! use meeting_gateway::config;
//! use meeting_gateway::gateway::Assembly;
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::stack::Parts;
//! use meeting_gateway::stages::admit::authenticate::AuthenticateLayer;
//! use meeting_gateway::stages::admit::trace::TraceLayer;
//! use meeting_gateway::stages::admit::Admitted;
//! use meeting_gateway::stages::forward::Answer;
//! use meeting_gateway::stages::reply::audit::AuditLayer;
//! use meeting_gateway::stages::reply::render::RenderLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // The hash is that of the key `example-key`.
//! let text = "
//! upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}
//! callers: [{id: house, api_keys: ['sha256:c018c41c1afaf2c0b66c64f97d0ee135657b699ad260f299234cd40a5d625e0e'], upstream_user: {fixed: alice}}]
//! policy: {packs: []}
//! audit: {output: none}
//! ";
//! let config = config::parse(text, "embedded.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! let Parts { live, telemetry, audit, clock, .. } =
//!     Assembly::new(&config, SystemClock::shared(), None).unwrap().parts;
//! let service = ServiceBuilder::new()
//!     .layer(TraceLayer::new(live.clone(), telemetry, clock))
//!     .layer(AuditLayer::new(audit))
//!     .layer(RenderLayer)
//!     .layer(AuthenticateLayer::new(live))
//!     .service_fn(async |admitted: Admitted<Full<Bytes>>| {
//!         let greeting = format!(r#"{{"hello":"{}"}}"#, admitted.principal.caller.id);
//!         Ok::<_, Refusal>(Answer::own(StatusCode::OK, greeting.into()))
//!     });
//!
//! let with_key = Request::get("/hello").header("x-api-key", "example-key").body(Full::default()).unwrap();
//! assert_eq!(service.clone().oneshot(with_key).await.unwrap().status(), StatusCode::OK);
//! let without = Request::get("/hello").body(Full::default()).unwrap();
//! assert_eq!(service.oneshot(without).await.unwrap().status(), StatusCode::UNAUTHORIZED);
//! # }
//! ```

pub mod step;
pub mod bounded;
pub mod holding;
pub mod accept;
pub mod admit;
pub mod decode;
pub mod enforce;
pub mod relay;
pub mod forward;
pub mod reply;
