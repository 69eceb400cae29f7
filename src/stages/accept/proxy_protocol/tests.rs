//! Tests of the preface: what is read, what is malformed, and that no byte too many is taken.

use proptest::prelude::*;

use super::*;

/// A whole version 2 preface.
fn binary(command: u8, family: u8, behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(behind.len()).unwrap().to_be_bytes();
    [&SIGNATURE[..], &[command, family], &length, behind].concat()
}

const V4: &[u8] = &[192, 0, 2, 7, 10, 0, 0, 5, 0x9c, 0x40, 0x01, 0xbb];

fn v6() -> Vec<u8> {
    let address = "2001:db8::1".parse::<Ipv6Addr>().unwrap().octets();
    [&address[..], &address, &[0x9c, 0x40, 0x01, 0xbb]].concat()
}

#[test]
fn what_the_specification_has_is_read() {
    let (four, six) = (Some("192.0.2.7:40000"), Some("[2001:db8::1]:40000"));
    let text = |line: &str| line.as_bytes().to_vec();
    let longest = "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    let padded = format!("PROXY UNKNOWN {}\r\n", "x".repeat(LONGEST_LINE - 16));
    let cases = [
        (
            "TCP4",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 40000 443\r\n"),
            four,
        ),
        (
            "TCP6",
            text("PROXY TCP6 2001:db8::1 ::1 40000 443\r\n"),
            six,
        ),
        ("UNKNOWN", text("PROXY UNKNOWN\r\n"), None),
        ("UNKNOWN, long", text(&padded), None),
        (
            "longest",
            text(longest),
            Some("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
        ),
        ("binary IPv4", binary(0x21, 0x11, V4), four),
        ("binary IPv6", binary(0x21, 0x21, &v6()), six),
        (
            "with extensions",
            binary(0x21, 0x11, &[V4, &[3, 0, 4, 1, 2, 3, 4]].concat()),
            four,
        ),
        (
            "with broken extensions",
            binary(0x21, 0x11, &[V4, &[3, 0xff]].concat()),
            four,
        ),
        ("local", binary(0x20, 0x00, &[]), None),
        ("local, with an address", binary(0x20, 0x11, V4), None),
        ("unspecified", binary(0x21, 0x00, &[1, 2, 3]), None),
        ("a Unix socket", binary(0x21, 0x31, &[0; 216]), None),
    ];
    for (name, preface, expected) in cases {
        let expected = expected.map(|address| address.parse().unwrap());
        assert_eq!(parse(&preface), Ok(Progress::Whole(expected)), "{name}");
    }
}

#[test]
fn everything_else_is_malformed() {
    let text = |line: &str| line.as_bytes().to_vec();
    let mut huge = binary(0x21, 0x11, V4);
    huge[14..16].copy_from_slice(&4097_u16.to_be_bytes());
    let cases = [
        ("HTTP", text("GET / HTTP/1.1\r\n")),
        ("HTTP/2", text("PRI * HTTP/2.0\r\n\r\n")),
        ("TLS", vec![0x16, 3, 1, 2, 0]),
        (
            "lower case",
            text("proxy TCP4 192.0.2.7 10.0.0.5 40000 443\r\n"),
        ),
        (
            "IPv6 as TCP4",
            text("PROXY TCP4 2001:db8::1 ::1 40000 443\r\n"),
        ),
        (
            "IPv4 as TCP6",
            text("PROXY TCP6 192.0.2.7 10.0.0.5 40000 443\r\n"),
        ),
        ("UDP", text("PROXY UDP4 192.0.2.7 10.0.0.5 40000 443\r\n")),
        (
            "two spaces",
            text("PROXY TCP4  192.0.2.7 10.0.0.5 40000 443\r\n"),
        ),
        (
            "a port too few",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 40000\r\n"),
        ),
        (
            "a word too many",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 40000 443 x\r\n"),
        ),
        (
            "a space too many",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 40000 443 \r\n"),
        ),
        (
            "a port too large",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 65536 443\r\n"),
        ),
        (
            "a signed port",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 +4000 443\r\n"),
        ),
        (
            "a leading zero",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 040000 443\r\n"),
        ),
        (
            "a zero in an address",
            text("PROXY TCP4 192.000.002.007 10.0.0.5 40000 443\r\n"),
        ),
        (
            "a bare line feed",
            text("PROXY TCP4 192.0.2.7 10.0.0.5 40000 443\n"),
        ),
        (
            "a carriage return within",
            text("PROXY TCP4 192.0.2.7\r 10.0.0.5 40000 443\r\n"),
        ),
        (
            "no end",
            text(&format!("PROXY UNKNOWN {}", "x".repeat(100))),
        ),
        (
            "not UTF-8",
            b"PROXY TCP4 \xff 10.0.0.5 40000 443\r\n".to_vec(),
        ),
        ("version 1 in binary", binary(0x11, 0x11, V4)),
        ("version 3", binary(0x31, 0x11, V4)),
        ("another command", binary(0x22, 0x11, V4)),
        ("binary UDP", binary(0x21, 0x12, V4)),
        ("another family", binary(0x21, 0x41, V4)),
        ("too short for IPv4", binary(0x21, 0x11, &V4[..11])),
        ("too short for IPv6", binary(0x21, 0x21, &v6()[..35])),
        ("too short for a Unix socket", binary(0x21, 0x31, &[0; 215])),
        ("larger than is read", huge),
    ];
    for (name, preface) in cases {
        assert!(parse(&preface).is_err(), "{name}: {:?}", parse(&preface));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, nothing panics, and never more is asked for than a preface can have.
    #[test]
    fn any_bytes_can_be_read(
        beginning in prop_oneof![Just(&b""[..]), Just(&SIGNATURE[..]), Just(&PROXY[..])],
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [beginning, &rest].concat();
        if let Ok(Progress::Needs(more)) = parse(&bytes) {
            prop_assert!((1..=FIXED + MOST_BEHIND).contains(&(bytes.len() + more)));
        }
    }

    /// However it is cut, a preface is read to its last byte and no further.
    #[test]
    fn not_a_byte_more_is_taken(address in any::<SocketAddr>(), extensions in 0_usize..64) {
        let target = address.ip();
        let (family, behind) = match address.ip() {
            IpAddr::V4(ip) => (0x11, [&ip.octets()[..], &ip.octets()].concat()),
            IpAddr::V6(ip) => (0x21, [&ip.octets()[..], &ip.octets()].concat()),
        };
        let ports = [&address.port().to_be_bytes()[..], &[1, 187]].concat();
        let kind = if address.is_ipv4() { "TCP4" } else { "TCP6" };
        let line = format!("PROXY {kind} {} {target} {} 443\r\n", address.ip(), address.port());
        for preface in [
            line.into_bytes(),
            binary(0x21, family, &[behind, ports, vec![7; extensions]].concat()),
        ] {
            let mut read = 0;
            loop {
                match parse(&preface[..read]).unwrap() {
                    Progress::Needs(more) => read += more,
                    Progress::Whole(client) => {
                        let client = client.unwrap();
                        prop_assert_eq!((client.ip(), client.port()), (address.ip(), address.port()));
                        break;
                    }
                }
                prop_assert!(read <= preface.len());
            }
            prop_assert_eq!(read, preface.len());
        }
    }
}
