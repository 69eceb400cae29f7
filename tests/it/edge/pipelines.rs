//! Requests sent ahead: answered in order, each with its own credential and line; and nothing is read behind one that is malformed,
//! or the last.

use super::attack::{MALFORMED, OK, good, good_with, hidden, passes, with};
use crate::support::request::{KEY, TARGET};

fn stranger() -> String {
    good().replace(KEY, "another-key")
}

attacks! {
    in_order: passes(
        "five ahead, good and bad",
        good() + &stranger() + &good() + &good_at_unknown() + &good(),
    ).answered(&[OK, (401, "MGW.4010003"), OK, (404, "MGW.4040001"), OK]);
    twenty: passes("twenty ahead", good().repeat(20)).answered(&[OK; 20]);
    malformed_last: passes("a malformed one behind a good one", good() + "GET /\r\n" + &hidden())
        .answered(&[OK, MALFORMED]).then_closed();
    malformed_first: passes("good ones behind a malformed one", "GET /\r\n".to_owned() + &good() + &good())
        .answered(&[MALFORMED]).then_closed();
    behind_close: passes("one behind the last", good_with("connection: close\r\n") + &hidden()).then_closed();
    behind_http_10: passes("one behind HTTP/1.0", good().replacen("HTTP/1.1", "HTTP/1.0", 1) + &hidden()).then_closed();
    behind_an_unread_body: passes(
        "one in a body that nobody reads",
        stranger().replace("content-length: ", "content-length: 9") + &hidden(),
    ).answered(&[(401, "MGW.4010003")]).then_closed();
    behind_an_upgrade: passes(
        "one behind an upgrade that did not happen",
        good_with("connection: upgrade\r\nupgrade: websocket\r\n") + &stranger(),
    ).answered(&[OK, (401, "MGW.4010003")]);
    behind_garbage: passes("a line behind a body", good() + "garbage\r\n" + &hidden()).answered(&[OK, MALFORMED]).then_closed();
    behind_an_empty_line: passes("an empty line behind a body", good() + "\r\n" + &good()).answered(&[OK, OK]);
    behind_connect: passes(
        "one behind a CONNECT that was refused",
        format!("CONNECT g:443 HTTP/1.1\r\nhost: g:443\r\nx-access-token: {KEY}\r\n\r\n") + &stranger(),
    ).answered(&[(404, "MGW.4040001"), (401, "MGW.4010003")]);
    heads_of_two: passes(
        "a head without its body, and a request in its place",
        with("content-length: 0\r\n") + &stranger(),
    ).answered(&[(400, "MGW.4000002"), (401, "MGW.4010003")]);
}

fn good_at_unknown() -> String {
    good().replacen(TARGET, "/v1/mmc/management/nothing", 1)
}
