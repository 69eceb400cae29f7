//! The request in an audit line, where the configuration keeps it (`audit.request`): what `policy replay` and `policy explain`
//! need to have it decided again.

use std::collections::BTreeMap;

use crate::model::change::Detail;
use crate::model::header::VisibleHeaders;
use crate::model::json_escape;
use crate::model::json_writer::{self, ObjectWriter};
use crate::model::principal::Caller;
use crate::model::record::RecordedRequest;

/// Writes a kept request of a caller: what policies may know of who asked, and what was asked.
pub(super) fn members(request: &RecordedRequest, caller: &Caller, kept: &mut ObjectWriter<'_>) {
    // `masked`: what is sensitive or unknown has no value in it; rules that look at such values cannot be decided again.
    let is_exact = request.detail == Detail::Exact;
    kept.word(b"values", if is_exact { "exact" } else { "masked" });
    kept.object(b"caller", |who| {
        who.text(b"id", &caller.id);
        who.list(b"groups", texts(&caller.groups), json_escape::text);
        who.list(b"scopes", texts(&caller.scopes), json_escape::text);
        who.with(b"claims", |out| json_writer::members(&caller.claims, out));
    });
    if !request.query.is_empty() {
        let parameters = request.query.iter();
        let by_name: BTreeMap<&str, &str> = parameters
            .map(|(name, value)| (&**name, &**value))
            .collect();
        kept.with(b"query", |out| json_writer::texts(by_name, out));
    }
    // In order of their names, as they are there.
    let names = VisibleHeaders::NAMES;
    let mut headers = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| Some((name.as_str(), request.headers.at(index)?)))
        .peekable();
    if headers.peek().is_some() {
        kept.with(b"headers", |out| json_writer::texts(headers, out));
    }
    kept.with(b"body", |out| json_writer::members(&request.body.0, out));
}

fn texts(of: &[Box<str>]) -> impl Iterator<Item = &str> {
    of.iter().map(|text| &**text)
}
