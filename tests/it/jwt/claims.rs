//! Tokens that are genuine: accepted where every claim is right, refused where one is wrong.

use std::time::Duration;

use meeting_gateway::model::principal::CredentialKind;
use meeting_gateway::model::refusal::Refusal;
use serde_json::{Value, json};

use super::desk::{Desk, usual_keys};
use super::mint::{EC, ED, ISSUER, RSA, Signer, claims, claims_with, set};
use crate::support::START;

#[test]
fn every_algorithm_is_accepted_in_every_header() {
    let desk = Desk::new();
    let signers: [(&Signer, &str); 3] = [(&RSA, "rsa"), (&EC, "ec"), (&ED, "ed")];
    for (signer, kid) in signers {
        let token = signer.token(kid, &claims());
        for header in ["authorization", "x-access-token", "x-api-key"] {
            let value = match header {
                "authorization" => format!("bearer {token}"),
                _ => token.clone(),
            };
            let who = desk.show_in(&[(header, &value)]).unwrap();
            assert_eq!(&*who.caller.id, "reporting", "{kid} in {header}");
            assert_eq!(who.signed_in_user.as_deref(), Some("alice@ent01"));
            assert_eq!(who.credential, CredentialKind::Jwt);
        }
        let refusal = desk
            .show_in(&[
                ("authorization", &format!("Bearer {token}")),
                ("x-api-key", "house-key-not-a-secret"),
            ])
            .unwrap_err();
        assert_eq!(
            refusal,
            Refusal::CredentialAmbiguous,
            "{kid} beside an API key"
        );
        let bearer = format!("Bearer {token}");
        let refusal = desk
            .show_in(&[("authorization", &bearer), ("authorization", &bearer)])
            .unwrap_err();
        assert_eq!(refusal, Refusal::CredentialAmbiguous, "{kid} twice");
    }
    let key = desk.show_in(&[("x-api-key", "house-key-not-a-secret")]);
    assert_eq!(&*key.unwrap().caller.id, "house");
}

#[test]
fn claims_that_differ_within_what_is_allowed_are_accepted() {
    let desk = Desk::new();
    let now = START.as_secs();
    let cases = [
        ("no user", json!({ "email": null }), "reporting", None),
        (
            "several audiences",
            json!({ "aud": ["a", "meeting-gateway"] }),
            "reporting",
            Some("alice@ent01"),
        ),
        (
            "no nbf, no iat",
            json!({ "nbf": null, "iat": null }),
            "reporting",
            Some("alice@ent01"),
        ),
        (
            "another caller",
            json!({ "sub": "app-2" }),
            "house",
            Some("alice@ent01"),
        ),
        (
            "a clock that is ahead",
            json!({ "nbf": now + 60, "iat": now + 60 }),
            "reporting",
            Some("alice@ent01"),
        ),
        (
            "a fraction",
            json!({ "exp": serde_json::from_str::<Value>(&format!("{}.5", now + 600)).unwrap() }),
            "reporting",
            Some("alice@ent01"),
        ),
        (
            "claims of others",
            json!({ "groups": ["admins"], "scope": "secrets", "caller": "house" }),
            "reporting",
            Some("alice@ent01"),
        ),
    ];
    for (name, change, caller, user) in cases {
        let who = desk.accepts(name, &EC.token("ec", &claims_with(&change)));
        assert_eq!(&*who.caller.id, caller, "{name}");
        assert_eq!(who.signed_in_user.as_deref(), user, "{name}");
        assert_eq!(
            who.caller.groups.len(),
            usize::from(caller == "reporting"),
            "{name}"
        );
        assert!(!who.caller.scopes.show_secrets(), "{name}");
    }
}

#[test]
fn every_claim_wrong_in_one_way_is_refused() {
    let desk = Desk::new();
    let now = START.as_secs();
    let cases = [
        ("no issuer", json!({ "iss": null })),
        (
            "another issuer",
            json!({ "iss": "https://login.evil.example" }),
        ),
        ("a slash too many", json!({ "iss": format!("{ISSUER}/") })),
        (
            "another case",
            json!({ "iss": "https://LOGIN.corp.example" }),
        ),
        ("a list of issuers", json!({ "iss": [ISSUER] })),
        (
            "a longer issuer",
            json!({ "iss": format!("{ISSUER}.evil.example") }),
        ),
        ("no audience", json!({ "aud": null })),
        ("another audience", json!({ "aud": "other-service" })),
        (
            "another case of audience",
            json!({ "aud": "Meeting-Gateway" }),
        ),
        ("no audience in the list", json!({ "aud": [] })),
        (
            "an audience that is no text",
            json!({ "aud": ["meeting-gateway", 7] }),
        ),
        ("no expiry", json!({ "exp": null })),
        (
            "a text for an expiry",
            json!({ "exp": (now + 600).to_string() }),
        ),
        ("true for an expiry", json!({ "exp": true })),
        ("a negative expiry", json!({ "exp": -1 })),
        (
            "an expiry in milliseconds",
            json!({ "exp": (now + 600) * 1000 }),
        ),
        (
            "an expiry in a year",
            json!({ "exp": now + 365 * 24 * 3600 }),
        ),
        ("not yet", json!({ "nbf": now + 61 })),
        ("a text for nbf", json!({ "nbf": "0" })),
        ("issued tomorrow", json!({ "iat": now + 24 * 3600 })),
        ("no subject", json!({ "sub": null })),
        ("an unknown subject", json!({ "sub": "app-3" })),
        ("a caller's id", json!({ "sub": "reporting" })),
        ("another case of subject", json!({ "sub": "APP-1" })),
        ("a space too many", json!({ "sub": "app-1 " })),
        ("a list of subjects", json!({ "sub": ["app-1"] })),
        ("an empty user", json!({ "email": "" })),
        ("a user that is no text", json!({ "email": 7 })),
        ("a user with a line break", json!({ "email": "a\r\nb" })),
        ("a long user", json!({ "email": "u".repeat(256) })),
    ];
    for (name, change) in cases {
        for (signer, kid) in [(&*RSA, "rsa"), (&*EC, "ec"), (&*ED, "ed")] {
            desk.refuses(name, &signer.token(kid, &claims_with(&change)));
        }
    }
}

#[test]
fn a_token_ends_when_it_says_also_where_it_is_remembered() {
    let desk = Desk::new();
    let token = ED.token("ed", &claims());
    for _ in 0..3 {
        desk.accepts("fresh", &token);
    }
    desk.clock.advance(Duration::from_secs(659));
    desk.accepts("within the leeway", &token);
    desk.clock.advance(Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(desk.show(&token).unwrap_err(), Refusal::CredentialExpired);
    }
    // Whether it has expired is told to nobody who has no genuine token.
    let forged = Signer::ed().token("ed", &claims());
    desk.refuses("expired and forged", &forged);
    let for_another = ED.token("ed", &claims_with(&json!({ "aud": "other" })));
    desk.refuses("expired and for somebody else", &for_another);
}

#[test]
fn groups_and_scopes_come_from_the_issuer_s_lists_alone() {
    let issuer = ", groups_claim: /realm/roles, groups: [schedulers, night-shift], scopes_claim: scope, scopes: [personal_data]";
    let desk = Desk::with(issuer, &usual_keys());
    let cases = [
        (json!({}), vec!["readers"], vec![]),
        (
            json!({ "realm": { "roles": ["schedulers", "admins", 7, "Night-Shift"] }, "scope": "openid secrets" }),
            vec!["readers", "schedulers"],
            vec![],
        ),
        (
            json!({ "realm": { "roles": ["readers", "night-shift", "schedulers"] }, "scope": "personal_data openid" }),
            vec!["readers", "schedulers", "night-shift"],
            vec!["personal_data"],
        ),
        (
            json!({ "realm": { "roles": { "schedulers": true } }, "scope": ["personal_data", "secrets"] }),
            vec!["readers"],
            vec!["personal_data"],
        ),
    ];
    for (change, groups, scopes) in cases {
        let who = desk.accepts("as said", &EC.token("ec", &claims_with(&change)));
        let names = |held: &[Box<str>]| held.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&who.caller.groups), groups, "{change}");
        assert_eq!(names(&who.caller.scopes), scopes, "{change}");
        assert_eq!((&*who.caller.id, who.caller.index), ("reporting", 0));
    }
}

#[test]
fn a_key_without_a_kid_in_the_token_must_be_the_only_one() {
    let header = |signer: &Signer| json!({ "alg": signer.alg() }).to_string();
    let desk = Desk::new();
    desk.accepts(
        "one of its type",
        &EC.sign(&header(&EC), &claims().to_string()),
    );
    let other = Signer::ec();
    let two = Desk::with("", &set(&[EC.jwk("a"), other.jwk("b")]));
    two.refuses(
        "which of two",
        &EC.sign(&header(&EC), &claims().to_string()),
    );
    two.accepts("the second, by name", &other.token("b", &claims()));
    two.refuses(
        "the second, by the name of the first",
        &other.token("a", &claims()),
    );
}

#[test]
fn the_claim_that_names_the_caller_is_configured() {
    let desk = Desk::with(", caller_claim: azp", &usual_keys());
    let who = desk.accepts(
        "azp",
        &EC.token("ec", &claims_with(&json!({ "azp": "app-2" }))),
    );
    assert_eq!(&*who.caller.id, "house");
    desk.refuses("sub does not count", &EC.token("ec", &claims()));
}
