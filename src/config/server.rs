//! `server`: where callers connect, and how much one of them may ask for.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use serde_json::json;

use crate::config::kind::{
    Kind, address, checked, choice, count, duration, flag, list, optional, parsed, path, section,
    size,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::cidr::Cidr;

section! {
    /// Where callers connect, and how much one of them may ask for.
    pub struct Server {
        /// Where to listen. Default: plain HTTP on 127.0.0.1:8080.
        listeners: Vec<Listener> = list(checked(section(), Listener::check)).filled()
            .or(json!([{ "address": "127.0.0.1:8080" }])),
        /// Addresses and ranges of the proxies and load balancers whose word on the client's address counts.
        trusted_proxies: Vec<Cidr> = list(checked(parsed(Cidr::parse_or_address, "address or range",
            "write an IP address or a range, such as `10.0.0.5` or `10.0.0.0/8`"), narrow)),
        /// What counts as the address of a client: that of the `connection` (after the PROXY protocol, where a listener expects it), or
        /// the one that `trusted_proxies` tell in the header `Forwarded` (RFC 7239) or `X-Forwarded-For`.
        client_address: ClientAddress = choice(&[
            ("connection", ClientAddress::Connection),
            ("forwarded", ClientAddress::Forwarded),
            ("x_forwarded_for", ClientAddress::XForwardedFor),
        ]).or("connection"),
        /// Open connections of each listener at a time; further ones wait to be accepted.
        connections: usize = count(1, 1_000_000).or(10_000),
        /// Requests at a time, over all connections; further ones are answered with 503.
        in_flight: usize = count(1, 100_000).or(1024),
        /// Bytes of the header section of a request; longer ones are answered with 431.
        header_bytes: usize = size(8 << 10, 1 << 20).or("32KiB"),
        /// Bytes of the body of a request; longer ones are answered with 413.
        body_bytes: usize = size(1 << 10, 64 << 20).or("1MiB"),
        /// How deep objects and arrays may nest in a body; deeper ones are answered with 400.
        json_depth: usize = count(4, 128).or(32),
        /// How long the TLS handshake may take.
        handshake_timeout: Duration =
            duration(Duration::from_millis(100), Duration::from_mins(5)).or("10s"),
        /// How long the header section of a request may take to arrive.
        header_timeout: Duration =
            duration(Duration::from_millis(100), Duration::from_mins(5)).or("10s"),
        /// How long the whole body of a request may take to arrive.
        body_timeout: Duration =
            duration(Duration::from_millis(100), Duration::from_mins(10)).or("30s"),
        /// How long a connection may stay open without a request.
        idle_timeout: Duration =
            duration(Duration::from_secs(1), Duration::from_hours(1)).or("120s"),
        /// How long a stopping gateway still takes connections, for those who send it requests to see on `/readyz` that it is going.
        drain_delay: Duration = duration(Duration::ZERO, Duration::from_mins(5)).or("0s"),
        /// How long a stopping gateway waits for the requests under way.
        drain_timeout: Duration = duration(Duration::ZERO, Duration::from_mins(15)).or("30s"),
        /// Threads that serve requests. Default: the number of cores.
        worker_threads: usize = checked(optional(count(1, 1024)), or_cores),
        /// How they share the work: each serves the connections that it was given (`per_worker`), or takes over what another one has no
        /// time for (`work_stealing`), which costs each request some more and keeps one that computes for long from delaying others.
        scheduler: Scheduler = choice(&[
            ("per_worker", Scheduler::PerWorker),
            ("work_stealing", Scheduler::WorkStealing),
        ]).or("per_worker"),
    }
}

section! {
    /// One listening address.
    pub struct Listener {
        /// IP address and port; port 0 takes a free one.
        address: SocketAddr = address(),
        /// Certificate and key; without them the listener speaks plain HTTP.
        tls: Option<Tls> = optional(checked(section(), Tls::check)),
        /// Whether plain HTTP may be spoken on an address that other machines can reach.
        allow_plain_http: bool = flag().or(false),
        /// Whether connections begin with the PROXY protocol (version 1 or 2). Then only `trusted_proxies` may connect.
        proxy_protocol: bool = flag().or(false),
    }
}

/// How worker threads share the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduler {
    /// Each has a runtime and connections of its own.
    PerWorker,
    /// All have one runtime.
    WorkStealing,
}

/// What counts as the address of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// That of the connection.
    Connection,
    /// What trusted proxies tell in `Forwarded`.
    Forwarded,
    /// What trusted proxies tell in `X-Forwarded-For`.
    XForwardedFor,
}

section! {
    /// What a TLS listener shows, and what it wants to be shown. All files are PEM, and are read again when they change.
    pub struct Tls {
        /// The certificate, followed by those that vouch for it. A path.
        certificate: PathBuf = path(PathKind::File),
        /// The private key of the certificate. A path.
        key: PathBuf = path(PathKind::File),
        /// Certificates of those who vouch for clients. With it, clients are asked for a certificate. A path.
        client_ca: Option<PathBuf> = optional(path(PathKind::File)),
        /// Revocation lists, one for each authority between `client_ca` and a client; a client without one is turned away, and so is
        /// everybody when one is out of date. Paths.
        client_crl: Vec<PathBuf> = list(path(PathKind::File)),
        /// Whether a client without a certificate is turned away (`require`, the default with `client_ca`) or may prove who it is
        /// in another way (`request`).
        client_certificates: Option<ClientCertificates> = optional(choice(&[
            ("request", ClientCertificates::Request),
            ("require", ClientCertificates::Require),
        ])),
    }
}

/// Whether clients must show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are asked for one.
    Request,
    /// They are turned away without one.
    Require,
}

impl Server {
    /// Nobody's word counts unless somebody is trusted, and it is not asked for unless a key says where to look.
    pub(super) fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        let at = format!("{}.trusted_proxies", place.at);
        if reader.has_problem_at(&at) {
            return self;
        }
        let by_header = self.client_address != ClientAddress::Connection;
        let by_preface = self
            .listeners
            .iter()
            .any(|listener| listener.proxy_protocol);
        if self.trusted_proxies.is_empty() {
            let listeners = self.listeners.iter().enumerate();
            let prefaces = listeners.filter(|(_, listener)| listener.proxy_protocol);
            let prefaces =
                prefaces.map(|(index, _)| format!("{}.listeners.{index}.proxy_protocol", place.at));
            let header = by_header.then(|| format!("{}.client_address", place.at));
            for at in prefaces.chain(header) {
                let what = "nobody's word counts: there are no `trusted_proxies`";
                let hint =
                    "set `server.trusted_proxies` to the addresses that the proxies connect from";
                reader.problem(&place.find(&at).origin, &at, what, hint);
            }
        } else if !by_header && !by_preface {
            let what = "has no effect: nobody asks for their word";
            let hint = "set `server.client_address`, or `proxy_protocol: true` of a listener";
            reader.problem(&place.find(&at).origin, &at, what, hint);
        }
        self
    }
}

impl Tls {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        let ca = format!("{}.client_ca", place.at);
        if self.client_ca.is_none() && !reader.has_problem_at(&ca) {
            let idle = [
                ("client_crl", !self.client_crl.is_empty()),
                ("client_certificates", self.client_certificates.is_some()),
            ];
            for (key, _) in idle.into_iter().filter(|(_, is_set)| *is_set) {
                let what = "has no effect without `client_ca`";
                let hint = "set `client_ca` to the certificates of those who vouch for clients";
                reader.problem(
                    place.key_origin(key),
                    &format!("{}.{key}", place.at),
                    what,
                    hint,
                );
            }
        }
        self
    }
}

impl Listener {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        if self.tls.is_none() && !self.address.ip().is_loopback() && !self.allow_plain_http {
            reader.problem(
                &place.node.origin,
                place.at,
                format!(
                    "plain HTTP on {}, which other machines can reach",
                    self.address
                ),
                "set `tls`, or `allow_plain_http: true` if TLS ends in front of the gateway",
            );
        }
        self
    }
}

fn narrow(range: Cidr, place: Place<'_>, reader: &mut Reader<'_>) -> Cidr {
    if range.is_everything() {
        let what = "trusts everybody: any client could say that it is somewhere else";
        let hint = "write the addresses that the proxies connect from";
        reader.problem(&place.node.origin, place.at, what, hint);
    }
    range
}

fn or_cores(threads: Option<usize>, _: Place<'_>, _: &mut Reader<'_>) -> usize {
    threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}
