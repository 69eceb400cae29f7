//! Which format a text is, and texts of none.

use proptest::prelude::*;

use super::told;
use crate::explain::saved::{Format, MAX_BYTES, read};

#[test]
fn the_content_says_the_format() {
    for (text, expected) in [
        ("curl http://a", Format::Curl),
        ("\n# comment\n\n$ '/opt/curl' http://a", Format::Curl),
        ("\u{feff}curl http://a", Format::Curl),
        (" {\"method\":\"GET\",\"url\":\"http://a\"}", Format::Har),
        ("GET /a", Format::Http),
        ("GET HTTP://a/b HTTP/1.1", Format::Http),
        (
            "{\"path\":\"/a\",\"method\":\"GET\",\"request\":{},\"schema\":\"meeting-gateway.audit/1\"}",
            Format::AuditLine,
        ),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap().format, expected, "{text}");
    }
}

#[test]
fn texts_of_no_format_are_told_what_to_be() {
    const ANY: &str = "it is no request that can be read (give a curl command, a HAR, an HTTP message that begins with `METHOD /path HTTP/1.1`, or a line of the audit log)";
    const BASH: &str = "it is no request that can be read (copy it as cURL (bash))";
    const NEITHER: &str = "1:1: the JSON is neither a HAR nor a line of the audit log (a body alone is no request: save it with its method, URL and headers, as a curl command, HAR or HTTP message)";
    for (text, expected) in [
        ("", "it is empty"),
        (" \n\t", "it is empty"),
        ("secret", ANY),
        ("get /a", ANY),
        ("curly http://a", ANY),
        ("curl.exe http://a", BASH),
        ("Invoke-WebRequest http://a", BASH),
        ("fetch(\"http://a\")", BASH),
        (
            "HTTP/1.1 200 OK\n\n",
            "it is no request that can be read (this is an answer; save the request)",
        ),
        ("{\"subject\":\"secret\"}", NEITHER),
        ("[1]", "1:1: it must be a JSON object"),
        ("{\"a\":1", "1:6: the JSON ends too early"),
    ] {
        assert_eq!(told(text), format!("! {expected}"), "{text:?}");
    }
    let large = "a".repeat(MAX_BYTES + 1);
    assert_eq!(
        told(&large),
        "! it has 4194305 bytes, and 4194304 are the most (save the one request that matters)"
    );
    let fault = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert_eq!(fault(b"\xff\xfec\0"), "it is UTF-16 (save it as UTF-8)");
    assert_eq!(fault(b"curl\n \xff"), "2:2: curl command: it is not UTF-8");
    assert_eq!(
        read(b"curl http://a -W")
            .unwrap_err()
            .in_file("a.sh")
            .to_string(),
        "a.sh:1:15: curl command: unknown option `-W`"
    );
}

#[test]
fn deep_and_wide_json_is_no_trouble() {
    let deep = format!("{{\"log\":{}", "[".repeat(MAX_BYTES - 10));
    assert!(read(deep.as_bytes()).is_err());
    let wide = format!("{{\"log\":{{\"entries\":[{}0]}}}}", "0,".repeat(20_000));
    assert_eq!(
        told(&wide),
        "! 1:19: log.entries: it has more than 10000 elements"
    );
}

/// Pieces that lead far into the readers, shuffled with anything.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "curl ",
        "$ ",
        "http://a/b",
        " -H ",
        " -d ",
        "'",
        "\"",
        "\\",
        "\n",
        "\r\n",
        "$'",
        "\\u",
        "d83d",
        "\\x",
        "A: b",
        "@",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"log\"",
        "\"entries\"",
        "\"request\"",
        "\"method\"",
        "\"url\"",
        "\"headers\"",
        "\"postData\"",
        "\"schema\":\"meeting-gateway.audit/1\"",
        "PUT /a HTTP/1.1\n",
        "Content-Length: 2\n",
        " ",
        "--json",
        "-G",
        "é",
        "=",
        "?",
        "#",
    ];
    prop::collection::vec(
        prop_oneof![
            4 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..4),
        ],
        0..24,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(begin in prop::sample::select(vec!["", "curl ", "{", "{\"request\":{\"method\":\"GET\",\"url\":\"http://a\",", "PUT /a HTTP/1.1\n"]), rest in pieces()) {
        let text = [begin.as_bytes(), &rest].concat();
        if let Err(unreadable) = read(&text) {
            prop_assert!(!unreadable.what.is_empty());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes);
    }
}
