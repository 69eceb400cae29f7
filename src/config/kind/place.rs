//! Places: socket addresses, paths and the URLs of servers.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use http::Uri;
use serde_json::{Value as Json, json};

use super::text::read_text;
use super::{Kind, Parsed, parsed};
use crate::config::reader::{PathKind, Place, Reader};

/// An IP address and a port.
pub(in crate::config) const fn address() -> Parsed<SocketAddr> {
    parsed(
        |text| text.parse().ok(),
        "address",
        "write an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`",
    )
}

/// A path, relative to the directory of the configuration file.
pub(in crate::config) const fn path(kind: PathKind) -> NamedPath {
    NamedPath { kind }
}

/// The URL of a server: scheme, host and port.
pub(in crate::config) const fn url() -> ServerUrl {
    ServerUrl { with_path: false }
}

/// The URL of something on a server: scheme, host, port and perhaps a path.
pub(in crate::config) const fn url_with_path() -> ServerUrl {
    ServerUrl { with_path: true }
}

/// Whether a host of a URL is this machine.
pub(in crate::config) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

pub(in crate::config) struct NamedPath {
    kind: PathKind,
}

pub(in crate::config) struct ServerUrl {
    with_path: bool,
}

// === impl NamedPath ===

impl Kind for NamedPath {
    type Value = PathBuf;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<PathBuf> {
        let text = read_text(place, reader)?;
        Some(reader.named_path(place, text, self.kind))
    }

    fn example(&self) -> String {
        "a path, relative to the directory of this file".to_owned()
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1, "maxLength": 4096 })
    }
}

// === impl ServerUrl ===

impl Kind for ServerUrl {
    type Value = Uri;

    fn read(&self, place: Place<'_>, reader: &mut Reader<'_>) -> Option<Uri> {
        let text = read_text(place, reader)?;
        // User information is a secret, so no message about such a URL shows any of it.
        if text.contains('@') {
            let what = "holds user information, or an `@`";
            reader.secret_problem(place, what, "credentials have keys of their own");
            return None;
        }
        let refused = match text.parse::<Uri>() {
            Err(_) => "is no URL",
            Ok(uri) => match (uri.scheme_str(), uri.authority()) {
                (Some("http" | "https"), Some(host)) if host.host().is_empty() => "has no host",
                (Some("http" | "https"), Some(_)) if uri.query().is_some() => "has a query",
                (Some("http" | "https"), Some(_)) if uri.path() != "/" && !self.with_path => {
                    "has a path"
                }
                (Some("http" | "https"), Some(_)) => return Some(uri),
                (Some(_), _) => "is neither http nor https",
                (None, _) => "has no scheme",
            },
        };
        reader.problem(&place.node.origin, place.at, refused, self.example());
        None
    }

    fn example(&self) -> String {
        let example = if self.with_path {
            "write scheme, host and perhaps a port and a path, such as `https://collector.example:4318`"
        } else {
            "write scheme, host and perhaps a port, such as `https://api.meeting.example`"
        };
        example.to_owned()
    }

    fn schema(&self) -> Json {
        let pattern = if self.with_path {
            "^https?://[^/?#@]+(/[^?#@]*)?$"
        } else {
            "^https?://[^/?#@]+/?$"
        };
        super::or_reference(json!({ "type": "string", "pattern": pattern }))
    }
}
