//! Where the gateway is, as far as it knows itself.

use std::net::SocketAddr;

use serde_json::{Value, json};

/// An address that the gateway listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// IP address and port.
    pub address: SocketAddr,
    /// Whether TLS is spoken there.
    pub tls: bool,
}

impl Listening {
    /// The URL, if it leads anywhere: not for all addresses at once, nor for a port that is yet to be found.
    fn url(self) -> Option<String> {
        let scheme = if self.tls { "https" } else { "http" };
        let leads = !self.address.ip().is_unspecified() && self.address.port() != 0;
        leads.then(|| format!("{scheme}://{}", self.address))
    }
}

/// `servers`.
pub(super) fn servers(listening: &[Listening]) -> Value {
    let urls: Vec<Value> = listening
        .iter()
        .filter_map(|place| Some(json!({ "url": place.url()? })))
        .collect();
    if urls.is_empty() {
        json!([{ "url": "/", "description": "Wherever callers reach the gateway." }])
    } else {
        urls.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_lead_somewhere_are_told() {
        let place = |address: &str, tls| Listening {
            address: address.parse().unwrap(),
            tls,
        };
        let told = servers(&[
            place("0.0.0.0:8080", false),
            place("127.0.0.1:8443", true),
            place("[::1]:8080", false),
            place("127.0.0.1:0", false),
        ]);
        let expected = json!([{ "url": "https://127.0.0.1:8443" }, { "url": "http://[::1]:8080" }]);
        assert_eq!(told, expected);
        assert_eq!(servers(&[])[0]["url"], "/");
    }
}
