//! Packs with thousands of rules, good and bad ones. How long a megabyte takes is measured with the release build, by
//! `tests/bench/load_time.py`; here it is about what is said of it.

use crate::model::problem::Problem;
use crate::policy::compile::tests::told;
use crate::policy::fixture::compiled;
use crate::policy::pack;

const RULES: usize = 1_050;

fn text(rules: usize, rule: impl Fn(usize) -> String) -> String {
    let rules = (0..rules).map(|n| format!("  - {{id: r{n}, {}}}", rule(n)));
    format!(
        "pack: p\nrules:\n{}\n",
        rules.collect::<Vec<_>>().join("\n")
    )
}

/// What is wrong with a pack, from reading it or, where that goes well, from compiling it.
fn problems(text: &str) -> Vec<Problem> {
    let (_, problems) = pack::read_partly("pack.yaml", text);
    if problems.is_empty() {
        compiled(&[text], &[]).err().unwrap_or_default()
    } else {
        problems
    }
}

#[test]
fn thousands_of_rules_that_fit_each_other_are_compiled() {
    let of_one = |n: usize| format!("match: {{callers: [app-{n}]}}");
    for (name, text) in [
        (
            "each for a caller of its own",
            text(RULES, |n| {
                format!(
                    "{}, max: {{field: /length, value: {}}}",
                    of_one(n),
                    15 + n % 1400
                )
            }),
        ),
        (
            "all for everybody, about one field",
            text(RULES, |n| {
                format!("forbid: {{field: /subject, values: [s{n}]}}")
            }),
        ),
        (
            "with one pattern",
            text(RULES, |n| {
                format!(
                    "{}, matches: {{field: /subject, pattern: 'PRJ-\\d+'}}",
                    of_one(n)
                )
            }),
        ),
        (
            "with an expression",
            text(RULES / 3, |n| {
                format!("when: body.length > {}, deny: {{}}", 15 + n)
            }),
        ),
    ] {
        assert_eq!(told(&problems(&text)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn of_thousands_of_mistakes_a_thousand_are_listed_and_the_others_counted() {
    for (name, text) in [
        (
            "contradictions",
            text(RULES, |n| {
                format!("force: {{field: /length, value: {}}}", 15 + n % 1400)
            }),
        ),
        (
            "hidden rules",
            text(RULES, |_| {
                "force: {field: /encryptMode, value: 1}".to_owned()
            }),
        ),
        (
            "unknown fields",
            text(RULES, |n| {
                format!("force: {{field: /encryptmode{n}, value: 1}}")
            }),
        ),
        (
            "unknown keys",
            text(RULES, |_| "farce: {field: /encryptMode}".to_owned()),
        ),
        (
            "mistakes in expressions",
            text(RULES, |n| {
                format!("when: body.lenght > {n}, deny: {{pointer: /length}}")
            }),
        ),
        (
            "no rules",
            format!("pack: p\nrules:{}\n", "\n- x".repeat(RULES)),
        ),
    ] {
        let problems = problems(&text);
        assert_eq!(problems.len(), 1_001, "{name}");
        let said: Vec<_> = problems.iter().map(|problem| &problem.what).collect();
        let more = said[1_000].strip_suffix(" more mistakes are not listed");
        let more: usize = more.and_then(|count| count.parse().ok()).unwrap();
        // The first of contradicting rules, or of those that hide others, is right by itself.
        assert!(
            (RULES - 1_001..=RULES - 1_000).contains(&more),
            "{name}: {more}"
        );
    }
}

#[test]
fn a_long_line_is_not_shown_under_each_of_its_mistakes() {
    let rules = "{farce: 1},".repeat(900);
    let text = format!("pack: p\nrules: [{rules}]\n");
    let problems = problems(&text);
    assert_eq!(problems.len(), 1_001);
    assert!(problems.iter().all(|problem| problem.line.is_empty()));
    assert!(problems.iter().take(1_000).all(|p| p.position.is_some()));
}

#[test]
fn lists_are_bounded_and_rules_for_many_names_are_compared_in_time() {
    let names = |count: usize| {
        let all = (0..count).map(|n| format!("a{n}"));
        all.collect::<Vec<_>>().join(",")
    };
    let rule = |count, verb| format!("match: {{callers: [{}]}}, {verb}", names(count));
    let one = |count, verb| text(1, |_| rule(count, verb));
    let require = "require: {field: /startTime}";
    assert_eq!(told(&problems(&one(1_000, require))), Vec::<String>::new());
    let too_many = ["p/r0: `callers` has 1001 items, and 1000 are the most"];
    assert_eq!(told(&problems(&one(1_001, require))), too_many);

    let twice = text(60, |n| {
        rule(
            1_000,
            if n == 59 {
                require
            } else {
                "remove: {field: /vmrID}"
            },
        )
    });
    let hidden = problems(&twice);
    assert_eq!(hidden.len(), 58);
}
