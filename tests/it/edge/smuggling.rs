//! Two readers, two ends of a body: a request is hidden behind the shorter of them. Whatever the framing is, it is said once and in
//! one way, or the request ends here.

use super::attack::{body, closed, good_with, hidden, malformed, passes, with};

/// A head that says how long its body is in these lines, a body that ends at once if it is chunked, and the hidden request.
fn chunked_or_not(lines: &str) -> String {
    with(lines) + "0\r\n\r\n" + &hidden()
}

/// The same with the length of everything behind the head.
fn long(lines: &str) -> String {
    let length = hidden().len() + 5;
    chunked_or_not(&lines.replace('*', &length.to_string()))
}

/// An empty document, and the hidden request.
fn two_bytes(lines: &str) -> String {
    with(lines) + "{}" + &hidden()
}

attacks! {
    cl_te: malformed(
        "Content-Length, then Transfer-Encoding (CL.TE)",
        long("content-length: *\r\ntransfer-encoding: chunked\r\n"),
    );
    te_cl: malformed(
        "Transfer-Encoding, then Content-Length (TE.CL)",
        long("transfer-encoding: chunked\r\ncontent-length: *\r\n"),
    );
    te_cl_zero: malformed(
        "Transfer-Encoding and a Content-Length of 0 (TE.0)",
        chunked_or_not("transfer-encoding: chunked\r\ncontent-length: 0\r\n"),
    );
    te_te_identity: malformed(
        "chunked, then identity, in two lines",
        chunked_or_not("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n"),
    );
    te_identity_te: malformed(
        "identity, then chunked, in two lines",
        chunked_or_not("transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n"),
    );
    te_twice: malformed(
        "chunked twice",
        chunked_or_not("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
    );
    te_twice_in_one: malformed("chunked twice in one line", chunked_or_not("transfer-encoding: chunked, chunked\r\n"));
    te_not_last: malformed("chunked is not last", chunked_or_not("transfer-encoding: chunked, identity\r\n"));
    te_gzip: malformed("compressed, then chunked", chunked_or_not("transfer-encoding: gzip, chunked\r\n"));
    te_x: malformed("`xchunked`", chunked_or_not("transfer-encoding: xchunked\r\n"));
    te_comma: malformed("an empty coding before", chunked_or_not("transfer-encoding: ,chunked\r\n"));
    te_quoted: malformed("a quoted coding", chunked_or_not("transfer-encoding: \"chunked\"\r\n"));
    te_parameter: malformed("a coding with a parameter", chunked_or_not("transfer-encoding: chunked;q=1\r\n"));
    te_empty: malformed("an empty Transfer-Encoding", chunked_or_not("transfer-encoding:\r\n"));
    te_identity: malformed("`identity` alone", chunked_or_not("transfer-encoding: identity\r\n"));
    te_vertical_tab: malformed("a vertical tab behind", chunked_or_not("transfer-encoding: chunked\x0b\r\n"));
    te_vertical_tab_before: malformed("a vertical tab before", chunked_or_not("transfer-encoding:\x0bchunked\r\n"));
    te_nul: malformed("NUL behind", chunked_or_not("transfer-encoding: chunked\0\r\n"));
    te_no_break_space: malformed("a no-break space before", chunked_or_not("transfer-encoding: \u{a0}chunked\r\n"));
    te_space_before_colon: malformed("a space before the colon", chunked_or_not("transfer-encoding : chunked\r\n"));
    te_tab_before_colon: malformed("a tab before the colon", chunked_or_not("transfer-encoding\t: chunked\r\n"));
    te_folded: malformed("folded into the next line", chunked_or_not("transfer-encoding:\r\n chunked\r\n"));
    te_folded_into: malformed("folded into the line before", chunked_or_not("x: y\r\n transfer-encoding: chunked\r\n"));
    te_bare_cr: malformed("behind a bare carriage return", long("x: y\rtransfer-encoding: chunked\r\ncontent-length: *\r\n"));
    te_bare_lf: malformed("behind a bare line feed", long("x: y\ntransfer-encoding: chunked\r\ncontent-length: *\r\n"));
    te_http_10: malformed(
        "chunked in HTTP/1.0",
        chunked_or_not("transfer-encoding: chunked\r\n").replacen("HTTP/1.1", "HTTP/1.0", 1),
    );
    te_underscore: closed(
        "`transfer_encoding` is another header: no body, and what follows is no request",
        chunked_or_not("transfer_encoding: chunked\r\n"),
        (400, "MGW.4000002"),
    ).answered(&[(400, "MGW.4000002"), (400, "MGW.4000009")]);
    te_upper_case: closed(
        "`CHUNKED` is chunked, and what follows is a request of its own",
        with("Transfer-Encoding: \t CHUNKED \r\n") + "2\r\n[]\r\n0\r\n\r\n" + "GARBAGE\r\n",
        (400, "MGW.4000002"),
    ).answered(&[(400, "MGW.4000002"), (400, "MGW.4000009")]);

    cl_twice: malformed("two lengths", two_bytes("content-length: 2\r\ncontent-length: 200\r\n"));
    cl_twice_the_same: malformed("the same length twice", two_bytes("content-length: 2\r\ncontent-length: 2\r\n"));
    cl_list: malformed("two lengths in one line", two_bytes("content-length: 2, 200\r\n"));
    cl_list_the_same: malformed("the same length twice in one line", two_bytes("content-length: 2, 2\r\n"));
    cl_plus: malformed("a signed length", two_bytes("content-length: +2\r\n"));
    cl_minus: malformed("a negative length", two_bytes("content-length: -2\r\n"));
    cl_hexadecimal: malformed("a hexadecimal length", two_bytes("content-length: 0x2\r\n"));
    cl_octal_digits: malformed("digits of another script", two_bytes("content-length: \u{662}\r\n"));
    cl_fraction: malformed("a fraction", two_bytes("content-length: 2.0\r\n"));
    cl_underscore: malformed("an underscore among the digits", two_bytes("content-length: 2_0\r\n"));
    cl_space: malformed("a space among the digits", two_bytes("content-length: 2 0\r\n"));
    cl_comment: malformed("a comment", two_bytes("content-length: 2 (two)\r\n"));
    cl_comma: malformed("a comma behind", two_bytes("content-length: 2,\r\n"));
    cl_empty: malformed("an empty length", two_bytes("content-length:\r\n"));
    cl_overflow: malformed("a length over 2^64", two_bytes("content-length: 18446744073709551618\r\n"));
    cl_huge: closed(
        "a length over every limit",
        two_bytes("content-length: 9223372036854775807\r\n"),
        (413, "MGW.4130001"),
    );
    cl_space_before_colon: malformed("a space before the colon of a length", two_bytes("content-length : 2\r\n"));
    cl_shorter: closed(
        "a length shorter than the document: the rest is no request",
        with("content-length: 2\r\n") + "{}" + &body() + "\r\n",
        (403, "MGW.4030001"),
    ).answered(&[(400, "MGW.4000004"), (400, "MGW.4000009")]);
    cl_zeros: passes(
        "leading zeros are digits",
        good_with("").replace("content-length: ", "content-length: 000"),
    );
}
