//! The request of a case, or of the defaults: when, who, what.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::model::json::Value;
use crate::model::principal::Caller;

use super::super::sheet::{Mapping, Sheet, suggestion};
use super::super::yaml::{Content, Node};
use super::known::Surroundings;
use super::merge_patch::merge;
use super::request::{Request, caller};

const REQUEST_KEYS: [&str; 4] = ["operation", "query", "headers", "body"];
const CALLER_KEYS: [&str; 5] = ["id", "groups", "scopes", "claims", "address"];

/// A request of which some parts are given.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    now: Option<Duration>,
    caller: Option<(Arc<Caller>, Option<IpAddr>)>,
    operation: Option<String>,
    query: Option<Vec<(String, String)>>,
    headers: Option<HeaderMap>,
    body: Option<Value>,
    meeting: Option<Arc<Value>>,
}

impl Draft {
    /// What is not given here is taken from the defaults.
    pub(super) fn over(self, defaults: &Self) -> Self {
        let defaults = defaults.clone();
        Self {
            now: self.now.or(defaults.now),
            caller: self.caller.or(defaults.caller),
            operation: self.operation.or(defaults.operation),
            query: self.query.or(defaults.query),
            headers: self.headers.or(defaults.headers),
            meeting: self.meeting.or(defaults.meeting),
            body: match (defaults.body, self.body) {
                (Some(mut body), Some(patch)) => {
                    merge(&mut body, patch);
                    Some(body)
                }
                (body, patch) => patch.or(body),
            },
        }
    }

    /// What is not given at all is as ever. The operation stays empty where there are several to choose from.
    pub(super) fn complete(self, surroundings: &Surroundings<'_>) -> Request {
        let default = Request::default();
        let only = match surroundings.operations {
            [only] => (*only).to_owned(),
            _ => default.operation,
        };
        let (caller, address) = self.caller.unwrap_or((default.caller, default.address));
        Request {
            now: self.now.unwrap_or(default.now),
            caller,
            address,
            operation: self.operation.unwrap_or(only),
            query: self.query.unwrap_or(default.query),
            headers: self.headers.unwrap_or(default.headers),
            body: self.body.unwrap_or(default.body),
            meeting: self.meeting,
        }
    }
}

/// Takes `at`, `caller`, `meeting` and `request` out of a mapping.
pub(super) fn draft(
    sheet: &mut Sheet<'_>,
    from: &mut Mapping,
    surroundings: &Surroundings<'_>,
) -> Draft {
    let now = from.take("at").and_then(|node| instant(sheet, node));
    let caller = from.take("caller").and_then(|node| who(sheet, node));
    let meeting = from.take("meeting").and_then(|node| meeting(sheet, node));
    let example = "request: {body: {mediaTypes: HDVideo}}";
    let request = from
        .take("request")
        .and_then(|node| sheet.mapping(node, "`request`", example));
    let mut draft = Draft {
        now,
        caller,
        meeting,
        ..Draft::default()
    };
    let Some(mut from) = request else {
        return draft;
    };
    draft.operation = from
        .take("operation")
        .and_then(|node| operation(sheet, node, surroundings));
    draft.query = from
        .take("query")
        .and_then(|node| pairs(sheet, node, "query", "{conferenceID: '914087436'}"));
    draft.headers = from.take("headers").and_then(|node| headers(sheet, node));
    draft.body = from.take("body").map(Node::into_json);
    from.finish(sheet, &REQUEST_KEYS);
    draft
}

/// The meeting as it is, written like the answer that tells it.
fn meeting(sheet: &mut Sheet<'_>, node: Node) -> Option<Arc<Value>> {
    let position = node.position;
    let meeting = node.into_json();
    if meeting.get("conferenceData").is_some_and(Value::is_object) {
        return Some(Arc::new(meeting));
    }
    let what = "`meeting` has no `conferenceData`, as the answer of `show_meeting_detail` has";
    let hint = "for example `meeting: {conferenceData: {conferenceState: Schedule, ...}, data: {count: 0, data: []}}`";
    sheet.note(Some(position), what, Some(hint.to_owned()));
    None
}

fn instant(sheet: &mut Sheet<'_>, node: Node) -> Option<Duration> {
    let (text, position) = sheet.text(node, "at")?;
    let instant: Option<Timestamp> = text.parse().ok();
    let since_epoch = instant.and_then(|instant| Duration::try_from(instant.as_duration()).ok());
    if since_epoch.is_none() {
        let hint = Some("write it as RFC 3339 does, such as 2026-09-01T09:00:00Z".to_owned());
        sheet.note(
            Some(position),
            format!("`at` is no time since 1970: `{text}`"),
            hint,
        );
    }
    since_epoch
}

fn operation(sheet: &mut Sheet<'_>, node: Node, surroundings: &Surroundings<'_>) -> Option<String> {
    let (name, position) = sheet.text(node, "operation")?;
    let known = surroundings.operations;
    if !known.contains(&&*name) {
        let hint = suggestion(&name, known.iter().copied())
            .or_else(|| Some(format!("known here: {}", known.join(", "))));
        let what = format!("there is no operation `{name}` that packs could be about");
        sheet.note(Some(position), what, hint);
    }
    Some(name)
}

/// An id alone, or everything about a caller.
fn who(sheet: &mut Sheet<'_>, node: Node) -> Option<(Arc<Caller>, Option<IpAddr>)> {
    if let Content::Scalar(_) = node.content {
        let (id, _) = sheet.text(node, "caller")?;
        return Some((Arc::new(caller(&id)), None));
    }
    let mut from = sheet.mapping(node, "`caller`", "caller: {id: hr, groups: [internal]}")?;
    let id = from
        .need(sheet, "id")
        .and_then(|node| sheet.text(node, "id"));
    let [groups, scopes] = ["groups", "scopes"].map(|key| {
        let nodes = from.take(key).map(|node| sheet.items(node, key));
        let nodes = nodes.into_iter().flatten();
        let texts = nodes.filter_map(|node| sheet.text(node, key));
        texts.map(|(text, _)| text.into()).collect()
    });
    let claims = from
        .take("claims")
        .and_then(|node| sheet.mapping(node, "`claims`", "claims: {department: sales}"));
    let claims = claims.into_iter().flat_map(Mapping::into_entries);
    let claims = claims.map(|entry| (entry.key, entry.value.into_json()));
    let claims = claims.collect();
    let address = from.take("address").map(|node| address(sheet, node));
    from.finish(sheet, &CALLER_KEYS);
    let known = Caller {
        groups,
        scopes: scopes.iter().cloned().collect(),
        claims,
        ..caller(&id?.0)
    };
    Some((Arc::new(known), address.flatten()))
}

fn address(sheet: &mut Sheet<'_>, node: Node) -> Option<IpAddr> {
    let (text, position) = sheet.text(node, "address")?;
    let address = text.parse().ok();
    if address.is_none() {
        let hint = Some("for example 10.1.2.3 or 2001:db8::1".to_owned());
        let what = format!("`address` is no IP address: `{text}`");
        sheet.note(Some(position), what, hint);
    }
    address
}

/// A mapping of texts, in its order.
fn pairs(
    sheet: &mut Sheet<'_>,
    node: Node,
    key: &str,
    example: &str,
) -> Option<Vec<(String, String)>> {
    let from = sheet.mapping(node, &format!("`{key}`"), &format!("{key}: {example}"))?;
    let entries = from.into_entries().into_iter();
    let read = entries.filter_map(|entry| {
        let (value, _) = sheet.text(entry.value, &entry.key)?;
        Some((entry.key, value))
    });
    Some(read.collect())
}

fn headers(sheet: &mut Sheet<'_>, node: Node) -> Option<HeaderMap> {
    let position = node.position;
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(sheet, node, "headers", "{user-agent: example}")? {
        let pair = (name.parse::<HeaderName>(), HeaderValue::from_str(&value));
        if let (Ok(name), Ok(value)) = pair {
            headers.append(name, value);
        } else {
            sheet.note(
                Some(position),
                format!("`{name}: {value}` is no header"),
                None,
            );
        }
    }
    Some(headers)
}
