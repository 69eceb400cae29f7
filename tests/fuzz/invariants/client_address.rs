//! Any text as `Forwarded` or `X-Forwarded-For`, as a trusted proxy sends it on: what a client wrote, a zero byte, what proxies added. The
//! first byte chooses the header.
//!
//! Where what the proxies added tells of a client, nothing that the client wrote changes that, be it on the same line or on one
//! before. A stranger's header says nothing at all.

use std::net::{IpAddr, Ipv4Addr};

use http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use meeting_gateway::model::cidr::Cidr;
use meeting_gateway::runtime::client_address::{ClientAddress, ForwardedBy};

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

/// See above.
pub fn holds(data: &[u8]) {
    let Some((chosen, lines)) = data.split_first() else {
        return;
    };
    let (name, header) = if chosen % 2 == 0 {
        (FORWARDED, ForwardedBy::Forwarded)
    } else {
        let name = HeaderName::from_static("x-forwarded-for");
        (name, ForwardedBy::XForwardedFor)
    };
    let trusted = Cidr::parse("10.0.0.0/8").expect("a range");
    let addresses = ClientAddress::new([trusted], Some(header));
    let mut parts = lines.splitn(2, |byte| *byte == 0);
    let claimed = parts.next().unwrap_or_default();
    let added = parts.next().unwrap_or_default();
    let joined = [claimed, b", ", added].concat();
    let [Some(alone), Some(behind), Some(two)] =
        [&[added][..], &[&joined], &[claimed, added]].map(|lines| headers(&name, lines))
    else {
        return;
    };
    let told = addresses.of(PROXY, &alone);
    if !addresses.trusts(told) {
        assert_eq!(addresses.of(PROXY, &behind), told, "on the same line");
        assert_eq!(addresses.of(PROXY, &two), told, "on a line before");
    }
    assert_eq!(addresses.of(STRANGER, &behind), STRANGER);
}

/// These lines under a name; none where a line cannot be a header.
fn headers(name: &HeaderName, lines: &[&[u8]]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line).ok()?);
    }
    Some(headers)
}
