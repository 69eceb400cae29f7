//! `admin`: the operator's listener, with health, metrics, version and the console.

use std::net::SocketAddr;

use crate::config::callers::{Hash, KeyHash};
use crate::config::kind::{Kind, address, flag, list, section};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;

section! {
    /// The operator's listener: health, metrics, version, explanations, the log's level, and the console. Only the console asks for
    /// credentials.
    pub struct Admin {
        /// IP address and port; port 0 takes a free one.
        address: SocketAddr = address().or("127.0.0.1:9090"),
        /// Whether the address may be one that other machines can reach.
        allow_remote: bool = flag().or(false),
        /// Whether `/log-level` tells and changes the level of the log for a while.
        log_level: bool = flag().or(false),
        /// The console.
        console: Console = section(),
    }
}

section! {
    /// The console at `/console/`: what the gateway does, its rules, and a place to try a policy and the API, for people.
    pub struct Console {
        /// Whether there is one.
        enabled: bool = flag().or(true),
        /// Hashes of the keys that open it, each `sha256:` and 64 hexadecimal digits, as `meeting-gateway caller hash` writes them.
        /// Where other machines can reach the address it stays shut without one; on a loopback address it is open without one.
        keys: Vec<KeyHash> = list(Hash),
        /// Whether its API explorer may send requests to the real upstream, through the gateway and with a credential that the
        /// user types; it can always send to the simulator.
        send: bool = flag().or(false),
    }
}

impl Admin {
    pub(super) fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        if !self.address.ip().is_loopback() && !self.allow_remote {
            reader.problem(
                &place.node.origin,
                &format!("{}.address", place.at),
                format!("other machines can reach {}", self.address),
                "use a loopback address, or set `allow_remote: true` where a network policy guards it",
            );
        }
        self
    }
}
