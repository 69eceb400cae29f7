//! Field tables, operations and callers for the tests of this module: a small part of the documented API.

use std::collections::BTreeMap;

use http::Method;

use crate::model::document::Document;
use crate::model::field::{Field, FieldType};
use crate::model::finding::{Location, Mode};
use crate::model::json::{Value, json};
use crate::model::operation::{Family, Operation};
use crate::model::principal::{Caller, UpstreamUser};
use crate::model::problem::Problem;
use crate::model::scopes::Scopes;

use super::{
    Binding, Context, Effects, Exemption, Facts, OperationFields, RuleSet, Verdict, compile, pack,
};

const fn scheduling(name: &'static str, method: Method) -> Operation {
    Operation::new(
        name,
        method,
        "/v1/mmc/management/conferences",
        Family::Scheduling,
    )
}

pub(super) static CREATE: Operation = scheduling("create_meeting", Method::POST);
pub(super) static UPDATE_SERIES: Operation = scheduling("update_recurring_meeting", Method::PUT);
pub(super) static UPDATE_SUB: Operation = scheduling("update_recurring_sub_meeting", Method::PUT);

fn field(pointer: &str, kind: FieldType) -> Field {
    Field::new(pointer, kind)
}

fn choice(pointer: &str, allowed: &Value, default: Option<Value>) -> Field {
    let allowed = allowed.as_array().unwrap().clone();
    let kind = if allowed[0].is_string() {
        FieldType::String
    } else {
        FieldType::Integer
    };
    Field {
        default,
        allowed,
        ..field(pointer, kind)
    }
}

fn range(pointer: &str, low: i64, high: Option<i64>, default: Option<Value>) -> Field {
    Field {
        minimum: Some(low),
        maximum: high,
        default,
        ..field(pointer, FieldType::Integer)
    }
}

fn whole_body() -> Vec<Field> {
    use FieldType::{Array, Boolean, Integer, Object, String};
    let mut fields = vec![
        range("/length", 15, Some(1440), Some(json!(30))),
        range("/concurrentParticipants", 0, None, Some(json!(0))),
        choice("/encryptMode", &json!([0, 1, 2]), None),
        choice(
            "/language",
            &json!(["zh-CN", "en-US"]),
            Some(json!("zh-CN")),
        ),
        choice("/recordType", &json!([0, 1, 2, 3]), Some(json!(0))),
        choice("/isAutoRecord", &json!([0, 1]), Some(json!(0))),
        choice("/recordAuthType", &json!([0, 1, 2]), None),
        choice("/vmrFlag", &json!([0, 1]), Some(json!(0))),
        choice("/attendees/*/role", &json!([0, 1]), Some(json!(0))),
        choice("/attendees/*/isMute", &json!([0, 1]), Some(json!(0))),
        choice(
            "/attendees/*/type",
            &json!([
                "normal",
                "terminal",
                "outside",
                "mobile",
                "ideahub",
                "board",
                "hwvision",
                "telepresence",
                "telephone"
            ]),
            None,
        ),
        range("/confConfigInfo/prolongLength", 0, Some(60), None),
        choice("/confConfigInfo/callInRestriction", &json!([0, 2, 3]), None),
        range("/cycleParams/interval", 1, Some(15), None),
        range("/cycleParams/preRemindDays", 0, Some(30), None),
        Field {
            required: true,
            ..choice("/cycleParams/cycle", &json!(["Day", "Week", "Month"]), None)
        },
    ];
    for (pointer, kind) in [
        ("/startTime", String),
        ("/subject", String),
        ("/mediaTypes", String),
        ("/groupuri", String),
        ("/timeZoneID", String),
        ("/liveAddress", String),
        ("/auxAddress", String),
        ("/vmrID", String),
        ("/attendees", Array),
        ("/attendees/*", Object),
        ("/confConfigInfo", Object),
        ("/confConfigInfo/vmrIDType", Integer),
        ("/confConfigInfo/isGuestFreePwd", Boolean),
        ("/confConfigInfo/allowGuestStartConf", Boolean),
        ("/confConfigInfo/enableWaitingRoom", Boolean),
        ("/confConfigInfo/isAutoMute", Boolean),
        ("/confConfigInfo/guestPwd", String),
        ("/cycleParams", Object),
        ("/cycleParams/point", Array),
        ("/cycleParams/point/*", Integer),
    ] {
        fields.push(field(pointer, kind));
    }
    for member in ["accountId", "userUUID", "email", "phone", "sms"] {
        fields.push(Field {
            max_length: Some(127),
            ..field(&format!("/attendees/*/{member}"), String)
        });
    }
    for pointer in ["/cycleParams/startDate", "/cycleParams/endDate"] {
        fields.push(Field {
            required: true,
            ..field(pointer, String)
        });
    }
    fields
}

fn sub_body() -> Vec<Field> {
    let whole = whole_body();
    let known = [
        "/startTime",
        "/length",
        "/mediaTypes",
        "/isAutoRecord",
        "/recordAuthType",
        "/confConfigInfo",
        "/confConfigInfo/callInRestriction",
        "/confConfigInfo/allowGuestStartConf",
        "/confConfigInfo/enableWaitingRoom",
    ];
    whole
        .into_iter()
        .filter(|field| known.contains(&field.pointer.as_str()))
        .map(|field| Field {
            required: field.pointer == "/startTime",
            ..field
        })
        .collect()
}

/// Compiles texts of packs, with modes that override theirs.
pub(super) fn compiled(texts: &[&str], modes: &[(&str, Mode)]) -> Result<RuleSet, Vec<Problem>> {
    configured(texts, modes, &[], &[])
}

/// Compiles texts of packs, with all that a configuration may say of them.
pub(super) fn configured(
    texts: &[&str],
    modes: &[(&str, Mode)],
    bindings: &[Binding],
    exemptions: &[Exemption],
) -> Result<RuleSet, Vec<Problem>> {
    let packs: Vec<_> = texts
        .iter()
        .map(|text| pack::read("pack.yaml", text).expect("a pack that reads"))
        .collect();
    let (whole, sub) = (whole_body(), sub_body());
    let modes: BTreeMap<_, _> = modes
        .iter()
        .map(|(rule, mode)| ((*rule).to_owned(), *mode))
        .collect();
    let operations = [&CREATE, &UPDATE_SERIES, &UPDATE_SUB].map(|operation| OperationFields {
        operation,
        fields: if operation.name == UPDATE_SUB.name {
            &sub
        } else {
            &whole
        },
        parameters: &["conferenceID"],
    });
    let context = Context {
        modes: &modes,
        deprecated: &[
            (Location::Query, "userUUID"),
            (Location::Header, "x-site-id"),
            (Location::Header, "x-authorization-type"),
        ],
        bindings,
        exemptions,
        ..Context::of(&operations)
    };
    compile(&packs, &context)
}

/// Compiles rules, each in flow style, as a pack `p`.
pub(super) fn rules(rules: &[&str]) -> Result<RuleSet, Vec<Problem>> {
    compiled(
        &[&format!("pack: p\nrules:\n  - {}\n", rules.join("\n  - "))],
        &[],
    )
}

/// A caller with groups.
pub(super) fn caller(id: &str, groups: &[&str]) -> Caller {
    Caller {
        id: id.into(),
        index: 0,
        groups: groups.iter().map(|group| (*group).into()).collect(),
        scopes: Scopes::default(),
        claims: crate::model::json::Object::new(),
        upstream_user: UpstreamUser::SignedIn,
    }
}

/// Evaluates a body of a series update.
pub(super) fn decided(set: &RuleSet, body: &Value) -> (Verdict, Value, Effects) {
    decided_for(set, &UPDATE_SERIES, &caller("app", &[]), body)
}

/// Evaluates a body of an operation, from a caller.
pub(super) fn decided_for(
    set: &RuleSet,
    operation: &'static Operation,
    caller: &Caller,
    body: &Value,
) -> (Verdict, Value, Effects) {
    let mut document = Document(body.as_object().expect("an object").clone());
    let mut effects = Effects::default();
    let verdict = set.evaluate(&Facts::of(operation, caller), &mut document, &mut effects);
    (verdict, Value::Object(document.0), effects)
}
