//! What of an account goes on under another configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::config;
use crate::model::clock::SystemClock;

const TEXT: &str = "
upstream:
  url: https://api.meeting.example
  credentials: {app_id: {app_id: house, app_key: '0123456789abcdef0123456789abcdef'}}
";

fn parsed(text: &str, folder: &Path) -> Config {
    config::parse(text, "gateway.yaml", folder, &BTreeMap::new(), &[]).unwrap()
}

/// Whether connection and tokens go on.
fn goes_on(before: &Account, config: &Config) -> (bool, bool) {
    let after = Account::open(config, SystemClock::shared(), Some(before)).unwrap();
    (
        Arc::ptr_eq(&before.connection, &after.connection),
        before.tokens.is(&after.tokens),
    )
}

#[test]
fn tokens_and_connections_go_on_where_nothing_of_theirs_changed() {
    let folder = Path::new(".");
    let account = Account::open(&parsed(TEXT, folder), SystemClock::shared(), None).unwrap();
    let cases = [
        ("nothing", "", "", (true, true)),
        (
            "a deadline of requests",
            "upstream:\n",
            "upstream:\n  response_timeout: 3s\n",
            (true, true),
        ),
        ("the key", "key: '0", "key: '1", (true, false)),
        (
            "how tokens are kept",
            "upstream:\n",
            "upstream:\n  token: {refresh_before: 20m}\n",
            (true, false),
        ),
        // A token of the one is never sent to the other.
        ("the upstream", "api.", "other.", (false, false)),
        (
            "the pool",
            "upstream:\n",
            "upstream:\n  idle_connections: 3\n",
            (false, false),
        ),
    ];
    for (name, from, to, expected) in cases {
        let changed = TEXT.replacen(from, to, 1);
        assert_eq!(
            goes_on(&account, &parsed(&changed, folder)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn certificates_to_trust_are_told_apart_by_what_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let write = || {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&path, pair.cert.pem()).unwrap();
    };
    write();
    let text = TEXT.replace("upstream:\n", "upstream:\n  ca_file: ca.pem\n");
    let config = parsed(&text, folder.path());
    let account = Account::open(&config, SystemClock::shared(), None).unwrap();
    assert_eq!(goes_on(&account, &config), (true, true));
    write();
    assert_eq!(goes_on(&account, &config), (false, false));

    fs::write(&path, "no certificate").unwrap();
    let problems = Account::open(&config, SystemClock::shared(), Some(&account)).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].at, "upstream.ca_file");
    assert_eq!(problems[0].position.map(|place| place.line), Some(3));
}
