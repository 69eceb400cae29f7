//! HTTP/1.1 messages.

use super::check;

#[test]
fn messages_are_read_as_editors_leave_them() {
    check(&[
        (
            "PUT /a?b=c HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\n\r\n{}",
            "PUT /a?b=c | host: x | x-a: 1 | {}",
        ),
        (
            "PUT /a HTTP/1.1\nHost: x\n\n{\n}\n",
            "PUT /a | host: x | {\n}",
        ),
        ("\n\nGET /a HTTP/2\nHost: x", "GET /a | host: x | "),
        ("GET /a", "GET /a | "),
        (
            "GET https://gateway.example/a?b HTTP/1.1\n\n",
            "GET /a?b | ",
        ),
        ("PUT /a HTTP/1.1\nContent-Length: 2\n\n{}", "PUT /a | {}"),
        (
            "PUT /a HTTP/1.1\nContent-Length: 2\ncontent-length: 2\n\n{}\r\n",
            "PUT /a | {}",
        ),
        ("PUT /a HTTP/1.1\n\n\n\n", "PUT /a | \n"),
        ("PUT /a HTTP/1.1\nX-Empty:\n\n", "PUT /a | x-empty:  | "),
    ]);
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    const LENGTH: &str =
        "(leave that header out if the text was edited; then all that follows is the body)";
    const SEPARATE: &str = "(an empty line separates the headers from the body)";
    let cases = [
        ("PUT /a HTTP/1.1\nContent-Length: 9\n\n{}", format!("4:1: HTTP request: `Content-Length` says 9 bytes, and 2 follow {LENGTH}")),
        ("PUT /a HTTP/1.1\nContent-Length: 1\n\n{}", format!("4:1: HTTP request: `Content-Length` says 1 bytes, and 2 follow {LENGTH}")),
        ("PUT /a HTTP/1.1\nContent-Length: 2\n\n{}\n\n", format!("4:1: HTTP request: `Content-Length` says 2 bytes, and 4 follow {LENGTH}")),
        ("PUT /a HTTP/1.1\nContent-Length: +2\n\n{}", "2:1: HTTP request: `Content-Length` is no number (leave the header out)".to_owned()),
        ("PUT /a HTTP/1.1\nContent-Length: 2\nContent-Length: 3\n\n{}", "3:1: HTTP request: `Content-Length` is there twice, and differs (leave the header out)".to_owned()),
        ("PUT /a HTTP/1.1\nTransfer-Encoding: chunked\n\n0\n\n", "2:1: HTTP request: a body with a `Transfer-Encoding` is not read (write the body as it is, and leave that header out)".to_owned()),
        ("PUT /a HTTP/1.1\nA: secret\n more\n\n", "3:1: HTTP request: a header that goes on in the next line is not read (write it in one line)".to_owned()),
        ("PUT /a HTTP/1.1\nA : secret\n\n", "2:1: HTTP request: there is white space before the colon (take it out)".to_owned()),
        ("PUT /a HTTP/1.1\nsecret\n\n", format!("2:1: HTTP request: this line is no header {SEPARATE}")),
        ("PUT /a HTTP/1.1\n{\"secret\": 1}\n", format!("2:1: HTTP request: this line is no header {SEPARATE}")),
        ("PUT /a HTTP/1.1\nA: sec\u{1}ret\n\n", "2:1: HTTP request: the value of `A` has a character that a header cannot hold".to_owned()),
        ("PUT /a b HTTP/1.1\n\n", "1:5: HTTP request: the URL has a character that must be percent-encoded, or is too long".to_owned()),
        ("PUT /a b\n\n", "1:8: HTTP request: the request line does not end in a version such as `HTTP/1.1` (a space inside of the target must be written `%20`)".to_owned()),
        ("PUT /a#b HTTP/1.1\n\n", "1:5: HTTP request: the request target has a `#`, which is never sent".to_owned()),
    ];
    for (text, expected) in cases {
        assert_eq!(super::told(text), format!("! {expected}"), "{text:?}");
    }
    let many = format!("GET /a HTTP/1.1\n{}\n", "A: b\n".repeat(101));
    assert_eq!(
        super::told(&many),
        "! 102:1: HTTP request: it has more than 100 headers"
    );
}
