//! Faults of everything around the gateway: what a caller gets, how soon, what the upstream saw of it, and that all is well once the
//! fault is over. The table of all of them is in `README.md` beside this file.

mod scripted;
mod watched;
mod table;
mod exchange;
mod answers;
mod connections;
mod sign_in;
mod circuit;
mod crowd;
mod leaving;
mod clocks;
mod audit_disk;

use std::time::Duration;

use http::{Method, Request};
use meeting_gateway::runtime::tokens::unavailable::Unavailable;

use crate::support::TestGateway;
use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, TestBody, documented};

const DETAIL: &str = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";
/// Deadlines that end soon, and leave no doubt which of them it was.
const SOON: [(&str, &str); 3] = [
    ("upstream.connect_timeout", "400ms"),
    ("upstream.response_timeout", "400ms"),
    ("upstream.total_timeout", "800ms"),
];
/// Longer than any of them, on a machine with other things to do.
const DEADLINE: Duration = Duration::from_secs(5);

/// A change.
fn change() -> Request<TestBody> {
    Asking::update().json(&documented())
}

/// A reading by the same caller.
fn reading() -> Request<TestBody> {
    let asking = Asking::with_key(Method::GET, DETAIL, KEY);
    asking.without("content-type").body("")
}

/// A reading by somebody else.
fn reading_of_another() -> Request<TestBody> {
    let asking = Asking::with_key(Method::GET, DETAIL, FRONT_DESK_KEY);
    asking.without("content-type").body("")
}

/// A gateway in front of it that holds a token already.
async fn before(url: &str, more: &[(&str, &str)]) -> TestGateway {
    let settings: Vec<_> = SOON.iter().chain(more).copied().collect();
    let gateway = TestGateway::with_token_from_elsewhere(url, &settings);
    let user = "alice@ent01".into();
    let tokens = gateway.parts.tokens.as_ref().unwrap();
    let signed_in: Result<_, Unavailable> = tokens.token(Some(&user)).await;
    signed_in.unwrap();
    gateway
}

/// A caller got this, as the table has it.
fn told(reply: &crate::support::request::Reply) -> String {
    let (status, code) = reply.said();
    let by = reply.header("x-gateway-error-source");
    match (code.as_str(), by) {
        ("", _) => status.to_string(),
        (code, _) => format!("{status} `{code}`"),
    }
}
