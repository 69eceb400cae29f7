//! Lines of the audit log.

use super::{check, told};
use crate::explain::saved::{Format, read};

const LINE: &str = r#"{"schema":"meeting-gateway.audit/1","time":"2031-03-04T09:00:00.000Z","caller":"hr","method":"PUT","path":"/v1/mmc",
"outcome":"answered","request":{"query":{"conferenceID":"9140 87436","x":["1","2"],"n":7},"headers":{"user-agent":"curl/8"},
"body":{"length": 1.50},"caller":{"id":"hr","groups":["staff"],"scopes":["secrets"],"claims":{"sub":"u1"}}}}"#;

#[test]
fn a_recorded_request_comes_back_with_its_caller_and_time() {
    let request = read(LINE.as_bytes()).unwrap();
    assert_eq!(request.format, Format::AuditLine);
    assert_eq!(request.time.unwrap().to_string(), "2031-03-04T09:00:00Z");
    assert_eq!(
        told(LINE),
        "PUT /v1/mmc?conferenceID=9140%2087436&x=1&x=2&n=7 | user-agent: curl/8 | content-type: application/json | {\"length\": 1.50}"
    );
    let debug = format!("{request:?}");
    let caller = request.caller.unwrap();
    assert_eq!(
        (&*caller.id, &*caller.groups, &*caller.scopes),
        ("hr", &["staff".to_owned()][..], &["secrets".to_owned()][..])
    );
    assert_eq!(caller.claims["sub"], "u1");
    assert!(!debug.contains("1.50") && !debug.contains("u1"), "{debug}");
}

#[test]
fn what_is_missing_is_said() {
    let without_request = r#"{"schema":"meeting-gateway.audit/1","method":"PUT","path":"/a"}"#;
    let with = |rest: &str| {
        format!(
            r#"{{"schema":"meeting-gateway.audit/3","method":"PUT","path":"/a","request":{rest}}}"#
        )
    };
    check(&[
        (
            without_request,
            "! 1:1: audit line: the line has no request recorded (set `audit.request` to `masked` or `full` in the configuration; \
             lines written before stay without)",
        ),
        (&with("{}"), "PUT /a | "),
        (
            &with(r#"{"body":null,"query":{},"headers":{"content-type":"x"}}"#),
            "PUT /a | content-type: x | ",
        ),
        (
            &with(r#"{"headers":{"content-type":"x"},"body":{}}"#),
            "PUT /a | content-type: x | {}",
        ),
        (&with("7"), "! 1:74: request: it must be a JSON object"),
        (
            &with(r#"{"query":{"a":{}}}"#),
            "! 1:88: request.query.a: it must be a text",
        ),
        (
            &with(r#"{"caller":{"id":"secret","groups":7}}"#),
            "! 1:84: request.caller: it is no caller (it has a text `id`, lists of texts `groups` and `scopes`, and an object `claims`)",
        ),
        (
            &with("{}").replace("/a", "secret"),
            "! 1:59: path: it is no path",
        ),
        (
            &format!("{without_request}\n{without_request}"),
            "! 2:1: more follows after the JSON object",
        ),
    ]);
}

#[test]
fn the_address_and_what_is_deprecated_come_back() {
    let parameters = r#"[{"op":"remove","in":"query","path":"userUUID","stage":"strip","reason":"deprecated"},
        {"op":"remove","in":"query","path":"useruuid"},{"op":"remove","in":"query","path":"colour"},
        {"op":"remove","in":"header","path":"x-site-id"},{"op":"remove","in":"query","path":"x-authorization-type"}]"#;
    let line = LINE.replace(
        r#""caller":"hr""#,
        &format!(r#""client":"2001:db8::7","receipt":{{"parameters":{parameters}}}"#),
    );
    let request = read(line.as_bytes()).unwrap();
    assert_eq!(request.address, "2001:db8::7".parse().ok());
    let expected = "PUT /v1/mmc?conferenceID=9140%2087436&x=1&x=2&n=7&userUUID= | user-agent: curl/8 | x-site-id:  | \
                    content-type: application/json | {\"length\": 1.50}";
    assert_eq!(told(&line), expected);
    let there = line.replace(r#""n":7"#, r#""USERUUID":"u""#);
    assert!(
        told(&there).contains("&USERUUID=u |"),
        "it is not added twice"
    );
    assert_eq!(read(LINE.as_bytes()).unwrap().address, None);
    check(&[(
        &line.replace("2001:db8::7", "secret"),
        "! 1:80: client: it is no IP address",
    )]);
}
