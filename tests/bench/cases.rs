//! What both benches measure: rule sets, and the requests that are asked of them.
//!
//! Every rule fits the request it is measured on, so a case costs the question and no finding. All are in mode `warn`: rules that are
//! enforced may not leave each other nothing to do, and then there would be no thousand of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use http::Method;
use meeting_gateway::config;
use meeting_gateway::contract::Contract;
use meeting_gateway::contract::deprecation::DEPRECATED;
use meeting_gateway::model::document::Document;
use meeting_gateway::model::json::{Value, json};
use meeting_gateway::model::operation::{Family, Operation};
use meeting_gateway::model::principal::{Caller, UpstreamUser};
use meeting_gateway::model::scopes::Scopes;
use meeting_gateway::policy::{
    self, Context, Effects, Facts, OperationFields, Pack, RuleSet, Verdict, pack,
};
use meeting_gateway::runtime::generation;

/// What a rule of a case asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A verb alone.
    Plain,
    /// A verb behind a condition that holds.
    Simple,
    /// A denial behind a condition on each attendee, which does not hold.
    Attendees,
    /// A verb on each attendee.
    EachAttendee,
}

/// Which of the rules are for the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum For {
    /// All.
    All,
    /// So many; the others are for another operation.
    Operation(usize),
    /// So many; the others are for other callers.
    Caller(usize),
}

/// The body of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    /// The documented example.
    Documented,
    /// The same with so many attendees.
    Attendees(usize),
    /// A series with nearly all that an answer repeats.
    Everything,
}

/// Rules, and a request that they are asked about.
pub(crate) struct Case {
    rules: RuleSet,
    caller: Caller,
    document: Document,
}

const fn update(name: &'static str) -> Operation {
    Operation::new(
        name,
        Method::PUT,
        "/v1/mmc/management/cycleconferences",
        Family::Scheduling,
    )
}

pub(crate) static ASKED: Operation = update("update_recurring_meeting");
static OTHER: Operation = update("update_another_meeting");

impl Case {
    /// So many rules of a kind, of which some are for the request.
    pub(crate) fn new(kind: Kind, rules: usize, whom: For, body: Body) -> Self {
        Self {
            rules: compiled(&[&text(kind, rules, whom)]),
            caller: caller(),
            document: document(body),
        }
    }

    /// The packs that come with the gateway.
    pub(crate) fn shipped(body: Body) -> Self {
        Self {
            rules: shipped_rules(),
            caller: caller(),
            document: document(body),
        }
    }

    /// The document, to be decided upon.
    pub(crate) fn document(&self) -> Document {
        self.document.clone()
    }

    /// The decide step. Says what was left behind, so that nobody can leave it out.
    pub(crate) fn decide(&self, document: &mut Document) -> (Verdict, Effects) {
        let facts = Facts::of(&ASKED, &self.caller);
        let mut effects = Effects::default();
        let verdict = self.rules.evaluate(&facts, document, &mut effects);
        (verdict, effects)
    }

    /// Makes sure that the case measures what it says it does.
    pub(crate) fn checked(self) -> Self {
        let (verdict, effects) = self.decide(&mut self.document());
        assert_eq!(verdict, Verdict::Allow);
        assert!(effects.changes.is_empty() && effects.findings.is_empty());
        self
    }
}

/// A pack's text.
pub(crate) fn text(kind: Kind, rules: usize, whom: For) -> String {
    let mut text = "pack: bench\nrules:\n".to_owned();
    for n in 0..rules {
        let scope = match whom {
            For::All => String::new(),
            For::Operation(some) if n % (rules / some) == 0 => {
                format!("match: {{operations: [{}]}}, ", ASKED.name)
            }
            For::Operation(_) => format!("match: {{operations: [{}]}}, ", OTHER.name),
            For::Caller(some) if n % (rules / some) == 0 => {
                "match: {callers: [scheduling-app]}, ".to_owned()
            }
            For::Caller(_) => format!("match: {{callers: [app-{n}]}}, "),
        };
        let verb = match (kind, n % 4) {
            (Kind::Attendees, _) => format!(
                "when: 'body.attendees.exists(a, has(a.email) && !a.email.endsWith(\"@corp.example\")) && caller.id != \"x{n}\"', \
                 deny: {{pointer: /attendees}}"
            ),
            (Kind::EachAttendee, _) => {
                format!("forbid: {{field: /attendees/*/email, values: [x{n}]}}")
            }
            (_, 0) => format!("max: {{field: /length, value: {}, over: clamp}}", 60 + n),
            (_, 1) => "one_of: {field: /cycleParams/cycle, values: [Day, Week]}".to_owned(),
            (_, 2) => format!("forbid: {{field: /mediaTypes, values: [x{n}]}}"),
            (_, _) => format!("default: {{field: /mediaTypes, value: x{n}}}"),
        };
        let when = if matches!(kind, Kind::Simple) {
            format!(
                "when: 'body.length >= {} && caller.id != \"x{n}\"', ",
                16 + n % 14
            )
        } else {
            String::new()
        };
        let _ = writeln!(text, "  - {{id: r{n}, mode: warn, {scope}{when}{verb}}}");
    }
    text
}

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::builtin().expect("the contract that is built in"));

/// The rules of the packs that come with the gateway, as it compiles them.
fn shipped_rules() -> RuleSet {
    // The documented body has no start time, which the pack refuses.
    let text = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: upstream-token-of-the-bench}}
policy:
  directory: policies
  packs: [baseline, example-enterprise]
  modes: {baseline/explicit-start-time: audit}
";
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = config::parse(text, "bench.yaml", base, &BTreeMap::new(), &[]);
    let config = config.expect("a configuration");
    generation::rules(&config.policy, &CONTRACT).expect("packs that compile")
}

/// Reads and compiles texts of packs against the contract, for the operation that is asked and for another one.
pub(crate) fn compiled(texts: &[&str]) -> RuleSet {
    let asked = CONTRACT.operation(ASKED.name).expect("a known operation");
    let body = CONTRACT.body(asked).expect("an operation with a body");
    let fields = body.fields();
    let operations = [&ASKED, &OTHER].map(|operation| OperationFields {
        operation,
        fields: &fields,
        parameters: &["conferenceID"],
    });
    let packs: Vec<Pack> = texts
        .iter()
        .map(|text| pack::read("pack.yaml", text).expect("a pack that reads"))
        .collect();
    let deprecated = DEPRECATED
        .each_ref()
        .map(|entry| (entry.location, entry.name));
    let context = Context {
        deprecated: &deprecated,
        ..Context::of(&operations)
    };
    policy::compile(&packs, &context).expect("a pack that compiles")
}

/// The caller of every case.
pub(crate) fn caller() -> Caller {
    Caller {
        id: "scheduling-app".into(),
        index: 0,
        groups: ["internal".into(), "scheduling".into()].into(),
        scopes: Scopes::default(),
        claims: meeting_gateway::model::json::Object::new(),
        upstream_user: UpstreamUser::SignedIn,
    }
}

/// A body.
pub(crate) fn document(body: Body) -> Document {
    let mut documented = json!({
        "mediaTypes": "HDVideo",
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1},
    });
    if let Body::Attendees(count) = body {
        let attendee = |n| json!({"name": format!("A{n}"), "email": format!("a{n}@corp.example"), "role": 0, "type": "normal"});
        documented["attendees"] = (0..count).map(attendee).collect();
    }
    if matches!(body, Body::Everything) {
        documented = json!({
            "subject": "Weekly", "mediaTypes": "HDVideo", "encryptMode": 1, "length": 60, "timeZoneID": "57", "language": "en-US",
            "confConfigInfo": {"prolongLength": 0, "callInRestriction": 3, "enableWaitingRoom": true},
            "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-12-31", "cycle": "Week", "interval": 1, "point": [2]}
        });
    }
    let Value::Object(members) = documented else {
        panic!("an object")
    };
    Document(members)
}
