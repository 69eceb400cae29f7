//! Chunked bodies: sizes that overflow, lines that end otherwise, and what comes beside the data.

use super::attack::{body, closed, hidden, passes, with};

const INCOMPLETE: (u16, &str) = (400, "MGW.4000006");

/// A chunked body of these bytes.
fn chunked(body: &str) -> String {
    with("transfer-encoding: chunked\r\n") + body
}

/// The document in two chunks, its sizes written by `size`, and this behind the last one.
fn document(size: impl Fn(usize) -> String, last: &str) -> String {
    let body = body();
    let (first, second) = body.split_at(10);
    let (one, two) = (size(first.len()), size(second.len()));
    chunked(&format!("{one}\r\n{first}\r\n{two}\r\n{second}\r\n{last}"))
}

fn hexadecimal(size: usize) -> String {
    format!("{size:x}")
}

/// A broken body with a request hidden behind it.
fn broken(body: &str) -> String {
    chunked(body) + &hidden()
}

attacks! {
    two_chunks: passes("two chunks", document(hexadecimal, "0\r\n\r\n"));
    upper_case_sizes: passes("sizes in upper case", document(|size| format!("{size:X}"), "0\r\n\r\n"));
    leading_zeros: passes("sizes with leading zeros", document(|size| format!("00{size:x}"), "00\r\n\r\n"));
    extensions: passes("extensions are read over", document(|size| format!("{size:x};a=\"b\";c"), "0;d\r\n\r\n"));
    trailers: passes(
        "trailers are read over: no credential, no length, no target comes of them",
        document(
            hexadecimal,
            "0\r\nx-access-token: trailer-credential\r\ncontent-length: 3\r\nhost: elsewhere.example\r\n\r\n",
        ),
    ).hiding(&["trailer-credential", "elsewhere.example"]);

    size_overflow: closed("a size over 2^64", broken("10000000000000002\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_large: closed("a size over 2^60", broken("1000000000000000\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_signed: closed("a signed size", broken("+2\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_negative: closed("a negative size", broken("-2\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_prefixed: closed("a size with 0x", broken("0x2\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_space_before: closed("a space before a size", broken(" 2\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_space_behind: closed("a space behind a size", broken("2 \r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_missing: closed("no size", broken("\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_not_hexadecimal: closed("a size that is no number", broken("g\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_line_feed: closed("a bare line feed behind a size", broken("2\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    size_carriage_return: closed("a bare carriage return behind a size", broken("2\r{}\r\n0\r\n\r\n"), INCOMPLETE);
    longer_than_its_size: closed("a chunk longer than its size", broken("2\r\n{}XX\r\n0\r\n\r\n"), INCOMPLETE);
    data_line_feed: closed("a bare line feed behind a chunk", broken("2\r\n{}\n0\r\n\r\n"), INCOMPLETE);
    data_no_line_end: closed("no line end behind a chunk", broken("2\r\n{}0\r\n\r\n"), INCOMPLETE);
    extension_line_feed: closed("a bare line feed in an extension", broken("2;a\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    extension_carriage_return: closed("a bare carriage return in an extension", broken("2;a\rb\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    extension_nul: closed("NUL in an extension", broken("2;\0\r\n{}\r\n0\r\n\r\n"), INCOMPLETE);
    extensions_long: closed(
        "extensions longer than a head may be",
        broken(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(17 * 1024))),
        INCOMPLETE,
    );
    end_line_feed: closed("a bare line feed at the end", broken("2\r\n{}\r\n0\r\n\n"), INCOMPLETE);
    trailer_line_feed: closed("a trailer that ends in a bare line feed", broken("2\r\n{}\r\n0\r\nx: y\n\r\n"), INCOMPLETE);
    trailer_folded: closed("a folded trailer", broken("2\r\n{}\r\n0\r\n x: y\r\n\r\n"), INCOMPLETE);
    trailer_no_colon: closed("a trailer without a colon", broken("2\r\n{}\r\n0\r\nx\r\n\r\n"), INCOMPLETE);
    trailers_long: closed(
        "trailers longer than a head may be",
        broken(&format!("2\r\n{{}}\r\n0\r\nx: {}\r\n\r\n", "x".repeat(17 * 1024))),
        INCOMPLETE,
    );
}
