//! Random requests through whole gateways, each with what became of it: at the caller's end and at the upstream's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastrand::Rng;
use http_body_util::BodyExt;
use meeting_gateway::explain::Recorder;
use meeting_gateway::runtime::audit_log::{AuditLog, ChainSettings, Settings};
use meeting_gateway::stack;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, TestBody};
use crate::support::{CONFIGURATION, TestGateway};

const EVENTS_KEY: &str = "events-key-not-a-secret";
/// Caller ids with their keys.
const CALLERS: [(&str, &str); 3] = [
    ("scheduling-app", KEY),
    ("front-desk", FRONT_DESK_KEY),
    ("events", EVENTS_KEY),
];

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) caller: &'static str,
    pub(crate) body: Value,
}

impl Sent {
    /// Whether an attendee has an address.
    pub(crate) fn has_an_email(&self) -> bool {
        let attendees = self.body["attendees"].as_array();
        let filled = |one: &Value| one["email"].as_str().is_some_and(|text| !text.is_empty());
        attendees.is_some_and(|list| list.iter().any(filled))
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Became {
    /// By the policy.
    pub(crate) denied: bool,
    /// The rules that it is refused for.
    pub(crate) rules: BTreeSet<String>,
    warnings: Vec<String>,
    /// What the upstream saw.
    pub(crate) forwarded: Option<Value>,
}

impl Became {
    /// Whether it came to the packs.
    pub(crate) const fn was_decided(&self) -> bool {
        self.denied || self.forwarded.is_some()
    }

    /// How a second fate differs, as replay calls it.
    pub(crate) fn flip(&self, other: &Self) -> Option<&'static str> {
        match (self.denied, other.denied) {
            (false, true) => Some("allowed_to_denied"),
            (true, false) => Some("denied_to_allowed"),
            (true, true) => (self.rules != other.rules).then_some("reasons_changed"),
            (false, false) if self.forwarded != other.forwarded => Some("body_changed"),
            (false, false) => (self.warnings != other.warnings).then_some("warnings_changed"),
        }
    }
}

/// Random requests, the same ones for the same seed.
pub(crate) fn requests(count: usize, seed: u64) -> Vec<Sent> {
    let mut random = Rng::with_seed(seed);
    (0..count)
        .map(|index| Sent {
            id: format!("request-{index}"),
            caller: CALLERS[random.usize(..CALLERS.len())].0,
            body: body(&mut random),
        })
        .collect()
}

fn body(random: &mut Rng) -> Value {
    let mut body = json!({
        "mediaTypes": pick(random, &["Voice", "HDVideo,Data", " hdvideo "]),
        "cycleParams": {"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1},
    });
    let members = body.as_object_mut().unwrap();
    for (name, values) in [
        (
            "startTime",
            json!(["2026-09-03 08:30", "2026-09-03T16:30:00+08:00"]),
        ),
        (
            "length",
            json!([15, 45, 60, 61, 90, "120", 121, "180", 1440, 120.0, 7]),
        ),
        ("encryptMode", json!([0, 1, 1, 1, "1", 2])),
        ("recordAuthType", json!([1, 1, 2, 2, 1, 0])),
        (
            "subject",
            json!(["PRJ-1 review", "  PRJ-22 plan ", "lunch", ""]),
        ),
        ("timeZoneID", json!(["56", 56])),
        ("unknownMember", json!([1, "x"])),
    ] {
        maybe(random, members, name, &values);
    }
    let mut settings = Map::new();
    for (name, values) in [
        ("prolongLength", json!([0, 15, "30"])),
        ("enableWaitingRoom", json!([true, "true", false])),
        ("isGuestFreePwd", json!([true, false])),
        ("callInRestriction", json!([2, 3, "3", 2, 2, 0])),
    ] {
        maybe(random, &mut settings, name, &values);
    }
    if random.bool() {
        members.insert("confConfigInfo".into(), settings.into());
    }
    if random.u8(..) < 90 {
        let attendees = (0..random.usize(..4)).map(|_| attendee(random)).collect();
        members.insert("attendees".into(), Value::Array(attendees));
    }
    body
}

fn attendee(random: &mut Rng) -> Value {
    let mut attendee = Map::new();
    for (name, values) in [
        (
            "email",
            json!([
                "a@corp.example",
                " B@CORP.EXAMPLE ",
                "c@corp.example",
                "e@elsewhere.example",
                ""
            ]),
        ),
        ("sms", json!(["+8613800138000", ""])),
        ("type", json!(["normal", "normal", "mobile", "outside"])),
        ("role", json!([0, "1"])),
        ("name", json!(["Alice", ""])),
    ] {
        maybe(random, &mut attendee, name, &values);
    }
    attendee.into()
}

fn maybe(random: &mut Rng, members: &mut Map<String, Value>, name: &str, values: &Value) {
    let values = values.as_array().unwrap();
    if random.bool() {
        members.insert(name.into(), values[random.usize(..values.len())].clone());
    }
}

fn pick<'v>(random: &mut Rng, values: &[&'v str]) -> &'v str {
    values[random.usize(..values.len())]
}

/// A folder with packs, configurations and logs.
pub(crate) struct Ground {
    folder: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a configuration `<name>.yaml` with packs of its own, made of those beside this file, and returns its text.
    pub(crate) fn configuration(
        &self,
        name: &str,
        recording: &str,
        changed: impl Fn(String) -> String,
    ) -> String {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/replay/policies");
        // The policy section and the packs are one text for the change, so that it can be of either.
        let (before, policy) = CONFIGURATION.split_once("policy:\n").unwrap();
        let (policy, after) = policy.split_once("\nlimits:\n").unwrap();
        let of = |pack: &str| fs::read_to_string(packs.join(pack).join("pack.yaml")).unwrap();
        let cut = "\n#### next\n";
        let whole = [policy, &of("baseline"), &of("example-enterprise")].join(cut);
        let whole = changed(whole);
        let mut parts = whole.split(cut);
        let policy = parts.next().unwrap();
        let folder = self.path(&format!("{name}-policies"));
        for pack in ["baseline", "example-enterprise"] {
            fs::create_dir_all(folder.join(pack)).unwrap();
            fs::write(folder.join(pack).join("pack.yaml"), parts.next().unwrap()).unwrap();
        }
        let policy = policy.replace(
            "directory: policies",
            &format!("directory: {}", folder.display()),
        );
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(EVENTS_KEY));
        let events = format!(
            "callers:\n  - {{id: events, api_keys: ['sha256:{hash}'], groups: [externals], upstream_user: {{fixed: bob@ent01}}}}"
        );
        let before = before.replace("callers:", &events);
        let text =
            format!("{before}policy:\n{policy}\nlimits:\n{after}audit: {{request: {recording}}}\n");
        fs::write(self.path(&format!("{name}.yaml")), &text).unwrap();
        text
    }

    /// Sends requests through a gateway of a configuration, with its audit log in `<name>.jsonl`.
    pub(crate) fn run(&self, name: &str, configuration: &str, requests: &[Sent]) -> Vec<Became> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut gateway = TestGateway::of_text(configuration, &[]);
        let log = self.path(&format!("{name}.jsonl"));
        let log =
            Arc::new(AuditLog::file(&log, Settings::default(), ChainSettings::default()).unwrap());
        gateway.parts.audit = Arc::clone(&log);
        // No simulator behind it: ten thousand requests are many for a debug build.
        let upstream = Recorder::default();
        let service = BoxCloneSyncService::<http::Request<TestBody>, _, _>::new(stack::gateway(
            &gateway.parts,
            upstream.clone(),
        ));
        let send = |sent: &Sent| {
            let key = CALLERS.iter().find(|(caller, _)| *caller == sent.caller);
            let request = Asking::update()
                .without("x-access-token")
                .header("x-access-token", key.unwrap().1)
                .header("x-request-id", &sent.id)
                .json(&sent.body);
            let (parts, body) = runtime.block_on(async {
                let response = service.clone().oneshot(request).await.unwrap();
                let (parts, body) = response.into_parts();
                (parts, body.collect().await.unwrap().to_bytes())
            });
            // A quota is counted in time, and time stands still.
            gateway.clock.advance(std::time::Duration::from_millis(50));
            let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
            let errors = answer["errors"].as_array().cloned().unwrap_or_default();
            let seen = upstream.take();
            let warnings = parts.headers.get_all("warning").into_iter();
            Became {
                denied: answer["error_code"] == "MGW.4030001",
                rules: errors
                    .iter()
                    .filter_map(|error| Some(error["rule"].as_str()?.to_owned()))
                    .collect(),
                warnings: warnings
                    .map(|value| value.to_str().unwrap().to_owned())
                    .collect(),
                forwarded: seen.map(|seen| serde_json::from_slice(&seen.body).unwrap()),
            }
        };
        let became = requests.iter().map(send).collect();
        assert!(log.close() && log.dropped() == 0);
        became
    }
}
