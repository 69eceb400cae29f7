//! Refused because it cannot be read in one way only, or not at all.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use super::{case, check};
use crate::support::TestGateway;
use crate::support::request::{Asking, KEY, TARGET, documented, endless, pieces};

#[tokio::test]
async fn targets_that_can_be_read_in_two_ways() {
    let refused = (400, "MGW.4000001", "route");
    let cases = [
        "/v1/mmc//management/cycleconferences?conferenceID=914087436",
        "//v1/mmc/management/cycleconferences?conferenceID=914087436",
        "///v1/mmc/management/cycleconferences?conferenceID=914087436",
        "//v1/mmc//management/cycleconferences?conferenceID=914087436",
        "/v1/mmc/./management/cycleconferences?conferenceID=914087436",
        "/v1/mmc/x/../management/cycleconferences?conferenceID=914087436",
        "/v1/mmc/management%2Fcycleconferences?conferenceID=914087436",
        "/v1/mmc/management/%63ycleconferences?conferenceID=914087436",
        "/v1/mmc/management/cycleconferences;a=b?conferenceID=914087436",
        "/v1/mmc/management/cycleconferences/?conferenceID=914087436",
        "/v1/mmc/management/cycleconferences?conferenceID=914087436&conferenceID=1",
        "/v1/mmc/management/cycleconferences?conferenceID=914087436&conferenceid=1",
        "/v1/mmc/management/cycleconferences?conferenceid=914087436",
        "/v1/mmc/management/cycleconferences?conferenceID[]=914087436",
        "/v1/mmc/management/cycleconferences?conferenceID=914087436;a=b",
        "/v1/mmc/management/cycleconferences?conferenceID=%zz",
        "/v1/mmc/management/cycleconferences?conferenceID=%ff",
    ]
    .map(|target| {
        case(
            target,
            Asking::update().target(target).json(&documented()),
            refused,
        )
    });
    check(TestGateway::new(), cases).await;
}

#[tokio::test]
async fn operations_that_do_not_exist_here() {
    let unknown = (404, "MGW.4040001", "route");
    let with_key = |method, target| Asking::to(method, target).header("x-access-token", KEY);
    let cases = [
        case(
            "unknown path",
            with_key(Method::PUT, "/v1/mmc/management/nothing").json(&json!({})),
            unknown,
        ),
        case(
            "another case",
            with_key(Method::PUT, "/v1/mmc/management/CycleConferences").json(&json!({})),
            unknown,
        ),
        case("the root", with_key(Method::GET, "/").body(""), unknown),
        case(
            "the simulator's control",
            with_key(Method::GET, "/_simulator/seen").body(""),
            unknown,
        ),
        case(
            "a known operation that is not served",
            with_key(Method::POST, "/v1/wss/webinar/open/conferences").json(&json!({})),
            (404, "MGW.4040002", "route"),
        ),
        case(
            "a wrong method where nothing is served",
            with_key(Method::DELETE, "/v1/wss/webinar/open/conferences").body(""),
            unknown,
        ),
        case(
            "a body where none is documented",
            with_key(Method::DELETE, TARGET).json(&json!({})),
            (400, "MGW.4000007", "decode"),
        ),
        case(
            "wrong method",
            with_key(Method::PATCH, TARGET).json(&documented()),
            (405, "MGW.4050001", "route"),
        ),
    ];
    check(TestGateway::new(), cases).await;
    let reply = TestGateway::new()
        .send(with_key(Method::PATCH, TARGET).body(""))
        .await;
    assert_eq!(reply.header("allow"), "POST, PUT, DELETE");
}

#[tokio::test]
async fn bodies_that_are_not_strict_json() {
    let refused = (400, "MGW.4000002", "decode");
    let whole = documented().to_string();
    let begun = &whole[..whole.len() - 1];
    let texts: [(&str, Vec<u8>); 16] = [
        ("empty", vec![]),
        ("cut", begun.into()),
        ("trailing", format!("{whole} x").into()),
        ("twice", format!("{whole}{whole}").into()),
        ("comment", format!("/**/{whole}").into()),
        ("trailing comma", format!("{begun},}}").into()),
        ("single quotes", "{'mediaTypes':'Voice'}".into()),
        ("an array", format!("[{whole}]").into()),
        ("a text", "\"x\"".into()),
        ("a mark", format!("\u{feff}{whole}").into()),
        (
            "no UTF-8",
            [b"{\"mediaTypes\":\"".as_slice(), b"\xff\"}"].concat(),
        ),
        ("half a surrogate", br#"{"mediaTypes":"\ud800"}"#.into()),
        (
            "duplicate",
            format!(r#"{begun},"length":60,"length":1440}}"#).into(),
        ),
        (
            "duplicate by escape",
            format!(r#"{begun},"length":60,"len\u0067th":1440}}"#).into(),
        ),
        (
            "duplicate inside",
            format!(r#"{begun},"attendees":[{{"role":0,"role":1}}]}}"#).into(),
        ),
        (
            "a number beyond all",
            format!(r#"{begun},"length":1e999}}"#).into(),
        ),
    ];
    let cases = texts.map(|(name, text)| case(name, Asking::update().body(text), refused));
    check(TestGateway::new(), cases).await;
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(32), "]".repeat(32));
    check(
        TestGateway::new(),
        [case("too deep", Asking::update().body(deep), refused)],
    )
    .await;
}

#[tokio::test]
async fn bodies_that_are_too_large_or_break_off() {
    let gateway = TestGateway::with(&[("server.body_bytes", "1KiB")]);
    let large = format!("{{\"subject\":\"{}\"}}", "x".repeat(1100));
    let chunked = large
        .as_bytes()
        .chunks(100)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)));
    let broken = vec![
        Ok(Bytes::from_static(b"{\"mediaTypes\":")),
        Err(std::io::ErrorKind::UnexpectedEof.into()),
    ];
    check(
        gateway,
        [
            case(
                "announced",
                Asking::update().body(large.clone()),
                (413, "MGW.4130001", "decode"),
            ),
            case(
                "in pieces",
                Asking::update().streamed(pieces(chunked.collect())),
                (413, "MGW.4130001", "decode"),
            ),
            case(
                "broken off",
                Asking::update().streamed(pieces(broken)),
                (400, "MGW.4000006", "decode"),
            ),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_too_long() {
    let slow = Asking::update().streamed(endless("{\"mediaTypes\":"));
    check(
        TestGateway::new(),
        [case("slow", slow, (408, "MGW.4080001", "decode"))],
    )
    .await;
}

#[tokio::test]
async fn media_types_other_than_json() {
    let refused = (415, "MGW.4150001", "decode");
    let bare = || Asking::update().without("content-type");
    let cases = [
        case("none", bare().json(&documented()), refused),
        case(
            "form",
            bare()
                .header("content-type", "application/x-www-form-urlencoded")
                .json(&documented()),
            refused,
        ),
        case(
            "another charset",
            bare()
                .header("content-type", "application/json;charset=utf-16")
                .json(&documented()),
            refused,
        ),
        case(
            "two",
            Asking::update()
                .header("content-type", "application/json")
                .json(&documented()),
            refused,
        ),
        case(
            "coded",
            Asking::update()
                .header("content-encoding", "gzip")
                .json(&documented()),
            refused,
        ),
    ];
    check(TestGateway::new(), cases).await;
}
