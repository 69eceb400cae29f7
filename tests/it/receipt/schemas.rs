//! The two schemas in `config`: they are schemas, say what each member is, and know what the code knows.

use std::collections::BTreeSet;

use jsonschema::{PatternOptions, Registry, Validator};
use meeting_gateway::model::change::{Change, ChangeOperation};
use meeting_gateway::model::finding::{Location, Mode};
use meeting_gateway::model::header::VisibleHeaders;
use meeting_gateway::model::principal::CredentialKind;
use meeting_gateway::model::receipt;
use meeting_gateway::model::secret::Secret;
use meeting_gateway::model::stage::Stage;
use meeting_gateway::runtime::audit_log::{AuditLog, ChainKey, ChainSettings, Settings};
use meeting_gateway::stages::forward::Outbound;
use serde_json::{Value, json};

use crate::refusal_bodies::every_refusal;
use crate::support::request::{Asking, documented, documented_with, whole};
use crate::support::{AnyUpstream, TestGateway};

pub(crate) const RECEIPT: &str = include_str!("../../../config/receipt.schema.json");
const LINE: &str = include_str!("../../../config/audit-line.schema.json");
const EVENT: &str = include_str!("../../../config/audit-event.schema.json");

/// What receipts and lines are held to; nothing is fetched.
pub(crate) struct Schemas {
    receipt: Validator,
    line: Validator,
    event: Validator,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let (receipt, line) = (parsed(RECEIPT), parsed(LINE));
        let id = |schema: &Value| schema["$id"].as_str().unwrap().to_owned();
        let registry = Registry::new().add(id(&receipt), &receipt).unwrap();
        let registry = registry.prepare().unwrap();
        let compiled = |schema: &Value| {
            jsonschema::options()
                .offline()
                .with_registry(&registry)
                .with_pattern_options(PatternOptions::regex())
                .should_validate_formats(true)
                .build(schema)
                .unwrap()
        };
        Self {
            receipt: compiled(&receipt),
            line: compiled(&line),
            event: compiled(&parsed(EVENT)),
        }
    }

    /// What is wrong with a receipt.
    pub(super) fn faults_of_receipt(&self, receipt: &Value) -> Vec<String> {
        faults(&self.receipt, receipt)
    }

    /// What is wrong with a line of the audit log.
    pub(crate) fn faults_of_line(&self, line: &Value) -> Vec<String> {
        faults(&self.line, line)
    }

    /// What is wrong with a line that tells of the log itself.
    pub(crate) fn faults_of_event(&self, line: &Value) -> Vec<String> {
        faults(&self.event, line)
    }
}

pub(crate) fn parsed(schema: &str) -> Value {
    serde_json::from_str(schema).unwrap()
}

pub(crate) fn faults(validator: &Validator, instance: &Value) -> Vec<String> {
    let errors = validator.iter_errors(instance);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn they_are_schemas_and_describe_every_member() {
    let receipt = parsed(RECEIPT);
    for schema in [&receipt, &parsed(LINE), &parsed(EVENT)] {
        assert!(jsonschema::meta::is_valid(schema));
        assert_eq!(undescribed(schema, &receipt), Vec::<String>::new());
    }
}

/// The members of a schema without a description; `referred` has the definitions that they refer to.
pub(crate) fn undescribed(schema: &Value, referred: &Value) -> Vec<String> {
    let mut bare = Vec::new();
    let mut members = 0;
    note_bare(schema, "", &mut bare, &mut members);
    // What is described where it is referred to need not be described again.
    bare.retain(|(_, member)| {
        let target = member["$ref"].as_str().and_then(|to| to.split('#').nth(1));
        target.is_none_or(|target| referred.pointer(target).unwrap()["description"].is_null())
    });
    assert!(members > 10, "{members}");
    bare.into_iter().map(|(at, _)| at).collect()
}

/// Members of objects that have no description; those of `oneOf` only narrow what is described elsewhere.
fn note_bare(schema: &Value, at: &str, bare: &mut Vec<(String, Value)>, members: &mut usize) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        *members += 1;
        let at = format!("{at}/{name}");
        if member["description"].is_null() {
            bare.push((at.clone(), member.clone()));
        }
        note_bare(member, &at, bare, members);
    }
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        note_bare(definition, name, bare, members);
    }
}

#[test]
fn they_know_what_the_code_knows() {
    let (receipt, line) = (parsed(RECEIPT), parsed(LINE));
    let stages = Stage::ALL.map(Stage::name);
    assert_eq!(receipt["$defs"]["stage"]["enum"], json!(stages));
    let modes = [Mode::Enforce, Mode::Warn, Mode::Audit];
    assert_eq!(receipt["$defs"]["mode"]["enum"], json!(modes));
    let operations = [
        ChangeOperation::Add,
        ChangeOperation::Remove,
        ChangeOperation::Replace,
    ];
    let operation = &receipt["$defs"]["operation"]["properties"]["op"]["enum"];
    assert_eq!(*operation, json!(operations));
    let finding = &receipt["$defs"]["finding"]["properties"]["in"]["enum"];
    let locations = [
        Location::Body,
        Location::Query,
        Location::Header,
        Location::Answer,
    ];
    assert_eq!(*finding, json!(locations));
    let parameter = &receipt["$defs"]["parameter"]["properties"]["in"]["enum"];
    assert_eq!(*parameter, json!(locations[1..3]));
    assert_eq!(receipt["properties"]["schema"]["const"], receipt::SCHEMA);

    let credentials = [
        CredentialKind::ApiKey,
        CredentialKind::GatewayToken,
        CredentialKind::AppId,
        CredentialKind::ClientCertificate,
        CredentialKind::Jwt,
    ];
    let names = credentials.map(CredentialKind::name);
    assert_eq!(line["properties"]["credential"]["enum"], json!(names));
    let headers = &line["$defs"]["request"]["properties"]["headers"]["properties"];
    let known: BTreeSet<_> = headers.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        known,
        VisibleHeaders::NAMES.map(|name| name.to_string()).into()
    );
}

#[test]
fn an_operation_has_what_its_kind_needs() {
    let schemas = Schemas::new();
    let receipt = |operation: &Value, more: &Value| {
        let mut operation = operation.clone();
        let common = json!({"path": "/a~1b/0/c~0", "stage": "decide", "reason": "x"});
        let common = common.as_object().unwrap().clone();
        let members = operation.as_object_mut().unwrap();
        for (name, value) in common {
            members.entry(name).or_insert(value);
        }
        let mut receipt = json!({"schema": receipt::SCHEMA, "patch": [operation]});
        let more = more.as_object().unwrap().clone();
        receipt.as_object_mut().unwrap().extend(more);
        receipt
    };
    let none = json!({});
    let add = json!({"op": "add", "value": null});
    let parameter =
        json!({"op": "remove", "in": "query", "path": "x", "stage": "strip", "reason": "x"});
    let mut in_the_body = parameter.clone();
    in_the_body["in"] = json!("body");
    for (operation, more, fits) in [
        (add.clone(), none.clone(), true),
        (json!({"op": "remove"}), none.clone(), true),
        (json!({"op": "remove", "was": 1}), none.clone(), true),
        (
            json!({"op": "replace", "value": 2, "was": 1}),
            none.clone(),
            true,
        ),
        (
            json!({"op": "remove", "rule": "pack/rule"}),
            none.clone(),
            true,
        ),
        (
            add.clone(),
            json!({"parameters": [parameter], "omitted": 1}),
            true,
        ),
        (json!({"op": "add"}), none.clone(), false),
        (
            json!({"op": "add", "value": 1, "was": 1}),
            none.clone(),
            false,
        ),
        (json!({"op": "remove", "value": 1}), none.clone(), false),
        (json!({"op": "replace", "value": 1}), none.clone(), false),
        (json!({"op": "replace", "was": 1}), none.clone(), false),
        (
            json!({"op": "move", "from": "/x", "value": 1}),
            none.clone(),
            false,
        ),
        (json!({"op": "remove", "path": "x"}), none.clone(), false),
        (json!({"op": "remove", "path": "/~2"}), none.clone(), false),
        (
            json!({"op": "remove", "stage": "sleep"}),
            none.clone(),
            false,
        ),
        (json!({"op": "remove", "rule": "rule"}), none.clone(), false),
        (
            json!({"op": "remove", "colour": "red"}),
            none.clone(),
            false,
        ),
        (add.clone(), json!({"parameters": [in_the_body]}), false),
        (add.clone(), json!({"parameters": []}), false),
        (add.clone(), json!({"omitted": 0}), false),
        (add, json!({"schema": "meeting-gateway.receipt/2"}), false),
    ] {
        let receipt = receipt(&operation, &more);
        let faults = schemas.faults_of_receipt(&receipt);
        assert_eq!(faults.is_empty(), fits, "{receipt} {faults:?}");
    }
    // The changes themselves, however they are made.
    let (one, two) = (json!(1), json!(2));
    for (was, value) in [(None, Some(one.clone())), (Some(one.clone()), None)]
        .into_iter()
        .chain([(Some(one), Some(two))])
    {
        let change = Change::in_body(
            Stage::Normalise,
            "/x".into(),
            was.map(Into::into),
            value.map(Into::into),
            "x",
        );
        let receipt = receipt(&serde_json::to_value(change).unwrap(), &none);
        assert_eq!(schemas.faults_of_receipt(&receipt), [""; 0], "{receipt}");
    }
}

/// What tells of the log itself: written by a start, gaps and an end in order.
#[test]
fn every_kind_of_event_fits() {
    let schemas = Schemas::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let chain = || ChainSettings {
        key: Some(ChainKey::new(&Secret::from(
            "a key of thirty-two bytes, or more",
        ))),
        configuration: Some("0123456789abcdef".into()),
        ..ChainSettings::default()
    };
    let mut kinds = BTreeSet::new();
    for number in 0..2 {
        let log = AuditLog::file(&path, Settings::default(), chain()).unwrap();
        assert!(!log.append(b"no line") && log.append(b"{}") && log.close());
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text
            .lines()
            .map(parsed)
            .filter(|line| line.get("event").is_some())
        {
            assert_eq!(schemas.faults_of_event(&line), [""; 0], "{line}");
            kinds.insert(line["event"].as_str().unwrap().to_owned());
        }
        // The last line is torn: the gateway was killed.
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        assert_eq!(kinds.contains("recovered"), number == 1);
    }
    let known = &parsed(EVENT)["properties"]["event"]["enum"];
    kinds.insert("rotated".to_owned());
    assert_eq!(known.as_array().unwrap().len(), kinds.len(), "{kinds:?}");
    let wrong = json!({"seq": 1, "schema": "meeting-gateway.audit/3", "event": "closed", "time": "x", "count": 1, "hash": ""});
    assert!(schemas.faults_of_event(&wrong).len() >= 3);
}

/// A line of each kind: answered, each refusal, left.
#[tokio::test]
async fn every_kind_of_line_fits() {
    let schemas = Schemas::new();
    let assert_fits = |gateway: &TestGateway, what: &str| {
        let line = gateway.only_line();
        assert_eq!(schemas.faults_of_line(&line), [""; 0], "{what}: {line}");
        line
    };
    for refusal in every_refusal() {
        let code = refusal.code();
        let upstream =
            tower::service_fn(move |_: Outbound| std::future::ready(Err(refusal.clone())));
        let gateway = TestGateway::asking(AnyUpstream::new(upstream));
        gateway.send(Asking::update().json(&documented())).await;
        assert_eq!(assert_fits(&gateway, code)["outcome"], "refused");
    }
    let gateway = TestGateway::new();
    let nobody = Asking::update().without("x-access-token");
    gateway.send(nobody.body("")).await;
    assert_fits(&gateway, "nobody known");

    let gateway = TestGateway::new();
    drop(gateway.called(Asking::update().streamed(whole(""))));
    assert_eq!(assert_fits(&gateway, "left")["outcome"], "client_left");

    let recorded = TestGateway::with(&[("audit.request", "full")]);
    let request = Asking::update()
        .header("user-agent", "x/1")
        .header("accept-language", "en-US")
        .header("x-request-id", "the-request")
        .json(&documented_with(&json!({"colour": "red"})));
    recorded.send(request).await;
    let line = assert_fits(&recorded, "recorded");
    assert_eq!(
        line["request"]["headers"],
        json!({"accept-language": "en-US", "user-agent": "x/1", "x-request-id": "the-request"})
    );

    // The schema itself must be able to say no.
    let mut wrong = line;
    wrong["status"] = Value::Null;
    wrong["colour"] = "red".into();
    wrong["receipt"]["patch"][0]["op"] = "move".into();
    assert!(schemas.faults_of_line(&wrong).len() >= 3);
}
