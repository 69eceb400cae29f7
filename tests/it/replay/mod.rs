//! `policy replay`: what it says would change is what does change where the same requests are sent through a gateway with the
//! changed packs.

mod traffic;

mod exact;
mod masked;
mod odd_logs;
mod reasons;
mod told;

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::program::{run, told};
use traffic::{Became, Ground, Sent};

/// What replay said of a log under a configuration.
struct Replayed {
    report: Value,
    /// Kind by request id.
    flips: BTreeMap<String, String>,
}

/// Replays `<log>.jsonl` under `<configuration>.yaml` in the built program.
fn replay(ground: &Ground, log: &str, configuration: &str) -> Replayed {
    let (log, flips) = (
        ground.path(&format!("{log}.jsonl")),
        ground.path("flips.jsonl"),
    );
    let configuration = ground.path(&format!("{configuration}.yaml"));
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (log, flips, configuration) = (path(&log), path(&flips), path(&configuration));
    let (code, text) = told(&run(&[
        "policy",
        "replay",
        &log,
        "--config",
        &configuration,
        "--format",
        "json",
        "--flips",
        &flips,
    ]));
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let flips: BTreeMap<String, String> = fs::read_to_string(&flips)
        .unwrap()
        .lines()
        .map(|line| {
            let flip: Value = serde_json::from_str(line).unwrap();
            let text = |member: &str| flip[member].as_str().unwrap().to_owned();
            (text("request_id"), text("kind"))
        })
        .collect();
    assert_eq!(code, i32::from(!flips.is_empty()));
    assert_eq!(report["requests"]["flipped"], flips.len());
    Replayed { report, flips }
}

/// What really flips between two runs of the same requests.
fn expected(sent: &[Sent], before: &[Became], after: &[Became]) -> BTreeMap<String, String> {
    let all = sent.iter().zip(before).zip(after);
    all.filter_map(|((sent, before), after)| {
        Some((sent.id.clone(), before.flip(after)?.to_owned()))
    })
    .collect()
}

/// How many of each kind.
fn kinds(flips: &BTreeMap<String, String>) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for kind in flips.values() {
        *kinds.entry(kind.as_str()).or_default() += 1;
    }
    kinds
}
