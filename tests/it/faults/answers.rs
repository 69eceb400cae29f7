//! Answers whose bodies are not what their heads say, stall, break off, never end, or tell secrets.

use super::exchange::{Case, INVALID, LATE, case, meet};
use super::scripted::{On, Scripted, Then, json};
use super::watched::{Log, nothing_leaked};
use super::{before, change};

fn of_length(length: usize, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn chunked(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end() {
    let cases = vec![
        case(
            "stalled after the head",
            of_length(20, ""),
            Then::Stall,
            LATE,
        ),
        case(
            "stalled within the body",
            of_length(20, "{\"a\":"),
            Then::Stall,
            LATE,
        ),
        case(
            "reset after the head",
            of_length(20, ""),
            Then::Reset,
            INVALID,
        ),
        case(
            "reset within the body",
            of_length(20, "{\"a\":"),
            Then::Reset,
            INVALID,
        ),
        case(
            "closed within the body",
            of_length(20, "{\"a\":"),
            Then::Close,
            INVALID,
        ),
        case(
            "a length that is too long, then closed",
            of_length(20, "{}"),
            Then::Close,
            INVALID,
        ),
        case(
            "a length that is too long, then nothing",
            of_length(20, "{}"),
            Then::Stall,
            LATE,
        ),
        case(
            "closed within a chunk",
            chunked("10\r\n{\"a\":"),
            Then::Close,
            INVALID,
        ),
        case(
            "closed before the last chunk",
            chunked("2\r\n{}\r\n"),
            Then::Close,
            INVALID,
        ),
        case("no last chunk", chunked("2\r\n{}\r\n"), Then::Stall, LATE),
        case(
            "a body that never ends",
            chunked("1\r\n \r\n"),
            Then::Repeat,
            INVALID,
        ),
    ];
    // The head is not said again.
    let cases = cases.into_iter().map(|case| match case.then {
        Then::Repeat => Case {
            say: chunked(&format!("{:x}\r\n{}\r\n", 100_000, " ".repeat(100_000))).into_bytes(),
            then: Then::Stall,
            ..case
        },
        _ => case,
    });
    meet(
        "a_body_that_does_not_come_to_its_end",
        cases.collect(),
        false,
    )
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_what_was_announced() {
    let evil = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{\"conferenceID\":\"6\"}";
    let cases = vec![
        case(
            "a length that is too short",
            of_length(5, "{\"a\":1}"),
            Then::Keep,
            INVALID,
        ),
        // What is behind it must not become the answer of the next request; the harness sends one on the same pool.
        case(
            "a second answer behind the first",
            of_length(2, "{}") + evil,
            Then::Keep,
            "200",
        ),
        case(
            "204 with a body",
            format!("HTTP/1.1 204 No Content\r\n\r\n{evil}"),
            Then::Keep,
            "204",
        ),
        case(
            "200 with nothing in it",
            of_length(0, ""),
            Then::Keep,
            "200",
        ),
        case(
            "a chunk of no size",
            chunked("zz\r\n{}\r\n0\r\n\r\n"),
            Then::Keep,
            INVALID,
        ),
        case(
            "a chunk whose size overflows",
            chunked("ffffffffffffffff1\r\n{}\r\n0\r\n\r\n"),
            Then::Keep,
            INVALID,
        ),
        case(
            "no length, then closed",
            "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{}",
            Then::Close,
            "200",
        ),
        case(
            "no length, and half a text",
            "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\":",
            Then::Close,
            INVALID,
        ),
        case("no JSON", json(200, "", "<html>"), Then::Keep, INVALID),
        case(
            "no UTF-8",
            [of_length(3, "\"").as_bytes(), b"\xff\""].concat(),
            Then::Close,
            INVALID,
        ),
        case(
            "larger than an answer may be",
            json(200, "", &format!("\"{}\"", "x".repeat(70_000))),
            Then::Keep,
            INVALID,
        ),
    ];
    meet("a_body_that_is_not_what_was_announced", cases, false).await;
}

/// Whatever the upstream repeats of the token, however it fails then.
#[tokio::test]
async fn a_token_that_is_repeated_goes_nowhere() {
    let (log, _guard) = Log::listen();
    let upstream = Scripted::start().await;
    let gateway = before(upstream.url(), &[]).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    let token = upstream.arrived()[0].token().to_owned();
    assert!(token.len() > 20);
    let body = format!(r#"{{"error_code":"X.1","error_msg":"token {token}"}}"#);
    let header = format!("etag: \"{token}\"\r\nretry-after: {token}\r\n");
    for (name, say, then) in [
        ("in an error", json(400, "", &body), Then::Keep),
        ("in an answer", json(200, "", &body), Then::Keep),
        ("in headers", json(503, &header, "{}"), Then::Keep),
        (
            "in a reason",
            format!("HTTP/1.1 500 {token}\r\ncontent-length: 0\r\n\r\n").into_bytes(),
            Then::Keep,
        ),
        (
            "in a page",
            format!(
                "HTTP/1.1 502 X\r\ncontent-length: {}\r\ncontent-type: text/html\r\n\r\n{token}",
                token.len()
            )
            .into_bytes(),
            Then::Keep,
        ),
        (
            "in garbage",
            format!("{token}\r\n\r\n").into_bytes(),
            Then::Close,
        ),
        (
            "in half a head",
            format!("HTTP/1.1 200 OK\r\nx: {token}").into_bytes(),
            Then::Reset,
        ),
        (
            "in half a body",
            of_length(2000, &token).into_bytes(),
            Then::Reset,
        ),
        ("in a bad chunk", chunked(&token).into_bytes(), Then::Close),
        (
            "in a redirect",
            json(
                302,
                &format!("location: http://127.0.0.1:9/{token}\r\n"),
                "{}",
            ),
            Then::Keep,
        ),
    ] {
        upstream.always(On::Writes, say, then);
        let reply = gateway.send(change()).await;
        assert!(
            !reply.status.is_success() || name == "in an answer",
            "{name}: {reply:?}"
        );
        nothing_leaked(name, &reply, &gateway, &upstream, &log);
        upstream.heal();
        assert_eq!(gateway.send(change()).await.status, 200, "{name}");
    }
}
