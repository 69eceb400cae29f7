//! `store`: what is taken, and each mistake with its place.

use super::*;
use crate::config::store::{StoreAddress, Topology};

/// A store with these keys beside the one that is required.
fn with(keys: &str) -> String {
    format!("{LEAST}store: {{encryption_key: {SECRET}, {keys}}}\n")
}

#[test]
fn addresses_are_read_with_their_defaults() {
    let store = good(&with("urls: ['rediss://store.example']"), &[], &[])
        .store
        .unwrap();
    let address = |host: &str, port, tls| StoreAddress {
        host: host.to_owned(),
        port,
        tls,
    };
    assert_eq!(store.urls, [address("store.example", 6379, true)]);
    assert_eq!(
        (store.topology, store.replicas, store.database),
        (Topology::Single, 2, 0)
    );
    assert_eq!(store.timeout, Duration::from_millis(25));
    let urls = "urls: ['redis://localhost:1', 'redis://[::1]:2/', 'redis://127.0.0.1']";
    let store = good(
        &with(&format!("topology: cluster, allow_plain_tcp: true, {urls}")),
        &[],
        &[],
    )
    .store
    .unwrap();
    let expected = [
        address("localhost", 1, false),
        address("::1", 2, false),
        address("127.0.0.1", 6379, false),
    ];
    assert_eq!(store.urls, expected);
    let sentinels = "topology: sentinel, sentinel_master: m, urls: ['rediss://a', 'rediss://b:7']";
    let store = good(&with(sentinels), &[], &[]).store.unwrap();
    let ports: Vec<_> = store.urls.iter().map(|url| url.port).collect();
    assert_eq!(ports, [26379, 7]);
    let plain = "urls: ['redis://store.example'], allow_plain_tcp: true";
    assert!(good(&with(plain), &[], &[]).store.is_some());
    assert!(
        good(&format!("{LEAST}store: null\n"), &[], &[])
            .store
            .is_none()
    );
}

#[test]
fn each_mistake_has_its_place_and_a_hint() {
    let good_url = "urls: ['redis://localhost']";
    let cases = [
        ("no URL at all", "database: 1".to_owned(), "store.urls"),
        ("none in the list", "urls: []".to_owned(), "store.urls"),
        (
            "another scheme",
            "urls: ['https://localhost']".to_owned(),
            "store.urls.0",
        ),
        (
            "no scheme",
            "urls: ['localhost:6379']".to_owned(),
            "store.urls.0",
        ),
        (
            "a database in the URL",
            "urls: ['redis://localhost/3']".to_owned(),
            "store.urls.0",
        ),
        (
            "a master in the clear, perhaps",
            "topology: sentinel, sentinel_master: m, urls: ['redis://localhost']".to_owned(),
            "store.urls",
        ),
        (
            "in the clear",
            "urls: ['redis://store.example']".to_owned(),
            "store.urls",
        ),
        (
            "two for one",
            "urls: ['redis://localhost', 'redis://localhost:2']".to_owned(),
            "store.urls",
        ),
        (
            "both ways",
            "topology: cluster, urls: ['redis://localhost', 'rediss://localhost:2']".to_owned(),
            "store.urls",
        ),
        (
            "Sentinels of whom",
            "topology: sentinel, urls: ['rediss://localhost']".to_owned(),
            "store.sentinel_master",
        ),
        (
            "a master of whom",
            format!("sentinel_master: m, {good_url}"),
            "store.sentinel_master",
        ),
        (
            "a database of a cluster",
            "topology: cluster, database: 1, urls: ['rediss://localhost']".to_owned(),
            "store.database",
        ),
        (
            "nobody shares it",
            format!("replicas: 0, {good_url}"),
            "store.replicas",
        ),
    ];
    for (name, keys, at) in cases {
        let problems = wrong(&with(&keys), &[], &[]);
        assert_eq!(problems.len(), 1, "{name}:\n{}", shown(&problems));
        assert_eq!(problems[0].at, at, "{name}");
        assert!(
            problems[0].position.is_some() && problems[0].hint.is_some(),
            "{name}"
        );
    }
    let missing = wrong(&format!("{LEAST}store: {{{good_url}}}\n"), &[], &[]);
    assert_eq!(missing[0].at, "store.encryption_key");
}

#[test]
fn a_password_in_a_url_is_refused_and_not_shown() {
    let problems = wrong(
        &with("urls: ['redis://user:hush-hush@localhost']"),
        &[],
        &[],
    );
    assert_eq!(
        (problems.len(), problems[0].at.as_str()),
        (1, "store.urls.0")
    );
    assert!(!shown(&problems).contains("hush"), "{}", shown(&problems));
}

#[test]
fn two_stores_are_the_same_only_if_their_secrets_are() {
    let store = |password: &str| {
        let keys = format!("urls: ['redis://localhost'], password: {password}");
        good(&with(&keys), &[], &[]).store.unwrap()
    };
    assert!(store("one").is_same(&store("one")));
    assert!(!store("one").is_same(&store("other")));
    assert!(!format!("{:?}", store("hush")).contains("hush"));
}
