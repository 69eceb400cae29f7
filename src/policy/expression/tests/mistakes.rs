//! Mistakes in meaning: their place, their words, their hint.

use super::*;

#[test]
fn names() {
    table(&[
        (
            "bodi.length > 60",
            &["0: there is no variable `bodi` (did you mean `body`?)"],
        ),
        (
            "length > 60",
            &["0: there is no variable `length` (write `body.length`)"],
        ),
        (
            "isAutoMute",
            &["0: there is no variable `isAutoMute` (write `body.confConfigInfo.isAutoMute`)"],
        ),
        (
            "body.lenght > 60",
            &["5: `body` has no field `lenght` (did you mean `length`?)"],
        ),
        (
            "body['lenght'] > 60",
            &["5: `body` has no field `lenght` (did you mean `length`?)"],
        ),
        (
            "has(body.confConfigInfo.isAutomute)",
            &["24: `body.confConfigInfo` has no field `isAutomute` (did you mean `isAutoMute`?)"],
        ),
        (
            "body.attendees.exists(a, a.rol == 1)",
            &["27: `a` has no field `rol` (did you mean `role`?)"],
        ),
        (
            "body.attendees.role == 1",
            &[
                "15: `body.attendees` is list(an object) and has no members (ask its items, as in `body.attendees.exists(item, ...)`)",
            ],
        ),
        (
            "body.length.x == 1",
            &["12: `body.length` is int and has no members"],
        ),
        ("caller.name == 'x'", &["7: `caller` has no `name`"]),
        (
            "caller.group == 'x'",
            &["7: `caller` has no `group` (did you mean `groups`?)"],
        ),
        (
            "has(query.conferenceId)",
            &[
                "10: `update_recurring_meeting` has no query parameter `conferenceId` (did you mean `conferenceID`?)",
            ],
        ),
        (
            "'User-Agent' in headers",
            &["0: there is no header `User-Agent` for policies (write `headers['user-agent']`)"],
        ),
        (
            "has(headers['cookie'])",
            &[
                "12: there is no header `cookie` for policies (there are headers['accept-language'], headers['user-agent'], headers['x-request-id'])",
            ],
        ),
        (
            "caller.id in headers",
            &["0: the name must be written out as a text"],
        ),
        (
            "body.mediaTypes.startWith('V')",
            &["16: there is no function `startWith` (did you mean `startsWith`?)"],
        ),
        (
            "body.attendees.any(a, a.role == 1)",
            &["15: there is no function `any`"],
        ),
        (
            "type(body.length) == 'x'",
            &["0: there is no function `type` (it is not part of this subset of CEL)"],
        ),
        (
            "exists(body.attendees, true)",
            &[
                "0: there is no function `exists` (write it behind a list, as in `body.attendees.exists(a, ...)`)",
            ],
        ),
        (
            r#"operation == "create_meting""#,
            &["13: there is no operation `create_meting` (did you mean `create_meeting`?)"],
        ),
        (
            r#"operation in ["create_meeting", "cancel"]"#,
            &["32: there is no operation `cancel` (did you mean `cancel_meeting`?)"],
        ),
        (
            "body.attendees.exists(body, true)",
            &["22: `body` is a name already; choose another one"],
        ),
        (
            "body.attendees.exists(a, body.attendees.exists(a, true))",
            &["47: `a` is a name already; choose another one"],
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn types() {
    table(&[
        (
            "body.length",
            &["0: the expression is int, and must be bool (compare it, as in `body.length > 60`)"],
        ),
        (
            r#"body.length > "x""#,
            &[r#"0: `>` cannot compare them: `body.length` is int, `"x"` is string"#],
        ),
        (
            r#"body.length == "90""#,
            &[r#"0: `==` cannot compare them: `body.length` is int, `"90"` is string"#],
        ),
        (
            "body.length == null",
            &[
                "0: `==` cannot compare them: `body.length` is int, `null` is null (write `!has(body.length)`)",
            ],
        ),
        (
            "body.length != null",
            &[
                "0: `!=` cannot compare them: `body.length` is int, `null` is null (write `has(body.length)`)",
            ],
        ),
        (
            "body.cycleParams == body.confConfigInfo",
            &[
                "0: `==` cannot compare them: `body.cycleParams` is an object, `body.confConfigInfo` is an object",
            ],
        ),
        (
            "body.attendees > 3",
            &["0: `>` cannot compare them: `body.attendees` is list(an object), `3` is int"],
        ),
        (
            "caller == caller",
            &["0: `==` cannot compare them: `caller` is an object, `caller` is an object"],
        ),
        (
            "body.length && true",
            &["0: `&&` needs bool; `body.length` is int (write `body.length == 1`)"],
        ),
        (
            "!body.mediaTypes",
            &["1: `!` needs bool; `body.mediaTypes` is string"],
        ),
        (
            "body.length ? true : false",
            &["0: `?:` needs bool; `body.length` is int (write `body.length == 1`)"],
        ),
        (
            "(body.length > 60 ? 1 : 'x') == 1",
            &["24: both results of `?:` are of one type: `1` is int, `'x'` is string"],
        ),
        (
            "body.length + 1.5 > 60",
            &[
                "0: `+` does not go with them: `body.length` is int, `1.5` is double (convert one with `double(...)`)",
            ],
        ),
        (
            "now + body.length > now",
            &[
                "0: `+` does not go with them: `now` is timestamp, `body.length` is int (write `minutes(body.length)`)",
            ],
        ),
        (
            "body.mediaTypes + body.length == 'x'",
            &[
                "0: `+` does not go with them: `body.mediaTypes` is string, `body.length` is int (write `string(body.length)`)",
            ],
        ),
        (
            "-body.mediaTypes == 'x'",
            &["1: `-` needs a number; `body.mediaTypes` is string"],
        ),
        (
            "[1, 'x'] == [1]",
            &["4: the items of a list are of one type: `'x'` is string, those before are int"],
        ),
        (
            "'x' in body.mediaTypes",
            &["7: `in` needs a list; `body.mediaTypes` is string"],
        ),
        (
            "1 in caller.groups",
            &["0: `in` cannot find it: `1` is int, the items of `caller.groups` are string"],
        ),
        (
            "body.mediaTypes.all(c, true)",
            &["0: `all` needs a list; `body.mediaTypes` is string"],
        ),
        (
            "body.attendees.all(a, a.role)",
            &["22: `all` needs bool; `a.role` is int (write `a.role == 1`)"],
        ),
        (
            "body.length.startsWith('x')",
            &[
                "12: `startsWith` does not go with this: `body.length` is int, `'x'` is string (there is `string.startsWith(string) -> bool`)",
            ],
        ),
        (
            "startsWith('x', 'y')",
            &[
                "0: `startsWith` does not go with this: `'x'` is string, `'y'` is string (there is `string.startsWith(string) -> bool`)",
            ],
        ),
        (
            "body.attendees['x'].role == 1",
            &["15: an index needs int; `'x'` is string"],
        ),
        (
            "body.length[0] == 1",
            &["0: `body.length` is int and has no items"],
        ),
        (
            "body.attendees.map(a, caller) == []",
            &["22: `caller` is no value"],
        ),
    ]);
}

#[test]
fn what_is_written_out_is_read_at_once() {
    table(&[
        (
            "body.mediaTypes.matches('(')",
            &["24: the pattern cannot be used: unclosed group"],
        ),
        (
            "body.mediaTypes.matches(caller.id)",
            &["24: the pattern must be written out as a text"],
        ),
        (
            "body.mediaTypes.matches('(a{1000}){1000}')",
            &["24: the pattern cannot be used: it is too large"],
        ),
        (
            "now > timestamp('tomorrow')",
            &[
                "6: `timestamp('tomorrow')` has no value: a text is not a time like 2027-01-01T09:00:00Z or 2027-01-01 09:00",
            ],
        ),
        (
            "now + duration('2x') > now",
            &["6: `duration('2x')` has no value: a text is not a duration like 90m or 1h30m"],
        ),
        (
            "has(caller.address) && cidr('10.0.0.0').containsIP(caller.address)",
            &[
                "23: `cidr('10.0.0.0')` has no value: a text is not a range of addresses like 10.0.0.0/8",
            ],
        ),
        (
            "now.getHours('Europe/Berlyn') > 6",
            &[
                "13: there is no time zone `Europe/Berlyn`: a text is not the name of a time zone like Europe/Berlin",
            ],
        ),
        (
            "body.length > 1 / 0",
            &["14: `1 / 0` has no value: a number is divided by zero"],
        ),
        (
            "body.length > 9223372036854775807 + 1",
            &["14: `9223372036854775807 + 1` has no value: a result is too large"],
        ),
    ]);
}

#[test]
fn all_are_told_and_none_follows_from_another() {
    table(&[(
        "body.lenght + 1 > 60 && bodi.x.y.exists(a, a.b == 1) && body.encryptMode == 7 && (body.subject + 1).size() > 3",
        &[
            "5: `body` has no field `lenght` (did you mean `length`?)",
            "24: there is no variable `bodi` (did you mean `body`?)",
            "56: `body.encryptMode` may be absent (write `has(body.encryptMode) && ...`)",
            "82: `body.subject` may be absent (write `has(body.subject) && ...`)",
        ],
    )]);
}
