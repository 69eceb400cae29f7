//! What is known beside the body: the caller, its claims, the query, the headers, the time, the operation.

use std::time::Duration;

use super::*;
use crate::model::header::VisibleHeaders;
use crate::policy::expression::Constant;
use http::header::{HeaderMap, HeaderValue, USER_AGENT};

fn facts_hold(cases: &[(Result<bool, Failure>, &str)]) {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static("outlook/3.1"));
    let headers = VisibleHeaders::of(&headers);
    let mut caller = caller("hr-portal", &["sales", "hr"]);
    caller.scopes = ["secrets"].into_iter().collect();
    caller.claims = json!({"tier": "gold", "limit": 120, "rate": 1.5, "org": {"unit": "x"}, "tags": ["a", "b"], "none": null})
        .as_object()
        .unwrap()
        .clone();
    let query = [(Box::from("conferenceID"), Box::from("123"))];
    let facts = Facts {
        address: Some("10.1.2.3".parse().unwrap()),
        query: &query,
        headers: &headers,
        // 2027-01-03, a Sunday, 22:30:05 UTC.
        now: Duration::from_secs(1_799_015_405),
        ..Facts::of(&UPDATE_SERIES, &caller)
    };
    for (expected, text) in cases {
        assert_eq!(value_with(text, &json!({}), &facts), *expected, "{text}");
    }
}

#[test]
fn the_caller_and_its_claims() {
    facts_hold(&[
        (
            Ok(true),
            r#"caller.id == "hr-portal" && caller.id.startsWith("hr-")"#,
        ),
        (
            Ok(true),
            r#""hr" in caller.groups && size(caller.groups) == 2"#,
        ),
        (Ok(true), r#"caller.scopes.exists(s, s == "secrets")"#),
        (
            Ok(true),
            r#"has(caller.claims.tier) && caller.claims.tier == "gold""#,
        ),
        (
            Ok(true),
            r#"'tier' in caller.claims && caller.claims['tier'] == "gold""#,
        ),
        (
            Ok(true),
            "has(caller.claims.limit) && body.length < caller.claims.limit",
        ),
        (
            Ok(true),
            "has(caller.claims.rate) && caller.claims.rate + 1.0 == 2.5",
        ),
        (
            Ok(true),
            r#"has(caller.claims.org.unit) && caller.claims.org.unit == "x""#,
        ),
        (Ok(false), "has(caller.claims.org.unit.deeper)"),
        (
            Ok(false),
            "has(caller.claims.none) || has(caller.claims.nothing)",
        ),
        (
            Ok(true),
            r#"has(caller.claims.tags) && "b" in caller.claims.tags"#,
        ),
        (
            Ok(true),
            r#"has(caller.claims.tags) && caller.claims.tags.exists(t, t == "a")"#,
        ),
        (
            Ok(true),
            r#"has(caller.claims.tags) && caller.claims.tags[1] == "b""#,
        ),
        (
            Ok(true),
            r#"caller.id.substring(0, 2) == "hr" && !(caller.id in caller.claims)"#,
        ),
        // Of a claim nothing is known beforehand: what does not fit is found when it runs.
        (
            Err(Failure::NotOfType("bool")),
            "has(caller.claims.tier) && caller.claims.tier",
        ),
        (
            Ok(false),
            "has(caller.claims.tier) && caller.claims.tier == 3",
        ),
        (
            Err(Failure::NotOfType("that the other has")),
            "has(caller.claims.tier) && caller.claims.tier > 3",
        ),
        (
            Err(Failure::NotOfType("string")),
            r#"has(caller.claims.limit) && caller.claims.limit.startsWith("1")"#,
        ),
        (Err(Failure::Absent), "caller.claims[caller.id] == 3"),
        (Ok(false), "has(caller.claims[caller.id].x)"),
        (Ok(false), "has(caller.claims['no' + 'ne'].x)"),
        (
            Ok(false),
            "has(caller.claims.tags) && has(caller.claims.tags[7].x)",
        ),
    ]);
}

#[test]
fn the_address_the_query_and_the_headers() {
    facts_hold(&[
        (
            Ok(true),
            r#"has(caller.address) && cidr("10.0.0.0/8").containsIP(caller.address)"#,
        ),
        (
            Ok(true),
            r#"has(caller.address) && caller.address == ip("::ffff:10.1.2.3")"#,
        ),
        (
            Ok(false),
            r#"has(caller.address) && cidr("10.1.2.4/30").containsIP(caller.address) && caller.address.isLoopback()"#,
        ),
        (
            Ok(true),
            r#"has(query.conferenceID) && query.conferenceID == "123""#,
        ),
        (
            Ok(true),
            r#"'conferenceID' in query && query['conferenceID'] == "123""#,
        ),
        (Ok(true), "!has(query.userUUID)"),
        (
            Ok(true),
            r#"'user-agent' in headers && headers['user-agent'].startsWith("outlook/")"#,
        ),
        (
            Ok(true),
            r#"has(headers['user-agent']) && headers['user-agent'].matches("^outlook/[0-9.]+$")"#,
        ),
        (Ok(true), "!('accept-language' in headers)"),
    ]);
}

#[test]
fn the_time() {
    facts_hold(&[
        (
            Ok(true),
            r#"now > timestamp("2027-01-01T00:00:00Z") && now < timestamp("2027-01-04 00:00")"#,
        ),
        (
            Ok(true),
            r#"now - timestamp("2027-01-03 22:00") == duration("30m5s")"#,
        ),
        (
            Ok(true),
            r#"now + minutes(body.length) > timestamp("2027-01-03T23:59:00+01:00")"#,
        ),
        (
            Ok(true),
            "now.getDayOfWeek() == 0 && now.getHours() == 22 && now.getMinutes() == 30 && now.getSeconds() == 5",
        ),
        (
            Ok(true),
            r#"now.getDayOfWeek("Asia/Shanghai") == 1 && now.getHours("Asia/Shanghai") == 6"#,
        ),
        (
            Ok(true),
            "now.getFullYear() == 2027 && now.getMonth() == 0 && now.getDate() == 3 && now.getDayOfMonth() == 2 && now.getDayOfYear() == 2",
        ),
        (Ok(true), r#"now.getHours(zone("56")) == 6"#),
        (
            Err(Failure::NotReadable(
                "the name of a time zone like Europe/Berlin",
            )),
            "now.getHours(caller.id) == 6",
        ),
        (Ok(true), "int(now) == 1799015405"),
    ]);
}

#[test]
fn an_operation_is_known_beforehand() {
    let series = "update_recurring_meeting";
    for (operation, text, verdict) in [
        (
            series,
            r#"operation == "update_recurring_meeting""#,
            Constant::Always,
        ),
        (series, r#"operation == "create_meeting""#, Constant::Never),
        (
            series,
            r#"operation != "create_meeting" && body.length > 60"#,
            Constant::Depends,
        ),
        (
            series,
            r#"operation in ["create_meeting", "cancel_meeting"]"#,
            Constant::Never,
        ),
        (
            series,
            r#"operation.startsWith("update_") || body.length > 60"#,
            Constant::Always,
        ),
        (
            series,
            r#"!operation.startsWith("update_") && body.length > 60"#,
            Constant::Never,
        ),
        // Out of reach, so that a field of another operation is no mistake.
        (
            series,
            r#"operation == "create_meeting" && body.onlyThere == 1"#,
            Constant::Never,
        ),
        (
            series,
            r#"operation == "create_meeting" ? body.onlyThere == 1 : body.length > 60"#,
            Constant::Depends,
        ),
        (
            series,
            r#"operation != "create_meeting" || body.onlyThere == 1"#,
            Constant::Always,
        ),
        (series, "true", Constant::Always),
        (series, "body.length > 60 && false", Constant::Never),
        (series, "body.length > 60", Constant::Depends),
        (series, "body.attendees.exists(a, false)", Constant::Never),
        (
            "create_meeting",
            r#"operation == "create_meeting""#,
            Constant::Always,
        ),
    ] {
        let expression = compile_in(operation, text).unwrap_or_else(|m| panic!("{text} {m:?}"));
        assert_eq!(expression.verdict(), verdict, "{text}");
    }
    let text = r#"operation == "create_meeting" && body.onlyThere == 1"#;
    assert!(compile_in("create_meeting", text).is_err());
}
