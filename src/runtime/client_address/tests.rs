//! Tests of what counts as a client's address, and of who can say so.

use proptest::prelude::*;

use super::ForwardedBy::{Forwarded, XForwardedFor};
use super::*;

const PROXY: &str = "10.0.0.5";

fn rule(header: Option<ForwardedBy>) -> ClientAddress {
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|range| Cidr::parse(range).unwrap());
    ClientAddress::new(trusted, header)
}

fn seen(header: Option<ForwardedBy>, connection: &str, lines: &[&[u8]]) -> String {
    let mut headers = HeaderMap::new();
    for line in lines {
        for name in [FORWARDED, X_FORWARDED_FOR] {
            headers.append(name, http::HeaderValue::from_bytes(line).unwrap());
        }
    }
    let connection = connection.parse().unwrap();
    rule(header).of(connection, &headers).to_string()
}

#[test]
fn forwarded_is_read_as_the_rfc_has_it() {
    let cases: [(&str, &[&str], &str); 28] = [
        ("one hop", &["for=192.0.2.7"], "192.0.2.7"),
        (
            "any case, other pairs",
            &["By=203.0.113.1;FOR=192.0.2.7;proto=http;"],
            "192.0.2.7",
        ),
        ("a port", &["for=\"192.0.2.7:4711\""], "192.0.2.7"),
        ("a hidden port", &["for=\"192.0.2.7:_abc\""], "192.0.2.7"),
        ("IPv6", &["for=\"[2001:db8::1]\""], "2001:db8::1"),
        (
            "IPv6 with a port",
            &["for=\"[2001:db8::1]:4711\""],
            "2001:db8::1",
        ),
        (
            "IPv6 without brackets",
            &["for=\"2001:db8::1\""],
            "2001:db8::1",
        ),
        (
            "IPv4 in IPv6 clothing",
            &["for=\"[::ffff:192.0.2.7]\""],
            "192.0.2.7",
        ),
        ("escaped", &["for=\"192.\\0.2.7\""], "192.0.2.7"),
        (
            "quotes with commas",
            &["host=\"a,for=1.1.1.1\\\",\";for=192.0.2.7"],
            "192.0.2.7",
        ),
        (
            "through our own proxies",
            &["for=192.0.2.7, for=10.1.1.1, for=\"[fd00::1]\""],
            "192.0.2.7",
        ),
        (
            "over several lines",
            &["for=192.0.2.7", "for=10.1.1.1"],
            "192.0.2.7",
        ),
        ("empty entries", &["for=192.0.2.7, ,", ","], "192.0.2.7"),
        (
            "what the client wrote before",
            &["for=10.9.9.9, for=192.0.2.7"],
            "192.0.2.7",
        ),
        (
            "an open quote before",
            &["for=\"10.9.9.9, for=192.0.2.7"],
            "192.0.2.7",
        ),
        (
            "an open escape before",
            &["for=\"\\, for=192.0.2.7"],
            "192.0.2.7",
        ),
        ("no address", &["for=unknown"], PROXY),
        ("a hidden name", &["for=192.0.2.7, for=_hidden"], PROXY),
        ("no `for`", &["proto=https"], PROXY),
        ("two of them", &["for=192.0.2.7;for=192.0.2.8"], PROXY),
        ("no pair", &["192.0.2.7"], PROXY),
        ("a quote that does not end", &["for=\"192.0.2.7"], PROXY),
        ("something behind the quote", &["for=\"192.0.2.7\"x"], PROXY),
        ("a bad port", &["for=\"192.0.2.7:port\""], PROXY),
        ("no brackets' end", &["for=\"[2001:db8::1\""], PROXY),
        ("IPv4 in brackets", &["for=\"[192.0.2.7]\""], PROXY),
        ("a number for an address", &["for=3221225991"], PROXY),
        ("nothing", &[], PROXY),
    ];
    for (name, lines, expected) in cases {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        assert_eq!(seen(Some(Forwarded), PROXY, &lines), expected, "{name}");
    }
}

#[test]
fn x_forwarded_for_is_read_from_its_end() {
    let cases: [(&str, &[&[u8]], &str); 9] = [
        ("one hop", &[b"192.0.2.7"], "192.0.2.7"),
        ("through our own", &[b"192.0.2.7, 10.1.1.1"], "192.0.2.7"),
        (
            "with ports",
            &[b"192.0.2.7:4711 ,[fd00::1]:80"],
            "192.0.2.7",
        ),
        (
            "what the client wrote",
            &[b"10.9.9.9,192.0.2.7"],
            "192.0.2.7",
        ),
        ("no UTF-8 before", &[b"\xff, 192.0.2.7"], "192.0.2.7"),
        ("no UTF-8", &[b"192.0.2.7, \xff"], PROXY),
        ("bare IPv6", &[b"2001:db8::1"], "2001:db8::1"),
        ("a name", &[b"client.example"], PROXY),
        (
            "a way that only our own are on",
            &[b"10.1.1.1, 10.1.1.2"],
            "10.1.1.1",
        ),
    ];
    for (name, lines, expected) in cases {
        assert_eq!(seen(Some(XForwardedFor), PROXY, lines), expected, "{name}");
    }
}

#[test]
fn only_a_trusted_connection_is_believed() {
    let line: &[&[u8]] = &[b"for=192.0.2.7"];
    let cases = [
        (Some(Forwarded), "10.0.0.5", "192.0.2.7"),
        (Some(Forwarded), "::ffff:10.0.0.5", "192.0.2.7"),
        (Some(Forwarded), "fd00::1", "192.0.2.7"),
        (Some(Forwarded), "11.0.0.5", "11.0.0.5"),
        (Some(Forwarded), "::ffff:11.0.0.5", "11.0.0.5"),
        (Some(XForwardedFor), "10.0.0.5", "10.0.0.5"),
        (None, "10.0.0.5", "10.0.0.5"),
    ];
    for (header, connection, expected) in cases {
        assert_eq!(
            seen(header, connection, line),
            expected,
            "{header:?} {connection}"
        );
    }
}

#[test]
fn hops_are_bounded() {
    let long = "10.1.1.1,".repeat(MOST_HOPS - 1);
    let within = format!("192.0.2.7,{long}");
    assert_eq!(
        seen(Some(XForwardedFor), PROXY, &[within.as_bytes()]),
        "192.0.2.7"
    );
    let beyond = format!("192.0.2.7,10.1.1.2,{long}");
    assert_eq!(
        seen(Some(XForwardedFor), PROXY, &[beyond.as_bytes()]),
        "10.1.1.2"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a client sends along, behind a trusted proxy it is where that proxy saw it.
    #[test]
    fn no_client_chooses_its_address(
        junk in prop::collection::vec("[ -~]{0,40}|(for|host)=\"?10\\.0\\.0\\.9[\"\\\\,;]{0,3}", 0..4),
        host in "[ -~]{0,20}",
        joined in any::<bool>(),
    ) {
        let host = host.replace('\\', "\\\\").replace('"', "\\\"");
        let written = format!("host=\"{host}\";for=192.0.2.7");
        let mut lines = junk;
        if joined && let Some(last) = lines.last_mut() {
            *last = format!("{last}, {written}");
        } else {
            lines.push(written);
        }
        let lines: Vec<_> = lines.iter().map(String::as_bytes).collect();
        prop_assert_eq!(seen(Some(Forwarded), PROXY, &lines), "192.0.2.7");
    }

    /// From elsewhere nothing is believed, and nothing panics.
    #[test]
    fn a_stranger_is_where_it_is(line in prop::collection::vec(0x20_u8..=0xfe, 0..80)) {
        prop_assume!(!line.contains(&0x7f));
        for header in [Forwarded, XForwardedFor] {
            prop_assert_eq!(seen(Some(header), "203.0.113.9", &[&line]), "203.0.113.9");
            seen(Some(header), PROXY, &[&line]);
        }
    }
}
