//! Second credentials: one is taken, two are refused, and none of them ever reaches the upstream, an audit line or an answer.

use super::attack::{Attack, good, good_with, passes, refused};
use crate::support::request::KEY;

const AMBIGUOUS: (u16, &str) = (401, "MGW.4010002");
const INVALID: (u16, &str) = (401, "MGW.4010003");
const MISSING: (u16, &str) = (401, "MGW.4010001");
const OTHER: &str = "a-second-credential-of-the-attack";

/// A request with a second credential in another channel.
fn second(about: &'static str, name: &str, answer: (u16, &'static str)) -> Attack {
    refused(about, good_with(&format!("{name}{OTHER}\r\n")), answer).hiding(&[OTHER, KEY])
}

/// The only credential, in these lines.
fn only(about: &'static str, lines: &str, answer: (u16, &'static str)) -> Attack {
    let usual = format!("x-access-token: {KEY}\r\n");
    refused(about, good().replacen(&usual, lines, 1), answer).hiding(&[OTHER, KEY])
}

attacks! {
    authorization: second("a bearer token beside the key", "authorization: Bearer ", AMBIGUOUS);
    api_key: second("an API key beside it", "x-api-key: ", AMBIGUOUS);
    access_token_twice: second("X-Access-Token twice", "x-access-token: ", AMBIGUOUS);
    access_token_in_another_case: second("X-Access-Token twice, in another case", "X-ACCESS-TOKEN: ", AMBIGUOUS);
    auth_token: second("the cloud's X-Auth-Token goes nowhere", "x-auth-token: ", (200, ""));
    password: second("X-Password goes nowhere", "x-password: ", (200, ""));
    cookie: second("a cookie goes nowhere", "cookie: session=", (200, ""));
    proxy_authorization: second("Proxy-Authorization goes nowhere", "proxy-authorization: Basic ", (200, ""));
    underscores: second("`x_access_token` is another header", "x_access_token: ", (200, ""));
    conference_authorization: second("a conference's token goes nowhere", "x-conference-authorization: Basic ", (200, ""));
    token_in_the_query: passes(
        "a token in the query goes nowhere",
        good().replacen("?conf", &format!("?access_token={OTHER}&conf"), 1),
    ).hiding(&[OTHER, KEY]);

    none: only("no credential", "", MISSING);
    empty: only("an empty credential", "x-access-token:\r\n", INVALID);
    unknown: only("an unknown key", &format!("x-access-token: {OTHER}\r\n"), INVALID);
    basic: only("another scheme", &format!("authorization: Basic {OTHER}\r\n"), INVALID);
    in_a_cookie: only("the key in a cookie", &format!("cookie: x-access-token={KEY}\r\n"), MISSING);
    in_another_name: only("the key in X-Auth-Token", &format!("x-auth-token: {KEY}\r\n"), MISSING);
    two_in_one: only("two keys in one header", &format!("x-access-token: {KEY}, {KEY}\r\n"), INVALID);
    very_long: only("a key of 8 KiB", &format!("x-access-token: {}\r\n", "k".repeat(8 * 1024)), INVALID);
}
