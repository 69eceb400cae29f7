//! HAR 1.2, as browsers and proxies save it: a whole log, one of its entries, or the `request` of an entry.
//!
//! Pseudo headers of HTTP/2 (`:method`) are skipped, and so is `queryString`: the URL has it. The entry's `startedDateTime` is
//! the request's time. A body that the log says there was but does not hold is refused, not taken for none.

use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Method};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::json::Json;
use super::{Format, SavedRequest, Unreadable, header, target};

/// Entries of a log; a long session has some thousand.
const MAX_ENTRIES: usize = 10_000;
/// Entries that a message lists.
const MAX_LISTED: usize = 10;
/// Headers, with pseudo headers, and parameters of a form.
const MAX_PAIRS: usize = 1000;

/// Reads the request of a log, entry or request; of a log with several entries the one with this number, from 1.
pub(super) fn read(root: Json<'_>, entry: Option<usize>) -> Result<SavedRequest, Unreadable> {
    let root = root.of(Format::Har);
    let [log, request] = root.members(["log", "request"])?;
    if let Some(log) = log {
        let [entries] = log.members(["entries"])?;
        let entries = log.required(entries.as_ref(), "entries")?;
        return read_entry(&chosen(entries, entry)?);
    }
    match entry {
        Some(number) if number != 1 => Err(no_such(&root, number, 1)),
        _ if request.is_some() => read_entry(&root),
        _ => read_request(&root, None),
    }
}

fn no_such(of: &Json<'_>, number: usize, count: usize) -> Unreadable {
    of.fault(format!("it has no entry {number}"))
        .hint(format!("they count from 1, and it has {count}"))
}

fn chosen<'a>(entries: &Json<'a>, number: Option<usize>) -> Result<Json<'a>, Unreadable> {
    let mut found = entries.elements(MAX_ENTRIES)?;
    let count = found.len();
    match number {
        None if count == 0 => Err(entries
            .fault("it has no entry")
            .hint("save the log again after the request was sent")),
        None if count > 1 => Err(entries
            .fault(format!("it has {count} entries"))
            .hint(format!("choose one with `--entry N`: {}", listed(&found)))),
        number => {
            let number = number.unwrap_or(1);
            match number.checked_sub(1) {
                Some(index) if index < count => Ok(found.swap_remove(index)),
                _ => Err(no_such(entries, number, count)),
            }
        }
    }
}

/// The first entries, by method and path; the query is left out, it may hold a token.
fn listed(entries: &[Json<'_>]) -> String {
    let mut lines: Vec<String> = entries
        .iter()
        .take(MAX_LISTED)
        .zip(1..)
        .map(|(entry, number)| {
            let told = told(entry).unwrap_or_else(|| "unreadable".to_owned());
            format!("{number} {told}")
        })
        .collect();
    if entries.len() > MAX_LISTED {
        lines.push("...".to_owned());
    }
    lines.join(", ")
}

fn told(entry: &Json<'_>) -> Option<String> {
    let [request] = entry.members(["request"]).ok()?;
    let [method, url] = request?.members(["method", "url"]).ok()?;
    let method = Method::from_bytes(method?.string().ok()?.as_bytes()).ok()?;
    let target = target::of_url(&url?.string().ok()?).ok()?;
    let path: String = target.path().chars().take(80).collect();
    Some(format!("{method} {path}"))
}

fn read_entry(entry: &Json<'_>) -> Result<SavedRequest, Unreadable> {
    let [request, started] = entry.members(["request", "startedDateTime"])?;
    let request = entry.required(request.as_ref(), "request")?;
    let time = started
        .map(|started| {
            let text = started.string()?;
            let wrong = || started.fault("it is no time such as `2031-03-04T09:00:00.000Z`");
            text.parse::<Timestamp>().map_err(|_| wrong())
        })
        .transpose()?;
    read_request(request, time)
}

fn read_request(request: &Json<'_>, time: Option<Timestamp>) -> Result<SavedRequest, Unreadable> {
    let [method, url, headers, post_data, body_size] =
        request.members(["method", "url", "headers", "postData", "bodySize"])?;
    let method = request.required(method.as_ref(), "method")?;
    let url = request.required(url.as_ref(), "url")?;

    let mut map = HeaderMap::new();
    if let Some(headers) = headers {
        for (at, name, value) in pairs(&headers)? {
            if !name.starts_with(':') {
                header::add(&mut map, &name, value.as_bytes())
                    .map_err(|fault| at.fault(fault.what(&name)))?;
            }
        }
    }
    let body = match post_data {
        Some(post_data) => read_body(&post_data, &mut map)?,
        None if body_size.as_ref().and_then(Json::number).unwrap_or(0) > 0 => {
            return Err(request
                .fault("the request had a body, which was not saved")
                .hint("save it as cURL (bash) instead"));
        }
        None => Bytes::new(),
    };
    Ok(SavedRequest {
        method: Method::from_bytes(method.string()?.as_bytes())
            .map_err(|_| method.fault("it is no HTTP method"))?,
        target: target::of_url(&url.string()?).map_err(|what| url.fault(what))?,
        headers: map,
        body,
        format: Format::Har,
        caller: None,
        address: None,
        time,
        hides_values: false,
    })
}

/// Names and values, each with where it stands.
fn pairs<'a>(array: &Json<'a>) -> Result<Vec<(Json<'a>, String, String)>, Unreadable> {
    array
        .elements(MAX_PAIRS)?
        .into_iter()
        .map(|pair| {
            let [name, value, file] = pair.members(["name", "value", "fileName"])?;
            if file.is_some() {
                return Err(pair.fault("a file in a form is not read"));
            }
            let name = pair.required(name.as_ref(), "name")?.string()?.into_owned();
            let value = match value {
                Some(value) => value.string()?.into_owned(),
                None => String::new(),
            };
            Ok((pair, name, value))
        })
        .collect()
}

/// `postData`; its media type is the `Content-Type` where no header says one.
fn read_body(post_data: &Json<'_>, headers: &mut HeaderMap) -> Result<Bytes, Unreadable> {
    let [text, params, encoding, mime_type] =
        post_data.members(["text", "params", "encoding", "mimeType"])?;
    if let Some(mime_type) = mime_type {
        let value = HeaderValue::from_str(&mime_type.string()?)
            .map_err(|_| mime_type.fault("it is no media type"))?;
        if !value.is_empty() && !headers.contains_key(CONTENT_TYPE) {
            header::add(headers, CONTENT_TYPE.as_str(), value.as_bytes())
                .map_err(|fault| mime_type.fault(fault.what(CONTENT_TYPE.as_str())))?;
        }
    }
    let text_at = text;
    let text = match &text_at {
        Some(text) => text.string()?,
        None => "".into(),
    };
    let base64 = match &encoding {
        None => false,
        Some(encoding) => match &*encoding.string()? {
            "" => false,
            name if name.eq_ignore_ascii_case("base64") => true,
            _ => return Err(encoding.fault("the only encoding known is `base64`")),
        },
    };
    if let Some(at) = text_at.filter(|_| base64) {
        return BASE64
            .decode(text.as_bytes())
            .map(Bytes::from)
            .map_err(|_| at.fault("it is no base64"));
    }
    match params {
        Some(params) if text.is_empty() => {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let form: Vec<String> = pairs(&params)?
                .iter()
                .map(|(_, name, value)| format!("{}={}", encode(name), encode(value)))
                .collect();
            Ok(form.join("&").into())
        }
        _ => Ok(text.into_owned().into()),
    }
}
