//! The estimate of steps, the bounds of size, and the budget.

use super::*;
use crate::policy::expression::limits::MAX_COST;

#[track_caller]
fn one(text: &str) -> String {
    let found = mistakes(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn usual_expressions_are_cheap_enough() {
    for (most, text) in [
        (10, "body.length > 60"),
        (
            1_000,
            "has(body.subject) && body.subject.matches('^[a-z]+$')",
        ),
        (
            300_000,
            "body.attendees.exists(a, has(a.email) && !a.email.endsWith('@corp.example'))",
        ),
        (
            MAX_COST,
            "body.attendees.exists(a, has(a.email) && a.email.domain() != 'corp.example')",
        ),
        (
            MAX_COST,
            "body.attendees.all(a, !has(a.phone) || a.phone.region() in ['DE', 'FR', 'CN'])",
        ),
        (
            MAX_COST,
            "body.attendees.all(a, !has(a.email) || a.email.inDomain('corp.example') || a.email.inDomain('partner.example'))",
        ),
        (
            10_000,
            "body.cycleParams.point.all(p, body.cycleParams.point.exists(q, p == q + 1))",
        ),
    ] {
        let cost = compiled(text).cost();
        assert!(cost <= most, "{text}: {cost}");
    }
}

#[test]
fn what_could_take_long_is_refused_with_its_reason() {
    for text in [
        "body.attendees.all(a, body.attendees.exists(b, a.role == b.role))",
        "body.attendees.exists(a, has(a.email) && a.email.matches('[a-z]+@[a-z]+[.]example[.](com|org|net|edu|gov|mil|int|arpa|info|biz|name)|[a-z]+@[a-z]+[.]example[.](com|org|net|edu|gov|mil|int|arpa|info|biz|name)'))",
        "body.attendees.map(a, body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes + body.mediaTypes) == []",
        "body.attendees.map(a, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map(x, [x, x, x, body.length, x, x, x, x])) == []",
        "caller.groups.all(g, caller.scopes.exists(s, s == g))",
        "[1, 2, 3, 4, 5, 6, 7].map(x, body.attendees + body.attendees + body.attendees + body.attendees + body.attendees + body.attendees + body.attendees + body.attendees).exists(x, body.attendees.exists(a, size(x) == a.role))",
    ] {
        let found = one(text);
        assert!(
            found.contains(" steps, and 2000000 are the most"),
            "{text}: {found}"
        );
    }
    assert_eq!(
        one(
            "body.attendees.all(a, body.attendees.exists(b, a.role == b.role)) && body.length > 60"
        ),
        "0: this takes up to 500040001 steps, and 2000000 are the most: `body.attendees` may have 10000 items, and each takes 50004 (ask less of each item)"
    );
}

#[test]
fn size_depth_and_loops_are_bounded() {
    let deep = format!("{}true{}", "(".repeat(40), ")".repeat(40));
    let sums = format!("body.length > 0{}", " + 1".repeat(40));
    let signs = format!("{}true", "!".repeat(40));
    let members = format!("body{} == 1", ".x".repeat(40));
    let choices = "true ? true : ".repeat(40) + "true";
    let lists = format!("{}1{} == []", "[".repeat(40), "]".repeat(40));
    for text in [deep, sums, signs, members, choices, lists] {
        assert!(
            one(&text).contains("nested deeper than 32 levels"),
            "{text}"
        );
    }
    let parts = format!("body.length in [{}]", "1, ".repeat(600));
    assert!(one(&parts).contains("more than 512 parts"));
    let long = format!("body.mediaTypes == '{}'", "x".repeat(2_048));
    assert!(one(&long).contains("2048 are the most"));
    assert_eq!(
        one("[1].all(a, [1].all(b, [1].all(c, a == b)))"),
        "22: a loop is in more than 1 others"
    );
    // `&&` and `||` are one part each, however many they join.
    compiled("body.length > 60 || ".repeat(60).trim_end_matches(" || "));
}

#[test]
fn the_budget_ends_what_runs_too_long() {
    let text = "body.attendees.all(a, a.role == 0)";
    let attendees = vec![json!({}); 1_000];
    let document = Document(json!({"attendees": attendees}).as_object().unwrap().clone());
    let caller = caller("app", &[]);
    let facts = Facts::of(&UPDATE_SERIES, &caller);
    let expression = compiled(text);
    let mut budget = Budget::default();
    assert_eq!(
        expression.evaluate(&facts, &document, &mut budget),
        Ok(true)
    );
    let used = MAX_COST - budget.left();
    assert!(used <= expression.cost(), "{used}");
    for steps in [0, 1, 10, used - 1] {
        let mut budget = Budget::new(steps);
        assert_eq!(
            expression.evaluate(&facts, &document, &mut budget),
            Err(Failure::BudgetExhausted),
            "{steps}"
        );
    }
    // It is not an error that another part overrules.
    let expression = compiled(&format!("{text} || body.length == 30"));
    assert_eq!(
        expression.evaluate(&facts, &document, &mut Budget::new(100)),
        Err(Failure::BudgetExhausted)
    );
}
