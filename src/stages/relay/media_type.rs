//! The media types in which a relayed body may come: JSON, or, where a file is documented, a form with its boundary.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::model::operation::BodyMedia;
use crate::model::refusal::Refusal;
use crate::stages::decode::body::json_media_type;

/// The media type that goes upstream, or 415.
pub(super) fn accepted(documented: BodyMedia, headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    match documented {
        BodyMedia::Json => {
            json_media_type(headers)?;
            Ok(HeaderValue::from_static("application/json"))
        }
        BodyMedia::Form => form(headers).ok_or(Refusal::NotAForm),
    }
}

/// `multipart/form-data` with one boundary (RFC 2046, section 5.1.1) and nothing else, as we would write it.
fn form(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None, None) = (types.next(), types.next(), headers.get(CONTENT_ENCODING))
    else {
        return None;
    };
    let (essence, parameter) = only.to_str().ok()?.split_once(';')?;
    let (name, value) = parameter.split_once('=')?;
    let unquoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let boundary = unquoted.unwrap_or_else(|| value.trim());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let is_form = essence.trim().eq_ignore_ascii_case("multipart/form-data")
        && name.trim().eq_ignore_ascii_case("boundary")
        && (1..=70).contains(&boundary.len())
        && boundary.bytes().all(plain)
        && !boundary.ends_with(' ');
    let written = is_form.then(|| format!("multipart/form-data; boundary=\"{boundary}\""));
    HeaderValue::try_from(written?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_one_boundary() {
        let judged = |value: &str| {
            let headers = [(CONTENT_TYPE, value.parse().unwrap())];
            accepted(BodyMedia::Form, &HeaderMap::from_iter(headers)).ok()
        };
        for (value, boundary) in [
            ("multipart/form-data; boundary=x-1", "x-1"),
            ("Multipart/Form-Data;boundary=\"a b\"", "a b"),
        ] {
            let expected = format!("multipart/form-data; boundary=\"{boundary}\"");
            assert_eq!(judged(value).unwrap(), expected, "{value}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for value in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=\"a\\\"b\"",
            "multipart/form-data; charset=utf-8; boundary=a",
            "multipart/mixed; boundary=a",
            "application/json",
            &long,
        ] {
            assert_eq!(judged(value), None, "{value}");
        }
    }
}
