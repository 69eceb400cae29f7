//! Every request can be written as a curl command and comes back the same.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;

use crate::explain::saved::{Format, SavedRequest, read};

/// POSIX quoting: everything stands for itself between single quotes but the single quote.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// bash's `$'...'`, with everything escaped that can be.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        let _ = write!(escaped, "\\u{unit:04x}");
    }
    format!("$'{escaped}'")
}

fn as_curl(request: &SavedRequest, quote: impl Fn(&str) -> String) -> String {
    let mut words = vec!["curl".to_owned(), "-sS".to_owned(), "-X".to_owned()];
    words.push(quote(request.method.as_str()));
    words.push(quote(&format!("https://gateway.example{}", request.target)));
    for (name, value) in &request.headers {
        let value = value.to_str().unwrap();
        words.push("-H".to_owned());
        words.push(match value {
            "" => quote(&format!("{name};")),
            value => quote(&format!("{name}: {value}")),
        });
    }
    if !request.headers.contains_key(CONTENT_TYPE) {
        words.push("-H 'Content-Type:'".to_owned());
    }
    if !request.body.is_empty() {
        words.push("--data-raw".to_owned());
        words.push(quote(std::str::from_utf8(&request.body).unwrap()));
    }
    words.join(" \\\n  ")
}

fn requests() -> impl Strategy<Value = SavedRequest> {
    let header = (
        "x-[a-z]{1,8}|content-type|accept|cookie",
        "([!-~]([ -~]{0,20}[!-~])?)?",
    );
    (
        prop::sample::select(vec![Method::GET, Method::PUT, Method::POST, Method::DELETE]),
        r"/[a-zA-Z0-9_~!$&'()*+;=:@%-]{0,20}(\?[a-zA-Z0-9_~!$&'()*+;=:@/?-]{0,20})?",
        prop::collection::vec(header, 0..5),
        "[^\0]{0,60}",
    )
        .prop_map(|(method, target, fields, body)| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                headers.append(name, HeaderValue::from_str(&value).unwrap());
            }
            SavedRequest {
                method,
                target: target.parse().unwrap(),
                headers,
                body: Bytes::from(body),
                format: Format::Curl,
                caller: None,
                address: None,
                time: None,
                hides_values: false,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_written_as_curl_reads_the_same(request in requests(), escapes in any::<bool>()) {
        let text = as_curl(&request, if escapes { escaped } else { quoted });
        let found = read(text.as_bytes()).unwrap();
        prop_assert_eq!(found.method, request.method);
        prop_assert_eq!(found.target, request.target);
        prop_assert_eq!(found.headers, request.headers);
        prop_assert_eq!(found.body, request.body);
    }
}
