//! The entries of `Forwarded` (RFC 7239) and `X-Forwarded-For`, from the last to the first.
//!
//! Entries are cut off at commas outside of quotes, counted from the end: whatever stands before an entry, an open quote included,
//! does not change how the entry itself is read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How an entry becomes an address; `None` where it holds none.
pub(super) type Read = fn(&[u8]) -> Option<IpAddr>;

/// The entries of one header line, the last one first; empty ones are left out.
pub(super) fn from_the_end(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        loop {
            let line = rest?;
            let comma = last_comma(line);
            rest = comma.and_then(|comma| line.get(..comma));
            let entry = comma.map_or(Some(line), |comma| line.get(comma + 1..));
            let entry = entry.unwrap_or_default().trim_ascii();
            if !entry.is_empty() {
                return Some(entry);
            }
        }
    })
}

/// The last comma outside of quotes.
fn last_comma(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate().rev() {
        match byte {
            b'"' if quoted && is_escaped(line, at) => {}
            b'"' => quoted = !quoted,
            b',' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether an odd number of backslashes stands before this place.
fn is_escaped(line: &[u8], at: usize) -> bool {
    let before = line.iter().take(at).rev();
    before.take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The address in an entry of `X-Forwarded-For`.
pub(super) fn x_forwarded_for(entry: &[u8]) -> Option<IpAddr> {
    node(std::str::from_utf8(entry).ok()?)
}

/// The address in `for` of an entry of `Forwarded`. The whole entry must be of the form of the RFC, with one `for`.
pub(super) fn forwarded(entry: &[u8]) -> Option<IpAddr> {
    let mut rest = std::str::from_utf8(entry).ok()?;
    let mut found = None;
    loop {
        let (name, after) = rest.split_once('=')?;
        if !is_token(name) {
            return None;
        }
        let (value, after) = value(after)?;
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
        let after = after.trim_ascii_start();
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix(';')?.trim_ascii_start();
        // RFC 7239 lets the last pair be empty.
        if rest.is_empty() {
            break;
        }
    }
    node(&found?)
}

/// A token or a quoted text, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (token, rest) = text.split_at_checked(end)?;
        return is_token(token).then(|| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(usual)
}

/// The address of a node: `192.0.2.7`, `192.0.2.7:4711`, `[2001:db8::1]`, `[2001:db8::1]:4711`, or a bare IPv6 address, as many
/// proxies write it.
fn node(text: &str) -> Option<IpAddr> {
    let address = if let Some(bracketed) = text.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        IpAddr::V6(address.parse::<Ipv6Addr>().ok().filter(|_| good)?)
    } else if let Ok(address) = text.parse() {
        address
    } else {
        let (address, port) = text.split_once(':')?;
        IpAddr::V4(address.parse::<Ipv4Addr>().ok().filter(|_| is_port(port))?)
    };
    Some(address.to_canonical())
}

/// A port, or the name that stands for one.
fn is_port(text: &str) -> bool {
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(usual),
        None => (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()),
    }
}
