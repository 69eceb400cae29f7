//! The PROXY protocol, versions 1 and 2: a preface in which a load balancer says for whom it connects, before TLS and HTTP.
//!
//! Only the source address is taken out of it, of TCP over IPv4 and IPv6. Where the preface has none (`UNKNOWN`, `LOCAL`, an
//! unspecified family, a Unix socket) the connection counts as the load balancer's own, such as a health check. Extensions
//! (TLVs) are skipped, not read. Everything else is malformed, and the connection is closed: a preface that was guessed at would let
//! somebody choose an address.
//!
//! The specification: <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>.
//!
//! ```
//! use meeting_gateway::stages::accept::proxy_protocol::{Progress, parse};
//!
//! let client = "192.0.2.7:40000".parse().unwrap();
//! let preface = b"PROXY TCP4 192.0.2.7 10.0.0.5 40000 443\r\n";
//! assert_eq!(parse(preface), Ok(Progress::Whole(Some(client))));
//! assert_eq!(parse(b"PROXY TCP4 192.0.2.7 "), Ok(Progress::Needs(2)));
//! assert!(parse(b"GET / HTTP/1.1\r\n").is_err());
//! ```

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};

/// What version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// What version 1 begins with.
const PROXY: &[u8; 6] = b"PROXY ";
/// Bytes of a version 2 preface before addresses and extensions.
const FIXED: usize = SIGNATURE.len() + 4;
/// Most bytes of a version 1 preface, by the specification.
const LONGEST_LINE: usize = 107;
/// Most bytes of addresses and extensions. What known load balancers add is some hundred bytes.
const MOST_BEHIND: usize = 4096;

/// How far a preface has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// At least so many more bytes belong to it.
    Needs(usize),
    /// It is whole; the client's address, if it says one.
    Whole(Option<SocketAddr>),
}

/// What is wrong with a preface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no PROXY protocol: {0}")]
pub struct Malformed(&'static str);

/// Whether a load balancer at this address may say for whom it connects; asked for each connection.
#[derive(Clone)]
pub(super) struct TrustedProxies(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl TrustedProxies {
    pub(super) fn new(trusts: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(trusts))
    }

    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        (self.0)(address)
    }
}

impl fmt::Debug for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrustedProxies")
    }
}

/// Reads the preface off a connection, and not a byte more.
pub(super) async fn read<I: AsyncRead + Unpin>(io: &mut I) -> io::Result<Option<SocketAddr>> {
    let mut preface = Vec::with_capacity(LONGEST_LINE);
    loop {
        match parse(&preface).map_err(io::Error::other)? {
            Progress::Whole(client) => return Ok(client),
            Progress::Needs(more) => {
                let had = preface.len();
                preface.resize(had + more, 0);
                let free = preface.get_mut(had..).unwrap_or_default();
                io.read_exact(free).await?;
            }
        }
    }
}

/// Reads the beginning of a connection, up to the end of the preface and not beyond.
///
/// # Errors
///
/// It is no preface, or one that says something else than TCP from an address.
pub fn parse(bytes: &[u8]) -> Result<Progress, Malformed> {
    let begins = |known: &[u8]| bytes.iter().zip(known).all(|(one, other)| one == other);
    if !begins(SIGNATURE) && !begins(PROXY) {
        return Err(Malformed("another beginning"));
    }
    if bytes.len() < SIGNATURE.len() {
        return Ok(Progress::Needs(SIGNATURE.len() - bytes.len()));
    }
    if bytes.starts_with(SIGNATURE) {
        version_2(bytes)
    } else {
        version_1(bytes)
    }
}

fn version_1(bytes: &[u8]) -> Result<Progress, Malformed> {
    let line = match bytes {
        [line @ .., b'\r', b'\n'] => line,
        _ if bytes.contains(&b'\n') => return Err(Malformed("a line break within")),
        // The line ends in both of them, so a byte or two are sure to come.
        [.., b'\r'] if bytes.len() < LONGEST_LINE => return Ok(Progress::Needs(1)),
        _ if bytes.len() <= LONGEST_LINE - 2 => return Ok(Progress::Needs(2)),
        _ => return Err(Malformed("longer than a line may be")),
    };
    let malformed = Malformed("a line that cannot be read");
    let line = std::str::from_utf8(line).map_err(|_| malformed)?;
    let mut words = line.split(' ').skip(1);
    let kind = words.next();
    let source = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let (source, target): (IpAddr, IpAddr) = match kind {
        Some("UNKNOWN") => return Ok(Progress::Whole(None)),
        Some("TCP4") => (
            source.parse::<Ipv4Addr>().map_err(|_| malformed)?.into(),
            target.parse::<Ipv4Addr>().map_err(|_| malformed)?.into(),
        ),
        Some("TCP6") => (
            source.parse::<Ipv6Addr>().map_err(|_| malformed)?.into(),
            target.parse::<Ipv6Addr>().map_err(|_| malformed)?.into(),
        ),
        _ => return Err(malformed),
    };
    let mut ports = words.by_ref().take(2).map(port);
    let (Some(Some(from)), Some(Some(to)), None) = (ports.next(), ports.next(), words.next())
    else {
        return Err(malformed);
    };
    // Whom the client meant to reach is of no interest; that it is said correctly is.
    let _ = (target, to);
    Ok(Progress::Whole(Some((source, from).into())))
}

/// A decimal number without a sign and without leading zeros.
fn port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn version_2(bytes: &[u8]) -> Result<Progress, Malformed> {
    let Some((head, behind)) = bytes.split_first_chunk::<FIXED>() else {
        return Ok(Progress::Needs(FIXED - bytes.len()));
    };
    let [.., version_and_command, family, high, low] = *head;
    let announced = usize::from(u16::from_be_bytes([high, low]));
    if announced > MOST_BEHIND {
        return Err(Malformed("more extensions than are read"));
    }
    if behind.len() < announced {
        return Ok(Progress::Needs(announced - behind.len()));
    }
    let short = Malformed("addresses that are too short");
    let client = match (version_and_command, family) {
        // LOCAL, where the load balancer speaks for itself, and an unspecified family.
        (0x20, _) | (0x21, 0x00) => None,
        (0x21, 0x11) => {
            let [a, b, c, d, _, _, _, _, high, low, _, _] = *behind.first_chunk().ok_or(short)?;
            Some((Ipv4Addr::new(a, b, c, d).into(), [high, low]))
        }
        (0x21, 0x21) => {
            let all: &[u8; 36] = behind.first_chunk().ok_or(short)?;
            let address: &[u8; 16] = all.first_chunk().ok_or(short)?;
            let [high, low, _, _] = *all.last_chunk().ok_or(short)?;
            Some((Ipv6Addr::from(*address).into(), [high, low]))
        }
        (0x21, 0x31) if behind.len() >= 216 => None,
        _ => return Err(Malformed("a version, command or family that is not known")),
    };
    let client = client.map(|(address, port): (IpAddr, _)| (address, u16::from_be_bytes(port)));
    Ok(Progress::Whole(client.map(SocketAddr::from)))
}

#[cfg(test)]
mod tests;
