//! The request of a case as one that can be explained.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, uri::PathAndQuery};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::explain::Asked;
use crate::model::operation::OperationRef;
use crate::policy::cases::Request;

/// The request, of an operation.
///
/// # Errors
///
/// The query is too long for an address, or the body is no JSON.
pub(super) fn asked(request: &Request, operation: OperationRef) -> Result<Asked, String> {
    let mut target = operation.template.to_owned();
    let mut separator = '?';
    for (name, value) in &request.query {
        target.push(separator);
        target.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
        target.push('=');
        target.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        separator = '&';
    }
    let target: PathAndQuery = target
        .parse()
        .map_err(|fault| format!("the query cannot be sent: {fault}"))?;
    let body = serde_json::to_vec(&request.body)
        .map_err(|fault| format!("the body cannot be sent: {fault}"))?;
    let mut headers = request.headers.clone();
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    Ok(Asked {
        method: operation.method.clone(),
        target,
        headers,
        body: body.into(),
        caller: Arc::clone(&request.caller),
        address: request.address,
        now: request.now,
        hides_values: false,
        meeting: request.meeting.clone(),
    })
}
