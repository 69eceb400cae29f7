//! Bodies that are encoded, typed otherwise, or not wanted.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::attack::{Attack, body, closed, good, good_with, hidden, passes, refused, with};
use crate::support::request::{KEY, TARGET};

const NOT_JSON: (u16, &str) = (415, "MGW.4150001");

/// The usual request with another media type.
fn typed(about: &'static str, lines: &str, answer: (u16, &'static str)) -> Attack {
    refused(
        about,
        good().replacen("content-type: application/json\r\n", lines, 1),
        answer,
    )
}

/// A body in a coding.
fn coded(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let head = with(&format!(
        "content-encoding: {coding}\r\ncontent-length: {}\r\n",
        bytes.len()
    ));
    [head.as_bytes(), bytes].concat()
}

/// 16 MiB of spaces and the document, compressed.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 16 << 20]).unwrap();
    encoder.write_all(body().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflated() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A request that has no body, with one.
fn unwanted(lines: &str, body: &str) -> String {
    format!(
        "DELETE {TARGET} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\n{lines}\r\n{body}"
    )
}

attacks! {
    gzip_bomb: closed("a gzip bomb of 16 MiB", coded("gzip", &bomb()), NOT_JSON);
    deflate: refused("deflate", coded("deflate", &deflated()), NOT_JSON);
    brotli: refused("brotli", coded("br", body().as_bytes()), NOT_JSON);
    zstandard: refused("zstd", coded("zstd", body().as_bytes()), NOT_JSON);
    gzip_in_name_only: refused("gzip in name only", coded("gzip", body().as_bytes()), NOT_JSON);
    unknown_coding: refused("an unknown coding", coded("x", body().as_bytes()), NOT_JSON);
    list_of_codings: refused("a list of codings", coded("identity, gzip", body().as_bytes()), NOT_JSON);
    two_codings: refused("two codings in two lines", good_with("content-encoding: identity\r\ncontent-encoding: gzip\r\n"), NOT_JSON);
    identity: passes("identity is no coding", coded("identity", body().as_bytes()));
    transfer_gzip: refused("Content-Transfer-Encoding is another header", good_with("content-transfer-encoding: base64\r\n"), (200, ""));

    utf_16: typed("charset=utf-16", "content-type: application/json; charset=utf-16\r\n", NOT_JSON);
    utf_7: typed("charset=utf-7", "content-type: application/json; charset=utf-7\r\n", NOT_JSON);
    two_charsets: typed("two charsets", "content-type: application/json; charset=utf-8; charset=utf-7\r\n", NOT_JSON);
    multipart: typed("a form with a file", "content-type: multipart/form-data; boundary=x\r\n", NOT_JSON);
    form: typed("a form", "content-type: application/x-www-form-urlencoded\r\n", NOT_JSON);
    plain_text: typed("plain text, which browsers send without asking", "content-type: text/plain\r\n", NOT_JSON);
    merge_patch: typed("another kind of JSON", "content-type: application/merge-patch+json\r\n", NOT_JSON);
    no_type: typed("no media type", "", NOT_JSON);
    empty_type: typed("an empty media type", "content-type:\r\n", NOT_JSON);
    two_types: typed("two media types", "content-type: application/json\r\ncontent-type: text/plain\r\n", NOT_JSON);
    list_of_types: typed("two media types in one", "content-type: application/json, text/plain\r\n", NOT_JSON);
    type_with_parameter: typed("an unknown parameter", "content-type: application/json; boundary=x\r\n", NOT_JSON);
    type_in_upper_case: typed("another case", "content-type: Application/JSON;Charset=\"UTF-8\"\r\n", (200, ""));

    unwanted_length: refused("a body where there is none", unwanted("content-length: 2\r\n", "{}"), (400, "MGW.4000007"));
    unwanted_request: refused(
        "a request as the body of another one",
        unwanted(&format!("content-length: {}\r\n", hidden().len()), &hidden()),
        (400, "MGW.4000007"),
    );
    unwanted_chunks: refused("chunks where there are none", unwanted("transfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), (400, "MGW.4000007"));
    too_large: closed("a body over the limit", with("content-length: 2000000\r\n") + &"[".repeat(1000), (413, "MGW.4130001"));
    too_large_in_chunks: closed(
        "chunks over the limit, of a client that goes on sending",
        with("transfer-encoding: chunked\r\n") + &format!("10000\r\n{}\r\n", "[".repeat(0x1_0000)).repeat(20),
        (413, "MGW.4130001"),
    );
}
