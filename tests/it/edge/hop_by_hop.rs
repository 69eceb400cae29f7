//! Headers that are meant for the next hop, methods in disguise, and what a client tells of itself: nothing of it reaches the
//! upstream, and nothing of it takes away what the gateway puts in.

use super::attack::{Attack, good_with, passes, refused, with};
use crate::support::connection::head;

/// A request with these lines passes as if they were not there.
fn ignored(about: &'static str, lines: &str) -> Attack {
    passes(about, good_with(lines))
}

/// The same where a path or an address is in them.
fn hidden(about: &'static str, lines: &str) -> Attack {
    ignored(about, lines).hiding(&["elsewhere.example", "198.51.100.9", "/admin"])
}

attacks! {
    connection_names_the_token: ignored("Connection names the token's header", "connection: X-Access-Token\r\n");
    connection_names_everything: ignored(
        "Connection names what a request needs",
        "connection: Authorization, Host, Content-Length, Content-Type, X-Access-Token, keep-alive\r\n",
    );
    connection_names_the_trace: ignored("Connection names what the gateway adds", "connection: x-request-id, traceparent, user-agent\r\n");
    connection_close: passes("Connection: close", good_with("connection: close\r\n")).then_closed();
    connection_close_among_others: passes("close among other options", good_with("connection: upgrade, Close ,x\r\n")).then_closed();
    connection_close_and_keep_alive: passes("close, then keep-alive", good_with("connection: close\r\nconnection: keep-alive\r\n")).then_closed();
    keep_alive: ignored("Keep-Alive", "keep-alive: timeout=86400, max=1000000\r\n");
    proxy_connection: ignored("Proxy-Connection", "proxy-connection: close\r\n");
    te: ignored("TE", "te: trailers, gzip;q=0.5\r\nconnection: te\r\n");
    trailer: ignored("Trailer", "trailer: x-access-token, content-length\r\n");
    via: hidden("Via", "via: 1.1 elsewhere.example\r\n");
    max_forwards: ignored("Max-Forwards", "max-forwards: 0\r\n");

    upgrade_h2c: ignored(
        "upgrade to HTTP/2 without TLS: no 101",
        "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
    );
    upgrade_websocket: ignored(
        "upgrade to WebSocket: no 101",
        "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
    upgrade_tls: ignored("upgrade to TLS", "connection: upgrade\r\nupgrade: TLS/1.2\r\n");

    expect: ignored("Expect: 100-continue, with the body at once", "expect: 100-continue\r\n");
    expect_in_upper_case: ignored("the same in another case", "expect: 100-Continue\r\n");
    expect_unknown: refused("an unknown expectation", good_with("expect: 200-ok\r\n"), (417, "MGW.4170001"));
    expect_two: refused("a known and an unknown expectation", good_with("expect: 100-continue\r\nexpect: x\r\n"), (417, "MGW.4170001"));
    expect_list: refused("both in one", good_with("expect: 100-continue, x\r\n"), (417, "MGW.4170001"));
    expect_in_http_10: passes(
        "an expectation in HTTP/1.0 means nothing",
        good_with("expect: x\r\nconnection: keep-alive\r\n").replacen("HTTP/1.1", "HTTP/1.0", 1),
    );
    expect_without_a_body: refused("Expect without a body: nothing is awaited", with("expect: 100-continue\r\n"), (400, "MGW.4000002"));

    method_override: ignored("X-HTTP-Method-Override", "x-http-method-override: DELETE\r\nx-http-method: DELETE\r\nx-method-override: DELETE\r\n");
    method_override_parameter: passes(
        "`_method` in the query",
        good_with("").replacen("?conferenceID", "?_method=DELETE&conferenceID", 1),
    );
    original_url: hidden("X-Original-URL, X-Rewrite-URL", "x-original-url: /admin\r\nx-rewrite-url: /admin\r\n");
    forwarded: hidden(
        "Forwarded and its kin",
        "forwarded: for=198.51.100.9;host=elsewhere.example;proto=https\r\nx-forwarded-for: 198.51.100.9\r\nx-forwarded-host: elsewhere.example\r\nx-forwarded-proto: https\r\nx-forwarded-prefix: /admin\r\nx-real-ip: 198.51.100.9\r\n",
    );
    host_again: hidden("a host in other headers", "x-host: elsewhere.example\r\nx-forwarded-server: elsewhere.example\r\n");
    range: ignored("Range", "range: bytes=0-0\r\nif-range: \"x\"\r\n");
    conditions: ignored("conditions", "if-match: \"x\"\r\nif-none-match: *\r\nif-modified-since: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    accept_encoding: ignored("codings of the answer that nobody has", "accept-encoding: *;q=0, br;q=1.000001, identity;q=0\r\n");
    accept: ignored("an Accept that nothing fits", "accept: image/png;q=0\r\naccept: text/html\r\n");
    request_id: ignored("an X-Request-Id that is none", "x-request-id: <script>alert(1)</script>\r\n").hiding(&["<script>"]);
    trace_context: ignored("a traceparent that is none", "traceparent: 00-00000000000000000000000000000000-0000000000000000-zz\r\n");
    user_agent: ignored("a User-Agent", "user-agent: () { :;}; echo\r\n").hiding(&["() {"]);
    origin: ignored("another site's page", "origin: https://elsewhere.example\r\nreferer: https://elsewhere.example/\r\n").hiding(&["elsewhere.example"]);
}

/// The body is asked for, and comes only then.
#[tokio::test]
async fn expect_and_wait() {
    let door = super::door::Door::open().await;
    let mut client = door.client().await;
    let body = super::attack::body();
    let lines = format!("content-length: {}\r\nexpect: 100-continue\r\n", body.len());
    client.send(head(&lines).as_bytes()).await;
    while !client.received.ends_with(b"HTTP/1.1 100 Continue\r\n\r\n") {
        assert!(client.more().await);
    }
    client.send(body.as_bytes()).await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert_eq!(door.recorder.saw().len(), 1);
}
