//! Fifty reloads while clients do not stop asking: nothing is lost, and nothing is mixed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use meeting_gateway::config::{self, Config};
use meeting_gateway::gateway::Gateway;
use meeting_gateway::model::clock::SystemClock;

use super::certificates::{self, Authority};
use super::clients::{self, Counts};
use super::{Stage, Version};
use crate::support::until;

const RELOADS: usize = 50;
/// Answers between one reload and the next.
const BETWEEN: usize = 12;

fn loaded(path: &Path) -> Config {
    let source = config::Source {
        path,
        environment: &BTreeMap::new(),
        overrides: &[],
    };
    config::load(source).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn copy(authority: &Authority) -> Authority {
    Authority {
        certificate: authority.certificate.clone(),
        key: authority.key.clone(),
    }
}

/// Holds every request to one of the versions, as the audit log says which it was.
fn assert_nothing_is_mixed(stage: &Stage, digests: &[String; 2], ids: &[String]) {
    let lines = stage.lines();
    assert_eq!(lines.len(), ids.len(), "one line for each request");
    let seen: Vec<_> = stage
        .versions
        .iter()
        .map(|version| version.upstream.seen())
        .collect();
    let mut by_version = [0, 0];
    for line in &lines {
        let id = line["request_id"].as_str().unwrap();
        let index = digests
            .iter()
            .position(|digest| *digest == line["policy"])
            .unwrap();
        let number = line["snapshot"].as_u64().unwrap();
        assert_eq!(usize::try_from(number - 1).unwrap() % 2, index, "{line}");
        let version: &Version = &stage.versions[index];
        let sent = &seen[index][id];
        assert_eq!(sent.token, version.upstream.token, "{id}");
        assert_eq!(sent.length, i64::from(version.minutes), "{id}");
        assert_eq!(sent.times, 1, "{id}");
        assert!(!seen[1 - index].contains_key(id), "{id} went to both");
        by_version[index] += 1;
    }
    assert!(
        by_version.iter().all(|count| *count > RELOADS),
        "{by_version:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_or_mixed_in_fifty_reloads_under_load() {
    let stage = Stage::new().await;
    let configs = [0, 1].map(|index| loaded(&stage.file(index)));
    let gateway = Gateway::start(configs[0].clone(), SystemClock::shared(), None)
        .await
        .unwrap();
    let [plain, secured] = gateway.listening() else {
        panic!("{:?}", gateway.listening())
    };
    let (plain, secured) = (plain.address, secured.address);

    let counts = Arc::new(Counts::default());
    let [first, second] = &stage.versions;
    let both = [&first.authority, &second.authority];
    let mut clients = clients::lasting(plain, secured, &both, &counts).await;
    let trusted = both.map(copy).into();
    clients.spawn(clients::passing(secured, trusted, Arc::clone(&counts)));

    for reload in 1..=RELOADS {
        let goal = counts.answered.load(Ordering::Relaxed) + BETWEEN;
        // A client that fails ends before it is enough.
        until(|| {
            counts.answered.load(Ordering::Relaxed) >= goal
                || clients.try_join_next().is_some_and(|ended| {
                    ended.unwrap();
                    true
                })
        })
        .await;
        let (reloader, config) = (gateway.reloader().clone(), configs[reload % 2].clone());
        let done = tokio::task::spawn_blocking(move || reloader.reload(&config))
            .await
            .unwrap();
        let done = done.unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(done.snapshot, u64::try_from(reload).unwrap() + 1);
        assert!(done.restart_required.is_empty());
        // Who comes now meets the certificate of now.
        let (now, before) = (both[reload % 2], both[1 - reload % 2]);
        assert!(
            certificates::connect(secured, &[now], "h2").await.is_ok(),
            "{reload}"
        );
        assert!(
            certificates::connect(secured, &[before], "h2")
                .await
                .is_err(),
            "{reload}"
        );
    }
    counts.enough.store(true, Ordering::Relaxed);
    let ids = clients.join_all().await.concat();
    assert_eq!(gateway.stop().await, 0);
    let digests = [0, 1].map(|index| digest(&configs[index]));
    assert_nothing_is_mixed(&stage, &digests, &ids);
}

/// Of the packs.
fn digest(config: &Config) -> String {
    use meeting_gateway::runtime::generation::Lasting;
    let lasting = Lasting::new(config, SystemClock::shared()).unwrap();
    lasting
        .compile(config, 1, None)
        .unwrap()
        .policy_digest
        .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_with_mistakes_changes_nothing_and_is_told_whole() {
    let stage = Stage::new().await;
    let gateway = Gateway::start(loaded(&stage.file(0)), SystemClock::shared(), None)
        .await
        .unwrap();
    let (plain, secured) = (
        gateway.listening()[0].address,
        gateway.listening()[1].address,
    );
    let good = fs::read_to_string(stage.file(1)).unwrap();
    let second = stage.version(1);
    let write = |name: &str, text: &str| fs::write(second.join(name), text).unwrap();

    // Each kind of mistake that is found only when everything is read.
    let (pack, key) = ("pack: house\nrules: [{id: a}]\n", Authority::new().key);
    let trusted = good.replace("upstream: {", "upstream: {ca_file: token, ");
    let allowed = format!("{good}operations: {{allow: [no_such_operation]}}\n");
    let wrong = [
        (
            "policies/house/pack.yaml",
            pack,
            "policies/house/pack.yaml:2",
        ),
        ("tls.key", &*key, "do not belong together"),
        ("tls.crt", "", "no `-----BEGIN CERTIFICATE-----` section"),
        ("gateway.yaml", &*trusted, "no certificate in this file"),
        (
            "gateway.yaml",
            &*allowed,
            "there is no operation `no_such_operation`",
        ),
    ];
    for (name, text, told) in wrong {
        write(name, text);
        let config = loaded(&stage.file(1));
        let problems = gateway.reload(&config).unwrap_err();
        assert_eq!(problems.len(), 1, "{name}: {problems:#?}");
        assert!(
            problems[0].to_string().contains(told),
            "{name}: {}",
            problems[0]
        );
        let status = gateway.reloader().status();
        assert_eq!(
            status.refused.as_ref().unwrap().listed,
            [problems[0].to_string()]
        );
        stage.versions[1].write(&second, &stage.audit());
    }
    for (name, text, _) in &wrong[..2] {
        write(name, text);
    }
    let problems = gateway.reload(&loaded(&stage.file(1))).unwrap_err();
    assert_eq!(problems.len(), 2, "both at once: {problems:#?}");

    // As if nothing had been: the certificate, the snapshot, the upstream.
    let first = &stage.versions[0];
    assert!(
        certificates::connect(secured, &[&first.authority], "h2")
            .await
            .is_ok()
    );
    let mut client = clients::http1(plain).await;
    let response = client.send_request(super::change("after")).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(first.upstream.seen()["after"].length, 60);
    stage.versions[1].write(&second, &stage.audit());
    let done = gateway.reload(&loaded(&stage.file(1))).unwrap();
    assert_eq!(done.snapshot, 2);
    assert!(gateway.reloader().status().refused.is_none());
    drop(client);
    gateway.stop().await;
    assert_eq!(stage.lines()[0]["snapshot"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_a_restart_is_named_and_the_rest_is_in_force() {
    let stage = Stage::new().await;
    let gateway = Gateway::start(loaded(&stage.file(0)), SystemClock::shared(), None)
        .await
        .unwrap();
    let plain = gateway.listening()[0].address;
    let text = fs::read_to_string(stage.file(1)).unwrap();
    let changed = text.replace(
        "server:\n",
        "server:\n  worker_threads: 7\n  connections: 77\n",
    );
    fs::write(stage.file(1), changed).unwrap();
    let done = gateway.reload(&loaded(&stage.file(1))).unwrap();
    assert_eq!(
        done.restart_required,
        ["server.connections", "server.worker_threads"]
    );
    assert_eq!(
        gateway.reloader().status().restart_required,
        done.restart_required
    );
    let mut client = clients::http1(plain).await;
    assert_eq!(
        client
            .send_request(super::change("after"))
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(stage.versions[1].upstream.seen()["after"].length, 45);
    // Taken back, nothing is left to be done.
    fs::write(
        stage.file(1),
        text.replace("server:\n", "server:\n  in_flight: 7\n"),
    )
    .unwrap();
    let threads = loaded(&stage.file(0)).server.worker_threads;
    let mut config = loaded(&stage.file(1));
    config.server.worker_threads = threads;
    assert!(gateway.reload(&config).unwrap().restart_required.is_empty());
    drop(client);
    gateway.stop().await;
}
