//! Any text as the condition of a rule, asked of any body. The text goes up to the first zero byte; what follows is the body: as JSON,
//! if it is an object, and otherwise as choices of fields and values.
//!
//! Nothing panics, nothing takes a second, and no expression that loads runs out of steps on a body that fits the contract.

use std::time::Duration;

use meeting_gateway::model::document::Document;
use meeting_gateway::model::json::{Object, Value, json};
use meeting_gateway::model::principal::{Caller, UpstreamUser};
use meeting_gateway::policy::{Effects, Facts, RuleSet, pack};

use super::ground;

const LIMIT: Duration = Duration::from_secs(1);

/// See above.
pub fn holds(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let Some(Ok(text)) = parts.next().map(str::from_utf8) else {
        return;
    };
    let Some(rules) = ground::within(LIMIT, || compiled(text)) else {
        return;
    };
    let document = body(parts.next().unwrap_or_default());
    let exhausted = ground::within(LIMIT, || runs_out(&rules, &document));
    if exhausted {
        let (_, contract) = ground::operation();
        let (violations, _) = contract.violations(&mut document.clone(), 1);
        assert!(
            !violations.is_empty(),
            "out of steps on a body that fits the contract"
        );
    }
}

fn compiled(text: &str) -> Option<RuleSet> {
    let pack = json!({"pack": "fuzz", "rules": [{"id": "r", "when": text, "deny": {}}]});
    let pack = pack::read("pack.yaml", &pack.to_string()).ok()?;
    ground::compile(pack).ok()
}

/// Evaluates, and says whether the steps did not suffice.
fn runs_out(rules: &RuleSet, document: &Document) -> bool {
    let caller = Caller {
        id: "scheduling-app".into(),
        index: 0,
        groups: ["internal".into()].into(),
        scopes: ["secrets"].into_iter().collect(),
        claims: Object::from_iter([(
            "unit".to_owned(),
            json!({"name": "it", "floors": [1, 2.5, null]}),
        )]),
        upstream_user: UpstreamUser::SignedIn,
    };
    let mut facts = Facts::of(ground::operation().0, &caller);
    facts.address = Some([192, 0, 2, 1].into());
    let query = [("conferenceID".into(), "914087436".into())];
    facts.query = &query;
    let mut effects = Effects::default();
    let _ = rules.evaluate(&facts, &mut document.clone(), &mut effects);
    let mut said = effects
        .findings
        .iter()
        .filter_map(|finding| finding.got.as_deref());
    said.any(|got| got.contains("too many steps"))
}

fn body(bytes: &[u8]) -> Document {
    if let Ok(Value::Object(members)) = serde_json::from_slice(bytes) {
        return Document(members);
    }
    let fields = ground::fields();
    let mut root = Value::Object(Object::new());
    for choice in bytes.chunks(3).take(256) {
        let [field, value, index] = [0, 1, 2].map(|at| choice.get(at).copied().unwrap_or_default());
        let field = &fields[usize::from(field) % fields.len()];
        put(&mut root, &field.pointer, usize::from(index), chosen(value));
    }
    match root {
        Value::Object(members) => Document(members),
        _ => Document::default(),
    }
}

fn chosen(byte: u8) -> Value {
    match byte {
        0 => Value::Null,
        1 | 2 => json!(byte == 1),
        3..=100 => json!(byte),
        101..=110 => json!(f64::from(byte) / 4.0),
        111 => json!(i64::MIN),
        112 => json!(u64::MAX),
        113 => json!(1e300),
        114 => json!([]),
        115 => json!({}),
        116 => json!([null, 1, "a", {"email": "a@b.c"}]),
        117..=130 => json!("2026-09-03 09:00"),
        131..=140 => json!("a@corp.example"),
        141..=150 => json!("+8613800000000"),
        151..=155 => json!("é会".repeat(usize::from(byte - 150))),
        _ => json!("x".repeat(usize::from(byte - 156) * 8)),
    }
}

/// Puts a value where a pointer leads, `*` standing for the item at an index; gives up where something else is in the way.
fn put(root: &mut Value, pointer: &str, index: usize, value: Value) {
    let mut at = root;
    for token in pointer.split('/').skip(1) {
        if token == "*" {
            if !at.is_array() {
                *at = json!([]);
            }
            let Some(items) = at.as_array_mut() else {
                return;
            };
            let index = index % (items.len() + 1);
            if index == items.len() {
                items.push(Value::Null);
            }
            at = &mut items[index];
        } else {
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[&token];
        }
    }
    *at = value;
}
