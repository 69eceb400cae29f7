//! Operations that nothing governs: refused unless the configuration allows them, and then passed on with everything but their
//! bodies held to the rules.

mod passes;
mod uploads;
mod downloads;
mod endings;
mod tokens;
mod told;
mod script;

use http::Method;

use crate::support::TestGateway;
use crate::support::request::{Asking, KEY};

const ME: &str = "/v1/usg/dcs/member";
const PEOPLE: &str = "/v1/usg/dcs/corp/member";

/// Overrides that allow these operations.
fn allowing<'a>(names: &[&'a str], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    const KEYS: [&str; 4] = [
        "operations.allow.0",
        "operations.allow.1",
        "operations.allow.2",
        "operations.allow.3",
    ];
    let allowed = KEYS.into_iter().zip(names.iter().copied());
    allowed.chain(more.iter().copied()).collect()
}

/// The simulator behind a gateway that allows these operations.
fn gateway(names: &[&str]) -> TestGateway {
    TestGateway::with(&allowing(names, &[]))
}

fn get(target: &str) -> Asking {
    Asking::with_key(Method::GET, target, KEY).without("content-type")
}
