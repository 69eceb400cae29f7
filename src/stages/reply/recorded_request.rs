//! The request in an audit line, where the configuration keeps it (`audit.request`): what `policy replay` and `policy explain`
//! need to have it decided again.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::change::{Detail, mask_within};
use crate::model::header::VisibleHeaders;
use crate::model::principal::Caller;
use crate::model::record::RecordedRequest;

/// A kept request, as a member of the line.
#[derive(Debug, Serialize)]
pub(super) struct Recorded<'j> {
    /// `masked`: values of sensitive members are not in it; rules that look at them cannot be decided again.
    values: &'static str,
    caller: Who<'j>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<&'j str, &'j str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, &'j str>,
    body: Body<'j>,
}

/// What policies may know of a caller.
#[derive(Debug, Serialize)]
struct Who<'j> {
    id: &'j str,
    groups: &'j [Box<str>],
    scopes: &'j [Box<str>],
    claims: &'j Map<String, Value>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body<'j> {
    Masked(Value),
    Exact(&'j Map<String, Value>),
}

impl<'j> Recorded<'j> {
    /// Shows a kept request of a caller.
    pub(super) fn of(request: &'j RecordedRequest, caller: &'j Caller) -> Self {
        let exact = request.detail == Detail::Exact;
        let names = VisibleHeaders::NAMES.into_iter().enumerate();
        Self {
            values: if exact { "exact" } else { "masked" },
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
            body: if exact {
                Body::Exact(&request.body.0)
            } else {
                Body::Masked(mask_within(Value::Object(request.body.0.clone())))
            },
        }
    }
}
