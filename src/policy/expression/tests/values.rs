//! Values of expressions on bodies.

use super::*;

/// An attendee outside of the company, one inside, one without an address.
fn meeting() -> Value {
    json!({
        "length": 90, "subject": "Weekly", "mediaTypes": "Voice,Data", "encryptMode": 1,
        "attendees": [
            {"email": "a@corp.example", "role": 1},
            {"email": "b@Other.Example", "phone": "+4930123456"},
            {"phone": "+33140000000", "role": null},
        ],
        "cycleParams": {"startDate": "2027-01-04", "endDate": "2027-03-01", "cycle": "Week", "point": [1, 3]},
        "confConfigInfo": {"isAutoMute": true},
    })
}

#[test]
fn operators_and_literals() {
    for (expected, text) in [
        (true, "body.length > 60"),
        (false, "body.length > 90"),
        (true, "body.length >= 90 && body.length <= 90"),
        (true, "body.length == 0x5a"),
        (true, "body.length + 2 * 3 - 4 / 2 == 94"),
        (true, "body.length % 7 == 6"),
        (true, "-body.length < -89"),
        (true, "body.length / -7 == -12"),
        (true, "body.length < 90.5 && body.length > 89.5"),
        (true, "double(body.length) / 4.0 == 22.5"),
        (true, "!(body.length == 30)"),
        (true, "!!(body.length != 30)"),
        (true, "(body.length > 60 ? body.length : 60) == 90"),
        (true, "body.length > 100 ? false : body.length > 80"),
        (true, "body.mediaTypes == 'Voice,Data'"),
        (true, r#"body.mediaTypes == "Voice\u002cData""#),
        (true, r#"body.mediaTypes == "\x56oice\054D\U00000061ta""#),
        (true, r#"body.mediaTypes == """Voice,Data""""#),
        (
            true,
            "body.mediaTypes + \"\\n\" == \"\"\"Voice,Data\n\"\"\"",
        ),
        (true, r#"body.mediaTypes != r"a\d""#),
        (true, r#"body.mediaTypes < "Voicf""#),
        (true, r#"body["length"] == 90"#),
        (true, "body.length in [30, 60, 90]"),
        (false, "body.length in [30, 60]"),
        (
            true,
            r#""sales" in caller.groups && !("hr" in caller.groups)"#,
        ),
        (true, "[1, 2] + [body.length] == [1, 2, 90]"),
        (true, "[body.length, 3][0] == 90"),
        (true, "body.cycleParams.point == [1, 3]"),
        (true, "body.cycleParams.point[1] == 3"),
        (true, "body.attendees[0].role == 1"),
        (
            true,
            "has(body.attendees[0].email) && body.attendees[0].email == 'a@corp.example'",
        ),
        (true, "// a remark\nbody.length == 90 // another"),
        (true, "body.length < 90.5 || body.length == 90"),
    ] {
        assert_eq!(value(text, &meeting()), Ok(expected), "{text}");
    }
}

#[test]
fn macros() {
    for (expected, text) in [
        (true, "body.attendees.exists(a, a.role == 1)"),
        (false, "body.attendees.all(a, a.role == 1)"),
        (true, "body.attendees.exists_one(a, a.role == 1)"),
        (false, "body.attendees.exists_one(a, a.role == 0)"),
        (true, "body.attendees.filter(a, has(a.email)).size() == 2"),
        (
            true,
            "body.attendees.filter(a, has(a.email)).all(a, a.role == 1 || has(a.phone))",
        ),
        (
            true,
            r#"body.attendees.map(a, has(a.email), a.email) == ["a@corp.example", "b@Other.Example"]"#,
        ),
        (true, "body.attendees.map(a, a.role) == [1, 0, 0]"),
        (
            true,
            r#"body.attendees.exists(a, has(a.email) && !a.email.endsWith("@corp.example"))"#,
        ),
        (
            true,
            "body.cycleParams.point.exists(p, body.cycleParams.point.exists(q, p < q))",
        ),
        (
            true,
            r#"["a", "b"].exists(x, x == "b" && body.length > 60)"#,
        ),
    ] {
        assert_eq!(value(text, &meeting()), Ok(expected), "{text}");
    }
}

#[test]
fn an_object_that_is_computed_is_that_object() {
    let body = json!({
        "length": 90, "cycleParams": {"cycle": "Week"},
        "attendees": [{"role": 0, "phone": "1"}, {"role": 1, "email": "b@corp.example"}],
    });
    for (expected, text) in [
        (
            true,
            "[body.attendees[1]].exists(a, has(a.role) && a.role == 1)",
        ),
        (
            false,
            "[body.attendees[0]].exists(a, has(a.role) && a.role == 1)",
        ),
        (
            true,
            "(size(body.attendees) > 1 ? body.attendees[1] : body.attendees[0]).role == 1",
        ),
        (
            false,
            "(size(body.attendees) > 2 ? body.attendees[1] : body.attendees[0]).role == 1",
        ),
        (
            true,
            "has((body.length > 60 ? body.attendees[1] : body.attendees[0]).email)",
        ),
        (
            true,
            "[[body.attendees[1]][0]].all(a, has(a.email) && !has(a.phone))",
        ),
        (
            true,
            "[body.cycleParams].exists(c, has(c.cycle) && c.cycle == 'Week')",
        ),
        (
            true,
            "[body].exists(b, b.length == 90 && size(b.attendees) == 2)",
        ),
        (true, "body.attendees.map(a, a).exists_one(a, has(a.email))"),
    ] {
        assert_eq!(value(text, &body), Ok(expected), "{text}");
    }
}

#[test]
fn has_is_false_where_the_list_is_shorter() {
    for body in [
        json!({}),
        json!({"attendees": null}),
        json!({"attendees": []}),
        json!({"attendees": [{}]}),
        json!({"attendees": [null]}),
    ] {
        for (expected, text) in [
            (
                false,
                "has(body.attendees[0].email) && body.attendees[0].email != 'x'",
            ),
            (
                true,
                "!has(body.attendees[0].email) || body.attendees[0].email != 'x'",
            ),
            (false, "has(body.attendees[1].role)"),
            (
                false,
                "has((body.length > 60 ? body.attendees[1] : body.attendees[0]).role)",
            ),
        ] {
            assert_eq!(value(text, &body), Ok(expected), "{text} on {body}");
        }
        let unguarded = value("body.attendees[1].role == 0", &body);
        assert_eq!(unguarded, Err(Failure::OutOfRange), "{body}");
        let guarded = "size(body.attendees) > 1 && body.attendees[1].role == 0";
        assert_eq!(value(guarded, &body), Ok(false), "{body}");
    }
    // What has a value of a wrong type still fails.
    let body = json!({"attendees": [1]});
    let failed = value("has(body.attendees[0].email)", &body);
    assert_eq!(failed, Err(Failure::NotOfType("object")));
}

#[test]
fn what_is_absent_counts_as_its_default_or_as_empty() {
    for body in [
        json!({}),
        json!({"length": null, "attendees": null, "confConfigInfo": null, "cycleParams": null, "subject": null, "language": null}),
    ] {
        for text in [
            "body.length == 30",
            "!has(body.length)",
            r#"body.language == "zh-CN""#,
            "!body.supportSimultaneousInterpretation",
            "size(body.attendees) == 0 && !has(body.attendees)",
            "!body.attendees.exists(a, a.role == 1) && body.attendees.all(a, a.role == 1)",
            "!has(body.confConfigInfo) && !has(body.confConfigInfo.isAutoMute)",
            "size(body.cycleParams.point) == 0",
            "!has(body.cycleParams.startDate)",
            r#"!has(body.subject) || body.subject != """#,
        ] {
            assert_eq!(value(text, &body), Ok(true), "{text} on {body}");
        }
    }
}

#[test]
fn an_error_is_overruled_by_a_part_that_decides() {
    let fails = "body.length / (body.length - 90) > 0";
    for (expected, text) in [
        (Ok(false), format!("{fails} && body.length == 1000")),
        (Ok(false), format!("body.length == 1000 && {fails}")),
        (Ok(true), format!("{fails} || body.length == 90")),
        (
            Err(Failure::DivisionByZero),
            format!("{fails} && body.length == 90"),
        ),
        (
            Err(Failure::DivisionByZero),
            format!("{fails} || body.length == 1000"),
        ),
        (Err(Failure::DivisionByZero), format!("!({fails})")),
        (
            Ok(true),
            "[0, 1].exists(x, 90 / x == body.length)".to_owned(),
        ),
        (
            Err(Failure::DivisionByZero),
            "[0, 1].exists(x, 91 / x == body.length)".to_owned(),
        ),
        (Ok(false), "[0, 1].all(x, 91 / x == body.length)".to_owned()),
        (
            Err(Failure::DivisionByZero),
            "[0, 1].exists_one(x, 90 / x == body.length)".to_owned(),
        ),
    ] {
        assert_eq!(value(&text, &meeting()), expected, "{text}");
    }
}

#[test]
fn what_has_no_value_is_a_failure_and_no_panic() {
    let max = i64::MAX.to_string();
    let min = i64::MIN.to_string();
    for (expected, subject, text) in [
        (Failure::Overflow, max.as_str(), "int(body.subject) + 1 > 0"),
        (Failure::Overflow, &max, "int(body.subject) * 2 > 0"),
        (Failure::Overflow, &min, "int(body.subject) - 1 < 0"),
        (Failure::Overflow, &min, "int(body.subject) / -1 < 0"),
        (Failure::Overflow, &min, "int(body.subject) % -1 == 0"),
        (Failure::Overflow, &min, "-int(body.subject) > 0"),
        (
            Failure::Overflow,
            &max,
            r#"minutes(int(body.subject)) > duration("1h")"#,
        ),
        (
            Failure::Overflow,
            "400000000000",
            "now + minutes(int(body.subject)) > now",
        ),
        (Failure::DivisionByZero, "0", "1 / int(body.subject) == 0"),
        (Failure::DivisionByZero, "0", "1 % int(body.subject) == 0"),
        (
            Failure::OutOfRange,
            "7",
            "body.attendees[int(body.subject)].role == 1",
        ),
        (
            Failure::OutOfRange,
            "-1",
            "body.attendees[int(body.subject)].role == 1",
        ),
        (
            Failure::OutOfRange,
            "7",
            r#"body.subject.substring(3) == "x""#,
        ),
        (
            Failure::OutOfRange,
            "1234",
            r#"body.subject.substring(3, 2) == "x""#,
        ),
        (
            Failure::NotReadable("a whole number"),
            "x",
            "int(body.subject) > 3",
        ),
        (
            Failure::NotReadable("a day like 2027-01-01"),
            "x",
            "date(body.subject) > now",
        ),
    ] {
        let text = format!("has(body.subject) && {text}");
        let body = json!({"subject": subject, "attendees": [{}]});
        assert_eq!(value(&text, &body), Err(expected), "{text}");
    }
}

#[test]
fn a_value_that_does_not_fit_the_contract_is_a_failure() {
    for (text, body) in [
        ("body.length > 60", json!({"length": "90"})),
        ("body.length > 60", json!({"length": 90.5})),
        ("body.length > 60", json!({"length": u64::MAX})),
        ("body.length > 60", json!({"length": 1e300})),
        (
            "body.attendees.exists(a, a.role == 1)",
            json!({"attendees": {"role": 1}}),
        ),
        (
            "body.attendees.exists(a, a.role == 1)",
            json!({"attendees": [1]}),
        ),
        (
            "has(body.confConfigInfo.isAutoMute) && body.confConfigInfo.isAutoMute",
            json!({"confConfigInfo": {"isAutoMute": 1}}),
        ),
    ] {
        assert!(value(text, &body).is_err(), "{text} on {body}");
    }
    assert_eq!(
        value("body.length == 90", &json!({"length": 90.0})),
        Ok(true)
    );
}

#[test]
fn what_it_reads_is_told_once() {
    let expression = compiled(
        "body.length > 60 && body.length < 90 && has(body.cycleParams.cycle) \
         && body.attendees.exists(a, has(a.email) && a.role == 1 || has(body.subject))",
    );
    assert_eq!(
        expression.reads().collect::<Vec<_>>(),
        [
            "/attendees",
            "/attendees/*/email",
            "/attendees/*/role",
            "/cycleParams/cycle",
            "/length",
            "/subject"
        ]
    );
}
