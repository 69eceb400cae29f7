//! HAR: logs, entries and requests.

use super::{check, line, told};
use crate::explain::saved::{read, read_entry};

const TWO: &str = r#"{"log":{"version":"1.2","entries":[
  {"startedDateTime":"2031-03-04T10:00:00.5+01:00","request":{"method":"GET","url":"https://a/one?token=secret","headers":[]}},
  {"request":{"method":"PUT","url":"https://a/two","headers":[{"name":"A","value":"1"}],"postData":{"mimeType":"text/x","text":"{}"}}}
]}}"#;

#[test]
fn a_request_is_read_wherever_it_stands() {
    let request = r#"{"method":"PUT","url":"https://a:1/b?c=d","httpVersion":"h3","headers":[
        {"name":":method","value":"PUT"},{"name":"A","value":"1"},{"name":"a","value":"2"},{"name":"content-length","value":"2"}],
        "queryString":[{"name":"c","value":"d"}],"bodySize":2,"postData":{"mimeType":"application/json","text":"{\"x\":1}"}}"#;
    let expected = "PUT /b?c=d | a: 1 | a: 2 | content-type: application/json | {\"x\":1}";
    let entry = format!(r#"{{"request":{request},"response":{{"status":200}}}}"#);
    let log = format!(r#"{{"log":{{"entries":[{entry}]}}}}"#);
    check(&[(request, expected), (&entry, expected), (&log, expected)]);
}

#[test]
fn bodies_come_as_text_base64_or_parameters() {
    let with = |rest: &str| format!(r#"{{"method":"PUT","url":"http://a/b"{rest}}}"#);
    for (rest, expected) in [
        ("", "PUT /b | "),
        (r#","bodySize":-1,"postData":null"#, "PUT /b | "),
        (r#","postData":{"text":"x"}"#, "PUT /b | x"),
        (
            r#","postData":{"text":"eyJ4IjoxfQ==","encoding":"base64"}"#,
            "PUT /b | {\"x\":1}",
        ),
        (
            r#","headers":[{"name":"Content-Type","value":"x"}],"postData":{"mimeType":"y","params":[{"name":"a b","value":"&"},{"name":"c"}]}"#,
            "PUT /b | content-type: x | a%20b=%26&c=",
        ),
        (
            r#","bodySize":3"#,
            "! 1:1: HAR: the request had a body, which was not saved (save it as cURL (bash) instead)",
        ),
        (
            r#","postData":{"text":"secret!","encoding":"base64"}"#,
            "! 1:55: postData.text: it is no base64",
        ),
        (
            r#","postData":{"text":"x","encoding":"gzip"}"#,
            "! 1:70: postData.encoding: the only encoding known is `base64`",
        ),
        (
            r#","postData":{"params":[{"name":"a","fileName":"secret"}]}"#,
            "! 1:58: postData.params[0]: a file in a form is not read",
        ),
    ] {
        assert_eq!(told(&with(rest)), expected, "{rest}");
    }
}

#[test]
fn one_entry_of_several_is_chosen_by_number() {
    assert_eq!(
        told(TWO),
        "! 1:35: log.entries: it has 2 entries (choose one with `--entry N`: 1 GET /one, 2 PUT /two)"
    );
    let entry = |number| line(read_entry(TWO.as_bytes(), number));
    assert_eq!(entry(1), "GET /one?token=secret | ");
    assert_eq!(entry(2), "PUT /two | a: 1 | content-type: text/x | {}");
    for number in [0, 3, usize::MAX] {
        let expected = format!(
            "! 1:35: log.entries: it has no entry {number} (they count from 1, and it has 2)"
        );
        assert_eq!(entry(number), expected);
    }
    let started = read_entry(TWO.as_bytes(), 1).unwrap().time.unwrap();
    assert_eq!(started.to_string(), "2031-03-04T09:00:00.5Z");
    assert_eq!(
        line(read_entry(b"curl http://a", 1)),
        "! curl command: it has no entries to choose from (`--entry` is for a HAR)"
    );
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    check(&[
        ("{\"log\":{}}", "! 1:8: log: it has no member `entries`"),
        (
            "{\"log\":{\"entries\":[]}}",
            "! 1:19: log.entries: it has no entry (save the log again after the request was sent)",
        ),
        (
            "{\"log\":{\"entries\":{}}}",
            "! 1:19: log.entries: it must be a JSON array",
        ),
        (
            "{\"log\":{\"entries\":[\n 7]}}",
            "! 2:2: log.entries[0]: it must be a JSON object",
        ),
        ("{\"log\":[]}", "! 1:8: log: it must be a JSON object"),
        (
            "{\"log\":{\"entries\":[{}]}}",
            "! 1:20: log.entries[0]: it has no member `request`",
        ),
        (
            "{\"request\":{\"url\":\"http://a\"}}",
            "! 1:12: request: it has no member `method`",
        ),
        (
            "{\"request\":{\"url\":\"http://a\",\"url\":\"secret\"}}",
            "! 1:12: request: its member `url` occurs twice",
        ),
        (
            "{\"method\":\"a b\",\"url\":\"http://a\"}",
            "! 1:11: method: it is no HTTP method",
        ),
        (
            "{\"method\":\"GET\",\"url\":\"secret\"}",
            "! 1:23: url: the URL does not begin with `http://` or `https://`",
        ),
        (
            "{\"method\":\"GET\",\"url\":7}",
            "! 1:23: url: it must be a text",
        ),
        (
            "{\"method\":\"GET\",\"url\":\"\\ud800secret\"}",
            "! 1:23: url: it has an escape that means no character",
        ),
        (
            "{\"method\":\"GET\",\"url\":\"http://a\",\"headers\":[{\"name\":\"a b\",\"value\":\"secret\"}]}",
            "! 1:45: headers[0]: this is no header name",
        ),
        (
            "{\"method\":\"GET\",\"url\":\"http://a\",\"headers\":[{\"name\":\"A\",\"value\":\"\\nsecret\\n1\"}]}",
            "! 1:45: headers[0]: the value of `A` has a character that a header cannot hold",
        ),
        (
            "{\"startedDateTime\":\"secret\",\"request\":{}}",
            "! 1:20: startedDateTime: it is no time such as `2031-03-04T09:00:00.000Z`",
        ),
        ("{\"log\":{\"entries\":[", "! 1:19: the JSON ends too early"),
        ("{\"log\" \"secret\"}", "! 1:8: it is no JSON: expected `:`"),
    ]);
    assert!(read(b"{\"method\":\"GET\",\"url\":\"http://a\",\"headers\":null}").is_ok());
}
