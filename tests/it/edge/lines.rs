//! Line ends and bytes that a lenient reader forgives.

use super::attack::{good, good_with, hidden, malformed, passes};

/// The whole request with something else in the place of its `\r\n`s.
fn ending(end: &str) -> String {
    let good = good();
    let (head, body) = good.split_once("\r\n\r\n").unwrap();
    format!("{}{end}{end}{body}", head.replace("\r\n", end))
}

/// With a header, and a request hidden behind.
fn line(line: &str) -> String {
    good_with(&format!("{line}\r\n")) + &hidden()
}

fn bytes(before: &str, byte: u8, after: &str) -> Vec<u8> {
    let text = good_with(&format!("{before}\x01{after}\r\n")) + &hidden();
    text.bytes()
        .map(|one| if one == 1 { byte } else { one })
        .collect()
}

attacks! {
    bare_line_feeds: malformed("bare line feeds throughout", ending("\n"));
    bare_carriage_returns: malformed("bare carriage returns before the end", ending("\r").replace("\r\r", "\r\n\r\n"));
    two_carriage_returns: malformed("two carriage returns before a line feed", ending("\r\r\n"));
    line_feed_first: malformed("a bare line feed behind the request line", good().replacen("\r\n", "\n", 1));
    line_feed_last: malformed("a bare line feed at the end of the head", good().replacen("\r\n\r\n", "\r\n\n", 1));
    line_feed_and_head: malformed("a head that ends early for a lenient reader", line("x: y\n\nDELETE /v1 HTTP/1.1"));
    carriage_return_in_value: malformed("a bare carriage return in a value", line("x: y\rz"));
    nul_in_value: malformed("NUL in a value", bytes("x: y", 0, "z"));
    bell_in_value: malformed("a control byte in a value", bytes("x: y", 7, "z"));
    delete_in_value: malformed("DEL in a value", bytes("x: y", 0x7f, "z"));
    escape_in_value: malformed("a terminal's escape in a value", line("x: \x1b[2J"));
    nul_in_name: malformed("NUL in a name", bytes("x", 0, ": y"));
    control_in_name: malformed("a control byte in a name", bytes("x", 0x1f, ": y"));
    high_byte_in_name: malformed("a byte over 127 in a name", bytes("x", 0xe9, ": y"));
    space_in_name: malformed("a space in a name", line("x y: z"));
    space_before_colon: malformed("a space before a colon", line("x : y"));
    bracket_in_name: malformed("a delimiter in a name", line("x[y]: z"));
    empty_name: malformed("an empty name", line(": y"));
    no_colon: malformed("a line without a colon", line("x"));
    folded: malformed("a folded line", line("x: y\r\n z"));
    folded_with_tab: malformed("a line folded with a tab", line("x: y\r\n\tz"));
    folded_first: malformed("a space before the first name", good().replacen("\r\nhost", "\r\n host", 1));
    two_empty_lines: malformed("empty lines before the request line", "\r\n\r\n".to_owned() + &good());
    space_first: malformed("a space before the request line", " ".to_owned() + &good());
    null_first: malformed("NUL before the request line", "\0".to_owned() + &good());
    byte_order_mark: malformed("a byte order mark before the request line", "\u{feff}".to_owned() + &good());

    one_empty_line: passes("one empty line before the request line", "\r\n".to_owned() + &good());
    high_bytes_in_value: passes("bytes over 127 in the value of a header that is dropped", high());
    tab_in_value: passes("a tab in a value", good_with("x: y\tz\r\n"));
    empty_value: passes("an empty value", good_with("x:\r\n"));
}

fn high() -> Vec<u8> {
    let good = good_with("x: \x01\r\n");
    good.bytes()
        .map(|one| if one == 1 { 0xff } else { one })
        .collect()
}
