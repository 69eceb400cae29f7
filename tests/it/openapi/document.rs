//! What is in the document: the operations that are served and no others, what the configuration says.

use std::collections::{BTreeMap, BTreeSet};

use meeting_gateway::contract::Contract;
use serde_json::{Value, json};

use super::{described, operation, operations, validator};
use crate::support::TestGateway;
use crate::support::request::{Asking, KEY};

/// No key for tokens, so nobody can sign in.
const WITHOUT_SIGN_IN: &str = "
upstream: {url: 'http://upstream.test', credentials: {app_id: {app_id: fdb8e4699586458bbd10c834872dcc62, app_key: 0123456789abcdef0123456789abcdef}}}
callers:
  - id: scheduling-app
    api_keys: ['sha256:24bd326941de36c5ade7114683073daffbe589539ef3440d421b8c4fd0a2f903']
    upstream_user: {fixed: alice@ent01}
policy: {directory: policies, packs: []}
";

/// Operations that are passed on unread: without a body, with JSON, with a file.
pub(super) const RELAYING: [(&str, &str); 3] = [
    ("operations.allow.0", "show_my_info"),
    ("operations.allow.1", "add_user"),
    ("operations.allow.2", "add_material"),
];

/// A path with something in the place of its parameters.
fn example(template: &str) -> String {
    let segments = template.split('/').map(|segment| {
        let is_parameter = segment.starts_with('{');
        if is_parameter { "1" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

async fn operations_are_those_that_answer(gateway: TestGateway) -> usize {
    let document = described(&gateway);
    let told: BTreeMap<&str, &Value> = operations(&document)
        .map(|one| (one["operationId"].as_str().unwrap(), one))
        .collect();
    for known in Contract::builtin().unwrap().operations() {
        let asking = Asking::with_key(known.method.clone(), &example(known.template), KEY);
        let reply = gateway.send(asking.json(&json!({}))).await;
        let code = reply.json()["error_code"].clone();
        let served = !code.as_str().unwrap_or_default().starts_with("MGW.404");
        assert_eq!(
            told.contains_key(known.name),
            served,
            "{}: {code}",
            known.name
        );
        if served {
            let methods = &document["paths"][known.template];
            let method = known.method.as_str().to_ascii_lowercase();
            assert_eq!(&methods[method], told[known.name]);
        }
    }
    told.len()
}

#[tokio::test]
async fn the_operations_are_those_that_answer() {
    assert_eq!(
        operations_are_those_that_answer(TestGateway::new()).await,
        21
    );
    let relaying = TestGateway::with(&RELAYING);
    assert_eq!(operations_are_those_that_answer(relaying).await, 24);
    let without_sign_in = TestGateway::of_text(WITHOUT_SIGN_IN, &[]);
    assert_eq!(operations_are_those_that_answer(without_sign_in).await, 17);
}

fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        found.insert(reference);
                    }
                    value => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_one() {
    for overrides in [
        &[][..],
        &[
            ("contract.coercion", "reject"),
            ("contract.unknown_fields", "reject"),
        ],
        &[
            ("contract.ineffective_fields", "reject"),
            ("contract.unknown_fields", "forward"),
        ],
        &RELAYING,
    ] {
        let gateway = TestGateway::with(overrides);
        let document = described(&gateway);
        assert_eq!(document, described(&gateway), "the same each time");
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 50);
        for reference in &found {
            let path = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{reference}");
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(jsonschema::meta::is_valid(schema), "{name}");
            let reference = format!("#/components/schemas/{name}");
            let inside = format!("{reference}/");
            let used = found
                .iter()
                .any(|one| **one == reference || one.starts_with(&inside));
            assert!(used, "{name} is there for nobody");
            validator(&document, &reference);
        }
    }
}

#[test]
fn the_configuration_shows() {
    let meeting = "#/components/schemas/SchedulingBody";
    let cases = [
        ("contract.coercion", "accept", json!({"length": "60"}), true),
        (
            "contract.coercion",
            "reject",
            json!({"length": "60"}),
            false,
        ),
        ("contract.coercion", "reject", json!({"length": 60}), true),
        (
            "contract.coercion",
            "accept",
            json!({"confConfigInfo": {"isSendSms": "false"}}),
            true,
        ),
        (
            "contract.coercion",
            "reject",
            json!({"confConfigInfo": {"isSendSms": "false"}}),
            false,
        ),
        (
            "contract.unknown_fields",
            "strip",
            json!({"colour": 1}),
            true,
        ),
        (
            "contract.unknown_fields",
            "forward",
            json!({"colour": 1}),
            true,
        ),
        (
            "contract.unknown_fields",
            "reject",
            json!({"colour": 1}),
            false,
        ),
        (
            "contract.unknown_fields",
            "reject",
            json!({"attendees": [{"colour": 1}]}),
            false,
        ),
        // Always taken out.
        (
            "contract.unknown_fields",
            "reject",
            json!({"conferenceType": []}),
            true,
        ),
        (
            "contract.ineffective_fields",
            "remove",
            json!({"liveAddress": 5}),
            true,
        ),
        (
            "contract.ineffective_fields",
            "remove",
            json!({"liveAddress": 5, "recordType": 1}),
            false,
        ),
        (
            "contract.ineffective_fields",
            "remove",
            json!({"liveAddress": 5, "recordType": "3"}),
            false,
        ),
        (
            "contract.ineffective_fields",
            "reject",
            json!({"liveAddress": "rtmp://a"}),
            false,
        ),
        (
            "contract.ineffective_fields",
            "reject",
            json!({"liveAddress": "rtmp://a", "recordType": "2"}),
            false,
        ),
        (
            "contract.ineffective_fields",
            "reject",
            json!({"liveAddress": "rtmp://a", "recordType": 3}),
            true,
        ),
    ];
    for (key, value, mut body, fits) in cases {
        body["mediaTypes"] = "Voice".into();
        let document = described(&TestGateway::with(&[(key, value)]));
        assert_eq!(
            validator(&document, meeting).is_valid(&body),
            fits,
            "{key} {value} {body}"
        );
    }
}

#[test]
fn policies_and_credentials_show() {
    let told = described(&TestGateway::new())["info"]["description"].to_string();
    assert!(told.contains("`example-enterprise`"), "{told}");
    let schemes = |gateway: &TestGateway| {
        let document = described(gateway);
        let schemes = document["components"]["securitySchemes"]
            .as_object()
            .unwrap();
        let names: Vec<_> = schemes.keys().cloned().collect();
        (
            names,
            operation(&document, "create_meeting")["security"].clone(),
        )
    };
    let (names, security) = schemes(&TestGateway::new());
    assert_eq!(
        names,
        [
            "apiKey",
            "bearer",
            "accessToken",
            "gatewayToken",
            "signature"
        ]
    );
    assert_eq!(
        security,
        json!([{"accessToken": []}, {"apiKey": []}, {"bearer": []}])
    );
    let (names, security) = schemes(&TestGateway::passing_through());
    assert!(names.contains(&"upstreamToken".to_owned()));
    assert_eq!(security[0], json!({"apiKey": [], "upstreamToken": []}));
}
