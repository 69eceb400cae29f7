//! Any bytes from a load balancer that is to speak the PROXY protocol. With an even first byte they are the whole connection; with
//! an odd one they are an address and extensions, for a preface that is written as the specification says, before a good request.
//!
//! Nothing is answered without a preface. A good one is taken: the request behind it is answered, and its client has the address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::door::{Door, KEY};

static DOOR: LazyLock<Mutex<Door>> = LazyLock::new(|| Mutex::new(Door::behind_proxy()));
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// With the addresses less than the gateway reads.
const MOST_EXTENSIONS: usize = 4_000;

/// See above.
pub fn holds(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    let door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
    if way % 2 == 0 {
        let (answered, reached) = door.exchange(rest);
        if !rest.starts_with(b"PROXY ") && !rest.starts_with(SIGNATURE) {
            assert!(
                answered.is_empty() && reached.is_empty(),
                "without a preface"
            );
        }
    } else {
        let (preface, client) = preface(*way, rest);
        let (answered, reached) = door.exchange(&[preface, request()].concat());
        let [reached] = &*reached else {
            panic!("refused: {}", answered.escape_ascii());
        };
        assert_eq!(reached.client, Some(client));
    }
}

fn request() -> Vec<u8> {
    let head = "GET /v1/mmc/management/conferences?limit=10 HTTP/1.1\r\nhost: gateway.test\r\n";
    format!("{head}x-access-token: {KEY}\r\nconnection: close\r\n\r\n").into_bytes()
}

/// A preface with an address out of `bytes`, and the address as it is to be told.
fn preface(way: u8, bytes: &[u8]) -> (Vec<u8>, IpAddr) {
    let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
    let v4 = Ipv4Addr::from(std::array::from_fn::<u8, 4, _>(at));
    let v6 = Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(at));
    let port = u16::from_be_bytes([at(16), at(17)]);
    let extensions = bytes.get(18..).unwrap_or_default();
    let extensions = &extensions[..extensions.len().min(MOST_EXTENSIONS)];
    let second = |family: u8, addresses: &[u8]| {
        let behind = [addresses, extensions].concat();
        let length = u16::try_from(behind.len()).unwrap_or(u16::MAX);
        [SIGNATURE, &[0x21, family], &length.to_be_bytes(), &behind].concat()
    };
    let (high, low) = (at(16), at(17));
    match way >> 1 & 3 {
        0 => (
            format!("PROXY TCP4 {v4} 192.0.2.1 {port} 443\r\n").into_bytes(),
            v4.into(),
        ),
        1 => (
            format!("PROXY TCP6 {v6} 2001:db8::1 {port} 443\r\n").into_bytes(),
            v6.to_canonical(),
        ),
        2 => {
            let addresses = [&v4.octets()[..], &[192, 0, 2, 1, high, low, 1, 187]].concat();
            (second(0x11, &addresses), v4.into())
        }
        _ => {
            let addresses = [&v6.octets()[..], &[1; 16], &[high, low, 1, 187]].concat();
            (second(0x21, &addresses), v6.to_canonical())
        }
    }
}
