//! The request as it came in and as it would go upstream, with no credential in either.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName};
use http::uri::PathAndQuery;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};

use super::super::Asked;
use super::super::recorder::Forwarded;
use super::{ReadFrom, View};
use crate::contract::masked::masked;
use crate::contract::shown_target;
use crate::contract::strict_json;
use crate::model::change::mask_within;
use crate::model::header::VisibleHeaders;
use crate::model::json::{Object, Value};
use crate::model::principal::Caller;
use crate::model::sensitive::{MASK, Sensitivity, of_parameter};

/// What came in.
#[derive(Debug, Serialize)]
pub(super) struct Request<'e> {
    read_from: &'static str,
    method: &'e str,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    caller: Who<'e>,
    time: Option<Timestamp>,
    headers: Headers<'e>,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// Whether the body that came in has a mask where a value should be.
    #[serde(skip)]
    pub(super) holds_masks: bool,
    /// The body where it is no JSON document.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_text: Option<Cow<'e, str>>,
}

/// The caller, as policies know it; claims may be anything, and are left out.
#[derive(Debug, Serialize)]
struct Who<'e> {
    id: &'e str,
    groups: &'e [Box<str>],
    scopes: &'e [Box<str>],
}

impl<'e> From<&'e Caller> for Who<'e> {
    fn from(caller: &'e Caller) -> Self {
        Self {
            id: &caller.id,
            groups: &caller.groups,
            scopes: &caller.scopes,
        }
    }
}

impl<'e> Request<'e> {
    pub(super) fn of(asked: &'e Asked, read_from: ReadFrom, view: &View<'_>) -> Self {
        let parsed = strict_json::parse(&asked.body, view.snapshot.requests.json);
        let shows_text = view.exact && parsed.is_err() && !asked.body.is_empty();
        Self {
            read_from: read_from.name(),
            method: asked.method.as_str(),
            target: view.target(&asked.target),
            operation: view.operation.map(|operation| operation.name),
            caller: (&*asked.caller).into(),
            time: timestamp(asked),
            headers: Headers::visible(&asked.headers),
            bytes: asked.body.len(),
            holds_masks: parsed
                .as_ref()
                .is_ok_and(|document| document.0.values().any(masks)),
            body: parsed.ok().map(|document| view.body(document.0)),
            body_text: shows_text.then(|| String::from_utf8_lossy(&asked.body)),
        }
    }
}

/// Whether there is a mask somewhere in a value.
fn masks(value: &Value) -> bool {
    match value {
        Value::String(text) => text == MASK,
        Value::Array(items) => items.iter().any(masks),
        Value::Object(members) => members.values().any(masks),
        _ => false,
    }
}

fn timestamp(asked: &Asked) -> Option<Timestamp> {
    let millis = i64::try_from(asked.now.as_millis()).ok()?;
    Timestamp::from_millisecond(millis).ok()
}

/// What would go upstream. The token is not in it: there is none.
#[derive(Debug, Serialize)]
pub(super) struct Sent<'e> {
    method: &'e str,
    target: String,
    headers: Headers<'e>,
    /// Serialised without white space it is what would be sent, byte for byte, unless it is masked.
    body: Value,
}

impl<'e> Sent<'e> {
    pub(super) fn of(sent: &'e Forwarded, view: &View<'_>) -> Self {
        let target = match sent.target.parse() {
            Ok(target) => view.target(&target),
            Err(_) => String::new(),
        };
        let members = serde_json::from_slice(&sent.body).unwrap_or_default();
        Self {
            method: sent.method.as_str(),
            target,
            headers: Headers::of(&sent.headers),
            body: view.body(members),
        }
    }
}

impl View<'_> {
    /// A body as it may be shown.
    fn body(&self, members: Object) -> Value {
        if self.exact {
            return Value::Object(members);
        }
        let contract = &self.snapshot.contract;
        match self.operation.and_then(|known| contract.body(known)) {
            Some(body) => Value::Object(masked(&members, body.shape())),
            None => mask_within(Value::Object(members)),
        }
    }

    /// A target with its path and the values of its query as they may be shown.
    fn target(&self, target: &PathAndQuery) -> String {
        let path = if self.exact {
            Cow::Borrowed(target.path())
        } else {
            shown_target::path(target.path())
        };
        let Some(query) = target.query() else {
            return path.into_owned();
        };
        let pairs: Vec<_> = query.split('&').map(|pair| self.parameter(pair)).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    fn parameter<'q>(&self, pair: &'q str) -> Cow<'q, str> {
        let (written, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(written).decode_utf8_lossy();
        let is_documented = self
            .operation
            .is_some_and(|known| known.query.contains(&&*name));
        let sensitivity = of_parameter(&name);
        if !self.exact && !is_documented {
            MASK.into() // nobody knows what it is
        } else if sensitivity.is_credential() || (!self.exact && sensitivity != Sensitivity::Public)
        {
            format!("{written}={MASK}").into()
        } else if value.is_empty() {
            written.into()
        } else {
            pair.into()
        }
    }
}

/// Headers by name; the values are visible ASCII.
#[derive(Debug)]
struct Headers<'e>(Vec<(HeaderName, &'e str)>);

impl<'e> Headers<'e> {
    /// Those of a caller that may decide something and hold no credential.
    fn visible(headers: &'e HeaderMap) -> Self {
        let names = [CONTENT_TYPE].into_iter().chain(VisibleHeaders::NAMES);
        let shown = names.filter_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?;
            let value = value.get(..VisibleHeaders::MAX_BYTES).unwrap_or(value);
            Some((name, value))
        });
        Self(shown.collect())
    }

    /// All of them, of a request of our own.
    fn of(headers: &'e HeaderMap) -> Self {
        let shown = headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.to_str().ok()?)));
        Self(shown.collect())
    }
}

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name.as_str(), value)))
    }
}
