//! The words of a command line.

use crate::explain::saved::shell::words;

fn told(text: &str) -> String {
    match words(text) {
        Ok(words) => words.iter().fold(String::new(), |told, word| {
            told + "[" + &String::from_utf8_lossy(&word.bytes) + "]"
        }),
        Err(unreadable) => format!("! {unreadable}"),
    }
}

#[test]
fn quotes_and_continuations_are_those_of_bash() {
    for (text, expected) in [
        ("a  b\tc", "[a][b][c]"),
        ("'a b'c", "[a bc]"),
        (r#""a \"b\" \\ \n \$c""#, r#"[a "b" \ \n $c]"#),
        (r"a\ b \'", "[a b][']"),
        ("'it'\\''s'", "[it's]"),
        ("''", "[]"),
        ("a ''", "[a][]"),
        (r"$'a\nb\'\u0021\u4f1a'", "[a\nb'!会]"),
        (r"x$'\x41'y", "[xAy]"),
        (r#"$"a""#, "[a]"),
        ("a \\\n  b", "[a][b]"),
        ("a \\\r\n  b\r\n", "[a][b]"),
        ("a\\\nb", "[ab]"),
        ("\"a\\\nb\"", "[ab]"),
        ("'a\nb'", "[a\nb]"),
        ("# one\n\n# two\n$ a b # three\n# four\n\n", "[a][b]"),
        ("a#b", "[a#b]"),
        ("a $ b", "[a][$][b]"),
        ("'$x `y` | ;'", "[$x `y` | ;]"),
        (
            "\"a | b; c > d & e ! f {g,h} $\"",
            "[a | b; c > d & e ! f {g,h} $]",
        ),
        ("a?b=[c]*~ {} %{d}", "[a?b=[c]*~][{}][%{d}]"),
        ("", ""),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
    assert_eq!(words(r"$'\xff'").unwrap()[0].bytes, [0xff]);
}

#[test]
fn what_a_shell_would_do_is_refused() {
    const OPERATOR: &str =
        "(leave out what is no part of the request, or put the argument into single quotes)";
    const OUTPUT: &str = "the output of another command is not in the text \
        (write the output in its place, or single quotes around characters that are meant)";
    const VARIABLE: &str = "a shell variable's value is not in the text \
        (write the value in its place, or single quotes around a `$` that is meant)";
    for (text, expected) in [
        ("a | b", format!("1:3: curl command: an unquoted `|` is for the shell, not for curl {OPERATOR}")),
        ("a; b", format!("1:2: curl command: an unquoted `;` is for the shell, not for curl {OPERATOR}")),
        ("a 2>b", format!("1:4: curl command: an unquoted `>` is for the shell, not for curl {OPERATOR}")),
        ("a <b", format!("1:3: curl command: an unquoted `<` is for the shell, not for curl {OPERATOR}")),
        ("(a)", format!("1:1: curl command: an unquoted `(` is for the shell, not for curl {OPERATOR}")),
        ("a x?b&c", "1:6: curl command: an unquoted `&` ends the command (put the URL into single quotes)".to_owned()),
        ("a {\"b\":1,\"c\":2}", "1:3: curl command: a shell makes several words of this unquoted `{` (put the argument into single quotes)".to_owned()),
        ("a $(b)", format!("1:3: curl command: {OUTPUT}")),
        ("a \"$(b)\"", format!("1:4: curl command: {OUTPUT}")),
        ("a `b`", format!("1:3: curl command: {OUTPUT}")),
        ("a \"`b`\"", format!("1:4: curl command: {OUTPUT}")),
        ("a $b", format!("1:3: curl command: {VARIABLE}")),
        ("a \"é$b\"", format!("1:5: curl command: {VARIABLE}")),
        ("a \"${b}\"", format!("1:4: curl command: {VARIABLE}")),
        ("a 'b\nc", "1:3: curl command: this quote `'` is never closed (copy the whole command)".to_owned()),
        ("a \"b", "1:3: curl command: this quote `\"` is never closed (copy the whole command)".to_owned()),
        ("a $'b\\'", "1:3: curl command: this quote `'` is never closed (copy the whole command)".to_owned()),
        ("a \\", "1:3: curl command: it ends in a backslash, so a line is missing (copy the whole command)".to_owned()),
        ("a $'\\0'", "1:5: curl command: a shell cannot pass on the character NUL (copy the command again, or write the character itself)".to_owned()),
        ("a\nb", "2:1: curl command: a second command begins here (keep one; where it belongs to the first, end the line before in `\\`)".to_owned()),
    ] {
        assert_eq!(told(text), format!("! {expected}"), "{text}");
    }
    let many = "a ".repeat(1001);
    assert_eq!(
        told(&many),
        "! 1:2001: curl command: it has more than 1000 words"
    );
}
