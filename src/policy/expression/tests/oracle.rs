//! Random expressions of the subset that both know have the value that the `cel` crate gives them, or are an error in both; and
//! never take more steps than was estimated.
//!
//! Left out, because we differ on purpose: fields that may be absent (for `cel` an absent field is an error; here it counts
//! as its default, as empty, or is refused at load), and `has()` of a field that is null (present for `cel`).

use cel::{Context, Program};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::*;

fn oracle_fields() -> Vec<Field> {
    use FieldType::{Boolean, Integer, Object};
    let always = |pointer: &str, kind| required(Field::new(pointer, kind));
    vec![
        always("/a", Integer),
        always("/b", Integer),
        required(text("/s", 100)),
        required(text("/t", 100)),
        always("/f", Boolean),
        required(list("/n", Some(20))),
        Field::new("/n/*", Integer),
        required(list("/w", Some(20))),
        text("/w/*", 100),
        always("/o", Object),
        always("/o/a", Integer),
        Field::new("/o/x", Integer),
        required(list("/p", Some(20))),
        Field::new("/p/*", Object),
        always("/p/*/a", Integer),
        Field::new("/p/*/x", Integer),
    ]
}

fn bodies() -> impl Strategy<Value = Value> {
    let int = || prop_oneof![-3..4_i64, Just(i64::MAX), Just(i64::MIN)];
    let text = || prop_oneof![Just(""), Just("a"), Just("ab"), Just("b"), Just("äb")];
    let item = (int(), proptest::option::of(int())).prop_map(|(a, x)| with_x(a, x));
    let object = (int(), proptest::option::of(int())).prop_map(|(a, x)| with_x(a, x));
    (
        (int(), int(), text(), text(), any::<bool>()),
        proptest::collection::vec(int(), 0..4),
        proptest::collection::vec(text(), 0..4),
        object,
        proptest::collection::vec(item, 0..4),
    )
        .prop_map(|((a, b, s, t, f), n, w, o, p)| {
            json!({"a": a, "b": b, "s": s, "t": t, "f": f, "n": n, "w": w, "o": o, "p": p})
        })
}

fn with_x(a: i64, x: Option<i64>) -> Value {
    match x {
        Some(x) => json!({"a": a, "x": x}),
        None => json!({"a": a}),
    }
}

fn whole() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-3..4_i64).prop_map(|n| n.to_string()),
        Just("body.a".to_owned()),
        Just("body.b".to_owned()),
        Just("body.o.a".to_owned()),
        Just("size(body.s)".to_owned()),
        Just("body.w.size()".to_owned()),
        Just("body.n[0]".to_owned()),
        Just("(has(body.o.x) ? body.o.x : 1)".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*/%]", inner.clone())
                .prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            inner.clone().prop_map(|e| format!("-({e})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} < {b} ? {b} : {c})")),
            (-3..4_i64).prop_map(|n| format!("size(body.n.filter(z, z > {n}))")),
        ]
    })
}

fn texts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("body.s".to_owned()),
        Just("body.t".to_owned()),
        Just("'a'".to_owned()),
        Just("\"\\u00e4b\"".to_owned()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        (inner.clone(), inner).prop_map(|(l, r)| format!("({l} + {r})"))
    })
}

fn truths() -> impl Strategy<Value = String> {
    let order = || prop_oneof!["==", "!=", "<", "<=", ">", ">="];
    let leaf = prop_oneof![
        Just("body.f".to_owned()),
        Just("has(body.o.x)".to_owned()),
        (whole(), order(), whole()).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        (texts(), order(), texts()).prop_map(|(l, o, r)| format!("{l} {o} {r}")),
        (
            texts(),
            prop_oneof!["startsWith", "endsWith", "contains"],
            texts()
        )
            .prop_map(|(l, f, r)| format!("{l}.{f}({r})")),
        whole().prop_map(|e| format!("{e} in body.n")),
        whole().prop_map(|e| format!("{e} in [1, body.b, 3]")),
        texts().prop_map(|e| format!("{e} in body.w")),
        whole().prop_map(|e| format!("body.n.map(y, y + {e}) == body.n")),
        (prop_oneof!["all", "exists", "exists_one"], order(), whole())
            .prop_map(|(m, o, e)| format!("body.n.{m}(y, 6 / y {o} {e})")),
        (prop_oneof!["all", "exists"], order(), whole())
            .prop_map(|(m, o, e)| format!("body.p.{m}(y, has(y.x) && y.x {o} y.a + {e})")),
        texts()
            .prop_map(|e| format!("body.w.map(y, y != 'a', y + {e}) == body.w.filter(y, y > {e})")),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|e| format!("!({e})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} && {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} || {r})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

/// A body as the `cel` crate has it; its own conversion makes unsigned numbers.
fn as_cel(json: &Value) -> cel::Value {
    match json {
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.as_i64().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(as_cel).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, json)| (name.to_string(), as_cel(json)));
            members.collect::<std::collections::HashMap<_, _>>().into()
        }
        Value::Null => cel::Value::Null,
    }
}

/// What the `cel` crate says.
fn of_cel(text: &str, body: &Value) -> Option<bool> {
    let mut context = Context::default();
    context.add_variable_from_value("body", as_cel(body));
    match Program::compile(text).unwrap().execute(&context) {
        Ok(cel::Value::Bool(value)) => Some(value),
        Ok(other) => panic!("{text}: {other:?}"),
        Err(_) => None,
    }
}

fn of_ours(text: &str, body: &Value) -> Result<Option<bool>, Vec<Mistake>> {
    let fields = oracle_fields();
    let expression = Expression::compile(
        text,
        &Environment {
            operation: "x",
            operations: &["x"],
            fields: &fields,
            parameters: &[],
        },
    )?;
    let caller = caller("app", &[]);
    let document = Document(body.as_object().unwrap().clone());
    let mut budget = Budget::default();
    let before = budget.left();
    let outcome = expression.evaluate(&Facts::of(&UPDATE_SERIES, &caller), &document, &mut budget);
    let used = before - budget.left();
    assert!(
        used <= expression.cost(),
        "{text}: {used} of {}",
        expression.cost()
    );
    Ok(outcome.ok())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_those_of_the_cel_crate(text in truths(), body in bodies()) {
        match of_ours(&text, &body) {
            Ok(ours) => prop_assert_eq!(ours, of_cel(&text, &body), "{} on {}", text, body),
            // What is written out may have one outcome only, or none; it may be too large or long, too.
            Err(mistakes) => for mistake in mistakes {
                let known = ["true", "never this", "has no value", "deeper", "parts", "bytes", "steps"];
                prop_assert!(
                    known.iter().any(|part| mistake.what.contains(part)),
                    "{}: {:?}", text, mistake
                );
            }
        }
    }
}

#[test]
fn most_random_expressions_compile() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let compiled = (0..300)
        .filter(|_| {
            let text = truths().new_tree(&mut runner).unwrap().current();
            of_ours(&text, &json!({})).is_ok()
        })
        .count();
    assert!(compiled > 200, "{compiled} of 300");
}
