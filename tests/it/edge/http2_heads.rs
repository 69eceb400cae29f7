//! HTTP/2 requests whose fields say two things, or what no field may say. The protocol's own errors end a stream or the connection
//! before there is a request: they have no audit line.

use super::attack::{CANONICAL, body};
use super::door::Door;
use super::frames::{
    DATA, END_HEADERS, END_STREAM, End, FrameClient, HEADERS, fields, frame, request, usual,
};
use crate::support::request::TARGET;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// The errors of RFC 9113, section 7.
const PROTOCOL_ERROR: u32 = 1;
const PASSED: End = End::Answered(200, String::new());

/// An attack: what it is, the frames behind the preface, what becomes of stream 1, and how many requests the upstream sees.
pub(super) struct Attack {
    pub(super) about: &'static str,
    frames: Vec<u8>,
    end: End,
}

impl Attack {
    /// What the client gets and what the upstream sees, for the table.
    pub(super) fn told(&self) -> (String, &'static str) {
        match &self.end {
            passed if *passed == PASSED => ("200".into(), "the canonical request"),
            End::Answered(status, code) => (format!("{status} {code}"), "nothing"),
            End::Reset(code) => (format!("the stream is reset ({code})"), "nothing"),
            End::GoneAway(code) => (format!("the connection ends ({code})"), "nothing"),
            End::Closed => ("closed".into(), "nothing"),
        }
    }
}

fn attack(about: &'static str, frames: Vec<u8>, end: End) -> Attack {
    Attack { about, frames, end }
}

/// The usual request with a field in the place of another, or behind all.
fn with(name: &str, value: &str) -> Fields {
    let mut list = usual();
    if let Some(there) = list.iter_mut().find(|(there, _)| there == name.as_bytes()) {
        there.1 = value.into();
    } else {
        list.push((name.into(), value.into()));
    }
    list
}

fn and(name: &str, value: &str) -> Fields {
    let mut list = usual();
    list.push((name.into(), value.into()));
    list
}

fn first(name: &str, value: &str) -> Fields {
    let mut list = usual();
    list.insert(0, (name.into(), value.into()));
    list
}

fn without(name: &str) -> Fields {
    let mut list = usual();
    list.retain(|(there, _)| there != name.as_bytes());
    list
}

fn sent(list: &Fields) -> Vec<u8> {
    request(1, list, body().as_bytes())
}

/// A stream is reset for it.
fn reset(about: &'static str, list: &Fields) -> Attack {
    attack(about, sent(list), End::Reset(PROTOCOL_ERROR))
}

/// The connection is ended for it.
fn gone(about: &'static str, list: &Fields) -> Attack {
    attack(about, sent(list), End::GoneAway(PROTOCOL_ERROR))
}

/// The gateway refuses it.
fn refused(about: &'static str, list: &Fields, code: &str) -> Attack {
    let status = code[4..7].parse().unwrap();
    attack(about, sent(list), End::Answered(status, code.to_owned()))
}

fn passes(about: &'static str, list: &Fields) -> Attack {
    attack(about, sent(list), PASSED)
}

/// A body in these pieces behind a length that may be none of theirs.
fn announced(length: &str, pieces: &[&[u8]]) -> Vec<u8> {
    let head = frame(
        HEADERS,
        END_HEADERS,
        1,
        &fields(&and("content-length", length)),
    );
    let last = pieces.len() - 1;
    let data = pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| frame(DATA, u8::from(at == last), 1, piece));
    [head, data.collect::<Vec<_>>().concat()].concat()
}

macro_rules! http2_attacks {
    ($($name:ident: $attack:expr;)*) => {
        pub(super) fn attacks() -> Vec<(&'static str, Attack)> {
            vec![$((stringify!($name), $attack)),*]
        }

        $(
            #[tokio::test]
            async fn $name() {
                run($attack).await;
            }
        )*
    };
}

http2_attacks! {
    usual_request: passes("the usual request", &usual());
    path_twice: reset("`:path` twice", &first(":path", "/v1"));
    method_twice: reset("`:method` twice", &first(":method", "DELETE"));
    scheme_twice: reset("`:scheme` twice", &first(":scheme", "https"));
    authority_twice: reset("`:authority` twice", &first(":authority", "elsewhere.example"));
    path_behind: reset("`:path` behind the fields", &{
        let mut list = without(":path");
        list.push((b":path".to_vec(), TARGET.into()));
        list
    });
    unknown_pseudo: gone("an unknown pseudo-header", &first(":proto", "x"));
    status_pseudo: reset("`:status` in a request", &first(":status", "200"));
    protocol_pseudo: reset("`:protocol` that nobody offered", &first(":protocol", "websocket"));
    no_method: reset("no `:method`", &without(":method"));
    no_path: reset("no `:path`", &without(":path"));
    no_scheme: reset("no `:scheme`", &without(":scheme"));
    empty_path: reset("an empty `:path`", &with(":path", ""));
    path_no_slash: reset("`:path` without a slash", &with(":path", "v1/mmc"));
    path_space: reset("`:path` with a space", &with(":path", "/v1 HTTP/1.1"));
    path_lines: reset("`:path` with a request in it", &with(":path", "/v1 HTTP/1.1\r\nhost: x\r\n\r\nDELETE /v1"));
    path_absolute: reset("`:path` in the absolute form", &with(":path", &format!("http://elsewhere.example{TARGET}")));
    path_fragment: passes("`:path` with a fragment: dropped before anybody sees it", &with(":path", &format!("{TARGET}#x")));
    path_dots: refused("`:path` with dot-dot", &with(":path", "/v1/x/../mmc/management/cycleconferences?conferenceID=914087436"), "MGW.4000001");
    path_slashes: refused("`:path` with `//`", &with(":path", &format!("/{TARGET}")), "MGW.4000001");
    path_asterisk: refused("`:path` `*` without OPTIONS", &with(":path", "*"), "MGW.4040001");
    method_space: gone("`:method` with a space", &with(":method", "PUT /v1"));
    method_lower_case: refused("`:method` in lower case", &with(":method", "put"), "MGW.4050001");
    method_trace: refused("TRACE", &with(":method", "TRACE"), "MGW.4050001");
    scheme_other: passes("another `:scheme`: it decides nothing here", &with(":scheme", "file"));
    scheme_lines: reset("`:scheme` with a target in it", &with(":scheme", "http://elsewhere.example/v1?"));
    authority_other: passes("another `:authority`: it decides nothing here", &with(":authority", "elsewhere.example"));
    authority_user: refused("`:authority` with user information", &with(":authority", "alice:secret@gateway.test"), "MGW.4000001");
    authority_lines: reset("`:authority` with a line in it", &with(":authority", "gateway.test\r\nx: y"));
    host_other: refused("`host` that is not `:authority`", &and("host", "elsewhere.example"), "MGW.4000001");
    host_same: passes("`host` that is `:authority`", &and("host", "gateway.test"));
    host_twice: refused("`host` twice", &{
        let mut list = and("host", "gateway.test");
        list.push((b"host".to_vec(), b"gateway.test".to_vec()));
        list
    }, "MGW.4000001");
    no_authority: passes("no `:authority` and no `host`", &without(":authority"));
    upper_case: gone("a name in upper case", &and("X-Upper", "y"));
    name_space: gone("a name with a space", &and("x y", "z"));
    name_colon: gone("a name with a colon", &and("x:y", "z"));
    name_empty: gone("an empty name", &and("", "z"));
    name_lines: gone("a name with a line end", &and("x\r\ny", "z"));
    value_lines: gone("a value with a line end", &and("x", "y\r\ntransfer-encoding: chunked"));
    value_line_feed: gone("a value with a line feed", &and("x", "y\nz"));
    value_nul: gone("a value with NUL", &and("x", "y\0z"));
    connection: reset("`connection`", &and("connection", "close"));
    keep_alive: reset("`keep-alive`", &and("keep-alive", "timeout=5"));
    proxy_connection: reset("`proxy-connection`", &and("proxy-connection", "close"));
    transfer_encoding: reset("`transfer-encoding`", &and("transfer-encoding", "chunked"));
    upgrade: reset("`upgrade`", &and("upgrade", "h2c"));
    te_other: reset("`te` other than trailers", &and("te", "gzip"));
    te_trailers: passes("`te: trailers`", &and("te", "trailers"));
    expect_unknown: refused("an unknown expectation", &and("expect", "x"), "MGW.4170001");
    credential_twice: refused("the credential twice", &and("x-access-token", "x"), "MGW.4010002");
    cookie: passes("cookies in crumbs", &{
        let mut list = and("cookie", "a=b");
        list.push((b"cookie".to_vec(), b"c=d".to_vec()));
        list
    });
    length_short: attack("`content-length` below the data", announced("2", &[body().as_bytes()]), End::Reset(PROTOCOL_ERROR));
    length_long: attack("`content-length` above the data", announced("2000", &[body().as_bytes()]), End::Reset(PROTOCOL_ERROR));
    length_signed: attack("`content-length` with a sign", announced("+2", &[b"{}"]), End::Reset(PROTOCOL_ERROR));
    length_twice: reset("`content-length` twice", &{
        let mut list = and("content-length", &body().len().to_string());
        list.push((b"content-length".to_vec(), b"2".to_vec()));
        list
    });
    trailers: attack("trailers with a credential and a pseudo-header", {
        let head = frame(HEADERS, END_HEADERS, 1, &fields(&usual()));
        let data = frame(DATA, 0, 1, body().as_bytes());
        let trailers = fields(&[("x-access-token", "x"), (":path", "/v1")]);
        [head, data, frame(HEADERS, END_HEADERS | END_STREAM, 1, &trailers)].concat()
    }, End::Reset(PROTOCOL_ERROR));
    list_too_large: attack("a header list over the limit", {
        let list = (0..20).map(|i| (format!("x-{i}"), "a".repeat(1000))).collect::<Vec<_>>();
        [frame(HEADERS, END_STREAM, 1, &fields(&usual())), frame(super::frames::CONTINUATION, 0, 1, &fields(&list[..10])), frame(super::frames::CONTINUATION, END_HEADERS, 1, &fields(&list[10..]))].concat()
    }, End::Answered(431, String::new()));
}

async fn run(attack: Attack) {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client.send(&attack.frames).await;
    let end = client.end(1).await;
    assert_eq!(end, attack.end, "{}", attack.about);
    drop(client);
    door.serves().await;

    let refused = matches!(&attack.end, End::Answered(_, code) if !code.is_empty());
    let saw = door.recorder.saw();
    let passed = usize::from(attack.end == PASSED);
    assert_eq!(saw.len(), passed + 1, "{saw:#?}");
    for request in &saw {
        let (head, body) = request.split_once("\n\n").unwrap();
        let length = format!("content-length: {}", body.len());
        assert_eq!(
            head.replace(&length, "content-length: *") + "\n\n*",
            CANONICAL
        );
    }
    // What the protocol itself refuses was no request.
    if passed == 1 || refused {
        assert_eq!(door.audit().len(), 2, "{}", door.gateway.audit_text());
    }
}
