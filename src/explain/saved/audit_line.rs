//! A line of the gateway's own audit log, where the log records requests.
//!
//! Its member `request` holds the canonical query, the headers that a policy may see, the body as a JSON document, and the
//! caller. In a log that masks, `***` stands for what is masked, here as well. A body has no `Content-Type` in the log; it is
//! JSON, since the gateway takes nothing else. Deprecated parameters and headers are in the line's `receipt` only, by their names;
//! they come back with empty values, which nobody looks at.

use std::net::IpAddr;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use super::json::Json;
use super::{Format, SavedCaller, SavedRequest, Unreadable, header, target};
use crate::contract::deprecation::{self, Deprecated};
use crate::model::changes;
use crate::model::finding::Location;
use crate::model::unreserved::ALL_BUT_UNRESERVED;

/// How the `schema` of every version begins.
pub(super) const SCHEMA: &str = "meeting-gateway.audit/";
/// Parameters and headers that a line may have, and values of one of them.
const MAX_MEMBERS: usize = 100;
/// Bytes of the caller; as a tree it takes a multiple.
const MAX_CALLER: usize = 64 * 1024;

pub(super) fn read(root: Json<'_>) -> Result<SavedRequest, Unreadable> {
    let root = root.of(Format::AuditLine);
    let [request, method, path, time, client, receipt, event] = root.members([
        "request", "method", "path", "time", "client", "receipt", "event",
    ])?;
    if event.is_some() {
        return Err(root
            .fault("the line tells of the log itself, and not of a request")
            .hint("save a line without a member `event`"));
    }
    let Some(request) = request else {
        return Err(root
            .fault("the line has no request recorded")
            .hint("set `audit.request` to `masked` or `full` in the configuration; lines written before stay without"));
    };
    let method = root.required(method.as_ref(), "method")?;
    let path = root.required(path.as_ref(), "path")?;
    let [query, headers, body, caller, values] =
        request.members(["query", "headers", "body", "caller", "values"])?;
    let values = values.as_ref().map(Json::string).transpose()?;

    let mut map = HeaderMap::new();
    for (at, name, value) in fields(headers.as_ref())? {
        header::add(&mut map, &name, value.as_bytes())
            .map_err(|fault| at.fault(fault.what(&name)))?;
    }
    let deprecated = deprecated(receipt.as_ref())?;
    for name in named(&deprecated, Location::Header) {
        if !map.contains_key(name) {
            header::add(&mut map, name, b"").map_err(|fault| root.fault(fault.what(name)))?;
        }
    }
    let body = body.map_or_else(Bytes::new, |body| {
        let json = "application/json".parse().ok();
        if let Some(json) = json.filter(|_| !map.contains_key(CONTENT_TYPE)) {
            map.insert(CONTENT_TYPE, json);
        }
        Bytes::copy_from_slice(body.raw().as_bytes())
    });
    Ok(SavedRequest {
        method: Method::from_bytes(method.string()?.as_bytes())
            .map_err(|_| method.fault("it is no HTTP method"))?,
        target: target(path, query.as_ref(), &deprecated)?,
        headers: map,
        body,
        format: Format::AuditLine,
        caller: caller.as_ref().map(read_caller).transpose()?,
        address: client.as_ref().map(read_address).transpose()?,
        time: time.as_ref().map(read_time).transpose()?,
        hides_values: values.as_deref() == Some("masked"),
    })
}

fn target(
    path: &Json<'_>,
    query: Option<&Json<'_>>,
    deprecated: &[&'static Deprecated],
) -> Result<http::uri::PathAndQuery, Unreadable> {
    let encode = |text: &str| utf8_percent_encode(text, ALL_BUT_UNRESERVED).to_string();
    let fields = fields(query)?;
    let is_there = |name: &str| {
        let mut names = fields.iter().map(|(_, name, _)| name);
        names.any(|other| other.eq_ignore_ascii_case(name))
    };
    let added = named(deprecated, Location::Query).filter(|name| !is_there(name));
    let query: Vec<String> = fields
        .iter()
        .map(|(_, name, value)| format!("{}={}", encode(name), encode(value)))
        .chain(added.map(|name| format!("{}=", encode(name))))
        .collect();
    let mut target = path.string()?.into_owned();
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query.join("&"));
    }
    target::of_request_line(&target).map_err(|_| path.fault("it is no path"))
}

/// What is deprecated and was taken out, each once.
fn deprecated(receipt: Option<&Json<'_>>) -> Result<Vec<&'static Deprecated>, Unreadable> {
    let mut found: Vec<&'static Deprecated> = Vec::new();
    let Some(receipt) = receipt else {
        return Ok(found);
    };
    let [parameters] = receipt.members(["parameters"])?;
    let Some(parameters) = parameters else {
        return Ok(found);
    };
    for parameter in parameters.elements(changes::MOST)? {
        let [location, path] = parameter.members(["in", "path"])?;
        let location = match &*parameter.required(location.as_ref(), "in")?.string()? {
            "query" => Location::Query,
            "header" => Location::Header,
            _ => continue,
        };
        let path = parameter.required(path.as_ref(), "path")?.string()?;
        let entry = deprecation::find(location, &path);
        found.extend(entry.filter(|entry| !found.contains(entry)));
    }
    Ok(found)
}

/// The names of those that stood in one part of the request.
fn named(
    deprecated: &[&'static Deprecated],
    location: Location,
) -> impl Iterator<Item = &'static str> {
    let there = deprecated
        .iter()
        .filter(move |entry| entry.location == location);
    there.map(|entry| entry.name)
}

/// Names and values of an object whose values are texts or arrays of texts; numbers and truth values are taken as written.
fn fields<'a>(object: Option<&Json<'a>>) -> Result<Vec<(Json<'a>, String, String)>, Unreadable> {
    let mut found = Vec::new();
    let Some(object) = object else {
        return Ok(found);
    };
    for (name, value) in object.each(MAX_MEMBERS)? {
        let values = if value.is_array() {
            value.elements(MAX_MEMBERS)?
        } else {
            vec![value]
        };
        for value in values {
            let text = match value.raw().bytes().next() {
                Some(b'0'..=b'9' | b'-' | b't' | b'f') => value.raw().to_owned(),
                _ => value.string()?.into_owned(),
            };
            found.push((value, name.clone(), text));
        }
    }
    Ok(found)
}

fn read_address(client: &Json<'_>) -> Result<IpAddr, Unreadable> {
    client
        .string()?
        .parse()
        .map_err(|_| client.fault("it is no IP address"))
}

fn read_time(time: &Json<'_>) -> Result<Timestamp, Unreadable> {
    time.string()?
        .parse()
        .map_err(|_| time.fault("it is no time such as `2031-03-04T09:00:00.000Z`"))
}

fn read_caller(caller: &Json<'_>) -> Result<SavedCaller, Unreadable> {
    #[derive(Deserialize)]
    struct Caller {
        id: String,
        #[serde(default)]
        groups: Vec<String>,
        #[serde(default)]
        scopes: Vec<String>,
        #[serde(default)]
        claims: crate::model::json::Object,
    }
    if caller.raw().len() > MAX_CALLER {
        return Err(caller.fault(format!("it has more than {MAX_CALLER} bytes")));
    }
    let Caller {
        id,
        groups,
        scopes,
        claims,
    } = serde_json::from_str(caller.raw()).map_err(|_| {
        caller.fault("it is no caller").hint(
            "it has a text `id`, lists of texts `groups` and `scopes`, and an object `claims`",
        )
    })?;
    Ok(SavedCaller {
        id,
        groups,
        scopes,
        claims,
    })
}
