//! `store`: the Redis or Valkey through which several gateways share their limits, tokens and nonces.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;

use crate::config::kind::{
    Kind, checked, choice, converted, count, duration, flag, identifier, is_loopback, list,
    optional, path, secret, text,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::secret::Secret;

/// The port of Redis where a URL names none.
const PORT: u16 = 6379;
/// The port of a Sentinel where a URL names none.
const SENTINEL_PORT: u16 = 26379;
/// The most nodes that are named: of a large cluster some are enough, the others are learnt from them.
const MOST_URLS: usize = 16;
/// The least bytes of a key that encrypts: as many as AES-256 takes.
const KEY_BYTES: usize = 32;

/// How the nodes of a store belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    /// There is one.
    Single,
    /// The URLs are those of Sentinels, which know the master.
    Sentinel,
    /// Each holds a part of the keys.
    Cluster,
}

/// Where one node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAddress {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is spoken to over TLS.
    pub tls: bool,
}

section! {
    /// The Redis (6.2 or later) or Valkey that several gateways share. Without it, each counts for itself.
    pub struct Store {
        /// Where it is: `redis://host:port`, or `rediss://` over TLS. Several for `sentinel` and `cluster`.
        urls: Vec<StoreAddress> = list(converted(text(), address)).filled().up_to(MOST_URLS),
        /// How the nodes belong together: single, sentinel or cluster.
        topology: Topology = choice(&[
            ("single", Topology::Single),
            ("sentinel", Topology::Sentinel),
            ("cluster", Topology::Cluster),
        ]).or("single"),
        /// The name of the master that Sentinels are asked for. Required with `topology: sentinel`.
        sentinel_master: Option<String> = optional(text()),
        /// The user (ACL) to sign in as.
        username: Option<String> = optional(text()),
        /// The password. Secret.
        password: Option<Secret> = optional(secret(1)),
        /// The user to sign in as at Sentinels, where they ask for one.
        sentinel_username: Option<String> = optional(text()),
        /// The password of Sentinels. Secret.
        sentinel_password: Option<Secret> = optional(secret(1)),
        /// The number of the database. 0 in a cluster.
        database: usize = count(0, 1_000_000).or(0),
        /// Certificates (PEM) to trust instead of the built-in ones. A path.
        ca_file: Option<PathBuf> = optional(path(PathKind::File)),
        /// Whether a store on another machine may be spoken to without TLS: on a network of its own, or through a mesh.
        allow_plain_tcp: bool = flag().or(false),
        /// What every key begins with. Gateways that share limits have the same; others on the same store another.
        key_prefix: String = identifier().or("meeting-gateway"),
        /// Encrypts upstream tokens in the store: at least 32 bytes, the same on every replica. Secret. Required.
        encryption_key: Secret = secret(KEY_BYTES),
        /// How many gateways share it at least. While the store fails, each lets through so small a part of a quota; of replicas
        /// that were seen in the store, the larger number counts.
        replicas: usize = count(1, 1000).or(2),
        /// The longest that a request waits for the store to decide on its quotas, or on a nonce; then this replica decides alone.
        timeout: Duration = duration(Duration::from_millis(1), Duration::from_secs(5)).or("25ms"),
        /// How long connecting may take, TLS and signing in included; and what no request's quota waits for: tokens, heartbeats.
        connect_timeout: Duration =
            duration(Duration::from_millis(10), Duration::from_secs(30)).or("1s"),
    }
}

impl Store {
    /// Whether both say the same, secrets included.
    pub fn is_same(&self, other: &Self) -> bool {
        let secrets = |store: &Self| {
            let all = [
                &store.password,
                &store.sentinel_password,
                &Some(store.encryption_key.clone()),
            ];
            all.map(|secret| secret.as_ref().map(|secret| secret.expose().to_owned()))
        };
        // Printed, secrets look all the same.
        format!("{self:?}") == format!("{other:?}") && secrets(self) == secrets(other)
    }

    /// What its keys mean to one another.
    pub(super) fn check(mut self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        let usual = match self.topology {
            Topology::Sentinel => SENTINEL_PORT,
            Topology::Single | Topology::Cluster => PORT,
        };
        for url in self.urls.iter_mut().filter(|url| url.port == 0) {
            url.port = usual;
        }
        let mut problem = |key: &str, what: String, hint: &str| {
            let at = format!("{}.{key}", place.at);
            if !reader.has_problem_at(&at) {
                let here = place.node.origin.clone();
                reader.problem(&here, &at, what, hint);
            }
        };
        if self.urls.is_empty() {
            let what = "names no node".to_owned();
            problem("urls", what, "such as `[rediss://store.example:6379]`");
        }
        if self.topology == Topology::Single && self.urls.len() > 1 {
            let what = format!(
                "names {} nodes, but `topology` is `single`",
                self.urls.len()
            );
            problem(
                "urls",
                what,
                "keep one, or set `topology` to `sentinel` or `cluster`",
            );
        }
        if self.urls.iter().any(|url| url.tls != self.urls[0].tls) {
            let what = "some are `redis://`, some `rediss://`".to_owned();
            problem("urls", what, "all nodes are spoken to in the same way");
        }
        match (self.topology, &self.sentinel_master) {
            (Topology::Sentinel, None) => problem(
                "sentinel_master",
                "is required, because `topology` is `sentinel`".to_owned(),
                "the name after `sentinel monitor` in the Sentinels' configuration",
            ),
            (Topology::Single | Topology::Cluster, Some(_)) => problem(
                "sentinel_master",
                "has no effect: `topology` is not `sentinel`".to_owned(),
                "leave it out, or set `topology: sentinel`",
            ),
            _ => {}
        }
        if self.topology == Topology::Cluster && self.database != 0 {
            let what = "must be 0: a cluster has no other database".to_owned();
            problem(
                "database",
                what,
                "leave it out; `key_prefix` tells gateways apart",
            );
        }
        // Which master Sentinels name, and which nodes a cluster has, is known to them alone.
        let elsewhere =
            |url: &&StoreAddress| self.topology != Topology::Single || !is_loopback(&url.host);
        let plain = self.urls.iter().filter(|url| !url.tls).find(elsewhere);
        if let Some(url) = plain.filter(|_| !self.allow_plain_tcp) {
            let what = format!(
                "`{}` is on another machine, or tells of some, and is spoken to without TLS",
                url.host
            );
            let hint =
                "write `rediss://`, or set `allow_plain_tcp: true` where nobody else can listen";
            problem("urls", what, hint);
        }
        self
    }
}

/// One optional section, or none.
pub(super) fn shared() -> impl Kind<Value = Option<Store>> {
    optional(checked(crate::config::kind::section(), Store::check))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the kind hands over what it has read"
)]
fn address(text: String, place: Place<'_>, reader: &mut Reader<'_>) -> Option<StoreAddress> {
    // User information is a secret, so no message about such a URL shows any of it.
    if text.contains('@') {
        let what = "holds user information, or an `@`";
        reader.secret_problem(
            place,
            what,
            "`store.username` and `store.password` are for that",
        );
        return None;
    }
    let refused = match text.parse::<Uri>() {
        Err(_) => "is no URL",
        Ok(uri) => match (uri.scheme_str(), uri.host()) {
            (_, None | Some("")) => "has no scheme or no host",
            (Some("redis" | "rediss"), Some(_)) if uri.path() != "/" && !uri.path().is_empty() => {
                "has a path; `store.database` is for the number of the database"
            }
            (Some(scheme @ ("redis" | "rediss")), Some(host)) => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                return Some(StoreAddress {
                    host: bare.to_owned(),
                    // Filled in when it is known what listens there.
                    port: uri.port_u16().unwrap_or_default(),
                    tls: scheme == "rediss",
                });
            }
            _ => "is neither `redis://` nor `rediss://`",
        },
    };
    let hint = "write `redis://host:6379`, or `rediss://host:6379` for TLS";
    reader.problem(&place.node.origin, place.at, refused, hint);
    None
}
