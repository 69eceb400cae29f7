//! A batch of spans as the Protobuf message of OTLP, written at once into one buffer.
//!
//! The SDK's own way goes through a message object for each attribute, with texts of its own. This one writes the same bytes, which a
//! test holds it to. All spans of a batch are of one scope, as there is but one tracer.
//!
//! ```
//! use meeting_gateway::runtime::telemetry::export::span_batch::encode;
//! use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
//! use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
//! use prost::Message;
//!
//! let message = encode(&[], &ResourceAttributesWithSchema::default());
//! let read = ExportTraceServiceRequest::decode(&*message).unwrap();
//! assert!(read.resource_spans[0].scope_spans.is_empty(), "there was no span");
//! assert!(ExportTraceServiceRequest::decode(&message[1..]).is_err());
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::SpanFlags;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use prost::encoding::{encode_varint, encoded_len_varint};

/// Bytes of a span of a request, so that the buffer is seldom moved.
const USUAL: usize = 1536;

/// How many bytes the length of a message takes, as a guess: what is behind it is moved where it is wrong.
#[derive(Clone, Copy)]
enum Size {
    /// Below 128 bytes.
    Small = 1,
    /// Below 16 KiB.
    Medium = 2,
    /// Below 2 MiB.
    Large = 3,
}

/// The message `ExportTraceServiceRequest` with these spans, of the process that `resource` describes; some 1.5 kB for a request's.
pub fn encode(batch: &[SpanData], resource: &ResourceAttributesWithSchema) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + batch.len() * USUAL);
    nested(&mut out, 1, Size::Large, |out| {
        let attributes = resource.attributes.0.clone();
        let described = Resource {
            attributes,
            ..Resource::default()
        };
        bytes(out, 1, &described.encode_to_vec());
        if let Some(first) = batch.first() {
            let scope = &first.instrumentation_scope;
            nested(out, 2, Size::Large, |out| {
                let described = InstrumentationScope::from((scope, None));
                bytes(out, 1, &described.encode_to_vec());
                for one in batch {
                    nested(out, 2, Size::Medium, |out| span(out, one));
                }
                text(out, 3, scope.schema_url().unwrap_or_default());
            });
        }
        text(out, 3, resource.schema_url.as_deref().unwrap_or_default());
    });
    out
}

fn span(out: &mut Vec<u8>, span: &SpanData) {
    let context = &span.span_context;
    bytes(out, 1, &context.trace_id().to_bytes());
    bytes(out, 2, &context.span_id().to_bytes());
    text(out, 3, &context.trace_state().header());
    if span.parent_span_id != SpanId::INVALID {
        bytes(out, 4, &span.parent_span_id.to_bytes());
    }
    text(out, 5, &span.name);
    number(out, 6, kind(&span.span_kind));
    fixed64(out, 7, nanoseconds(span.start_time));
    fixed64(out, 8, nanoseconds(span.end_time));
    attributes(out, 9, &span.attributes);
    number(out, 10, span.dropped_attributes_count.into());
    for one in &span.events.events {
        nested(out, 11, Size::Small, |out| event(out, one));
    }
    number(out, 12, span.events.dropped_count.into());
    for one in &span.links.links {
        nested(out, 13, Size::Small, |out| link(out, one));
    }
    number(out, 14, span.links.dropped_count.into());
    nested(out, 15, Size::Small, |out| match &span.status {
        Status::Unset => {}
        Status::Ok => number(out, 3, 1),
        Status::Error { description } => {
            text(out, 2, description);
            number(out, 3, 2);
        }
    });
    let flags = flags(span.parent_span_is_remote, context.trace_flags().to_u8());
    fixed32(out, 16, flags);
}

fn event(out: &mut Vec<u8>, event: &Event) {
    fixed64(out, 1, nanoseconds(event.timestamp));
    text(out, 2, &event.name);
    attributes(out, 3, &event.attributes);
    number(out, 4, event.dropped_attributes_count.into());
}

fn link(out: &mut Vec<u8>, link: &Link) {
    let context = &link.span_context;
    bytes(out, 1, &context.trace_id().to_bytes());
    bytes(out, 2, &context.span_id().to_bytes());
    text(out, 3, &context.trace_state().header());
    attributes(out, 4, &link.attributes);
    number(out, 5, link.dropped_attributes_count.into());
    let flags = flags(context.is_remote(), context.trace_flags().to_u8());
    fixed32(out, 6, flags);
}

fn attributes(out: &mut Vec<u8>, field: u32, attributes: &[KeyValue]) {
    for attribute in attributes {
        nested(out, field, Size::Small, |out| {
            text(out, 1, attribute.key.as_str());
            nested(out, 2, Size::Small, |out| value(out, &attribute.value));
        });
    }
}

/// One of several kinds, so it is there also where it is empty.
fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => bytes(out, 1, text.as_str().as_bytes()),
        Value::Bool(yes) => {
            key(out, 2, Wire::Varint);
            varint(out, (*yes).into());
        }
        Value::I64(number) => {
            key(out, 3, Wire::Varint);
            varint(out, number.cast_unsigned());
        }
        Value::F64(number) => {
            key(out, 4, Wire::Fixed64);
            out.extend_from_slice(&number.to_le_bytes());
        }
        // Lists; no span of ours has one.
        other => out.extend_from_slice(&AnyValue::from(other.clone()).encode_to_vec()),
    }
}

const fn kind(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// The flags of the trace, and whether the other end is in another process.
fn flags(is_remote: bool, of_trace: u8) -> u32 {
    let mut flags = u32::from(of_trace) | SpanFlags::ContextHasIsRemoteMask as u32;
    if is_remote {
        flags |= SpanFlags::ContextIsRemoteMask as u32;
    }
    flags
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// How a field is written.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

fn key(out: &mut Vec<u8>, field: u32, wire: Wire) {
    varint(out, u64::from(field << 3 | wire as u32));
}

/// Most are one byte.
fn varint(out: &mut Vec<u8>, number: u64) {
    match u8::try_from(number) {
        Ok(byte @ ..0x80) => out.push(byte),
        _ => encode_varint(number, out),
    }
}

/// A field that is left out where it is zero.
fn number(out: &mut Vec<u8>, field: u32, number: u64) {
    if number != 0 {
        key(out, field, Wire::Varint);
        varint(out, number);
    }
}

fn fixed64(out: &mut Vec<u8>, field: u32, number: u64) {
    if number != 0 {
        key(out, field, Wire::Fixed64);
        out.extend_from_slice(&number.to_le_bytes());
    }
}

fn fixed32(out: &mut Vec<u8>, field: u32, number: u32) {
    if number != 0 {
        key(out, field, Wire::Fixed32);
        out.extend_from_slice(&number.to_le_bytes());
    }
}

/// A field that is left out where it is empty.
fn text(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        bytes(out, field, text.as_bytes());
    }
}

fn bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    key(out, field, Wire::Length);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A message within the message; there also where it is empty.
fn nested(out: &mut Vec<u8>, field: u32, size: Size, write: impl FnOnce(&mut Vec<u8>)) {
    key(out, field, Wire::Length);
    let at = out.len();
    let guess = size as usize;
    for _ in 0..guess {
        out.push(0);
    }
    write(out);
    let length = out.len() - at - guess;
    if let (Size::Small, Ok(byte @ ..0x80), Some(place)) =
        (size, u8::try_from(length), out.get_mut(at))
    {
        *place = byte;
        return;
    }
    let mut prefix = [0; 10];
    encode_varint(length as u64, &mut &mut prefix[..]);
    let takes = encoded_len_varint(length as u64);
    let takes = prefix.get(..takes).unwrap_or_default();
    match out.get_mut(at..at + guess) {
        Some(place) if takes.len() == guess => place.copy_from_slice(takes),
        _ => drop(out.splice(at..at + guess, takes.iter().copied())),
    }
}

#[cfg(test)]
mod tests;
