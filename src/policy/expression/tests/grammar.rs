//! Mistakes in words and grammar: their place, their words, their hint.

use super::*;

#[test]
fn words() {
    table(&[
        ("", &["0: the expression ends where a value is expected"]),
        (
            "body.length = 3",
            &["12: `=` has no meaning here (write `==` to compare)"],
        ),
        (
            "true & false",
            &["5: `&` has no meaning here (write `&&` for and)"],
        ),
        (
            "body.length > 3u",
            &["14: unsigned numbers are not supported (leave out the `u`)"],
        ),
        (
            "body.length > 12x",
            &["14: a number does not go on with letters"],
        ),
        (
            "body.length > 99999999999999999999",
            &["14: the number is not one of 64 bits, or has no digits"],
        ),
        (
            "body.length > 9223372036854775808",
            &["14: the number is not one of 64 bits"],
        ),
        (
            "body.length > 0x",
            &["14: the number is not one of 64 bits, or has no digits"],
        ),
        ("body.mediaTypes == b'x'", &["19: bytes are not supported"]),
        (
            "body.mediaTypes == 'x",
            &["19: the text is not closed with `'`"],
        ),
        (
            "body.mediaTypes == 'x\n'",
            &[
                "19: the text is not closed with `'` on its line",
                "22: the text is not closed with `'`",
            ],
        ),
        (
            r"body.mediaTypes == 'a\d' # x",
            &[
                r"21: there is no such escape; `\\` is a backslash",
                "25: `#` has no meaning here",
            ],
        ),
        (
            r"body.mediaTypes == '\ud800'",
            &["20: the escape is no character"],
        ),
        (
            r"body.mediaTypes == '\x4'",
            &["20: the escape is no character"],
        ),
    ]);
}

#[test]
fn grammar() {
    table(&[
        (
            "body.length >",
            &["13: the expression ends where a value is expected"],
        ),
        (
            "body.length > 3)",
            &["15: `)` stands where an operator, or the end is expected"],
        ),
        (
            "(body.length > 3",
            &["16: the expression ends where `)` is expected"],
        ),
        (
            "body.length > 3 and true",
            &["16: `and` stands where an operator, or the end is expected (write `&&`)"],
        ),
        (
            "not has(body.subject)",
            &["0: `not` stands where a value is expected (write `!`)"],
        ),
        ("if", &["0: `if` stands where a value is expected"]),
        (
            "body.",
            &["5: the expression ends where a name is expected"],
        ),
        (
            "true ? false",
            &["12: the expression ends where `:` is expected"],
        ),
        (
            "body.?subject == 'x'",
            &["5: optional values are not supported"],
        ),
        (
            "body[?'subject'] == 'x'",
            &["5: optional values are not supported"],
        ),
        ("{'a': 1}['a'] == 1", &["0: maps are not supported"]),
        (
            "Meeting{length: 3}.length == 3",
            &["7: messages are not supported"],
        ),
        (
            "has(body)",
            &["4: `has` asks for a member (write it like `has(body.subject)`)"],
        ),
        ("has()", &["4: `)` stands where a value is expected"]),
        (
            "size(body.attendees,) > 1",
            &["20: `)` stands where a value is expected"],
        ),
        (
            "body.attendees.all(i, a, true)",
            &[
                "15: `all` takes a variable and a condition (write it like `body.attendees.exists(a, a.role == 1)`)",
            ],
        ),
        (
            "body.attendees.all(a.b, true)",
            &["19: the first argument of `all` is a new name"],
        ),
    ]);
}
