//! Any bytes over a connection of their own, to the gateway as it is: its connections, the whole stack, and an upstream that notes
//! what reaches it.
//!
//! Every connection ends with answers or is closed; no answer is a defect (500) or tells what only the upstream's callers may
//! know. What reaches the upstream is a governed operation with its documented target, headers of the allow-list, the gateway's
//! own token and no credential of the caller's, and a body that is strict JSON and fits the contract. Sent again by a caller, it
//! passes as it is: it has been through the policy.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, USER_AGENT};
use meeting_gateway::contract::look_alike;
use meeting_gateway::contract::strict_json::{self, Limits};
use meeting_gateway::model::header::{ACCESS_TOKEN, REQUEST_ID, TRACESTATE};
use meeting_gateway::stages::decode::target;

use super::door::{ANSWERED_SECRET, Door, KEY, Reached, UPSTREAM_TOKEN};
use super::ground;

static DOOR: LazyLock<Mutex<Door>> = LazyLock::new(|| Mutex::new(Door::new()));
const OWN_HEADERS: [HeaderName; 7] = [
    ACCEPT,
    ACCEPT_LANGUAGE,
    CONTENT_TYPE,
    USER_AGENT,
    ACCESS_TOKEN,
    REQUEST_ID,
    TRACESTATE,
];

/// See above.
pub fn holds(data: &[u8]) {
    let door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (answered, reached) = door.exchange(data);
    is_answered(&answered, data);
    assert!(
        reached.len() <= count(data, b"HTTP/1.") + count(data, b"PRI * HTTP/2.0") * data.len(),
        "{} requests at the upstream",
        reached.len()
    );
    for reached in &reached {
        let shows_key_once = count(data, KEY.as_bytes()) == 1;
        is_ours(reached, shows_key_once);
        fits_the_contract(reached);
    }
    if let Some(first) = reached.first() {
        passes_again(&door, first);
    }
}

fn count(data: &[u8], part: &[u8]) -> usize {
    data.windows(part.len())
        .filter(|seen| *seen == part)
        .count()
}

fn is_answered(answered: &[u8], data: &[u8]) {
    let h1 = answered.starts_with(b"HTTP/1.");
    // An HTTP/2 connection begins with a frame of settings.
    let h2 = data.starts_with(b"PRI * HTTP/2.0") && answered.get(3) == Some(&4);
    assert!(
        answered.is_empty() || h1 || h2,
        "{}",
        answered.escape_ascii()
    );
    for never in ["MGW.500", "HTTP/1.1 500", UPSTREAM_TOKEN, ANSWERED_SECRET] {
        let sent = count(data, never.as_bytes());
        let shown = count(answered, never.as_bytes());
        assert!(sent > 0 || shown == 0, "{}", answered.escape_ascii());
    }
}

fn is_ours(reached: &Reached, shows_key_once: bool) {
    let Reached {
        operation, headers, ..
    } = reached;
    assert!(operation.family.is_governed(), "{reached:?}");
    let own = OWN_HEADERS;
    let allowed = own.iter().chain(&operation.headers);
    let allowed: BTreeSet<_> = allowed.map(HeaderName::as_str).collect();
    for (name, value) in headers {
        assert!(allowed.contains(name.as_str()), "{name} at the upstream");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name} twice");
        let key = count(value.as_bytes(), KEY.as_bytes());
        assert!(!shows_key_once || key == 0, "the caller's key in {name}");
    }
    assert_eq!(headers[ACCESS_TOKEN], UPSTREAM_TOKEN);
    let elsewhere =
        count(reached.target.as_bytes(), KEY.as_bytes()) + count(&reached.body, KEY.as_bytes());
    assert!(!shows_key_once || elsewhere == 0, "{reached:?}");
}

fn fits_the_contract(reached: &Reached) {
    let Reached {
        operation,
        method,
        target,
        body,
        ..
    } = reached;
    let contract = ground::contract();
    assert_eq!(*method, operation.method);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    assert_eq!(path, operation.template);
    let query = target::canonical_query(query, |name| look_alike::meant(name, &operation.query));
    let query = query.expect("a query in canonical form");
    let parameters = contract
        .parameters(operation)
        .expect("a governed operation");
    assert!(
        query.iter().all(|(name, _)| parameters.knows(name)),
        "{query:?}"
    );
    assert_eq!(parameters.violations(&query), []);
    let Some(fits) = contract.body(operation) else {
        assert!(body.is_empty(), "{reached:?}");
        return;
    };
    let mut document = strict_json::parse(body, Limits::default()).expect("strict JSON");
    let (violations, _) = fits.violations(&mut document, 1);
    assert_eq!(violations, []);
}

/// What went upstream, sent by the caller, goes upstream as it is.
fn passes_again(door: &Door, first: &Reached) {
    let Reached {
        method,
        target,
        headers,
        body,
        operation,
        ..
    } = first;
    let passed = [CONTENT_TYPE, ACCEPT_LANGUAGE];
    let passed = passed.iter().chain(&operation.headers);
    let passed: Vec<String> = passed
        .filter_map(|name| Some(format!("{name}: {}\r\n", headers.get(name)?.to_str().ok()?)))
        .collect();
    let text = format!(
        "{method} {target} HTTP/1.1\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\nconnection: close\r\n\
         {}content-length: {}\r\n\r\n",
        passed.concat(),
        body.len()
    );
    let (answered, reached) = door.exchange(&[text.as_bytes(), body].concat());
    let [again] = &*reached else {
        panic!("it did not pass again: {}", answered.escape_ascii());
    };
    assert_eq!((&again.method, &again.target), (method, target));
    assert_eq!(
        again.body.escape_ascii().to_string(),
        body.escape_ascii().to_string()
    );
}
