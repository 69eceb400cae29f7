//! Comparisons that have one outcome only, by the contract's bounds.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn comparisons_with_one_outcome_are_mistakes() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        (
            "body.length > 2000",
            "14: this is never true: `body.length` is at most 1440",
        ),
        (
            "body.length >= 15",
            "15: this is always true: `body.length` is at least 15",
        ),
        (
            "body.length > 1440",
            "14: this is never true: `body.length` is at most 1440",
        ),
        (
            "body.length <= 1440",
            "15: this is always true: `body.length` is at most 1440",
        ),
        (
            "body.length < 15",
            "14: this is never true: `body.length` is at least 15",
        ),
        (
            "2000 < body.length",
            "0: this is never true: `body.length` is at most 1440",
        ),
        (
            "body.length == 2000",
            "15: this is never true: `body.length` is at most 1440",
        ),
        (
            "body.length != 3",
            "15: this is always true: `body.length` is at least 15",
        ),
        (
            "body.length > 2000.5",
            "14: this is never true: `body.length` is at most 1440",
        ),
        (
            "body.length == 30.5",
            "15: this is never true: `body.length` is a whole number",
        ),
        (
            "body.length * 2 > 3000",
            "18: this is never true: `body.length * 2` is at most 2880",
        ),
        (
            "-body.length > 0",
            "15: this is never true: `-body.length` is at most -15",
        ),
        (
            "body.length % 60 == 60",
            "20: this is never true: `body.length % 60` is at most 59",
        ),
        (
            "body.length / 60 > 24",
            "19: this is never true: `body.length / 60` is at most 24",
        ),
        (
            "has(body.encryptMode) && body.encryptMode == 7",
            "45: this is never true: `body.encryptMode` may be 0, 1, 2",
        ),
        (
            "has(body.encryptMode) && body.encryptMode >= 0",
            "45: this is always true: `body.encryptMode` may be 0, 1, 2",
        ),
        (
            "has(body.encryptMode) && body.encryptMode in [1, 7]",
            "49: `body.encryptMode` is never this: it may be 0, 1, 2",
        ),
        (
            "has(body.encryptMode) && body.encryptMode in [2, 1, 0]",
            "25: this is always true: `body.encryptMode` may be 0, 1, 2",
        ),
        (
            "body.length in []",
            "0: this is never true: the list is empty",
        ),
        (
            r#"body.language == "en""#,
            r#"17: this is never true: `body.language` may be "zh-CN", "en-US""#,
        ),
        (
            r#"body.language == "en-us""#,
            r#"17: this is never true: `body.language` may be "zh-CN", "en-US" (did you mean "en-US"?)"#,
        ),
        (
            r#"body.language in ["en_US"]"#,
            r#"18: `body.language` is never this: it may be "zh-CN", "en-US" (did you mean "en-US"?)"#,
        ),
        (
            "body.attendees.exists(a, a.role == 2)",
            "35: this is never true: `a.role` may be 0, 1",
        ),
        (
            "size(body.attendees) > 10000",
            "23: this is never true: `size(body.attendees)` is at most 10000",
        ),
        (
            "body.attendees.filter(a, a.role == 1).size() >= 0",
            "48: this is always true: `body.attendees.filter(a, a.role == 1).size()` is at least 0",
        ),
        (
            "has(body.subject) && size(body.subject) > 128",
            "42: this is never true: `size(body.subject)` is at most 128",
        ),
        (
            "body.cycleParams.point.exists(p, p == 32)",
            "38: this is never true: `p` is at most 31",
        ),
        (
            "now.getHours() == 24",
            "18: this is never true: `now.getHours()` is at most 23",
        ),
        (
            "now.getDayOfWeek() == 7",
            "22: this is never true: `now.getDayOfWeek()` is at most 6",
        ),
        ("1 < 2", "4: this is always true"),
        (r#""a" == "b""#, "7: this is never true"),
    ] {
        let found = mistakes(text);
        let shown = found.iter().map(|m| m.replace("…", "")).collect::<Vec<_>>();
        if shown != [expected.to_owned()] {
            wrong.push(format!("{text}\n    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_text_that_is_longer_than_its_field_may_be() {
    let text = format!(
        r#"has(body.subject) && body.subject == "{}""#,
        "x".repeat(129)
    );
    assert_eq!(
        mistakes(&text),
        ["37: this is never true: `body.subject` has at most 128 characters"]
    );
}

#[test]
fn what_can_be_compiles() {
    for text in [
        "body.length > 1439",
        "body.length < 16",
        "body.length == 1440 || body.length != 15",
        "body.length >= 1439.5",
        "has(body.encryptMode) && body.encryptMode > 1",
        "has(body.encryptMode) && body.encryptMode in [1, 2]",
        "(body.length > 60 ? body.length : 2000) == 2000",
        "body.length % 60 == 59",
        "body.length - 1440 == 0",
        "size(body.attendees) >= 10000",
        "size(body.mediaTypes) == 0",
        "size(caller.groups) > 100000",
    ] {
        compiled(text);
    }
}
