//! `upstream`: the Huawei Cloud Meeting endpoint, and how the gateway signs in there.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use serde_json::json;

use crate::config::kind::{
    Kind, converted, count, duration, flag, optional, path, ratio, secret, section, size, text, url,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::secret::Secret;

section! {
    /// The Huawei Cloud Meeting endpoint that requests go on to.
    pub struct Upstream {
        /// The endpoint: http or https, host, perhaps a port; no path.
        url: Uri = url().stand_in("http://stand-in.invalid"),
        /// Certificates (PEM) to trust instead of the built-in ones. A path.
        ca_file: Option<PathBuf> = optional(path(PathKind::File)),
        /// How long a new connection may take, TLS included.
        connect_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(1)).or("3s"),
        /// How long one try may wait for the head of an answer.
        response_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(5)).or("15s"),
        /// How long a request may take in all: tries, pauses and the answer's body.
        total_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_mins(10)).or("30s"),
        /// How long an unused connection is kept.
        idle_timeout: Duration =
            duration(Duration::from_secs(1), Duration::from_mins(10)).or("20s"),
        /// Unused connections kept at a time.
        idle_connections: usize = count(0, 10_000).or(256),
        /// Bytes of an answer; longer ones become a 502.
        answer_bytes: usize = size(64 << 10, 256 << 20).or("8MiB"),
        /// Whether to speak HTTP/2 where the endpoint offers it.
        http2: bool = flag().or(false),
        /// When the endpoint is taken for down and not asked for a while.
        circuit_breaker: CircuitBreaker = section(),
        /// How many requests may be at the endpoint at a time.
        concurrency: Concurrency = section(),
        /// How to sign in: exactly one of the three.
        credentials: Credentials = converted(section(), WrittenCredentials::check)
            .stand_in(json!({ "pass_through": true })),
        /// How many tokens are held, and when they are renewed.
        token: Token = section(),
    }
}

section! {
    /// When the endpoint is taken for down and not asked for a while. A failure is: no connection, no
    /// answer in time, one that breaks off, 502, 503, 504.
    pub struct CircuitBreaker {
        /// Whether there is one.
        enabled: bool = flag().or(true),
        /// Failures in a row that open it.
        failures: usize = count(1, 10_000).or(5),
        /// The share of failures within the window that opens it.
        failure_ratio: f64 = ratio(0.01, 1.0).or(0.5),
        /// Requests that must have ended within the window before the share counts.
        minimum_requests: usize = count(1, 100_000).or(20),
        /// How long a request counts for the share.
        window: Duration = duration(Duration::from_secs(1), Duration::from_mins(10)).or("10s"),
        /// How long requests are refused with 503 once it is open.
        open_for: Duration = duration(Duration::from_millis(100), Duration::from_mins(10)).or("5s"),
        /// Requests let through at a time after that; as many answers close it.
        probes: usize = count(1, 1000).or(2),
    }
}

section! {
    /// How many requests may be at the endpoint at a time; further ones wait a moment, or get a 503.
    pub struct Concurrency {
        /// Requests at a time. Default: `server.in_flight`.
        in_flight: Option<usize> = optional(count(1, 100_000)),
        /// Requests that may wait.
        queue: usize = count(0, 100_000).or(64),
        /// How long one may wait.
        queue_timeout: Duration = duration(Duration::ZERO, Duration::from_secs(10)).or("100ms"),
    }
}

section! {
    /// How many upstream tokens are held, and when they are renewed.
    pub struct Token {
        /// How long before it expires a token is renewed. Less than 12h: tokens live 12h to 24h.
        refresh_before: Duration =
            duration(Duration::from_secs(1), Duration::from_hours(11)).or("10m"),
        /// By how much that moves at random, so that replicas do not renew together.
        refresh_jitter: Duration = duration(Duration::ZERO, Duration::from_hours(1)).or("2m"),
        /// Users whose token is held at a time; the least recently used one goes first.
        users: usize = count(1, 1_000_000).or(1000),
    }
}

/// How the gateway signs in at the upstream.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// With an App ID and its key; one token for each upstream user.
    AppId(AppId),
    /// With this token, as it is, for every caller.
    FixedToken(Secret),
    /// Not at all: the caller's own upstream token is passed on.
    PassThrough,
}

section! {
    /// An application registered at Huawei Cloud Meeting.
    pub struct AppId {
        /// The App ID.
        app_id: String = text(),
        /// The App Key. Secret.
        app_key: Secret = secret(16),
        /// The enterprise's ID; only for an App ID that serves several enterprises.
        corp_id: Option<String> = optional(text()),
    }
}

section! {
    /// How the gateway signs in at the upstream: exactly one of the three.
    pub(super) struct WrittenCredentials {
        /// With an App ID and its key; one token for each upstream user.
        app_id: Option<AppId> = optional(section()),
        /// With this token, as it is, for every caller. Secret.
        fixed_token: Option<Secret> = optional(secret(1)),
        /// Whether the caller's own upstream token is passed on.
        pass_through: bool = flag().or(false),
    }
}

impl WrittenCredentials {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Credentials> {
        match (self.app_id, self.fixed_token, self.pass_through) {
            (Some(app_id), None, false) => return Some(Credentials::AppId(app_id)),
            (None, Some(token), false) => return Some(Credentials::FixedToken(token)),
            (None, None, true) => return Some(Credentials::PassThrough),
            // One that is there and broken has been reported already.
            (None, None, false) if reader.has_problem_at(place.at) => {}
            (None, None, false) => reader.problem(
                &place.node.origin,
                place.at,
                "is required, but missing",
                "set exactly one of `app_id`, `fixed_token` and `pass_through: true`",
            ),
            _ => reader.problem(
                &place.node.origin,
                place.at,
                "more than one way to sign in",
                "keep exactly one of `app_id`, `fixed_token` and `pass_through: true`",
            ),
        }
        None
    }
}
