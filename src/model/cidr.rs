//! A range of addresses, such as `10.0.0.0/8`.
//!
//! ```
//! use meeting_gateway::model::cidr::Cidr;
//!
//! let range = Cidr::parse("10.0.0.0/8").unwrap();
//! assert!(range.contains("10.1.2.3".parse().unwrap()));
//! assert!(!range.contains("192.0.2.7".parse().unwrap()));
//! assert!(Cidr::parse("10.0.0.0").is_none());
//! ```

use std::net::IpAddr;

/// The addresses whose first bits are those of `network`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Reads an address, a slash and a number of bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (network, bits) = text.split_once('/')?;
        let network: IpAddr = network.parse().ok()?;
        if bits.len() > 3 || !bits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let bits: u8 = bits.parse().ok()?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { network, bits })
    }

    /// Reads the same, or one address alone.
    pub fn parse_or_address(text: &str) -> Option<Self> {
        let alone = text.parse().ok().map(|network: IpAddr| {
            let network = network.to_canonical();
            let bits = if network.is_ipv4() { 32 } else { 128 };
            Self { network, bits }
        });
        alone.or_else(|| Self::parse(text))
    }

    /// Whether an address lies in it. Those of the other family never do; an IPv4 address in IPv6 clothing counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }

    /// Whether every address of its family lies in it.
    pub const fn is_everything(&self) -> bool {
        self.bits == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_is_a_range_of_one() {
        let cases = [
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.6", false),
            ("10.0.0.5", "::ffff:10.0.0.5", true),
            ("::ffff:10.0.0.5", "10.0.0.5", true),
            ("2001:db8::1", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8::2", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("0.0.0.0/0", "10.0.0.5", true),
            ("0.0.0.0/0", "2001:db8::1", false),
        ];
        for (range, address, expected) in cases {
            let range = Cidr::parse_or_address(range).unwrap();
            let address = address.parse().unwrap();
            assert_eq!(range.contains(address), expected, "{range:?} {address}");
        }
        for none in ["", "10.0.0", "10.0.0.0/33", "a/8", "10.0.0.0/ 8", "::/129"] {
            assert_eq!(Cidr::parse_or_address(none), None, "{none}");
        }
    }
}
