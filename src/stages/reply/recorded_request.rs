//! The request in an audit line, where the configuration keeps it (`audit.request`): what `policy replay` and `policy explain`
//! need to have it decided again.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::change::Detail;
use crate::model::header::VisibleHeaders;
use crate::model::principal::Caller;
use crate::model::record::RecordedRequest;

/// A kept request, as a member of the line.
#[derive(Debug, Serialize)]
pub(super) struct Recorded<'j> {
    /// `masked`: what is sensitive or unknown has no value in it; rules that look at such values cannot be decided again.
    values: &'static str,
    caller: Who<'j>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<&'j str, &'j str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, &'j str>,
    body: &'j Map<String, Value>,
}

/// What policies may know of a caller.
#[derive(Debug, Serialize)]
struct Who<'j> {
    id: &'j str,
    groups: &'j [Box<str>],
    scopes: &'j [Box<str>],
    claims: &'j Map<String, Value>,
}

impl<'j> Recorded<'j> {
    /// Shows a kept request of a caller.
    pub(super) fn of(request: &'j RecordedRequest, caller: &'j Caller) -> Self {
        let names = VisibleHeaders::NAMES.into_iter().enumerate();
        Self {
            values: if request.detail == Detail::Exact {
                "exact"
            } else {
                "masked"
            },
            caller: Who {
                id: &caller.id,
                groups: &caller.groups,
                scopes: &caller.scopes,
                claims: &caller.claims,
            },
            query: request
                .query
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .collect(),
            headers: names
                .filter_map(|(index, name)| Some((name.to_string(), request.headers.at(index)?)))
                .collect(),
            body: &request.body.0,
        }
    }
}
