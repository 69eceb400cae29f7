//! The W3C Trace Context on the wire: the `traceparent` and `tracestate` header fields.
//!
//! Read strictly (W3C Trace Context, sections 3.2 and 4.3): whatever is not valid is as if it were absent, and the request begins a
//! new trace. Flags other than `sampled` are dropped.
//!
//! ```
//! use http::{HeaderMap, HeaderValue};
//! use meeting_gateway::runtime::telemetry::propagation::{extract, traceparent};
//!
//! let sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let mut headers = HeaderMap::new();
//! headers.insert("traceparent", HeaderValue::from_static(sent));
//! let context = extract(&headers).unwrap();
//! assert!(context.is_sampled());
//! assert_eq!(traceparent(&context), sent);
//!
//! headers.insert("traceparent", HeaderValue::from_static("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
//! assert!(extract(&headers).is_none());
//! ```

use std::str::FromStr;

use http::header::{HeaderMap, HeaderValue};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use crate::model::header::{TRACEPARENT, TRACESTATE};
use crate::model::hex;

/// `00-` + 32 + `-` + 16 + `-` + 2.
const LENGTH: usize = 55;
/// Bytes of `tracestate` that are passed on; the specification asks for at least 512 (section 3.3.1.5).
const LONGEST_STATE: usize = 512;

/// The caller's trace context, if there is exactly one and it is valid.
pub fn extract(headers: &HeaderMap) -> Option<SpanContext> {
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let (trace_id, span_id, flags) = parse(parents.next()?.as_bytes())?;
    if parents.next().is_some() {
        return None;
    }
    let state = state(headers).unwrap_or_default();
    let context = SpanContext::new(trace_id, span_id, flags, true, state);
    context.is_valid().then_some(context)
}

/// Our trace context, to be sent on.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "it cannot: see the expectation's message"
)]
pub fn traceparent(context: &SpanContext) -> HeaderValue {
    let mut text = [0; LENGTH];
    text[..3].copy_from_slice(b"00-");
    text[3..35].copy_from_slice(hex::digits(context.trace_id().to_bytes()).as_flattened());
    text[35] = b'-';
    text[36..52].copy_from_slice(hex::digits(context.span_id().to_bytes()).as_flattened());
    text[52] = b'-';
    text[53..].copy_from_slice(hex::digits([u8::from(context.is_sampled())]).as_flattened());
    HeaderValue::from_bytes(&text).expect("hexadecimal digits and hyphens are a valid field value")
}

/// The vendors' parts, to be sent on; `None` where there are none.
pub fn tracestate(context: &SpanContext) -> Option<HeaderValue> {
    let state = context.trace_state();
    if *state == TraceState::NONE {
        return None;
    }
    let text = state.header();
    HeaderValue::from_str(&text)
        .ok()
        .filter(|value| !value.is_empty())
}

fn parse(text: &[u8]) -> Option<(TraceId, SpanId, TraceFlags)> {
    let version = unhex::<1>(text.get(..2)?)?[0];
    // A later version may append fields, after a hyphen; 255 is forbidden.
    let fits = match version {
        0 => text.len() == LENGTH,
        255 => false,
        _ => text.len() == LENGTH || text.get(LENGTH) == Some(&b'-'),
    };
    if !fits || [2, 35, 52].iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let trace_id = TraceId::from_bytes(unhex(&text[3..35])?);
    let span_id = SpanId::from_bytes(unhex(&text[36..52])?);
    let flags = TraceFlags::new(unhex::<1>(&text[53..55])?[0]) & TraceFlags::SAMPLED;
    Some((trace_id, span_id, flags))
}

fn state(headers: &HeaderMap) -> Option<TraceState> {
    let mut values = headers.get_all(TRACESTATE).iter();
    let first = values.next()?.to_str().ok()?;
    let mut text = first.to_owned();
    for value in values {
        text.push(',');
        text.push_str(value.to_str().ok()?);
    }
    if text.len() > LONGEST_STATE {
        return None;
    }
    TraceState::from_str(&text).ok()
}

/// Lower-case digits only, as the specification wants them.
fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn with(fields: &[(HeaderName, &str)]) -> HeaderMap {
        let field = |(name, value): &(HeaderName, &str)| (name.clone(), value.parse().unwrap());
        fields.iter().map(field).collect()
    }

    #[test]
    fn traceparent_is_read_strictly() {
        let good = [
            ("sampled", format!("00-{TRACE}-{SPAN}-01"), true),
            ("not sampled", format!("00-{TRACE}-{SPAN}-00"), false),
            ("further flags", format!("00-{TRACE}-{SPAN}-ff"), true),
            ("a later version", format!("01-{TRACE}-{SPAN}-01"), true),
            (
                "a later, longer version",
                format!("fe-{TRACE}-{SPAN}-01-what-next"),
                true,
            ),
        ];
        for (name, text, sampled) in good {
            let context = extract(&with(&[(TRACEPARENT, &text)])).expect(name);
            assert_eq!(context.trace_id().to_string(), TRACE, "{name}");
            assert_eq!(context.span_id().to_string(), SPAN, "{name}");
            assert_eq!(
                (context.is_sampled(), context.is_remote()),
                (sampled, true),
                "{name}"
            );
            let flags = u8::from(sampled);
            assert_eq!(
                traceparent(&context),
                format!("00-{TRACE}-{SPAN}-0{flags}"),
                "{name}"
            );
        }
        let upper = TRACE.to_uppercase();
        let bad = [
            ("empty", String::new()),
            ("short", "00-".to_owned()),
            ("version 255", format!("ff-{TRACE}-{SPAN}-01")),
            ("version 0, longer", format!("00-{TRACE}-{SPAN}-01-x")),
            ("a later version, glued", format!("01-{TRACE}-{SPAN}-01x")),
            ("upper case", format!("00-{upper}-{SPAN}-01")),
            ("no trace", format!("00-{}-{SPAN}-01", "0".repeat(32))),
            ("no span", format!("00-{TRACE}-{}-01", "0".repeat(16))),
            ("not hexadecimal", format!("00-{TRACE}-{SPAN}-0g")),
            ("other separators", format!("00_{TRACE}_{SPAN}_01")),
            ("cut", format!("00-{TRACE}-{SPAN}-0")),
        ];
        for (name, text) in bad {
            assert!(extract(&with(&[(TRACEPARENT, &text)])).is_none(), "{name}");
        }
    }

    #[test]
    fn two_traceparents_are_none() {
        let text = format!("00-{TRACE}-{SPAN}-01");
        assert!(extract(&with(&[(TRACEPARENT, &text), (TRACEPARENT, &text)])).is_none());
    }

    #[test]
    fn tracestate_is_passed_on_if_it_is_sound() {
        let parent = format!("00-{TRACE}-{SPAN}-01");
        let long = format!("a={}", "x".repeat(LONGEST_STATE));
        let cases: [(&str, &[&str], Option<&str>); 6] = [
            ("none", &[], None),
            ("one", &["a=1"], Some("a=1")),
            ("several members", &["a=1, b=2"], Some("a=1,b=2")),
            ("several fields", &["a=1", "b=2"], Some("a=1,b=2")),
            ("malformed", &["a"], None),
            ("too long", &[&long], None),
        ];
        for (name, states, expected) in cases {
            let mut headers = with(&[(TRACEPARENT, &parent)]);
            for state in states {
                headers.append(TRACESTATE, state.parse().unwrap());
            }
            let context = extract(&headers).expect(name);
            let sent = tracestate(&context);
            assert_eq!(
                sent.as_ref().map(|value| value.to_str().unwrap()),
                expected,
                "{name}"
            );
        }
    }
}
