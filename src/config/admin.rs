//! `admin`: the operator's listener, with health, metrics and version.

use std::net::SocketAddr;

use crate::config::kind::{Kind, address, flag};
use crate::config::reader::{Place, Reader};
use crate::config::section::section;

section! {
    /// The operator's listener: health, metrics, version, explanations, the log's level. It asks for no credentials.
    pub struct Admin {
        /// IP address and port; port 0 takes a free one.
        address: SocketAddr = address().or("127.0.0.1:9090"),
        /// Whether the address may be one that other machines can reach.
        allow_remote: bool = flag().or(false),
        /// Whether `/log-level` tells and changes the level of the log for a while.
        log_level: bool = flag().or(false),
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
