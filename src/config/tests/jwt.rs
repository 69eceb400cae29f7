//! `jwt`, and what callers say of it.

use super::*;
use crate::config::jwt::{Algorithm, Keys};

/// An issuer, a caller of whom it is, and what differs: keys of the issuer, keys of where its keys are, keys of the caller.
fn with(issuer: &str, keys: &str, caller: &str) -> String {
    format!(
        "{LEAST}jwt:\n  issuers:\n    - {{name: corp, issuer: 'https://login.example', keys: {{{keys}}}{issuer}}}\n\
         callers:\n  - {{id: one, {caller}}}\n"
    )
}

const AUDIENCE: &str = ", audiences: [gateway]";
const URL: &str = "url: 'https://login.example/keys?v=1'";
const CALLER: &str = "jwt: [{issuer: corp, subject: app-1}]";

#[test]
fn an_issuer_has_safe_defaults() {
    let config = good(&with(AUDIENCE, URL, CALLER), &[], &[]);
    let [issuer] = &*config.jwt.issuers else {
        panic!("{:?}", config.jwt);
    };
    let all = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
    assert_eq!(issuer.algorithms, all);
    assert_eq!(issuer.caller_claim, "sub");
    assert_eq!(issuer.leeway, Duration::from_mins(1));
    assert_eq!(issuer.max_lifetime, Duration::from_hours(24));
    assert!(issuer.user_claim.is_none() && issuer.groups.is_empty() && issuer.scopes.is_empty());
    let Keys::Url(keys) = &issuer.keys else {
        panic!("{:?}", issuer.keys);
    };
    assert_eq!(keys.url, "https://login.example/keys?v=1");
    assert_eq!(keys.refetch_pause, Duration::from_secs(30));
    assert_eq!(config.callers[0].jwt[0].subject, "app-1");
}

#[test]
fn keys_come_from_a_file_or_safely_from_afar() {
    for url in [
        "https://login.example:8443/a/b",
        "http://127.0.0.1:9/keys",
        "http://[::1]:9/keys",
        "http://localhost/keys",
    ] {
        good(&with(AUDIENCE, &format!("url: '{url}'"), CALLER), &[], &[]);
    }
    let config = good(&with(AUDIENCE, "file: jwks.json", CALLER), &[], &[]);
    let file = Path::new("/base/jwks.json");
    assert_eq!(config.jwt.issuers[0].keys, Keys::File(file.to_owned()));
    assert!(
        config.paths.iter().any(|named| named.path == file),
        "it is watched"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn each_mistake_has_its_place_and_a_hint() {
    let second = format!("\n    - {{name: corp, issuer: x, keys: {{{URL}}}, audiences: [a]}}");
    let same = format!(
        "\n    - {{name: b, issuer: 'https://login.example', keys: {{{URL}}}, audiences: [a]}}"
    );
    let two = |other: &str| {
        with(AUDIENCE, URL, CALLER).replacen("\ncallers", &format!("{other}\ncallers"), 1)
    };
    let of = |more: &str| with(&format!("{AUDIENCE}, {more}"), URL, CALLER);
    let keys = |keys: &str| with(AUDIENCE, keys, CALLER);
    let caller = |caller: &str| with(AUDIENCE, URL, caller);
    let cases = [
        (
            "no audience",
            with("", URL, CALLER),
            "jwt.issuers.0.audiences",
        ),
        (
            "no algorithm",
            of("algorithms: []"),
            "jwt.issuers.0.algorithms",
        ),
        (
            "a shared secret",
            of("algorithms: [HS256]"),
            "jwt.issuers.0.algorithms.0",
        ),
        (
            "no signature",
            of("algorithms: [none]"),
            "jwt.issuers.0.algorithms.0",
        ),
        (
            "another spelling",
            of("algorithms: [rs256]"),
            "jwt.issuers.0.algorithms.0",
        ),
        ("no keys", keys(""), "jwt.issuers.0.keys"),
        (
            "two places",
            keys(&format!("file: a, {URL}")),
            "jwt.issuers.0.keys",
        ),
        (
            "in the clear",
            keys("url: 'http://login.example/'"),
            "jwt.issuers.0.keys.url",
        ),
        (
            "loopback in name only",
            keys("url: 'http://127.0.0.1.example/'"),
            "jwt.issuers.0.keys.url",
        ),
        (
            "another scheme",
            keys("url: 'ftp://login.example/'"),
            "jwt.issuers.0.keys.url",
        ),
        (
            "no scheme",
            keys("url: login.example"),
            "jwt.issuers.0.keys.url",
        ),
        (
            "a password",
            keys("url: 'https://u:s3cret@login.example/'"),
            "jwt.issuers.0.keys.url",
        ),
        (
            "given up too early",
            keys(&format!("{URL}, max_age: 1m")),
            "jwt.issuers.0.keys",
        ),
        ("too much leeway", of("leeway: 1h"), "jwt.issuers.0.leeway"),
        (
            "groups from nowhere",
            of("groups: [a]"),
            "jwt.issuers.0.groups",
        ),
        (
            "no group allowed",
            of("groups_claim: g"),
            "jwt.issuers.0.groups_claim",
        ),
        (
            "scopes from nowhere",
            of("scopes: [secrets]"),
            "jwt.issuers.0.scopes",
        ),
        (
            "no scope allowed",
            of("scopes_claim: g"),
            "jwt.issuers.0.scopes_claim",
        ),
        (
            "a scope of nobody's",
            of("scopes_claim: g, scopes: [all]"),
            "jwt.issuers.0.scopes.0",
        ),
        ("a name twice", two(&second), "jwt.issuers.1.name"),
        ("an issuer twice", two(&same), "jwt.issuers.1.issuer"),
        (
            "no such issuer",
            caller("jwt: [{issuer: crop, subject: a}]"),
            "callers.0.jwt.0.issuer",
        ),
        (
            "one subject for two",
            caller(&format!("{CALLER}}}\n  - {{id: two, {CALLER}")),
            "callers.1.jwt.0",
        ),
        ("no credential", caller("groups: [a]"), "callers.0"),
        (
            "nobody to act for",
            caller(CALLER).replace(
                "pass_through: true",
                "app_id: {app_id: a, app_key: 0123456789abcdef}",
            ),
            "callers.0.upstream_user",
        ),
    ];
    for (name, text, at) in cases {
        let problems = wrong(&text, &[], &[]);
        let places: Vec<_> = problems.iter().map(|problem| &*problem.at).collect();
        assert!(places.contains(&at), "{name}: {at}\n{}", shown(&problems));
        let found = problems.iter().find(|problem| problem.at == at).unwrap();
        let helps = found.hint.is_some() || found.what.contains("one of");
        assert!(found.position.is_some() && helps, "{name}: {found}");
        assert!(!shown(&problems).contains("s3cret"), "{name}");
    }
    let acts_for_users = caller(CALLER)
        .replace(AUDIENCE, &format!("{AUDIENCE}, user_claim: sub"))
        .replace(
            "pass_through: true",
            "app_id: {app_id: a, app_key: 0123456789abcdef}",
        );
    good(&acts_for_users, &[], &[]);
    let issuer =
        |n| format!("\n    - {{name: n{n}, issuer: i{n}, keys: {{{URL}}}, audiences: [a]}}");
    let crowd = (0..33).map(issuer).collect::<Vec<_>>().concat();
    assert_eq!(wrong(&two(&crowd), &[], &[])[0].at, "jwt.issuers");
}
