//! How long the whole path and each of its steps take, what is done to answers, and what a JWT costs. See `README.md` beside this file for
//! how to run it, and for what the figures were.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on says where"
)]

mod answers;
mod audit;
mod cases;
mod contract;
mod path;
mod telemetry;
mod tokens;

/// The allocator of the program.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use meeting_gateway::model::document::Document;
use meeting_gateway::runtime::telemetry::export::span_batch;
use meeting_gateway::stages::reply::audit_line;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;

use cases::Body::{Attendees, Documented};
use cases::For::{All, Caller, Operation};
use cases::Kind::{self, EachAttendee, Plain, Simple};
use cases::{Body, Case, For};
use contract::Size;
use path::{Audit, Ends, Path, Traces};
use tokens::{Desk, Signed};

const COUNTS: [usize; 4] = [1, 10, 100, 1000];

fn main() {
    divan::main();
}

fn decide(bencher: Bencher<'_, '_>, case: Case) {
    let case = case.checked();
    bencher
        .with_inputs(|| case.document())
        .bench_refs(|document| case.decide(document));
}

fn rules(bencher: Bencher<'_, '_>, kind: Kind, count: usize, whom: For, body: Body) {
    decide(bencher, Case::new(kind, count, whom, body));
}

#[divan::bench(args = COUNTS)]
fn plain(bencher: Bencher<'_, '_>, count: usize) {
    rules(bencher, Plain, count, All, Documented);
}

#[divan::bench]
fn plain_1000_of_which_10_for_the_operation(bencher: Bencher<'_, '_>) {
    rules(bencher, Plain, 1000, Operation(10), Documented);
}

#[divan::bench]
fn plain_1000_of_which_10_for_the_caller(bencher: Bencher<'_, '_>) {
    rules(bencher, Plain, 1000, Caller(10), Documented);
}

#[divan::bench(args = COUNTS)]
fn simple_expression(bencher: Bencher<'_, '_>, count: usize) {
    rules(bencher, Simple, count, All, Documented);
}

#[divan::bench]
fn simple_expression_1000_of_which_10_for_the_operation(bencher: Bencher<'_, '_>) {
    rules(bencher, Simple, 1000, Operation(10), Documented);
}

#[divan::bench(args = COUNTS)]
fn attendees_expression_on_none(bencher: Bencher<'_, '_>, count: usize) {
    rules(bencher, Kind::Attendees, count, All, Documented);
}

#[divan::bench(args = COUNTS)]
fn attendees_expression_on_1(bencher: Bencher<'_, '_>, count: usize) {
    rules(bencher, Kind::Attendees, count, All, Attendees(1));
}

#[divan::bench(args = [1, 10])]
fn attendees_expression_on_430(bencher: Bencher<'_, '_>, count: usize) {
    rules(bencher, Kind::Attendees, count, All, Attendees(430));
}

#[divan::bench(args = [1, 430])]
fn verb_on_each_attendee(bencher: Bencher<'_, '_>, attendees: usize) {
    rules(bencher, EachAttendee, 1, All, Attendees(attendees));
}

#[divan::bench]
fn shipped_packs(bencher: Bencher<'_, '_>) {
    let case = Case::shipped(Documented);
    bencher
        .with_inputs(|| case.document())
        .bench_refs(|document| case.decide(document));
}

/// A body's bytes, read.
#[divan::bench(args = [Size::Small, Size::Large])]
fn decode(bencher: Bencher<'_, '_>, size: Size) {
    let text = contract::text(size);
    bencher.bench(|| contract::decoded(&text));
}

fn step<T>(bencher: Bencher<'_, '_>, size: Size, step: impl Fn(Document) -> T + Sync) {
    bencher
        .with_inputs(|| contract::document(size))
        .bench_values(step);
}

/// The look that spares a body in order the three steps below.
#[divan::bench(args = [Size::Small, Size::Large])]
fn in_order(bencher: Bencher<'_, '_>, size: Size) {
    step(bencher, size, contract::in_order);
}

#[divan::bench(args = [Size::Small, Size::Large])]
fn strip(bencher: Bencher<'_, '_>, size: Size) {
    step(bencher, size, contract::stripped);
}

#[divan::bench(args = [Size::Small, Size::Large])]
fn normalise(bencher: Bencher<'_, '_>, size: Size) {
    step(bencher, size, contract::normalised);
}

#[divan::bench(args = [Size::Small, Size::Large])]
fn validate(bencher: Bencher<'_, '_>, size: Size) {
    step(bencher, size, contract::validated);
}

/// The bytes that go upstream.
#[divan::bench(args = [Size::Small, Size::Large])]
fn write(bencher: Bencher<'_, '_>, size: Size) {
    step(bencher, size, contract::written);
}

/// The line of a request that is over, into a buffer that is there.
#[divan::bench]
fn write_audit_line(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(audit::buffered)
        .bench_refs(|(journal, line)| audit_line::write(journal, audit::DURATION, line));
}

/// What the request's thread does with it then.
#[divan::bench]
fn append_audit_line(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(audit::appended)
        .bench_refs(|(log, line)| log.append(line));
}

/// What the exporter's thread does with recorded spans.
#[divan::bench]
fn encode_100_spans(bencher: Bencher<'_, '_>) {
    let (spans, resource) = (telemetry::spans(), ResourceAttributesWithSchema::default());
    bencher.bench_local(|| span_batch::encode(&spans, &resource));
}

/// The metrics of one request, all series of which are there.
#[divan::bench]
fn metrics(bencher: Bencher<'_, '_>) {
    let metrics = telemetry::metrics();
    bencher.bench_local(|| metrics.record());
}

/// A request's record, its trace and its metrics, where nothing else becomes of it.
#[divan::bench(args = [Traces::Off, Traces::Unsampled, Traces::Sampled])]
fn trace(bencher: Bencher<'_, '_>, traces: Traces) {
    let (service, _) = telemetry::traced(traces);
    bencher
        .with_inputs(telemetry::request)
        .bench_local_values(|request| telemetry::answered((service, request)));
}

/// A thousand rules, read and compiled.
#[divan::bench(args = [Plain, Simple, Kind::Attendees])]
fn compile_1000(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = cases::text(kind, 1000, All);
    bencher.bench(|| cases::compiled(&[&text]));
}

/// Masking an answer of so many meetings, beside reading it and doing nothing.
#[divan::bench(args = [1, 500])]
fn mask_meetings(bencher: Bencher<'_, '_>, count: usize) {
    let answer = answers::meetings(count);
    assert_eq!(answers::mask(answer.clone()).1, count * 10);
    bencher
        .with_inputs(|| answer.clone())
        .bench_values(answers::mask);
}

#[divan::bench(args = [1, 500])]
fn skim_meetings(bencher: Bencher<'_, '_>, count: usize) {
    let answer = answers::meetings(count);
    bencher.bench(|| answers::skim(&answer));
}

#[divan::bench(args = [1, 500])]
fn compare_answer(bencher: Bencher<'_, '_>, count: usize) {
    let (asked, answer) = (answers::asked(), answers::meetings(count));
    bencher.bench(|| asked.findings(&answer));
}

/// A JWT that is seen for the first time: read, verified, checked.
#[divan::bench(args = [Signed::Rs256, Signed::Es256, Signed::EdDsa])]
fn token_seen_first(bencher: Bencher<'_, '_>, signed: Signed) {
    let desk = Desk::new(signed, 1000);
    let next = AtomicUsize::new(0);
    bencher
        .with_inputs(|| desk.headers(next.fetch_add(1, Ordering::Relaxed)))
        .bench_refs(|headers| desk.authenticate(headers));
}

/// One that is remembered.
#[divan::bench]
fn token_remembered(bencher: Bencher<'_, '_>) {
    let desk = Desk::new(Signed::Es256, 1);
    let headers = desk.headers(0);
    bencher.bench(|| desk.authenticate(&headers));
}

/// An API key, with issuers configured.
#[divan::bench]
fn api_key_beside_tokens(bencher: Bencher<'_, '_>) {
    let desk = Desk::new(Signed::Es256, 1);
    let headers = Desk::api_key();
    bencher.bench(|| desk.authenticate(&headers));
}

/// A request from its head to the last byte of its answer.
#[divan::bench(args = [
    (Traces::Off, Audit::Off, Ends::Answered),
    (Traces::Off, Audit::File, Ends::Answered),
    (Traces::Off, Audit::FileAlone, Ends::Answered),
    (Traces::Unsampled, Audit::File, Ends::Answered),
    (Traces::Sampled, Audit::File, Ends::Answered),
    (Traces::Sampled, Audit::Off, Ends::Answered),
    (Traces::Off, Audit::Kept, Ends::Answered),
    (Traces::Off, Audit::File, Ends::Refused),
    (Traces::Sampled, Audit::File, Ends::Refused),
])]
fn whole_path(bencher: Bencher<'_, '_>, (traces, audit, ends): (Traces, Audit, Ends)) {
    let path = Path::new(traces, audit, ends);
    bencher
        .with_inputs(Path::request)
        .bench_values(|request| path.send(request));
}

/// What is done with each audit line behind a request's back: numbered, hashed, appended.
#[divan::bench(args = [1000, 4000])]
fn seal_audit_line(bencher: Bencher<'_, '_>, bytes: usize) {
    let (log, line) = path::line(bytes);
    bencher.bench(|| log.append(&line));
}
