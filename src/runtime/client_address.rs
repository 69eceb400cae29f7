//! From which address a request comes: that of the connection, or, behind proxies that the configuration trusts, the one that they
//! tell of.
//!
//! Who is connected may write any address into a header, so what a header says counts by who wrote it. The list of hops is read
//! from its end, where the proxy next to us has written: as long as an address is a trusted proxy's, the entry that this proxy
//! has written is believed. The first address that is not trusted is the client's, and what stands before it is not even looked at: it
//! came from the client, and cannot spoil the reading of the rest. Where a trusted proxy writes no address (`unknown`, an
//! obfuscated name, something unreadable, nothing), the request counts as the proxy's own.
//!
//! So every trusted proxy must add to the header, or replace it; one that passes on what it gets must not be trusted.
//!
//! ```
//! use meeting_gateway::model::cidr::Cidr;
//! use meeting_gateway::runtime::client_address::{ClientAddress, ForwardedBy};
//!
//! let rule = ClientAddress::new([Cidr::parse("10.0.0.0/8").unwrap()], Some(ForwardedBy::Forwarded));
//! let headers = [("forwarded", "for=198.51.100.1, for=192.0.2.7;proto=https")];
//! let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).into_iter().collect();
//! let through_proxy = rule.of("10.0.0.5".parse().unwrap(), &headers);
//! assert_eq!(through_proxy.to_string(), "192.0.2.7");
//! let direct = rule.of("203.0.113.9".parse().unwrap(), &headers);
//! assert_eq!(direct.to_string(), "203.0.113.9", "what a stranger writes does not count");
//! ```

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use crate::model::cidr::Cidr;

mod hops;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Most hops that are followed; behind more trusted proxies than these, the last one counts.
const MOST_HOPS: usize = 32;

/// The header in which proxies tell of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`.
    XForwardedFor,
}

/// What counts as the address of a client.
#[derive(Debug, Clone, Default)]
pub struct ClientAddress {
    trusted: Box<[Cidr]>,
    header: Option<ForwardedBy>,
}

impl ClientAddress {
    /// Trusts proxies at these addresses; without a header, the connection's address counts.
    pub fn new(trusted: impl IntoIterator<Item = Cidr>, header: Option<ForwardedBy>) -> Self {
        Self {
            trusted: trusted.into_iter().collect(),
            header,
        }
    }

    /// Whether a proxy at this address is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|range| range.contains(address))
    }

    /// Where a request comes from that arrived over a connection from `connection`. An IPv4 address in IPv6 clothing is told as
    /// IPv4.
    pub fn of(&self, connection: IpAddr, headers: &HeaderMap) -> IpAddr {
        let connection = connection.to_canonical();
        let (name, read): (_, hops::Read) = match self.header {
            None => return connection,
            Some(ForwardedBy::Forwarded) => (FORWARDED, hops::forwarded),
            Some(ForwardedBy::XForwardedFor) => (X_FORWARDED_FOR, hops::x_forwarded_for),
        };
        let mut hop = connection;
        let lines = headers.get_all(name).iter().rev();
        let mut hops = lines
            .flat_map(|line| hops::from_the_end(line.as_bytes()))
            .take(MOST_HOPS)
            .map(read);
        while self.trusts(hop) {
            match hops.next() {
                Some(Some(address)) => hop = address,
                Some(None) | None => break,
            }
        }
        hop
    }
}

#[cfg(test)]
mod tests;
