//! Cases after the well-known JSON parsing suites: `y_` must pass, `n_` must not, `i_` is ours to decide.

use super::*;
use crate::model::json::{Value, json};

fn read(bytes: &[u8]) -> Result<Value, String> {
    parse(bytes, Limits::default())
        .map(|document| Value::Object(document.0))
        .map_err(|fault| fault.reason.into_owned())
}

#[test]
fn what_is_json_passes_with_its_values() {
    let cases: [(&str, &[u8], Value); 21] = [
        ("empty object", b"{}", json!({})),
        ("white space around", b" \t\r\n{ } \n", json!({})),
        ("empty name", br#"{"":0}"#, json!({"": 0})),
        (
            "escapes",
            br#"{"a":"\"\\\/\b\f\n\r\t"}"#,
            json!({"a": "\"\\/\u{8}\u{c}\n\r\t"}),
        ),
        (
            "surrogate pair",
            br#"{"a":"\uD834\uDD1E"}"#,
            json!({"a": "\u{1d11e}"}),
        ),
        ("escaped name", br#"{"\u0061":1}"#, json!({"a": 1})),
        ("NUL in a value", br#"{"a":"\u0000"}"#, json!({"a": "\0"})),
        (
            "noncharacter",
            br#"{"a":"\uFFFE"}"#,
            json!({"a": "\u{fffe}"}),
        ),
        ("raw DEL", b"{\"a\":\"\x7f\"}", json!({"a": "\u{7f}"})),
        (
            "largest u64",
            br#"{"a":18446744073709551615}"#,
            json!({"a": u64::MAX}),
        ),
        (
            "smallest i64",
            br#"{"a":-9223372036854775808}"#,
            json!({"a": i64::MIN}),
        ),
        ("float", br#"{"a":30.5}"#, json!({"a": 30.5})),
        ("exponent", br#"{"a":1E+2}"#, json!({"a": 100.0})),
        ("large exponent", br#"{"a":1E+30}"#, json!({"a": 1e30})),
        (
            "large fraction",
            br#"{"a":-18446744073709551616.0}"#,
            json!({"a": -18_446_744_073_709_551_616.0}),
        ),
        (
            "digits in a text beside a large exponent",
            br#"{"a":1e30,"\\":"18446744073709551616\"18446744073709551616"}"#,
            json!({"a": 1e30, "\\": "18446744073709551616\"18446744073709551616"}),
        ),
        ("negative zero", br#"{"a":-0}"#, json!({"a": -0.0})),
        ("null", br#"{"a":null}"#, json!({"a": null})),
        ("empty array stays", br#"{"a":[]}"#, json!({"a": []})),
        (
            "same name at two depths",
            br#"{"a":{"a":1}}"#,
            json!({"a": {"a": 1}}),
        ),
        (
            "same name in two items",
            br#"{"x":[{"a":1},{"a":2}]}"#,
            json!({"x": [{"a": 1}, {"a": 2}]}),
        ),
    ];
    for (name, bytes, value) in cases {
        assert_eq!(read(bytes), Ok(value), "{name}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_is_not_strict_json_is_refused() {
    let twice = "the name `a` occurs twice in one object";
    let large = "a number is too large to keep its value";
    let root = "the outermost value is not an object";
    let cases: [(&str, &[u8], &str); 52] = [
        ("nothing", b"", "it is empty"),
        ("space only", b" \n", "it is empty"),
        ("array root", b"[1]", root),
        ("text root", b"\"secret\"", root),
        ("number root", b"4711", root),
        ("negative root", b"-4711", root),
        ("float root", b"47.11", root),
        ("true root", b"true", root),
        ("null root", b"null", root),
        ("duplicate", br#"{"a":1,"a":1}"#, twice),
        (
            "duplicate after unescaping",
            br#"{"a":1,"\u0061":2}"#,
            twice,
        ),
        (
            "duplicate deep",
            br#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#,
            twice,
        ),
        (
            "NUL in a name",
            br#"{"a\u0000":1}"#,
            "a member's name contains NUL",
        ),
        ("BOM", b"\xef\xbb\xbf{}", "it begins with a byte order mark"),
        ("UTF-16", b"\xff\xfe{\0}\0", "it is not UTF-8"),
        ("invalid in a text", b"{\"a\":\"\xff\"}", "it is not UTF-8"),
        ("overlong", b"{\"a\":\"\xc0\xaf\"}", "it is not UTF-8"),
        (
            "raw surrogate",
            b"{\"a\":\"\xed\xa0\x80\"}",
            "it is not UTF-8",
        ),
        ("invalid after the end", b"{}\xe5", "it is not UTF-8"),
        (
            "lone leading surrogate",
            br#"{"a":"\uD834"}"#,
            "unexpected end of hex escape",
        ),
        (
            "lone leading, then text",
            br#"{"a":"\uD834xxxxxx"}"#,
            "unexpected end of hex escape",
        ),
        (
            "lone trailing surrogate",
            br#"{"a":"\uDD1E"}"#,
            "lone leading surrogate in hex escape",
        ),
        (
            "inverted surrogates",
            br#"{"a":"\uDd1e\uD834"}"#,
            "lone leading surrogate in hex escape",
        ),
        ("u64 and one", br#"{"a":18446744073709551616}"#, large),
        ("i64 less one", br#"{"a":-9223372036854775809}"#, large),
        (
            "larger still, deep",
            br#"{"a":1e30,"b":[1,"-1\"",{"c":-123456789012345678901}]}"#,
            large,
        ),
        ("1e400", br#"{"a":1e400}"#, "number out of range"),
        ("NaN", br#"{"a":NaN}"#, "expected value"),
        ("Infinity", br#"{"a":-Infinity}"#, "invalid number"),
        ("leading zero", br#"{"a":012}"#, "invalid number"),
        ("leading plus", br#"{"a":+1}"#, "expected value"),
        ("dot without digits", br#"{"a":1.}"#, "invalid number"),
        ("dot first", br#"{"a":.5}"#, "expected value"),
        ("hexadecimal", br#"{"a":0x1}"#, "expected `,` or `}`"),
        ("exponent without digits", br#"{"a":1e}"#, "invalid number"),
        (
            "full-width digit",
            "{\"a\":１}".as_bytes(),
            "expected value",
        ),
        ("trailing brace", b"{}}", "trailing characters"),
        ("second document", b"{}{}", "trailing characters"),
        ("trailing comment", b"{}//", "trailing characters"),
        ("trailing NUL", b"{}\0", "trailing characters"),
        ("trailing comma", br#"{"a":1,}"#, "trailing comma"),
        (
            "trailing comma in array",
            br#"{"a":[1,]}"#,
            "trailing comma",
        ),
        ("double comma", br#"{"a":[1,,2]}"#, "expected value"),
        ("unquoted name", b"{a:1}", "key must be a string"),
        ("single quotes", b"{'a':1}", "key must be a string"),
        ("missing colon", br#"{"a" 1}"#, "expected `:`"),
        ("missing value", br#"{"a":}"#, "expected value"),
        (
            "cut in an object",
            br#"{"a":1"#,
            "EOF while parsing an object",
        ),
        ("cut in a text", br#"{"a":"x"#, "EOF while parsing a string"),
        (
            "raw newline in a text",
            b"{\"a\":\"\n\"}",
            "control character (\\u0000-\\u001F) found while parsing a string",
        ),
        ("bad escape", br#"{"a":"\x"}"#, "invalid escape"),
        ("capital True", br#"{"a":True}"#, "expected value"),
    ];
    for (name, bytes, reason) in cases {
        assert_eq!(read(bytes), Err(reason.to_owned()), "{name}");
    }
}

#[test]
fn the_place_is_told() {
    let place = |bytes: &[u8]| {
        let fault = parse(bytes, Limits::default()).unwrap_err();
        (fault.line, fault.column)
    };
    assert_eq!(place(b"{\n  \"a\": \xff}"), (2, 8));
    assert_eq!(place(b"{\n\n \"a\": nul}").0, 3);
    assert_eq!(place(b"{\"a\":1,\n\"a\":2}").0, 2);
    assert_eq!(place(b"{\n\"a\": 18446744073709551616}"), (2, 6));
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    let nested = |depth: usize| {
        format!(
            "{{\"a\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
        .into_bytes()
    };
    assert!(read(&nested(32)).is_ok());
    assert_eq!(
        read(&nested(33)),
        Err("objects and arrays are nested too deeply".to_owned())
    );
    assert!(read(&nested(5000)).is_err());
    let limits = Limits {
        values: 3,
        ..Limits::default()
    };
    assert!(parse(br#"{"a":1,"b":[2]}"#, limits).is_ok());
    let fault = parse(br#"{"a":1,"b":[2,3]}"#, limits).unwrap_err();
    assert_eq!(fault.reason, "it holds too many values");
}

#[test]
fn a_reason_never_shows_a_value_and_names_are_short() {
    let long = "k".repeat(10_000);
    let body = format!("{{\"{long}\":\"hunter2\",\"{long}\":\"hunter2\"}}");
    let fault = parse(body.as_bytes(), Limits::default()).unwrap_err();
    assert!(fault.reason.len() < 150, "{}", fault.reason);
    for body in [
        &br#"{"a":"hunter2","a":1}"#[..],
        b"\"hunter2\"",
        br#"{"a":"hunter2}"#,
        br#"{"a":hunter2}"#,
    ] {
        let fault = parse(body, Limits::default()).unwrap_err();
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_like_the_plain_parser_reads_them_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
        if let Ok(document) = parse(&bytes, Limits::default()) {
            proptest::prop_assert_eq!(
                serde_json::from_slice::<Value>(&bytes).unwrap(),
                Value::Object(document.0)
            );
        }
    }

    #[test]
    fn structured_bytes_too(text in r#"\{("[ab]":(1|-1|2[.]5|"x"|\[\]|null),){0,3}"c":0\}"#) {
        let plain: Value = serde_json::from_str(&text).unwrap();
        match parse(text.as_bytes(), Limits::default()) {
            Ok(document) => proptest::prop_assert_eq!(plain, Value::Object(document.0)),
            Err(fault) => proptest::prop_assert!(fault.reason.contains("occurs twice"), "{}", fault),
        }
    }
}
