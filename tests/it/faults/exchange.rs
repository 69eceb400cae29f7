//! One request that meets a fault: the harness, and the faults of the connection and of the head of an answer.

use super::scripted::{Scripted, Then, good, json, page};
use super::table::{hold, line};
use super::watched::{Log, nothing_leaked};
use super::{DEADLINE, before, change, reading_of_another, told};
use crate::support::until;

/// A fault, and what must become of a change that meets it.
pub(super) struct Case {
    pub(super) fault: &'static str,
    pub(super) say: Vec<u8>,
    pub(super) then: Then,
    pub(super) expected: &'static str,
    /// How often the change may arrive.
    pub(super) writes: usize,
}

pub(super) fn case(
    fault: &'static str,
    say: impl Into<Vec<u8>>,
    then: Then,
    expected: &'static str,
) -> Case {
    Case {
        fault,
        say: say.into(),
        then,
        expected,
        writes: 1,
    }
}

/// What a change comes to whose answer cannot be used.
pub(super) const INVALID: &str = "502 `MGW.5020002`";
/// What it comes to if there is none.
pub(super) const LATE: &str = "504 `MGW.5040001`";

/// Lets a change meet each fault, while somebody else reads; then lifts the fault. Returns the lines of the table.
pub(super) async fn meet(test: &str, cases: Vec<Case>, on_accept: bool) {
    let (log, _guard) = Log::listen();
    let mut lines = Vec::new();
    for case in cases {
        let Case {
            fault, expected, ..
        } = case;
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[("upstream.answer_bytes", "64KiB")]).await;
        if on_accept {
            upstream.next_connection(case.then);
        } else {
            upstream.next(case.say, case.then);
        }
        let began = tokio::time::Instant::now();
        let faulty = tokio::spawn(gateway.start(change()));
        until(|| upstream.accepted() > 0).await;
        let other = gateway.send(reading_of_another()).await;
        assert_eq!(other.status, 200, "{fault}: another caller: {other:?}");
        let reply = faulty.await.unwrap();
        assert!(began.elapsed() < DEADLINE, "{fault}: {:?}", began.elapsed());
        nothing_leaked(fault, &reply, &gateway, &upstream, &log);
        lines.push(line(
            fault,
            expected,
            &told(&reply),
            upstream.writes(),
            test,
        ));
        assert_eq!(told(&reply), expected, "{fault}: {reply:?}");
        assert_eq!(
            upstream.writes(),
            case.writes,
            "{fault}: changes at the upstream"
        );
        if expected == INVALID || expected == LATE {
            let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
            assert!(
                message.contains("may have been carried out"),
                "{fault}: {message}"
            );
        }
        assert_eq!(
            gateway.audit().len(),
            2,
            "{fault}: one line for each request"
        );
        upstream.heal();
        let next = gateway.send(change()).await;
        assert_eq!(
            (next.status.as_u16(), next.json()["conferenceID"].as_str()),
            (200, Some("914087436")),
            "{fault}: the next change: {next:?}"
        );
        assert_eq!(
            upstream.writes(),
            case.writes + 1,
            "{fault}: the next change"
        );
    }
    hold(&lines);
}

#[tokio::test]
async fn a_connection_that_comes_to_nothing() {
    let on_accept = |fault, then, expected| Case {
        writes: 0,
        ..case(fault, "", then, expected)
    };
    let cases = vec![
        on_accept("reset when it is accepted", Then::Reset, INVALID),
        on_accept("closed when it is accepted", Then::Close, INVALID),
        on_accept("accepted, and nothing read or said", Then::Stall, LATE),
    ];
    meet("a_connection_that_comes_to_nothing", cases, true).await;
}

#[tokio::test]
async fn an_answer_that_does_not_begin_or_has_half_a_head() {
    let half = "HTTP/1.1 200 OK\r\ncontent-ty";
    let cases = vec![
        case("reset after the request", "", Then::Reset, INVALID),
        case("closed after the request", "", Then::Close, INVALID),
        case("stalled after the request", "", Then::Stall, LATE),
        case("reset within the head", half, Then::Reset, INVALID),
        case("closed within the head", half, Then::Close, INVALID),
        case("stalled within the head", half, Then::Stall, LATE),
        case(
            "a head that never ends",
            "x-more: of it\r\n",
            Then::Repeat,
            INVALID,
        ),
        case(
            "garbage",
            b"\x00\xff\x16\x03garbage\r\n\r\n".to_vec(),
            Then::Close,
            INVALID,
        ),
        case("HTTP/0.9", "{\"conferenceID\":\"1\"}", Then::Close, INVALID),
        case(
            "another protocol",
            "SSH-2.0-OpenSSH_9.6\r\n",
            Then::Stall,
            INVALID,
        ),
        case(
            "a status of two digits",
            "HTTP/1.1 20 OK\r\n\r\n",
            Then::Stall,
            INVALID,
        ),
    ];
    meet(
        "an_answer_that_does_not_begin_or_has_half_a_head",
        cases,
        false,
    )
    .await;
}

#[tokio::test]
async fn a_head_that_is_too_much() {
    let many = "x-more: of it\r\n".repeat(400);
    let large = format!("x-large: {}\r\n", "y".repeat(600_000));
    let lengths = "content-length: 2\r\n".to_owned();
    let cases = vec![
        case(
            "400 header lines",
            json(200, &many, "{}"),
            Then::Keep,
            INVALID,
        ),
        case(
            "a header of 600 kB",
            json(200, &large, "{}"),
            Then::Keep,
            INVALID,
        ),
        case(
            "two lengths that differ",
            json(200, &lengths, "{\"a\":1}"),
            Then::Keep,
            INVALID,
        ),
    ];
    meet("a_head_that_is_too_much", cases, false).await;
}

#[tokio::test]
async fn interim_answers() {
    let behind = |interim: &str| [interim.as_bytes(), &good()].concat();
    let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    let cases = vec![
        case(
            "100 that nobody asked for",
            behind(go_on),
            Then::Keep,
            "200",
        ),
        case("103 before the answer", behind(hints), Then::Keep, "200"),
        case("100 again and again", go_on, Then::Repeat, LATE),
        case("100 and then nothing", go_on, Then::Stall, LATE),
        case(
            "101 to another protocol",
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
            Then::Stall,
            INVALID,
        ),
    ];
    meet("interim_answers", cases, false).await;
}

#[tokio::test]
async fn statuses_of_errors() {
    let error = |status, headers, code| {
        json(
            status,
            headers,
            &format!(r#"{{"error_code":"{code}","error_msg":"told"}}"#),
        )
    };
    let cases = vec![
        case(
            "400",
            error(400, "", "MMC.111070005"),
            Then::Keep,
            "400 `MMC.111070005`",
        ),
        case(
            "403",
            error(403, "", "USG.202000001"),
            Then::Keep,
            "403 `USG.202000001`",
        ),
        case(
            "429 with Retry-After in seconds",
            error(429, "retry-after: 7\r\n", "APIG.0308"),
            Then::Keep,
            "429 `APIG.0308`",
        ),
        case(
            "429 with Retry-After as a date",
            error(
                429,
                "retry-after: Tue, 01 Sep 2026 00:00:07 GMT\r\n",
                "APIG.0308",
            ),
            Then::Keep,
            "429 `APIG.0308`",
        ),
        case(
            "500",
            error(500, "", "MMC.100000001"),
            Then::Keep,
            "500 `MMC.100000001`",
        ),
        case(
            "502",
            error(502, "", "APIG.0602"),
            Then::Keep,
            "502 `APIG.0602`",
        ),
        case(
            "503",
            error(503, "", "APIG.0613"),
            Then::Keep,
            "503 `APIG.0613`",
        ),
        case(
            "504",
            error(504, "", "APIG.0705"),
            Then::Keep,
            "504 `APIG.0705`",
        ),
        case("500 as a page", page(500), Then::Keep, INVALID),
        case("502 as a page", page(502), Then::Keep, INVALID),
        case("503 as a page", page(503), Then::Close, INVALID),
        case("504 as a page", page(504), Then::Close, INVALID),
    ];
    meet("statuses_of_errors", cases, false).await;
}

#[tokio::test]
async fn redirects() {
    let to = |status| json(status, "location: http://127.0.0.1:9/\r\n", "{}");
    let cases = vec![
        case("301", to(301), Then::Keep, INVALID),
        case("302", to(302), Then::Keep, INVALID),
        case(
            "307, which would repeat the change",
            to(307),
            Then::Keep,
            INVALID,
        ),
        case(
            "308, which would repeat the change",
            to(308),
            Then::Keep,
            INVALID,
        ),
        case(
            "304 that nobody asked for",
            "HTTP/1.1 304 Not Modified\r\n\r\n",
            Then::Keep,
            INVALID,
        ),
    ];
    meet("redirects", cases, false).await;
}

#[tokio::test]
async fn how_long_to_wait_is_told_as_the_upstream_tells_it() {
    for value in ["7", "Tue, 01 Sep 2026 00:00:07 GMT"] {
        for status in [429, 503] {
            let upstream = Scripted::start().await;
            let gateway = before(upstream.url(), &[]).await;
            let header = format!("retry-after: {value}\r\n");
            upstream.next(json(status, &header, "{}"), Then::Keep);
            let reply = gateway.send(change()).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("retry-after")),
                (status, value)
            );
        }
    }
}
