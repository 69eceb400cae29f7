//! The log of the program: joined with trace and audit line, and nobody's hindrance.

mod process;

use data_encoding::HEXLOWER;
use std::time::Duration;

use process::{ADMIN, AUDIT, Gateway, Stderr, collector, delivered};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OPEN: &str = "admin: {address: '127.0.0.1:0', log_level: true}\n";
const LOST: &str = "the connection to the upstream failed before its answer";

#[test]
fn a_line_of_the_log_is_joined_with_trace_and_audit_line() {
    let (url, received) = collector("/v1/logs");
    let more = format!("telemetry: {{otlp: {{endpoint: '{url}'}}}}\n");
    let mut gateway = Gateway::start(&more, Stderr::Read);
    let up = &gateway.beginning[0];
    assert!(up.get("trace_id").is_none(), "{up}");
    let headers =
        format!("traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\nx-request-id: joined-1\r\n");
    assert_eq!(gateway.send(&headers), 502);

    let line = gateway.line(LOST);
    assert_eq!(line["level"], "WARN");
    assert_eq!(
        (&line["trace_id"], &line["request_id"]),
        (&TRACE.into(), &"joined-1".into())
    );
    let sent = delivered(&received, LOST);
    let span = HEXLOWER
        .decode(line["span_id"].as_str().unwrap().as_bytes())
        .unwrap();
    for (what, bytes) in [
        ("trace id", HEXLOWER.decode(TRACE.as_bytes()).unwrap()),
        ("span id", span),
        ("request id", b"joined-1".to_vec()),
        ("severity", b"WARN".to_vec()),
        (
            "scope",
            b"meeting_gateway::stages::forward::client".to_vec(),
        ),
    ] {
        assert!(memchr::memmem::find(&sent, &bytes).is_some(), "{what}");
    }
    let (status, audit) = gateway.end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(audit.len(), 1);
    assert_eq!(
        (&audit[0]["trace_id"], &audit[0]["request_id"]),
        (&TRACE.into(), &"joined-1".into())
    );
    // What is said at the end is sent, too.
    delivered(&received, "stopping: requests in flight are answered");
}

#[test]
fn neither_a_reader_who_left_nor_a_closed_pipe_stops_the_gateway() {
    for stderr in [Stderr::Left, Stderr::Closed] {
        // More than the pipe and the queue take together.
        let more = "telemetry: {log: {level: 'trace,hyper=trace,hyper_util=trace'}}\n";
        let mut gateway = Gateway::start(more, stderr);
        let mut answered = 0;
        while answered < 20 || dropped(&gateway) == 0 {
            assert_eq!(gateway.send(""), 502);
            answered += 1;
        }
        let (status, audit) = gateway.end();
        assert_eq!((status.code(), audit.len()), (Some(0), answered));
    }
}

fn dropped(gateway: &Gateway) -> u64 {
    let text = gateway.ask("GET", "/metrics", "").1;
    let start = "meeting_gateway_log_dropped_total ";
    let mut values = text.lines().filter_map(|line| line.strip_prefix(start));
    values.next().map_or(0, |value| value.parse().unwrap())
}

#[test]
fn what_a_delivery_logs_is_not_delivered() {
    let (url, received) = collector("/v1/logs");
    let more = format!(
        "telemetry: {{log: {{level: 'trace,hyper=trace,hyper_util=trace'}}, otlp: {{endpoint: '{url}'}}}}\n"
    );
    let mut gateway = Gateway::start(&more, Stderr::Read);
    // Nobody else uses an HTTP client here, and this delivery is over before the last one begins.
    let mut sent = received
        .recv_timeout(Duration::from_mins(1))
        .expect("the log is delivered");
    let (status, _) = gateway.end();
    assert_eq!(status.code(), Some(0));
    sent.extend(received.try_iter().flatten());
    let holds = |text: &str| memchr::memmem::find(&sent, text.as_bytes()).is_some();
    assert!(holds("stopping: requests in flight are answered"));
    assert!(
        !holds("hyper_util::client"),
        "{}",
        String::from_utf8_lossy(&sent)
    );
    let written: Vec<_> = gateway.rest();
    let logged = |line: &serde_json::Value| {
        let target = line["target"].as_str().unwrap_or_default();
        target.starts_with("hyper_util::client")
    };
    assert!(written.iter().any(logged), "it is written all the same");
}

#[test]
fn audit_lines_are_sent_as_they_are_in_the_file() {
    let (url, received) = collector("/v1/logs");
    let more = format!("telemetry: {{otlp: {{endpoint: '{url}', logs: {{enabled: false}}}}}}\n");
    let mut gateway = Gateway::start_with(
        ADMIN,
        "audit: {output: {file: audit.jsonl}, otlp: true}\n",
        &more,
        Stderr::Read,
    );
    let headers =
        format!("traceparent: 00-{TRACE}-b7ad6b7169203331-01\r\nx-request-id: audited-1\r\n");
    assert_eq!(gateway.send(&headers), 502);
    let (status, lines) = gateway.end();
    assert_eq!(status.code(), Some(0));
    let sent: Vec<u8> = received.try_iter().flatten().collect();
    let holds = |bytes: &[u8]| memchr::memmem::find(&sent, bytes).is_some();
    // Those that tell of the log itself, too: together they are a chain.
    let file = std::fs::read_to_string(gateway.audit()).unwrap();
    assert!(file.lines().count() >= 3, "{file}");
    for line in file.lines() {
        assert!(holds(line.as_bytes()), "{line}");
    }
    assert!(
        !holds(b"listening"),
        "the log of the process is not asked for"
    );
    assert_eq!(lines[0]["request_id"], "audited-1");
    assert!(holds(&HEXLOWER.decode(TRACE.as_bytes()).unwrap()));
    assert!(holds(b"meeting_gateway.audit"));
}

#[test]
fn the_level_is_changed_for_a_while_where_the_configuration_opens_that() {
    let closed = Gateway::start("", Stderr::Read);
    for method in ["GET", "PUT", "DELETE"] {
        let (status, text) = closed.ask(method, "/log-level", "debug");
        assert_eq!(status, 403, "{method}: {text}");
    }
    drop(closed);

    let open = Gateway::start_with(OPEN, AUDIT, "", Stderr::Read);
    let (status, text) = open.ask("PUT", "/log-level?for=2s", "off,meeting_gateway=error");
    assert_eq!(status, 200, "{text}");
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&told["level"], &told["configured"]),
        (&"off,meeting_gateway=error".into(), &"info".into())
    );
    assert!(told["until"].is_string(), "{told}");
    assert_eq!(open.send(""), 502);
    // It ends by itself, and says so; what was logged meanwhile would have come before.
    let mut before = Vec::new();
    let ended = loop {
        let line = open.next_line();
        if line["message"] == "the log has its configured level again" {
            break line;
        }
        before.push(line);
    };
    assert!(
        before.iter().all(|line| line["message"] != LOST),
        "{before:?}"
    );
    let told =
        |line: &serde_json::Value| line["message"] == "the log has another level for a while";
    assert!(
        before.iter().any(told),
        "nobody makes the log silent in silence"
    );
    assert_eq!(ended["level"], "WARN");
    assert_eq!(open.send(""), 502);
    open.line(LOST);
    let (_, text) = open.ask("GET", "/log-level", "");
    assert!(
        text.contains(r#""level":"info","configured":"info","until":null"#),
        "{text}"
    );
}

#[test]
fn a_level_for_a_while_ends_also_where_nobody_reads_the_log() {
    let more = "telemetry: {log: {level: 'trace,hyper=trace,hyper_util=trace'}}\n";
    let gateway = Gateway::start_with(OPEN, AUDIT, more, Stderr::Left);
    while dropped(&gateway) == 0 {
        assert_eq!(gateway.send(""), 502);
    }
    let (status, text) = gateway.ask("PUT", "/log-level?for=1s", "debug");
    assert_eq!(status, 200, "{text}");
    // Each takes a good part of a millisecond.
    let mut asked = (0..100_000).map(|_| gateway.ask("GET", "/log-level", "").1);
    assert!(
        asked.any(|text| !text.contains(r#""level":"debug""#)),
        "it goes on"
    );
}
