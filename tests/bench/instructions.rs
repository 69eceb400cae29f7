//! How many instructions the whole path and the decide step take, and what is done to answers. See `README.md` beside this file for how to run it, and for what the figures
//! were.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on says where"
)]
#![expect(
    missing_docs,
    clippy::exit,
    clippy::disallowed_methods,
    reason = "in what the macros write"
)]

/// The allocator of the program: another one has other costs, and spends them where it cleans up.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod answers;
mod audit;
mod cases;
mod contract;
mod path;
mod telemetry;

use std::hint::black_box;

use bytes::Bytes;
use gungraun::prelude::*;
use http::{Request, Response};
use http_body_util::Full;
use meeting_gateway::contract::Contract;
use meeting_gateway::contract::answer_check::Asked;
use meeting_gateway::model::document::Document;
use meeting_gateway::model::finding::Finding;
use meeting_gateway::model::record::Journal;
use meeting_gateway::policy::{Effects, RuleSet, Verdict};
use meeting_gateway::runtime::audit_log::AuditLog;
use meeting_gateway::runtime::telemetry::export::span_batch;
use meeting_gateway::stages::forward::AnswerBody;
use meeting_gateway::stages::reply::audit_line;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::trace::SpanData;

use cases::Body::{Attendees, Documented, Everything};
use cases::For::{All, Caller, Operation};
use cases::Kind::{self, EachAttendee, Plain, Simple};
use cases::{Body, Case, For};
use contract::Size;
use path::{Audit, Ends, Path, Traces};
use telemetry::{Metrics, Traced};

fn rules(kind: Kind, count: usize, whom: For, body: Body) -> (Case, Document) {
    let case = Case::new(kind, count, whom, body).checked();
    let document = case.document();
    (case, document)
}

fn shipped(body: Body) -> (Case, Document) {
    let case = Case::shipped(body);
    let document = case.document();
    (case, document)
}

// Everything goes in and comes out, so that nothing is counted for being freed.
#[library_benchmark]
#[bench::plain_1(args = (Plain, 1, All, Documented), setup = rules)]
#[bench::plain_10(args = (Plain, 10, All, Documented), setup = rules)]
#[bench::plain_100(args = (Plain, 100, All, Documented), setup = rules)]
#[bench::plain_1000(args = (Plain, 1000, All, Documented), setup = rules)]
#[bench::plain_10_of_1000_for_the_operation(args = (Plain, 1000, Operation(10), Documented), setup = rules)]
#[bench::plain_10_of_1000_for_the_caller(args = (Plain, 1000, Caller(10), Documented), setup = rules)]
#[bench::simple_expression_1(args = (Simple, 1, All, Documented), setup = rules)]
#[bench::simple_expression_10(args = (Simple, 10, All, Documented), setup = rules)]
#[bench::simple_expression_100(args = (Simple, 100, All, Documented), setup = rules)]
#[bench::simple_expression_1000(args = (Simple, 1000, All, Documented), setup = rules)]
#[bench::simple_expression_10_of_1000_for_the_operation(args = (Simple, 1000, Operation(10), Documented), setup = rules)]
#[bench::attendees_expression_1_on_none(args = (Kind::Attendees, 1, All, Documented), setup = rules)]
#[bench::attendees_expression_1000_on_none(args = (Kind::Attendees, 1000, All, Documented), setup = rules)]
#[bench::attendees_expression_1_on_1(args = (Kind::Attendees, 1, All, Attendees(1)), setup = rules)]
#[bench::attendees_expression_10_on_1(args = (Kind::Attendees, 10, All, Attendees(1)), setup = rules)]
#[bench::attendees_expression_100_on_1(args = (Kind::Attendees, 100, All, Attendees(1)), setup = rules)]
#[bench::attendees_expression_1000_on_1(args = (Kind::Attendees, 1000, All, Attendees(1)), setup = rules)]
#[bench::attendees_expression_1_on_430(args = (Kind::Attendees, 1, All, Attendees(430)), setup = rules)]
#[bench::attendees_expression_10_on_430(args = (Kind::Attendees, 10, All, Attendees(430)), setup = rules)]
#[bench::verb_on_1_attendee(args = (EachAttendee, 1, All, Attendees(1)), setup = rules)]
#[bench::verb_on_430_attendees(args = (EachAttendee, 1, All, Attendees(430)), setup = rules)]
#[bench::shipped_packs(args = (Documented), setup = shipped)]
#[bench::shipped_packs_on_100_attendees(args = (Attendees(100)), setup = shipped)]
fn decide(input: (Case, Document)) -> (Verdict, Effects, Case, Document) {
    let (case, mut document) = black_box(input);
    let (verdict, effects) = case.decide(&mut document);
    black_box((verdict, effects, case, document))
}

// What the audit log's thread does with a line, or a request's where the log is in memory: the line is numbered, hashed and appended.
#[library_benchmark]
#[bench::of_1_kb(args = (1000), setup = path::line)]
fn seal_audit_line((log, line): (AuditLog, Vec<u8>)) -> (AuditLog, Vec<u8>) {
    black_box(log.append(&line));
    black_box((log, line))
}

// The line of a request that is over, into a buffer that is there.
#[library_benchmark]
#[bench::documented(args = (), setup = audit::buffered)]
fn write_audit_line((journal, mut line): (Journal, Vec<u8>)) -> (Journal, Vec<u8>) {
    audit_line::write(black_box(&journal), audit::DURATION, &mut line);
    black_box((journal, line))
}

// What the request's thread does with it then.
#[library_benchmark]
#[bench::documented(args = (), setup = audit::appended)]
fn append_audit_line((log, line): (AuditLog, Vec<u8>)) -> (AuditLog, Vec<u8>) {
    black_box(log.append(black_box(&line)));
    black_box((log, line))
}

fn text(kind: Kind) -> String {
    // Once before, for the contract.
    cases::compiled(&["pack: warm\nrules: [{id: a, require: {field: /startTime}}]\n"]);
    cases::text(kind, 1000, All)
}

// A thousand rules, read and compiled.
#[library_benchmark]
#[bench::plain(args = (Plain), setup = text)]
#[bench::simple_expression(args = (Simple), setup = text)]
#[bench::attendees_expression(args = (Kind::Attendees), setup = text)]
fn compile_1000(text: String) -> RuleSet {
    black_box(cases::compiled(&[&black_box(text)]))
}

#[library_benchmark]
#[bench::of_1(args = (1), setup = answers::meetings)]
#[bench::of_500(args = (500), setup = answers::meetings)]
fn mask_meetings(answer: Bytes) -> (Bytes, (Bytes, usize)) {
    let kept = answer.clone();
    black_box((kept, answers::mask(black_box(answer))))
}

#[library_benchmark]
#[bench::of_1(args = (1), setup = answers::meetings)]
#[bench::of_500(args = (500), setup = answers::meetings)]
fn skim_meetings(answer: Bytes) -> Bytes {
    let answer = black_box(answer);
    answers::skim(&answer);
    black_box(answer)
}

fn compared(count: usize) -> (Asked, Bytes) {
    (answers::asked(), answers::meetings(count))
}

#[library_benchmark]
#[bench::of_1(args = (1), setup = compared)]
#[bench::of_500(args = (500), setup = compared)]
fn compare_answer(input: (Asked, Bytes)) -> (Vec<Finding>, Asked, Bytes) {
    let (asked, answer) = black_box(input);
    black_box((asked.findings(&answer), asked, answer))
}

// What is to be looked for in the answer, of the documented example and of a series with everything that can be.
#[library_benchmark]
#[bench::documented(args = (Documented), setup = answers::sent)]
#[bench::of_everything(args = (Everything), setup = answers::sent)]
fn ask_of_answer(
    (contract, document): (Contract, Document),
) -> (Option<Asked>, Contract, Document) {
    let asked = answers::asked_of(black_box(&document), &contract);
    black_box((asked, contract, document))
}

type Sending = (&'static Path, Request<Full<Bytes>>);

fn asked(traces: Traces, audit: Audit, ends: Ends) -> Sending {
    let path = Path::new(traces, audit, ends);
    (path, Path::request())
}

// From the request to the last byte of its answer.
#[library_benchmark]
#[bench::traces_off_audit_off(args = (Traces::Off, Audit::Off, Ends::Answered), setup = asked)]
#[bench::traces_unsampled_audit_off(args = (Traces::Unsampled, Audit::Off, Ends::Answered), setup = asked)]
#[bench::traces_sampled_audit_off(args = (Traces::Sampled, Audit::Off, Ends::Answered), setup = asked)]
#[bench::traces_off_audit_file(args = (Traces::Off, Audit::File, Ends::Answered), setup = asked)]
#[bench::traces_off_audit_file_no_console(args = (Traces::Off, Audit::FileAlone, Ends::Answered), setup = asked)]
#[bench::traces_unsampled_audit_file(args = (Traces::Unsampled, Audit::File, Ends::Answered), setup = asked)]
#[bench::traces_sampled_audit_file(args = (Traces::Sampled, Audit::File, Ends::Answered), setup = asked)]
#[bench::traces_off_audit_kept(args = (Traces::Off, Audit::Kept, Ends::Answered), setup = asked)]
#[bench::refused_traces_off_audit_off(args = (Traces::Off, Audit::Off, Ends::Refused), setup = asked)]
#[bench::refused_traces_unsampled_audit_off(args = (Traces::Unsampled, Audit::Off, Ends::Refused), setup = asked)]
#[bench::refused_traces_sampled_audit_off(args = (Traces::Sampled, Audit::Off, Ends::Refused), setup = asked)]
#[bench::refused_traces_off_audit_file(args = (Traces::Off, Audit::File, Ends::Refused), setup = asked)]
#[bench::refused_traces_off_audit_file_no_console(args = (Traces::Off, Audit::FileAlone, Ends::Refused), setup = asked)]
fn whole_path((path, request): Sending) -> Bytes {
    black_box(path.send(black_box(request)))
}

// The metrics of one request, all series of which are there.
#[library_benchmark]
#[bench::of_a_request(args = (), setup = telemetry::metrics)]
fn metrics(metrics: Metrics) -> Metrics {
    black_box(&metrics).record();
    black_box(metrics)
}

// Its record, its trace and its metrics, where nothing else becomes of it.
#[library_benchmark]
#[bench::off(args = (Traces::Off), setup = telemetry::traced)]
#[bench::unsampled(args = (Traces::Unsampled), setup = telemetry::traced)]
#[bench::sampled(args = (Traces::Sampled), setup = telemetry::traced)]
fn trace(traced: Traced) -> Response<AnswerBody> {
    black_box(telemetry::answered(black_box(traced)))
}

// A body's bytes, read; nothing is freed.
#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::text)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::text)]
fn decode(text: String) -> (Document, String) {
    let text = black_box(text);
    black_box((contract::decoded(&text), text))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn in_order(document: Document) -> Document {
    black_box(contract::in_order(black_box(document)))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn strip(document: Document) -> Document {
    black_box(contract::stripped(black_box(document)))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn normalise(document: Document) -> Document {
    black_box(contract::normalised(black_box(document)))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn validate(document: Document) -> Document {
    black_box(contract::validated(black_box(document)))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn write(document: Document) -> (Vec<u8>, Document) {
    black_box(contract::written(black_box(document)))
}

#[library_benchmark]
#[bench::small(args = (Size::Small), setup = contract::document)]
#[bench::of_64_kib(args = (Size::Large), setup = contract::document)]
fn free(document: Document) {
    drop(black_box(document));
}

library_benchmark_group!(
    name = path_of_a_request,
    benchmarks = [
        whole_path,
        write_audit_line,
        append_audit_line,
        seal_audit_line
    ]
);
library_benchmark_group!(name = policy, benchmarks = [decide, compile_1000]);
library_benchmark_group!(
    name = answer,
    benchmarks = [mask_meetings, skim_meetings, ask_of_answer, compare_answer]
);
library_benchmark_group!(
    name = contract_of_a_body,
    benchmarks = [decode, in_order, strip, normalise, validate, write, free]
);
// What the exporter's thread does with recorded spans.
#[library_benchmark]
#[bench::of_100_spans(args = (), setup = telemetry::spans)]
fn encode_spans(spans: Vec<SpanData>) -> (Vec<SpanData>, Vec<u8>) {
    let spans = black_box(spans);
    let message = span_batch::encode(&spans, &ResourceAttributesWithSchema::default());
    black_box((spans, message))
}

library_benchmark_group!(name = tracing, benchmarks = [metrics, trace, encode_spans]);
main!(
    library_benchmark_groups = path_of_a_request,
    policy,
    answer,
    tracing,
    contract_of_a_body
);
