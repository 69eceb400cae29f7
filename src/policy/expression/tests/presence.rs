//! What may be absent, and what a guard makes of it.

use super::*;

#[test]
fn guarded_reads_compile() {
    for text in [
        "has(body.subject) && body.subject != ''",
        "!has(body.subject) || body.subject != ''",
        "!(has(body.subject) && body.subject == '')",
        "has(body.subject) ? body.subject != '' : body.length > 60",
        "!has(body.subject) ? body.length > 60 : body.subject != ''",
        "(has(body.subject) && body.length > 60) && body.subject != ''",
        "!(!has(body.subject) || body.length > 60) && body.subject != ''",
        "(has(body.subject) ? true : false) && body.subject != ''",
        "(body.length > 60 ? has(body.subject) : false) && body.subject != ''",
        "(has(body.subject) && body.length > 60 || has(body.subject) && body.length < 30) && body.subject != ''",
        "has(body['subject']) && body.subject != ''",
        "has(body.subject) && body.attendees.exists(a, has(a.email) && a.email == body.subject)",
        "body.attendees.exists(a, !has(a.email) || [1, 2].exists(p, p == a.role))",
        "body.attendees.map(a, has(a.email), a.email).exists(e, e != '')",
        "has(body.attendees[0].email) && body.attendees[0].email != ''",
        // What is required of an object is there with it.
        "body.mediaTypes != ''",
        "has(body.cycleParams) && body.cycleParams.startDate != ''",
        "has(body.cycleParams.startDate) && body.cycleParams.endDate != ''",
        "has(body.cycleParams.point) && body.cycleParams.endDate != ''",
        "has(body.cycleParams) && [body.cycleParams].all(c, c.startDate != '')",
        "has(body.cycleParams) && (body.length > 60 ? body.cycleParams : body.cycleParams).startDate != ''",
        "[body.cycleParams].all(c, !has(c.startDate) || c.endDate != '')",
        "[body].all(b, b.mediaTypes != '')",
        "'user-agent' in headers && headers['user-agent'] != ''",
        "has(caller.claims['a/b']) && caller.claims['a/b'] == 1",
        "has(caller.claims.a.b) && caller.claims['a']['b'] == 1",
        "has(query.conferenceID) && query.conferenceID != ''",
        "'x' in caller.claims && caller.claims.x == 1",
    ] {
        compiled(text);
    }
}

#[test]
fn unguarded_reads_are_mistakes() {
    wants_guards(&[
        ("body.subject != ''", 0, "has(body.subject)"),
        (
            "has(body.subject) || body.subject != ''",
            21,
            "has(body.subject)",
        ),
        (
            "!has(body.subject) && body.subject != ''",
            22,
            "has(body.subject)",
        ),
        (
            "body.subject != '' && has(body.subject)",
            0,
            "has(body.subject)",
        ),
        (
            "has(body.subject) ? body.length > 60 : body.subject != ''",
            39,
            "has(body.subject)",
        ),
        (
            "(has(body.subject) || body.length > 60) && body.subject != ''",
            43,
            "has(body.subject)",
        ),
        (
            "(has(body.subject) && body.length > 60) || body.subject != ''",
            43,
            "has(body.subject)",
        ),
        (
            "(has(body.subject) ? body.length > 60 : true) && body.subject != ''",
            49,
            "has(body.subject)",
        ),
        (
            "body.attendees.exists(a, a.email != '')",
            25,
            "has(a.email)",
        ),
        (
            "body.attendees.exists(a, has(a.email)) && body.attendees.all(a, a.email != '')",
            64,
            "has(a.email)",
        ),
        (
            "body.attendees.filter(a, has(a.email)).all(a, a.email != '')",
            46,
            "has(a.email)",
        ),
        (
            "body.attendees.exists(a, has(a.email) && body.attendees.exists(b, b.email == a.email))",
            66,
            "has(b.email)",
        ),
        (
            "has(body.attendees[0].email) && body.attendees[1].email != ''",
            32,
            "has(body.attendees[1].email)",
        ),
        (
            "has(body.confConfigInfo) && body.confConfigInfo.isAutoMute",
            28,
            "has(body.confConfigInfo.isAutoMute)",
        ),
        (
            "body.cycleParams.startDate != ''",
            0,
            "has(body.cycleParams.startDate)",
        ),
        (
            "has(body.subject) && body.cycleParams.startDate != ''",
            21,
            "has(body.cycleParams.startDate)",
        ),
    ]);
}

#[test]
fn unguarded_reads_beside_the_body_are_mistakes() {
    wants_guards(&[
        ("headers['user-agent'] != ''", 0, "'user-agent' in headers"),
        (
            "'accept-language' in headers && headers['user-agent'] != ''",
            32,
            "'user-agent' in headers",
        ),
        ("query.conferenceID == '1'", 0, "has(query.conferenceID)"),
        ("caller.address.isLoopback()", 0, "has(caller.address)"),
        ("caller.claims['x'] == 1", 0, "has(caller.claims['x'])"),
        (
            "has(caller.claims.x) && caller.claims.x.y == 1",
            24,
            "has(caller.claims.x.y)",
        ),
        (
            "has(caller.claims['a/b']) && caller.claims.a.b == 1",
            29,
            "has(caller.claims.a.b)",
        ),
        (
            "has(caller.claims.a.b) && caller.claims['a/b'] == 1",
            26,
            "has(caller.claims['a/b'])",
        ),
    ]);
}

#[test]
fn unguarded_reads_of_computed_objects_are_mistakes() {
    wants_guards(&[
        (
            "[body.cycleParams].all(c, c.startDate != '')",
            26,
            "has(c.startDate)",
        ),
        (
            "[body.cycleParams, body.cycleParams].filter(c, true).all(c, c.startDate != '')",
            60,
            "has(c.startDate)",
        ),
        (
            "body.attendees.map(a, body.cycleParams).all(c, c.startDate != '')",
            47,
            "has(c.startDate)",
        ),
    ]);
}

fn wants_guards(cases: &[(&str, usize, &str)]) {
    for (text, offset, guard) in cases {
        let found = mistakes(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(
            found[0].starts_with(&format!("{offset}: "))
                && found[0].ends_with(&format!("may be absent (write `{guard} && ...`)")),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn an_object_that_is_computed_may_be_absent() {
    let chosen = "(body.length > 60 ? body.cycleParams : body.cycleParams).startDate";
    let within = "(write `[...].exists(x, has(x.startDate) && ...)`)";
    for text in [
        format!("{chosen} != ''"),
        format!("has(body.cycleParams) || {chosen} != ''"),
        "[body.cycleParams][0].startDate != ''".to_owned(),
    ] {
        let found = mistakes(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(
            found[0].contains("may be absent") && found[0].ends_with(within),
            "{text}: {found:?}"
        );
    }
    for text in [
        format!("has({chosen})"),
        "has([body.cycleParams][0].startDate)".to_owned(),
        "![body.cycleParams].all(c, !has(c.startDate))".to_owned(),
        "[body.cycleParams].all(c, has(c.startDate))".to_owned(),
    ] {
        assert_eq!(compiled(&text).verdict(), Constant::Depends, "{text}");
        assert_eq!(value(&text, &json!({})), Ok(false), "{text}");
        let body = json!({"cycleParams": {"startDate": "2027-01-04"}});
        assert_eq!(value(&text, &body), Ok(true), "{text}");
    }
    // An item may be missing, and `has` asks for something in it.
    table(&[(
        "has(body.attendees[0])",
        &["0: `has` asks for a member, and `body.attendees[0]` is none"],
    )]);
}

#[test]
fn asking_for_what_is_always_there_is_a_mistake() {
    for (text, what) in [
        ("has(caller.id)", "`caller.id` is always there"),
        ("has(caller.claims)", "`caller.claims` is always there"),
    ] {
        assert_eq!(mistakes(text), [format!("0: {what}")], "{text}");
    }
    // It may be asked whether the request says what has a default anyway, and for what another operation does not require.
    compiled("has(body.length)");
    assert_eq!(compiled("has(body.mediaTypes)").verdict(), Constant::Always);
    compiled("has(body.mediaTypes) && body.mediaTypes == 'Voice'");
}
