//! Every refusal is in the document of a gateway that can refuse so, under its status, and only where it can come.

use std::collections::{BTreeMap, BTreeSet};

use meeting_gateway::model::refusal::Refusal;
use serde_json::{Value, json};

use super::document::RELAYING;
use super::{described, followed, operation, operations};
use crate::jwt;
use crate::missing_fields;
use crate::refusal_bodies::every_code_and_status;
use crate::support::TestGateway;

#[test]
fn every_refusal_is_there_under_its_status() {
    let documents = [
        // A form is relayed.
        described(&TestGateway::with(&[(
            "operations.allow.0",
            "add_material",
        )])),
        described(&TestGateway::of_text(
            &jwt::configuration_with_issuer("https://login.corp.example/keys"),
            &[],
        )),
        described(&missing_fields::gateway("reject", missing_fields::IDLE)),
        described(&missing_fields::gateway("merge", missing_fields::IDLE)),
    ];
    let mut told = BTreeMap::new();
    for document in &documents {
        let mut note = |responses: &Value| {
            for (status, response) in responses.as_object().unwrap() {
                let examples =
                    &followed(document, response)["content"]["application/json"]["examples"];
                for (code, example) in examples.as_object().into_iter().flatten() {
                    assert_eq!(example["value"]["error_code"], code.as_str());
                    told.insert(code.clone(), status.clone());
                }
            }
        };
        operations(document).for_each(|one| note(&one["responses"]));
        // What is said of all that is not in the document.
        for (status, name) in [("404", "NotFound"), ("405", "MethodNotAllowed")] {
            note(&json!({ status: document["components"]["responses"][name] }));
        }
    }
    let real: BTreeMap<String, String> = every_code_and_status().collect();
    assert_eq!(told, real);
}

#[test]
fn a_refusal_is_only_where_it_can_come() {
    let codes = |document: &Value, name: &str| -> BTreeSet<String> {
        let responses = operation(document, name)["responses"]
            .as_object()
            .unwrap()
            .values();
        let examples = responses.flat_map(|response| {
            let content = &followed(document, response)["content"]["application/json"];
            content["examples"].as_object().into_iter().flatten()
        });
        examples.map(|(code, _)| code.clone()).collect()
    };
    let document = described(&TestGateway::new());
    let not_found = Refusal::UnknownOperation.code();
    for (name, there, not_there) in [
        (
            "create_meeting",
            &["MGW.4000002", "MGW.4030001", "MGW.4150001", "MGW.5020001"][..],
            &["MGW.4000007", "MGW.4010005"][..],
        ),
        (
            "search_meetings",
            &["MGW.4000007", "MGW.4000004", "MGW.4030001"],
            &["MGW.4000002", "MGW.4130001"],
        ),
        (
            "create_app_id_token",
            &["MGW.4010005", "MGW.4000005", "MGW.4290001"],
            &["MGW.4030001", "MGW.5020001", "MGW.4010001"],
        ),
        (
            "delete_token",
            &["MGW.4010003"],
            &["MGW.4000005", "MGW.4080001"],
        ),
    ] {
        let told = codes(&document, name);
        for code in there {
            assert!(told.contains(*code), "{name} {code}");
        }
        for code in not_there.iter().chain([&not_found]) {
            assert!(!told.contains(*code), "{name} {code}");
        }
    }
    for (wanted, there, not_there) in [
        (
            "forward",
            &[][..],
            &["MGW.4000008", "MGW.4090001", "MGW.5020003"][..],
        ),
        ("reject", &["MGW.4000008"], &["MGW.4090001", "MGW.5020003"]),
        ("merge", &["MGW.4090001", "MGW.5020003"], &["MGW.4000008"]),
    ] {
        let document = described(&missing_fields::gateway(wanted, missing_fields::IDLE));
        let told = codes(&document, "update_meeting");
        assert!(there.iter().all(|code| told.contains(*code)), "{wanted}");
        assert!(
            !not_there.iter().any(|code| told.contains(*code)),
            "{wanted}"
        );
        assert!(
            !codes(&document, "create_meeting")
                .iter()
                .any(|code| there.contains(&code.as_str()))
        );
    }
    let relaying = described(&TestGateway::with(&RELAYING));
    for (name, there, not_there) in [
        (
            "show_my_info",
            &["MGW.4000007", "MGW.4290001", "MGW.5020001"][..],
            &["MGW.4000004", "MGW.4030001", "MGW.4130001", "MGW.4150001"][..],
        ),
        (
            "add_user",
            &["MGW.4130001", "MGW.4150001"],
            &["MGW.4000002", "MGW.4000007", "MGW.4030001", "MGW.4150002"],
        ),
        (
            "add_material",
            &["MGW.4130001", "MGW.4150002"],
            &["MGW.4030001", "MGW.4150001"],
        ),
    ] {
        let told = codes(&relaying, name);
        assert!(
            there.iter().all(|code| told.contains(*code)),
            "{name}: {told:?}"
        );
        assert!(
            !not_there.iter().any(|code| told.contains(*code)),
            "{name}: {told:?}"
        );
    }
    let no_quotas = described(&TestGateway::with_quotas("[]"));
    let told = codes(&no_quotas, "create_meeting");
    assert!(!told.contains("MGW.4290001") && told.contains("MGW.4290003"));
    assert!(!told.contains("MGW.4290001"), "{told:?}");
    assert!(told.contains("MGW.4290002"), "{told:?}");
}
