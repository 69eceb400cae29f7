//! What was typed becomes a request.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderValue, Request};
use percent_encoding::utf8_percent_encode;

use super::described::{Described, ParameterLocation};
use super::form::{Form, To};
use crate::model::header::ACCESS_TOKEN;
use crate::model::unreserved::ALL_BUT_UNRESERVED;

/// Who sends it, for whoever reads the audit log later.
const CONSOLE: HeaderValue = HeaderValue::from_static("meeting-gateway-console");

/// The request for an operation.
///
/// # Errors
///
/// What is missing, or cannot be sent.
pub(super) fn of(operation: &Described, form: &Form) -> Result<Request<Bytes>, String> {
    let mut path = operation.path.clone();
    let mut query = String::new();
    let mut headers = Vec::new();
    for parameter in &operation.parameters {
        let value = form.parameter(&parameter.name).trim();
        if value.is_empty() {
            if parameter.location == ParameterLocation::Path {
                return Err(format!(
                    "`{}` is part of the path: it cannot be empty",
                    parameter.name
                ));
            }
            continue;
        }
        let encoded = utf8_percent_encode(value, ALL_BUT_UNRESERVED).to_string();
        match parameter.location {
            ParameterLocation::Path => {
                path = path.replace(&format!("{{{}}}", parameter.name), &encoded);
            }
            ParameterLocation::Query => {
                query.push(if query.is_empty() { '?' } else { '&' });
                query.push_str(&parameter.name);
                query.push('=');
                query.push_str(&encoded);
            }
            ParameterLocation::Header => headers.push((parameter.name.as_str(), value)),
        }
    }
    let mut request = Request::builder()
        .header(USER_AGENT, CONSOLE)
        .method(operation.method.as_str())
        .uri(format!("{path}{query}"));
    if let Some(media_type) = operation.body.as_deref().filter(|_| !form.body.is_empty()) {
        request = request.header(CONTENT_TYPE, media_type);
    }
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|_| format!("`{name}` is no header"))?;
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the value of `{name}` cannot stand in a header"))?;
        request = request.header(name, value);
    }
    if form.to == To::Gateway && !form.credential.is_empty() {
        let mut credential = HeaderValue::from_str(&form.credential)
            .map_err(|_| "the credential cannot stand in a header".to_owned())?;
        credential.set_sensitive(true);
        request = request.header(ACCESS_TOKEN, credential);
    }
    let body = Bytes::from(form.body.clone());
    request
        .body(body)
        .map_err(|_| "the path or the query cannot be sent".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::described::Parameter;
    use super::*;

    fn operation() -> Described {
        let parameter = |name: &str, location| Parameter {
            name: name.to_owned(),
            location,
            required: false,
            deprecated: false,
        };
        Described {
            name: "update_user".to_owned(),
            method: "PUT".to_owned(),
            path: "/v1/users/{account}".to_owned(),
            tag: String::new(),
            description: String::new(),
            parameters: vec![
                parameter("account", ParameterLocation::Path),
                parameter("searchKey", ParameterLocation::Query),
                parameter("Accept-Language", ParameterLocation::Header),
            ],
            body: Some("application/json".to_owned()),
            schema: None,
            responses: Vec::new(),
        }
    }

    #[test]
    fn values_cannot_leave_their_places() {
        let form = Form::read(b"p.account=a%2F..%2Fb%3F&p.searchKey=x%26y%3Dz&p.Accept-Language=zh-CN&body=%7B%7D&to=gateway&credential=key");
        let request = of(&operation(), &form).unwrap();
        assert_eq!(request.uri(), "/v1/users/a%2F..%2Fb%3F?searchKey=x%26y%3Dz");
        assert_eq!(request.headers()["accept-language"], "zh-CN");
        assert_eq!(request.headers()["content-type"], "application/json");
        assert!(request.headers()["x-access-token"].is_sensitive());
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        assert!(
            of(&operation(), &Form::read(b""))
                .unwrap_err()
                .contains("`account`")
        );
        let form = Form::read(b"p.account=a&p.Accept-Language=a%0Ab");
        assert!(
            of(&operation(), &form)
                .unwrap_err()
                .contains("accept-language")
        );
    }

    #[test]
    fn the_simulator_gets_no_credential() {
        let request = of(&operation(), &Form::read(b"p.account=a&credential=key")).unwrap();
        assert!(request.headers().get("x-access-token").is_none());
        assert!(
            request.headers().get("content-type").is_none(),
            "nothing is sent"
        );
    }
}
