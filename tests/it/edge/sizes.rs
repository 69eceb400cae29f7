//! Heads that are too large, by one header or by many, and answers that a client can read although it sends on.

use super::attack::{closed, good, good_at, good_with, passes};
use crate::support::request::{KEY, TARGET};

const TOO_LARGE: (u16, &str) = (431, "MGW.4310001");
/// Of `Limits::default`.
const LIMIT: usize = 16 * 1024;

/// A whole request with headers up to a head of this size.
fn head_of(size: usize) -> String {
    let length = good().find("\r\n\r\n").unwrap() + 4;
    good_with(&format!("x: {}\r\n", "a".repeat(size - length - 5)))
}

attacks! {
    one_large: closed("one header of 64 KiB", good_with(&format!("x: {}\r\n", "a".repeat(64 << 10))), TOO_LARGE);
    one_endless: closed("a header without an end, 1 MiB of it", format!("PUT {TARGET} HTTP/1.1\r\nx: {}", "a".repeat(1 << 20)), TOO_LARGE);
    name_endless: closed("a name without an end", format!("PUT {TARGET} HTTP/1.1\r\n{}", "a".repeat(1 << 16)), TOO_LARGE);
    line_endless: closed("a request line without an end", "A".repeat(1 << 16), TOO_LARGE);
    target_long: closed("a target of 64 KiB", good_at(&format!("{TARGET}&x={}", "a".repeat(64 << 10))), TOO_LARGE);
    one_byte_too_many: closed("a head one byte over the limit", head_of(LIMIT + 1), TOO_LARGE);
    as_large_as_allowed: passes("a head as large as allowed", head_of(LIMIT));
    many_small: closed("a thousand headers", good_with(&"a: b\r\n".repeat(1000)), TOO_LARGE);
    one_too_many: closed("101 headers", good_with(&"a: b\r\n".repeat(101 - 4)), TOO_LARGE);
    as_many_as_allowed: passes("100 headers", good_with(&"a: b\r\n".repeat(100 - 4)));
    many_colliding: passes(
        "names that fall into one bucket of a bad hash",
        good_with(&colliding()),
    );
    refused_while_sending: closed(
        "a body of 1 MiB that nobody reads, without a credential: the answer can be read",
        good_with("").replace(KEY, "another-key").replace("content-length: ", "content-length: 9000") + &"x".repeat(1 << 20),
        (401, "MGW.4010003"),
    );
}

fn colliding() -> String {
    let lines = (0..90).map(|i| format!("x-{i}: y\r\n"));
    lines.collect::<Vec<_>>().concat()
}
