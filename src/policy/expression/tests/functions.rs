//! Functions: each example of the documentation compiles, and what they make of arguments.

use super::*;
use crate::policy::expression::function::Function;

#[test]
fn every_documented_example_compiles_and_uses_its_function() {
    for function in Function::all() {
        compiled(function.example);
        assert!(
            function.example.contains(&format!("{}(", function.name)),
            "{}",
            function.example
        );
        assert!(function.doc.ends_with('.'), "{}", function.doc);
    }
}

#[test]
fn results() {
    for (subject, text) in [
        ("Größe", "size(s) == 5 && s.size() == 5"),
        ("Größe", r#"s.contains("röß") && !s.contains("ro")"#),
        (
            "Größe",
            r#"s.substring(3) == "ße" && s.substring(1, 3) == "rö" && s.substring(5) == """#,
        ),
        (
            "TeSt Ö",
            r#"s.lowerAscii() == "test Ö" && s.upperAscii() == "TEST Ö""#,
        ),
        ("  x ", r#"s.trim() == "x" && ("y " + s).trim() == "y   x""#),
        ("a,b,,c", r#"s.split(",") == ["a", "b", "", "c"]"#),
        ("ab", r#"s.split("") == ["a", "b"]"#),
        ("a@b@Corp.Example", r#"s.domain() == "corp.example""#),
        (
            "nobody",
            r#"s.domain() == "" && !s.inDomain("nobody") && !s.inDomain("")"#,
        ),
        (
            "a@x.Corp.example",
            r#"s.inDomain("corp.Example") && !s.inDomain("orp.example")"#,
        ),
        (
            "a@corp.example",
            r#"s.inDomain("corp.example") && !s.inDomain("x.corp.example")"#,
        ),
        ("a@evilcorp.example", r#"!s.inDomain("corp.example")"#),
        (
            "Test 1",
            r#"s.matches("[0-9]") && s.matches("^Test") && !s.matches("^[0-9]")"#,
        ),
        (
            "-12",
            "int(s) == -12 && double(s) == -12.0 && string(int(s)) == s",
        ),
        ("1.5e3", "double(s) == 1500.0 && int(double(s)) == 1500"),
        (
            "-1h30m",
            r#"duration(s) == duration("-90m") && duration(s).getMinutes() == -90"#,
        ),
        (
            "1.5h",
            r#"duration(s) == duration("1h30m") && duration(s).getHours() == 1"#,
        ),
        (
            "1ms",
            r#"duration(s) + duration("999000us") == duration("1s") && duration(s).getSeconds() == 0"#,
        ),
        (
            "2027-02-28",
            r#"date(s) + duration("24h") == timestamp("2027-03-01T01:00:00+01:00")"#,
        ),
        (
            "2027-02-28 23:59",
            r#"timestamp(s) == timestamp("2027-02-28T23:59:00Z")"#,
        ),
        (
            "1.2.3.4",
            r#"ip(s).family() == 4 && cidr(s + "/24").containsIP(ip("1.2.3.99"))"#,
        ),
        (
            "2001:db8::1",
            r#"ip(s).family() == 6 && !cidr("0.0.0.0/0").containsIP(ip(s)) && cidr("::/0").containsIP(ip(s))"#,
        ),
        ("::1", "ip(s).isLoopback()"),
        ("true", "string(has(body.subject)) == s"),
    ] {
        let text = format!(
            "has(body.subject) && ({})",
            text.replace("s.", "body.subject.")
        );
        let text = replaced(&text);
        assert_eq!(
            value(&text, &json!({"subject": subject})),
            Ok(true),
            "{text}"
        );
    }
}

/// With `s` written out, where it stands alone.
fn replaced(text: &str) -> String {
    let mut out = text.to_owned();
    for (short, long) in [
        ("(s)", "(body.subject)"),
        ("(s +", "(body.subject +"),
        ("+ s)", "+ body.subject)"),
        ("== s", "== body.subject"),
    ] {
        out = out.replace(short, long);
    }
    out
}

#[test]
fn what_they_cannot_read_is_a_failure() {
    for (subject, text) in [
        ("2027-02-29", "date(s) == now"),
        ("2027-02-28 24:00", "timestamp(s) == now"),
        ("2027-02-28T10:00:00", "timestamp(s) == now"),
        ("1 h", r#"duration(s) == duration("1h")"#),
        ("h", r#"duration(s) == duration("1h")"#),
        ("1", r#"duration(s) == duration("1h")"#),
        ("", r#"duration(s) == duration("1h")"#),
        ("99999999999999999h", r#"duration(s) == duration("1h")"#),
        ("1.2.3", "ip(s).isLoopback()"),
        ("1.2.3.4/33", "cidr(s).containsIP(ip('1.2.3.4'))"),
        ("1.2.3.4/+1", "cidr(s).containsIP(ip('1.2.3.4'))"),
        ("78", "zone(s) == 'x'"),
        ("9223372036854775808", "int(s) == 1"),
        ("1e300", "int(double(s)) == 1"),
    ] {
        let text = format!("has(body.subject) && {}", replaced(text));
        let outcome = value(&text, &json!({"subject": subject}));
        assert!(outcome.is_err(), "{text} on {subject:?}: {outcome:?}");
    }
}
