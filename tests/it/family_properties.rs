//! No sequence of allowed requests, through whichever doors and of whichever callers, leaves a meeting that breaks the policy.
//!
//! The proof is by random walks: each step asks something of one operation of the registry, with a body that may be anything
//! from modest to forbidden, and after each step every meeting of the simulator is looked at. One test holds the walks to a pack of
//! two rules, in both ways to keep a meeting within them; `shipped_packs` to all that `baseline` and `example-enterprise` enforce.
//!
//! Each run goes other ways. A failure names its seed; `FAMILY_WALK_SEED=<seed> cargo test --test it family_properties` goes the
//! same ways again.

mod shipped_packs;

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};

use http::{Method, StatusCode};
use meeting_gateway::contract::Contract;
use meeting_gateway::model::operation::{Family, OperationRef};
use meeting_gateway::simulator::Meeting;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, TARGET, path_of};
use crate::support::{CONFIGURATION, TestGateway};

/// Set, to go the ways of an earlier run.
const SEED: &str = "FAMILY_WALK_SEED";
/// Walks, and steps of each: 10,000 steps together.
const WALKS: usize = 50;
const STEPS: usize = 200;
/// What the walks are held to. What is refused and what is set are both ways to keep a meeting within it.
const PACKS: [&str; 3] = [
    "
pack: house
rules:
  - {id: encryption, one_of: {field: /encryptMode, values: [1], absent: refuse}}
  - {id: length, max_duration: {minutes: 120, over: refuse}}
",
    "
pack: house
rules:
  - {id: encryption, force: {field: /encryptMode, value: 1}}
  - {id: length, max_duration: {minutes: 120, over: clamp}}
",
    "
pack: house
missing_fields: merge
rules:
  - {id: encryption, force: {field: /encryptMode, value: 1}}
  - {id: length, max_duration: {minutes: 120, over: clamp}}
",
];

/// What the steps of a walk are made of, and what they must not lead to.
struct Ground<'g> {
    /// The body of an operation as a step wishes it, given the id of a sub-meeting; `None` where it has none.
    body: &'g dyn Fn(OperationRef, &Value, &str) -> Option<Value>,
    /// What of a meeting is against the policy.
    broken: &'g dyn Fn(&Meeting) -> Option<String>,
    /// The seed that all walks of the test come from.
    seed: u64,
}

/// One step: an operation by its place in the registry, a caller, a meeting, a wish.
#[derive(Debug, Clone)]
struct Step {
    operation: Index,
    key: &'static str,
    meeting: Index,
    sub_meeting: Index,
    wish: Value,
    end: bool,
}

fn step(wish: impl Strategy<Value = Value>) -> impl Strategy<Value = Step> {
    (
        any::<Index>(),
        select(vec![KEY, FRONT_DESK_KEY]),
        any::<Index>(),
        any::<Index>(),
        wish,
        any::<bool>(),
    )
        .prop_map(|(operation, key, meeting, sub_meeting, wish, end)| Step {
            operation,
            key,
            meeting,
            sub_meeting,
            wish,
            end,
        })
}

/// The seed to begin with: the one that is asked for, or any.
fn seed() -> u64 {
    match env::var_os(SEED) {
        Some(text) => {
            let number = text.to_str().and_then(|text| text.parse().ok());
            number.expect("the seed is a whole number")
        }
        None => RandomState::new().build_hasher().finish(),
    }
}

/// Where steps come from.
fn runner(seed: u64) -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    })
}

/// Mostly the one, since a walk of refusals alone would lead nowhere.
fn mostly(weight: u32, modest: Value, others: Vec<Value>) -> impl Strategy<Value = Value> {
    prop_oneof![weight => Just(modest), 1 => select(others)]
}

fn wish() -> impl Strategy<Value = Value> {
    let mostly = |modest, others| mostly(3, modest, others);
    let wish = (
        mostly(
            json!(1),
            vec![
                Value::Null,
                json!(0),
                json!("1"),
                json!(1.0),
                json!(2),
                json!("2"),
                json!(true),
            ],
        ),
        mostly(
            json!(60),
            vec![
                Value::Null,
                json!("120"),
                json!(121),
                json!("1440"),
                json!(600.0),
                json!(10),
            ],
        ),
        mostly(json!(0), vec![Value::Null, json!(15), json!("60")]),
        mostly(
            json!("length"),
            vec![
                json!("Length"),
                json!("len\u{200b}gth"),
                json!("conferenceType"),
            ],
        ),
        any::<bool>(),
    );
    wish.prop_map(|(encrypt, length, prolong, odd, series)| {
        json!({"encrypt": encrypt, "length": length, "prolong": prolong, "odd": odd, "series": series})
    })
}

/// A body for the operation; members that are wished to be `null` are left out.
fn body(operation: OperationRef, wish: &Value, sub_meeting: &str) -> Option<Value> {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    match operation.family {
        Family::Scheduling | Family::SubMeeting => {
            set("startTime", json!("2026-09-03 08:30"));
            set("mediaTypes", json!("HDVideo"));
            set("length", wish["length"].clone());
            set("encryptMode", wish["encrypt"].clone());
            if wish["odd"] != "length" {
                set(wish["odd"].as_str()?, json!(1440));
            }
            if operation.family == Family::SubMeeting {
                set("cycleSubConfID", sub_meeting.into());
            } else if wish["series"] == true {
                set(
                    "cycleParams",
                    json!({"startDate": "2026-09-03", "endDate": "2026-09-05", "cycle": "Day", "preRemindDays": 1}),
                );
            }
            if !wish["prolong"].is_null() {
                set("confConfigInfo", json!({"prolongLength": wish["prolong"]}));
            }
        }
        Family::Cancel if operation.body.is_some() => set("cycleSubConfIDs", json!([sub_meeting])),
        Family::Relayed if operation.body.is_some() => set("length", json!(1440)),
        _ => return None,
    }
    Some(Value::Object(members))
}

/// What of a meeting is against the policy.
fn broken(meeting: &Meeting) -> Option<String> {
    let lengths = meeting.sub_meeting_lengths();
    let longest = lengths.into_iter().chain([meeting.length()]).max();
    let prolonged = meeting.field("/confConfigInfo/prolongLength");
    let prolonged = prolonged.is_some_and(|minutes| *minutes != 0);
    (meeting.encrypt_mode() != 1 || longest > Some(120) || prolonged)
        .then(|| format!("{}: {:?}", meeting.id(), meeting.body()))
}

/// Goes the steps; how many were allowed, and how many of these wrote.
async fn walk(
    gateway: &TestGateway,
    contract: &Contract,
    steps: &[Step],
    ground: &Ground<'_>,
) -> (usize, usize) {
    let again = format!("run again with {SEED}={}", ground.seed);
    let family: Vec<OperationRef> = contract
        .operations()
        .iter()
        .filter(|one| one.family.is_governed())
        .collect();
    let all: Vec<OperationRef> = contract.operations().iter().collect();
    let (mut allowed, mut written) = (0, 0);
    for (number, step) in steps.iter().enumerate() {
        // The family more often than the others, which are all refused.
        let choices = if number % 4 == 0 { &all } else { &family };
        let operation = *step.operation.get(choices);
        if matches!(operation.family, Family::Authentication(_)) {
            continue;
        }
        let meetings = gateway.simulator.meetings();
        let meeting = (!meetings.is_empty()).then(|| step.meeting.get(&meetings));
        let id = meeting.map_or("914087436", Meeting::id);
        let ids = meeting.map(Meeting::sub_meeting_ids).unwrap_or_default();
        let sub_meeting = if ids.is_empty() {
            "none"
        } else {
            step.sub_meeting.get(&ids)
        };
        let mut target = path_of(operation.template, id);
        let parameters = operation.query.iter().filter_map(|name| match *name {
            "conferenceID" | "conf_id" | "confUUID" => Some(format!("{name}={id}")),
            "type" if step.end => Some("type=1".to_owned()),
            _ => None,
        });
        let query: Vec<_> = parameters.collect();
        if !query.is_empty() {
            target = format!("{target}?{}", query.join("&"));
        }
        let asking = Asking::with_key(operation.method.clone(), &target, step.key);
        let request = match (ground.body)(operation, &step.wish, sub_meeting) {
            Some(body) => asking.json(&body),
            None => asking.body(""),
        };
        let reply = gateway.send(request).await;
        let failed = reply.status.is_server_error();
        assert!(!failed, "{target}: {reply:?}; {again}");
        if operation.family == Family::Relayed {
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{target}; {again}");
        }
        if reply.status == StatusCode::OK {
            allowed += 1;
            written += usize::from(operation.method != Method::GET);
        }
        for meeting in gateway.simulator.meetings() {
            let found = (ground.broken)(&meeting);
            assert_eq!(
                found, None,
                "step {number}: {} {target} {:?}; {again}",
                operation.name, step.wish
            );
        }
    }
    (allowed, written)
}

/// Goes walks of steps from one seed, each at a gateway of its own; how many steps were allowed, and how many of these wrote.
fn walks(
    gateways: impl Iterator<Item = TestGateway>,
    wishes: &impl Strategy<Value = Value>,
    ground: &Ground<'_>,
) -> (usize, usize) {
    let contract = Contract::builtin().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = runner(ground.seed);
    let mut totals = (0, 0);
    for gateway in gateways {
        // The seeded meeting was not made through the gateway, and does not count.
        runtime.block_on(async {
            let asking = Asking::to(Method::DELETE, TARGET).header("x-access-token", KEY);
            assert_eq!(gateway.send(asking.body("")).await.status, StatusCode::OK);
        });
        let steps = proptest::collection::vec(step(wishes), STEPS)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let (allowed, written) = runtime.block_on(walk(&gateway, &contract, &steps, ground));
        totals = (totals.0 + allowed, totals.1 + written);
    }
    totals
}

/// A gateway with this pack alone.
fn gateway_with(pack: &str) -> TestGateway {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("house")).unwrap();
    fs::write(folder.path().join("house/pack.yaml"), pack).unwrap();
    let directory = folder.path().display().to_string();
    let text = CONFIGURATION.replace("packs: [baseline, example-enterprise]", "packs: [house]");
    let text = text.replace(
        "    baseline/explicit-start-time: audit\n",
        "    house/length: enforce\n",
    );
    TestGateway::of_text(&text, &[("policy.directory", &directory)])
}

#[test]
fn no_sequence_of_allowed_requests_leaves_a_meeting_that_breaks_the_policy() {
    let ground = Ground {
        body: &body,
        broken: &broken,
        seed: seed(),
    };
    let packs = PACKS.into_iter().cycle().take(WALKS);
    let totals = walks(packs.map(gateway_with), &wish(), &ground);
    // A gateway that lets nothing through proves nothing.
    let enough = totals.0 > 2_000 && totals.1 > 800;
    assert!(enough, "{totals:?}; run again with {SEED}={}", ground.seed);
}
