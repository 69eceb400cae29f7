//! Tests of authentication: which headers count, and which tokens are alive.

use std::time::Duration;

use http::HeaderValue;

use super::super::callers::tests::caller;
use super::super::gateway_token::{Claims, TokenKeys};
use super::super::sessions::SignInMemory;
use super::*;
use crate::model::client_certificate::Identity;
use crate::model::clock::ManualClock;
use crate::model::principal::UpstreamUser;

const NOW: u64 = 1_700_000_000;
const ACCESS: &str = "x-access-token";
const API: &str = "x-api-key";
const AUTH: &str = "authorization";

fn sessions() -> Arc<Sessions> {
    let list = vec![
        caller("a", 0, UpstreamUser::SignedIn),
        caller("b", 1, UpstreamUser::SignedIn),
    ];
    let callers = Arc::new(Callers::new(list).unwrap());
    let keys = TokenKeys::new(&"k".repeat(32).into(), &[]).unwrap();
    let clock = ManualClock::at_unix(Duration::from_secs(NOW));
    Arc::new(Sessions::new(callers, keys, SignInMemory::new(10), clock))
}

fn token(sessions: &Sessions, change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = Claims {
        kind: TokenKind::Access,
        session: [1; 16],
        credential: sessions.callers.by_app_id("b-app").unwrap().fingerprint,
        caller: "b".into(),
        user: Some("bob".into()),
        corp: None,
        signed_in: NOW,
        issued: NOW,
        expires: NOW + 10,
    };
    change(&mut claims);
    sessions.keys.issue(&claims).unwrap().expose().to_owned()
}

/// Who comes of these headers, as `caller/user/kind`. `TOKEN` in a value is a valid token of caller b and user bob.
fn authenticate(list: &[(&'static str, &str)], pass_through: bool) -> Result<String, Refusal> {
    let sessions = sessions();
    let token = token(&sessions, |_| {});
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        let value = value.replace("TOKEN", &token);
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let authenticator = Authenticator::new(Arc::clone(&sessions.callers), Some(sessions));
    let who = authenticator.authenticate(&headers, pass_through)?;
    let user = who.signed_in_user.as_deref().unwrap_or("-");
    Ok(format!(
        "{}/{user}/{}",
        who.caller.id,
        who.credential.name()
    ))
}

#[test]
fn one_credential_in_any_of_its_headers_is_taken() {
    let (a, b) = ("a/-/api_key", "b/bob/gateway_token");
    let cases = [
        ("key as access token", ACCESS, "a-key", a),
        ("key as API key", API, "a-key", a),
        ("key as bearer", AUTH, "Bearer a-key", a),
        ("scheme in another case", AUTH, "bEARER  a-key", a),
        ("token as access token", ACCESS, "TOKEN", b),
        ("token as bearer", AUTH, "Bearer TOKEN", b),
        ("token as API key", API, "TOKEN", b),
    ];
    for (name, header, value, expected) in cases {
        assert_eq!(
            authenticate(&[(header, value)], false).as_deref(),
            Ok(expected),
            "{name}"
        );
    }
}

#[test]
fn what_is_not_a_known_credential_is_invalid() {
    let cases = [
        ("another scheme", AUTH, "Basic eDp5"),
        ("no scheme", AUTH, "a-key"),
        ("scheme alone", AUTH, "Bearer"),
        ("empty", API, ""),
        ("unknown key", API, "c-key"),
        ("not ASCII", API, "clé"),
        ("bad token", API, "mgw1xxxx"),
        ("longer token", API, "TOKENx"),
    ];
    for (name, header, value) in cases {
        let refused = authenticate(&[(header, value)], false);
        assert_eq!(refused, Err(Refusal::CredentialInvalid), "{name}");
    }
}

#[test]
fn exactly_one_header_must_be_there() {
    let a = || Ok("a/-/api_key".to_owned());
    let ambiguous = || Err(Refusal::CredentialAmbiguous);
    let missing = || Err(Refusal::CredentialMissing);
    let (access, api, bearer) = ((ACCESS, "a-key"), (API, "a-key"), (AUTH, "Bearer a-key"));
    let basic = (AUTH, "Basic eDp5");
    let cases = [
        ("nothing", vec![], false, missing()),
        ("two headers", vec![access, api], false, ambiguous()),
        ("one header twice", vec![api, api], false, ambiguous()),
        (
            "beside another scheme",
            vec![api, basic],
            false,
            ambiguous(),
        ),
        ("pass-through, alone", vec![access], true, missing()),
        (
            "pass-through, with a key",
            vec![(ACCESS, "theirs"), api],
            true,
            a(),
        ),
        (
            "pass-through, twice theirs",
            vec![access, access, bearer],
            true,
            a(),
        ),
        (
            "pass-through, both of ours",
            vec![api, bearer],
            true,
            ambiguous(),
        ),
    ];
    for (name, headers, pass_through, expected) in cases {
        assert_eq!(authenticate(&headers, pass_through), expected, "{name}");
    }
}

#[test]
fn a_signed_token_must_also_be_alive() {
    type Change = fn(&mut Claims);
    let sessions = sessions();
    assert!(sessions.memory.revocations.revoke([6; 16], NOW + 10, NOW));
    let cases: [(&str, Change); 5] = [
        ("refresh token", |claims| claims.kind = TokenKind::Refresh),
        ("expired", |claims| claims.expires = NOW),
        ("App ID or key gone", |claims| claims.credential = [0; 8]),
        ("another caller's App ID", |claims| {
            claims.caller = Box::from("a");
        }),
        ("logged out", |claims| claims.session = [6; 16]),
    ];
    for (name, change) in cases {
        let token = token(&sessions, change);
        let refusal = sessions
            .accept(&token, Some(TokenKind::Access))
            .unwrap_err();
        assert_eq!(refusal, Refusal::CredentialInvalid, "{name}");
    }
    assert!(sessions.accept(&token(&sessions, |_| {}), None).is_ok());
}

#[test]
fn without_sessions_no_token_is_accepted() {
    let sessions = sessions();
    let headers = HeaderMap::from_iter([(ACCESS_TOKEN, token(&sessions, |_| {}).parse().unwrap())]);
    let authenticator = Authenticator::new(Arc::clone(&sessions.callers), None);
    let refusal = authenticator.authenticate(&headers, false).unwrap_err();
    assert_eq!(refusal, Refusal::CredentialInvalid);
}

#[test]
fn a_certificate_is_a_credential_where_it_names_a_caller() {
    let sessions = sessions();
    let authenticator = Authenticator::new(Arc::clone(&sessions.callers), Some(sessions));
    let with = |names: &[&str], until: u64| {
        let names = names.iter().filter_map(|name| Identity::dns(name));
        Some(ClientCertificate::new(names, Duration::from_secs(until)))
    };
    let of_a = || with(&["a.example"], NOW);
    let (invalid, ambiguous) = (Refusal::CredentialInvalid, Refusal::CredentialAmbiguous);
    let missing = Refusal::CredentialMissing;
    let (key_of_a, key_of_b) = ((API, "a-key"), (API, "b-key"));
    let a = || Ok("a/client_certificate");
    let cases: [(&str, _, &[_], bool, Result<&str, Refusal>); 11] = [
        ("alone", of_a(), &[], false, a()),
        ("no certificate", None, &[], false, Err(missing.clone())),
        (
            "of nobody",
            with(&["x.example"], NOW),
            &[],
            false,
            Err(missing),
        ),
        (
            "of nobody, with a key",
            with(&["x.example"], NOW),
            &[key_of_b],
            false,
            Ok("b/api_key"),
        ),
        (
            "of nobody, expired",
            with(&["x.example"], NOW - 1),
            &[key_of_b],
            false,
            Ok("b/api_key"),
        ),
        (
            "with another's key",
            of_a(),
            &[key_of_b],
            false,
            Err(ambiguous.clone()),
        ),
        (
            "with its own key",
            of_a(),
            &[key_of_a],
            false,
            Err(ambiguous.clone()),
        ),
        (
            "with what is no credential",
            of_a(),
            &[(AUTH, "Basic eDp5")],
            false,
            Err(ambiguous.clone()),
        ),
        (
            "with the upstream's token, passed through",
            of_a(),
            &[(ACCESS, "theirs")],
            true,
            a(),
        ),
        (
            "of two",
            with(&["a.example", "b.example"], NOW),
            &[],
            false,
            Err(ambiguous),
        ),
        (
            "expired since",
            with(&["a.example"], NOW - 1),
            &[],
            false,
            Err(invalid),
        ),
    ];
    for (name, certificate, list, pass_through, expected) in cases {
        let headers = list
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let who = authenticator.begin_over(
            certificate.as_ref(),
            Duration::from_secs(NOW),
            presented(&headers, pass_through),
        );
        let who = who.and_then(Authentication::now);
        let who = who.map(|who| format!("{}/{}", who.caller.id, who.credential.name()));
        assert_eq!(who, expected.map(str::to_owned), "{name}");
    }
}
