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
        "'user-agent' in headers && headers['user-agent'] != ''",
        "has(query.conferenceID) && query.conferenceID != ''",
        "'x' in caller.claims && caller.claims.x == 1",
    ] {
        compiled(text);
    }
}

#[test]
fn unguarded_reads_are_mistakes() {
    for (text, offset, guard) in [
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
    ] {
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
