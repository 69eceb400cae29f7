//! `config/explain.schema.json`: it is a schema, describes every member, and knows what the code knows.

use jsonschema::{PatternOptions, Registry, Validator};
use meeting_gateway::explain::document::{self, Outcome, ReadFrom};
use meeting_gateway::model::change::Detail;
use meeting_gateway::model::decision;
use serde_json::{Value, json};

use super::{asked, document, explainer};
use crate::receipt::schemas::{RECEIPT, faults, parsed, undescribed};
use crate::support::TestGateway;
use crate::support::request::{documented, documented_with};

const EXPLAIN: &str = include_str!("../../../config/explain.schema.json");

/// What documents are held to; nothing is fetched.
pub(super) struct Schema(Validator);

impl Schema {
    pub(super) fn new() -> Self {
        let receipt = parsed(RECEIPT);
        let id = receipt["$id"].as_str().unwrap();
        let registry = Registry::new()
            .add(id, &receipt)
            .unwrap()
            .prepare()
            .unwrap();
        let validator = jsonschema::options()
            .offline()
            .with_registry(&registry)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .build(&parsed(EXPLAIN))
            .unwrap();
        Self(validator)
    }

    /// What is wrong with a document; also indices that lead nowhere, or to what is another stage's or rule's.
    pub(super) fn faults(&self, document: &Value) -> Vec<String> {
        let mut found = faults(&self.0, document);
        let mut told = 0;
        for stage in document["stages"].as_array().unwrap() {
            for (list, entry) in entries(document, stage) {
                told += 1;
                if entry.is_null() || (list != "findings" && entry["stage"] != stage["stage"]) {
                    found.push(format!("{list}: {entry} is not of {}", stage["stage"]));
                }
            }
            for rule in stage["rules"].as_array().into_iter().flatten() {
                for (list, entry) in entries(document, rule) {
                    if entry["rule"] != rule["rule"] {
                        found.push(format!("{list}: {entry} is not of {}", rule["rule"]));
                    }
                }
            }
        }
        let receipt = document["receipt"].as_object().unwrap();
        let listed = receipt.values().filter_map(Value::as_array).map(Vec::len);
        if listed.sum::<usize>() != told {
            found.push("not everything in the receipt is told of a stage".to_owned());
        }
        found
    }
}

/// What something names by index, with the list that it is in.
fn entries<'d>(document: &'d Value, of: &Value) -> Vec<(&'static str, &'d Value)> {
    let lists = ["patch", "parameters", "findings"].into_iter();
    let named = lists.flat_map(|list| {
        let indices = of[list].as_array().cloned().unwrap_or_default();
        let at = |index: &Value| usize::try_from(index.as_u64().unwrap()).unwrap();
        let entry = move |index| (list, &document["receipt"][list][at(&index)]);
        indices.into_iter().map(entry)
    });
    named.collect()
}

#[test]
fn it_is_a_schema_and_knows_what_the_code_knows() {
    let schema = parsed(EXPLAIN);
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(undescribed(&schema, &schema), Vec::<String>::new());

    assert_eq!(schema["properties"]["schema"]["const"], document::SCHEMA);
    let request = &schema["properties"]["request"]["properties"];
    let formats = ReadFrom::ALL.map(ReadFrom::name);
    assert_eq!(request["read_from"]["enum"], json!(formats));
    let verdict = &schema["properties"]["verdict"]["properties"];
    assert_eq!(verdict["outcome"]["enum"], json!(Outcome::ALL));
    let rule = &schema["$defs"]["rule"]["properties"];
    let outcomes = decision::Outcome::ALL.map(decision::Outcome::name);
    assert_eq!(rule["outcome"]["enum"], json!(outcomes));
}

#[tokio::test]
async fn it_refuses_what_no_document_is() {
    let (gateway, schema) = (TestGateway::new(), Schema::new());
    let explainer = explainer(&gateway);
    let good = asked(&explainer, documented().to_string().into());
    let forwarded = document(&explainer, &good, Detail::Exact).await;
    let bad = documented_with(&json!({"length": 5000}));
    let bad = asked(&explainer, bad.to_string().into());
    let refused = document(&explainer, &bad, Detail::Masked).await;
    for one in [&forwarded, &refused] {
        assert_eq!(schema.faults(one), Vec::<String>::new(), "{one:#}");
    }
    for (document, pointer, value) in [
        (&forwarded, "/schema", json!("meeting-gateway.explain/2")),
        (&forwarded, "/values", json!("short")),
        (&forwarded, "/verdict/status", json!(403)),
        (&forwarded, "/request/time", json!("yesterday")),
        (&forwarded, "/stages/0/microseconds", json!(-1)),
        (&forwarded, "/stages/6/rules/0/outcome", json!("perhaps")),
        (&forwarded, "/receipt/schema", json!("x")),
        (&forwarded, "/stages/0/patch", json!([99])),
        (&refused, "/verdict/outcome", json!("forwarded")),
        (&refused, "/verdict/code", json!("MGW.1")),
        (&refused, "/stages/0/stage", json!("sleep")),
    ] {
        let mut wrong = document.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[name] = value;
        assert_ne!(schema.faults(&wrong), Vec::<String>::new(), "{pointer}");
    }
}
