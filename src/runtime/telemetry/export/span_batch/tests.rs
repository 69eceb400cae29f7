//! The bytes are those of the SDK's own way.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::{SpanContext, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn texts() -> impl Strategy<Value = String> {
    // On both sides of where lengths take another byte.
    prop_oneof![
        Just(String::new()),
        "[a-zé]{1,20}",
        (100..150_usize).prop_map(|length| "x".repeat(length)),
        (16_000..17_000_usize).prop_map(|length| "x".repeat(length)),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let value = prop_oneof![
        texts().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        vec(any::<i64>(), 0..3).prop_map(|list| Value::Array(Array::I64(list))),
    ];
    let attribute = ("[a-z.]{0,12}", value);
    vec(
        attribute.prop_map(|(key, value)| KeyValue::new(key, value)),
        0..4,
    )
}

fn times() -> impl Strategy<Value = SystemTime> {
    prop_oneof![Just(0), Just(1), 0..u64::MAX / 2]
        .prop_map(|nanoseconds| UNIX_EPOCH + Duration::from_nanos(nanoseconds))
}

fn contexts() -> impl Strategy<Value = SpanContext> {
    let states = select(vec!["", "a=1", "a=1,b=2"]);
    (
        any::<u128>(),
        any::<u64>(),
        any::<bool>(),
        any::<bool>(),
        states,
    )
        .prop_map(|(trace, span, sampled, remote, state)| {
            SpanContext::new(
                TraceId::from(trace),
                SpanId::from(span),
                TraceFlags::default().with_sampled(sampled),
                remote,
                state.parse::<TraceState>().unwrap(),
            )
        })
}

fn spans() -> impl Strategy<Value = SpanData> {
    let kinds = vec![
        SpanKind::Internal,
        SpanKind::Server,
        SpanKind::Client,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    let statuses = vec![
        Status::Unset,
        Status::Ok,
        Status::error(""),
        Status::error("it failed"),
    ];
    let event = (texts(), times(), attributes(), 0..2_u32);
    let event =
        event.prop_map(|(name, at, attributes, dropped)| Event::new(name, at, attributes, dropped));
    let link = (contexts(), attributes(), 0..2_u32);
    let link =
        link.prop_map(|(context, attributes, dropped)| Link::new(context, attributes, dropped));
    let counts = (0..2_u32, 0..2_u32, 0..300_u32);
    let parent = (prop_oneof![Just(0), any::<u64>()], any::<bool>());
    (
        (contexts(), parent, select(kinds), texts()),
        (times(), times(), attributes(), select(statuses)),
        (vec(event, 0..3), vec(link, 0..3), counts),
    )
        .prop_map(|(one, two, (all, others, counts))| {
            let (mut events, mut links) = (SpanEvents::default(), SpanLinks::default());
            (events.events, events.dropped_count) = (all, counts.0);
            (links.links, links.dropped_count) = (others, counts.1);
            SpanData {
                span_context: one.0,
                parent_span_id: SpanId::from(one.1.0),
                parent_span_is_remote: one.1.1,
                span_kind: one.2,
                name: Cow::Owned(one.3),
                start_time: two.0,
                end_time: two.1,
                attributes: two.2,
                dropped_attributes_count: counts.2,
                events,
                links,
                status: two.3,
                instrumentation_scope: InstrumentationScope::builder("gateway")
                    .with_version("1.2.3")
                    .with_schema_url("https://schema.example/1")
                    .build(),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn the_bytes_are_those_of_the_message_objects(batch in vec(spans(), 1..4)) {
        let resource = opentelemetry_sdk::Resource::builder_empty()
            .with_attribute(KeyValue::new("service.name", "gateway"))
            .build();
        let resource = ResourceAttributesWithSchema::from(&resource);
        let ours = encode(&batch, &resource);
        let resource_spans = group_spans_by_resource_and_scope(batch, &resource);
        let theirs = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        prop_assert!(ours == theirs, "{ours:?}\n{theirs:?}");
    }
}
