//! No text makes compilation or evaluation panic, or take long.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Words that expressions are made of, so that many soups of them parse.
const WORDS: &[&str] = &[
    "body",
    ".",
    "length",
    "attendees",
    "(",
    ")",
    "[",
    "]",
    "exists",
    "map",
    "filter",
    "all",
    "a",
    ",",
    "==",
    "!=",
    "<",
    ">=",
    "in",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "?",
    ":",
    "1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "1e308",
    "'x'",
    "r'\\'",
    "\"\"\"",
    "'",
    "\\",
    "has",
    "size",
    "null",
    "true",
    "false",
    "caller",
    "claims",
    "groups",
    "headers",
    "query",
    "now",
    "operation",
    "duration",
    "timestamp",
    "matches",
    "subject",
    "mediaTypes",
    "role",
    "{",
    "}",
    "//",
    "\n",
    "é",
    "🦀",
    "\u{0}",
    "0x",
    "3u",
    "b'x'",
    "body.length",
    "body.attendees",
    "body.mediaTypes",
    "caller.id",
    "now.getHours()",
    "substring",
    "split",
    "string",
    "int",
];

/// Compiles, and evaluates what compiles; says how long the worse of both took.
fn run(text: &str) -> Result<(), TestCaseError> {
    let body = json!({
        "length": 90, "mediaTypes": "Voice", "subject": "x".repeat(128),
        "attendees": [{"email": "a@b.example", "role": 1}, {}, null],
        "cycleParams": {"point": [1, 2]},
    });
    let document = Document(body.as_object().unwrap().clone());
    let mut caller = caller("app", &["sales"]);
    caller.claims = json!({"a": [1, {"b": 2}], "x": "y"})
        .as_object()
        .unwrap()
        .clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "a limit on real time is what is tested"
    )]
    let begin = Instant::now();
    match compile(text) {
        Ok(expression) => {
            let mut budget = Budget::default();
            let _ =
                expression.evaluate(&Facts::of(&UPDATE_SERIES, &caller), &document, &mut budget);
        }
        Err(mistakes) => {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                prop_assert!(text.is_char_boundary(mistake.offset), "{:?}", mistake);
                prop_assert!(!mistake.what.is_empty() && mistake.what.len() < 2_000);
            }
        }
    }
    prop_assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in ".{0,200}") {
        run(&text)?;
    }

    #[test]
    fn any_soup_of_words(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..60), space in "[ ]?") {
        run(&words.join(&space))?;
    }

    #[test]
    fn any_cut_of_a_good_one(from in 0_usize..120, to in 0_usize..120, word in proptest::sample::select(WORDS)) {
        let text = "has(body.subject) && body.attendees.exists(a, has(a.email) && a.email.matches('^[a-z]+$')) ? body.length / 3 > 20 : now.getHours('Europe/Berlin') in [1, 2]";
        let (from, to) = (from.min(to), from.max(to));
        run(&format!("{}{word}{}", &text[..from], &text[to..]))?;
    }
}

#[test]
fn the_worst_that_fits_is_refused_or_quick() {
    let nested = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    for text in [
        nested("(", "true", ")", 1_000),
        nested("[", "1", "]", 1_000),
        nested("!", "true", "", 2_000),
        nested("-", "1", "", 2_000),
        nested("size(", "'x'", ")", 400),
        nested("1 in [", "1", "]", 300),
        nested("1 in [1 in [1, 2] ? 1 : 2, ", "1", "]", 15),
        nested("body.attendees.map(a, ", "1", ")", 80),
        nested("true ? ", "true", " : true", 150),
        nested("has(", "body.a", ")", 400),
        nested("body.attendees[", "0", "]", 100),
        "a.".repeat(1_000),
        "1+".repeat(1_000) + "1",
        "1<".repeat(1_000) + "1",
        "true&&".repeat(300) + "true",
        "body.length>60||".repeat(120) + "true",
        format!("'{}' == 'x'", "\\n".repeat(1_000)),
        format!("body.mediaTypes.matches('{}')", "(a*)*".repeat(380)),
        "body.mediaTypes.matches('(((((a{10}){10}){10}){10}){10})')".to_owned(),
        format!("({}) == ''", ["body.mediaTypes"; 30].join(" + ")),
    ] {
        run(&text).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The most that a body can make an expression do is still bounded by its budget.
#[test]
fn a_huge_body_ends_with_the_budget() {
    let groups: Vec<String> = (0..200_000).map(|n| format!("group-{n}")).collect();
    let names: Vec<&str> = groups.iter().map(String::as_str).collect();
    let caller = caller("app", &names);
    let expression =
        compiled("caller.groups.all(g, g.startsWith('group-') && size(g) > 6 && g.contains('-'))");
    let outcome = expression.evaluate(
        &Facts::of(&UPDATE_SERIES, &caller),
        &Document::default(),
        &mut Budget::default(),
    );
    assert_eq!(outcome, Err(Failure::BudgetExhausted));
}
