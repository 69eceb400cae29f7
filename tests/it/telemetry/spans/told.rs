//! Spans as a text: one within another, everything that they tell, in a fixed order.

use std::fmt::Write;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

/// The spans, the caller's request first, then what is nobody's part.
pub(super) fn tree(spans: &[SpanData]) -> String {
    let within = |id: SpanId| spans.iter().any(|span| span.span_context.span_id() == id);
    let mut roots: Vec<_> = spans
        .iter()
        .filter(|span| !within(span.parent_span_id))
        .collect();
    roots.sort_by_key(|span| span.span_kind != SpanKind::Server);
    let mut text = String::new();
    for root in roots {
        write(&mut text, root, spans, 0);
    }
    if text.is_empty() {
        text.push_str("nothing\n");
    }
    text
}

fn write(text: &mut String, span: &SpanData, spans: &[SpanData], depth: usize) {
    let indent = "  ".repeat(depth);
    let kind = format!("{:?}", span.span_kind).to_uppercase();
    let status = match &span.status {
        Status::Unset => "",
        Status::Error { description } if description.is_empty() => ": Error",
        other => panic!("{other:?}"),
    };
    let place = match (
        depth,
        span.parent_span_id == SpanId::INVALID,
        span.parent_span_is_remote,
    ) {
        (0, true, false) => ", a trace of its own",
        (0, false, true) => ", within the caller's trace",
        (1.., false, false) => "",
        other => panic!("{other:?} of {}", span.name),
    };
    writeln!(text, "{indent}{kind} {}{place}{status}", span.name).unwrap();
    for line in attributes(&span.attributes, &span.span_kind) {
        writeln!(text, "{indent}    {line}").unwrap();
    }
    for event in &span.events.events {
        let told = attributes(&event.attributes, &span.span_kind).join(" ");
        writeln!(
            text,
            "{}",
            format!("{indent}    event {} {told}", event.name).trim_end()
        )
        .unwrap();
    }
    for link in &span.links.links {
        let to = spans
            .iter()
            .find(|other| other.span_context == link.span_context);
        let to = to.map_or("the caller's span", |to| &to.name);
        let told = attributes(&link.attributes, &span.span_kind).join(" ");
        writeln!(
            text,
            "{}",
            format!("{indent}    link to {to} {told}").trim_end()
        )
        .unwrap();
    }
    assert_eq!(
        (span.dropped_attributes_count, span.events.dropped_count),
        (0, 0)
    );
    let id = span.span_context.span_id();
    for inner in spans.iter().filter(|inner| inner.parent_span_id == id) {
        assert_eq!(inner.span_context.trace_id(), span.span_context.trace_id());
        write(text, inner, spans, depth + 1);
    }
}

/// Sorted; no name may be there twice.
fn attributes(attributes: &[KeyValue], kind: &SpanKind) -> Vec<String> {
    let mut names: Vec<_> = attributes.iter().map(|one| one.key.as_str()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(count, names.len(), "twice: {names:?}");
    let line = |one: &KeyValue| format!("{}={}", one.key, value(one, kind));
    let mut lines: Vec<_> = attributes.iter().map(line).collect();
    lines.sort();
    lines
}

fn value(attribute: &KeyValue, kind: &SpanKind) -> String {
    let value = attribute.value.to_string();
    match attribute.key.as_str() {
        "meeting_gateway.request_id" if value.len() == 32 => "<made>".to_owned(),
        "server.port" | "network.peer.port" if *kind == SpanKind::Client => "<port>".to_owned(),
        "url.full" => {
            let (scheme, rest) = value.split_once("://").unwrap();
            let (host, rest) = rest.split_once(':').unwrap();
            let (_, path) = rest.split_once('/').unwrap();
            format!("{scheme}://{host}:<port>/{path}")
        }
        _ => value,
    }
}
