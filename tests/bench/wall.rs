//! How long the whole path and the decide step take, what is done to answers, and what a JWT costs. See `README.md` beside this file for how to run it, and for what the figures were.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on says where"
)]

mod answers;
mod cases;
mod path;
mod tokens;

use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;

use cases::Body::{Attendees, Documented};
use cases::For::{All, Caller, Operation};
use cases::Kind::{self, EachAttendee, Plain, Simple};
use cases::{Body, Case, For};
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
