//! Tests of the token operations: what the SDK sends, and what must be refused.

use super::*;
use serde_json::{Value, json};

mod attempt;

use attempt::{Attempt, BothHalves as _, NOW, attempt, callers, desk, desk_of};

#[test]
fn a_sign_in_is_answered_in_the_documented_shape_and_units() {
    let answer = attempt().send(&desk()).unwrap();
    let debug = format!("{answer:?}");
    let mut json: Value = serde_json::to_value(&answer).unwrap();
    for name in ["accessToken", "refreshToken"] {
        let token = json[name].take();
        assert!(token.as_str().unwrap().starts_with("mgw1"), "{name}");
        assert!(
            !debug.contains(token.as_str().unwrap()),
            "{name} is printed"
        );
    }
    let (access, refresh) = (16 * 3600, 30 * 86_400);
    let expected = json!({"accessToken": null, "validPeriod": access, "expireTime": NOW + access, "createTime": NOW * 1000,
        "user": {"userId": "alice@ent01", "thirdAccount": "alice@ent01"}, "clientType": 72, "forceLoginInd": 0, "tokenType": 0,
        "refreshToken": null, "refreshValidPeriod": refresh, "refreshExpireTime": NOW + refresh, "refreshCreateTime": NOW * 1000});
    assert_eq!(json, expected);
}

type Change = fn(&mut Attempt);

/// What comes of changed attempts, each at a desk of its own.
fn check<const N: usize>(expected: &Result<(), Refusal>, cases: [(&str, Change); N]) {
    for (name, change) in cases {
        let mut attempt = attempt();
        change(&mut attempt);
        assert_eq!(attempt.send(&desk()).map(|_| ()), *expected, "{name}");
    }
}

fn use_app(attempt: &mut Attempt, app: &'static str, key: &'static str) {
    (attempt.app, attempt.key, attempt.access) = (app, key, None);
}

#[test]
fn what_is_signed_and_in_time_is_accepted() {
    check(
        &Ok(()),
        [
            ("as the SDK sends it", |_| {}),
            ("without access", |a| a.access = None),
            ("five parts", |a| a.corp = Some("807074304")),
            ("as late as the leeway allows", |a| a.expires = NOW + 660),
            ("as early as the leeway allows", |a| a.expires = NOW - 60),
        ],
    );
}

#[test]
fn a_signature_that_does_not_fit_looks_like_an_unknown_app_id() {
    check(
        &Err(Refusal::SignIn(SignInFault::Signature)),
        [
            ("access of another App ID", |a| a.access = Some("fixed-app")),
            ("wrong key", |a| a.key = "fixed-secret"),
            ("unknown App ID", |a| {
                use_app(a, "nobody", "personal-secret");
            }),
            ("unknown App ID, stand-in key", |a| {
                use_app(a, "nobody", NOBODYS_KEY);
            }),
            ("wrong key and out of time", |a| {
                (a.key, a.expires) = ("x", 0);
            }),
        ],
    );
}

#[test]
fn the_time_must_be_near() {
    check(
        &Err(Refusal::SignIn(SignInFault::ExpireTime)),
        [
            ("never expires", |a| a.expires = 0),
            ("too far ahead", |a| a.expires = NOW + 661),
            ("milliseconds", |a| a.expires = NOW * 1000),
            ("end of time", |a| a.expires = u64::MAX),
            ("past", |a| a.expires = NOW - 61),
        ],
    );
}

#[test]
fn a_user_must_be_named_where_the_caller_acts_for_it() {
    check(
        &Err(Refusal::NoUpstreamUser),
        [
            ("none", |a| a.user = None),
            ("empty", |a| a.user = Some("")),
        ],
    );
    check(
        &Ok(()),
        [
            ("fixed", |a| {
                use_app(a, "fixed-app", "fixed-secret");
                a.user = None;
            }),
            ("administrator", |a| {
                use_app(a, "admin-app", "admin-secret");
                a.user = None;
            }),
        ],
    );
}

#[test]
fn values_that_differ_from_the_signed_ones_are_refused() {
    let changes = [
        ("user", json!({"userId": "mallory"})),
        ("no user", json!({"userId": null})),
        ("corp", json!({"corpId": "c"})),
        ("time", json!({"expireTime": NOW + 500})),
        (
            "nonce",
            json!({"nonce": "0123456789abcdef0123456789abcdef"}),
        ),
        ("App ID", json!({"appId": "fixed-app"})),
    ];
    for (name, change) in changes {
        let mut body = attempt().body();
        for (member, value) in change.as_object().unwrap() {
            body[member] = value.clone();
        }
        let got = desk()
            .sign_in
            .create(&attempt().headers(), body.to_string().as_bytes());
        assert_eq!(
            got.unwrap_err(),
            Refusal::SignIn(SignInFault::Signature),
            "{name}"
        );
    }
}

#[test]
fn the_header_must_be_there_once() {
    let body = attempt().body().to_string();
    let mut twice = attempt().headers();
    twice.append(AUTHORIZATION, twice[AUTHORIZATION].clone());
    for (name, headers) in [("missing", HeaderMap::new()), ("twice", twice)] {
        let refusal = desk()
            .sign_in
            .create(&headers, body.as_bytes())
            .unwrap_err();
        assert_eq!(refusal, Refusal::SignIn(SignInFault::Header), "{name}");
    }
}

#[test]
fn a_nonce_works_once_for_as_long_as_its_request_would() {
    let desk = desk();
    let reused = Refusal::SignIn(SignInFault::NonceReused);
    attempt().send(&desk).unwrap();
    assert_eq!(attempt().send(&desk).unwrap_err(), reused);
    // The last second in which the request would still be accepted is past its expireTime, thanks to the leeway.
    desk.clock.advance(Duration::from_mins(11));
    assert_eq!(attempt().send(&desk).unwrap_err(), reused);
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!(
        attempt().send(&desk).unwrap_err(),
        Refusal::SignIn(SignInFault::ExpireTime)
    );
}

#[test]
fn a_full_memory_refuses_and_strangers_cannot_fill_it() {
    let desk = desk_of(callers(), 1);
    let stranger = Attempt {
        key: "guess",
        ..attempt()
    };
    stranger.send(&desk).unwrap_err();
    attempt().send(&desk).unwrap();
    let next = Attempt {
        nonce: "n".repeat(32),
        ..attempt()
    };
    assert_eq!(
        next.send(&desk).unwrap_err(),
        Refusal::SignIn(SignInFault::NonceMemoryFull)
    );
}

#[test]
fn either_token_refreshes_until_the_sign_in_is_too_old() {
    let desk = desk();
    let first = attempt().send(&desk).unwrap();
    let refresh_token = first.refresh.unwrap().refresh_token;
    desk.clock.advance(Duration::from_hours(15));
    let second = desk.sign_in.renew(first.access_token.expose()).unwrap();
    assert_eq!(second.expire_time, NOW + 31 * 3600);
    assert_eq!(second.user.unwrap().user_id.as_deref(), Some("alice@ent01"));
    desk.clock.advance(Duration::from_hours(2));
    assert_eq!(
        desk.sign_in.renew(first.access_token.expose()).unwrap_err(),
        Refusal::CredentialInvalid
    );
    // Near the end both tokens are cut short; at the end there is none.
    desk.clock.advance(Duration::from_hours(30 * 24 - 18));
    let last = desk.sign_in.renew(refresh_token.expose()).unwrap();
    assert_eq!(
        (
            last.valid_period,
            last.refresh.as_ref().unwrap().refresh_valid_period
        ),
        (3600, 3600)
    );
    desk.clock.advance(Duration::from_hours(1));
    for token in [last.access_token, last.refresh.unwrap().refresh_token] {
        assert_eq!(
            desk.sign_in.renew(token.expose()).unwrap_err(),
            Refusal::CredentialInvalid
        );
    }
}

#[test]
fn logging_out_ends_the_whole_sign_in_and_no_other() {
    let desk = desk();
    let first = attempt().send(&desk).unwrap();
    let other = Attempt {
        nonce: "n".repeat(32),
        ..attempt()
    }
    .send(&desk)
    .unwrap();
    desk.sign_in.end(first.access_token.expose()).unwrap();
    for token in [first.access_token, first.refresh.unwrap().refresh_token] {
        assert_eq!(
            desk.sign_in.renew(token.expose()).unwrap_err(),
            Refusal::CredentialInvalid
        );
        assert_eq!(
            desk.sign_in.end(token.expose()).unwrap_err(),
            Refusal::CredentialInvalid
        );
    }
    assert!(desk.sign_in.renew(other.access_token.expose()).is_ok());
}

#[test]
fn a_log_out_that_cannot_be_remembered_is_not_claimed() {
    let desk = desk_of(callers(), 0);
    let full = attempt().send(&desk).unwrap_err();
    assert_eq!(full, Refusal::SignIn(SignInFault::NonceMemoryFull));
    let elsewhere = attempt().send(&self::desk()).unwrap();
    assert_eq!(
        desk.sign_in
            .end(elsewhere.access_token.expose())
            .unwrap_err(),
        Refusal::Overloaded
    );
}

#[test]
fn validation_tells_renews_and_refuses() {
    let desk = desk();
    let first = attempt().send(&desk).unwrap();
    let token = first.access_token.expose();
    desk.clock.advance(Duration::from_hours(1));
    let validate = |body: Value| desk.sign_in.tell(body.to_string().as_bytes());
    let told = validate(json!({"token": token, "needGenNewToken": false, "needAccountInfo": true}))
        .unwrap();
    assert!(told.access_token.matches(token) && told.refresh.is_none() && told.user.is_some());
    assert_eq!(
        (told.valid_period, told.create_time),
        (15 * 3600, NOW * 1000)
    );
    let renewed = validate(json!({"token": token, "needGenNewToken": true})).unwrap();
    assert!(
        !renewed.access_token.matches(token) && renewed.refresh.is_some() && renewed.user.is_none()
    );
    assert_eq!(renewed.valid_period, 16 * 3600);
    let refresh_token = first.refresh.unwrap().refresh_token;
    for (name, token) in [("refresh token", refresh_token.expose()), ("garbage", "x")] {
        let refusal = validate(json!({"token": token, "needGenNewToken": false})).unwrap_err();
        assert_eq!(refusal, Refusal::CredentialInvalid, "{name}");
    }
}

#[test]
fn another_app_key_ends_the_tokens_of_the_old_one() {
    let before = attempt().send(&desk()).unwrap();
    let mut changed = callers();
    changed[0].app_ids[0].app_key = "rotated".into();
    let refused = desk_of(changed, 9)
        .sign_in
        .renew(before.access_token.expose());
    assert_eq!(refused.unwrap_err(), Refusal::CredentialInvalid);
    assert!(desk().sign_in.renew(before.access_token.expose()).is_ok());
}

#[test]
fn a_caller_that_is_not_admitted_spends_no_nonce() {
    let desk = desk();
    let attempt = attempt();
    let body = attempt.body().to_string();
    let signed = desk.sign_in.signed(&attempt.headers(), body.as_bytes());
    assert_eq!(&*signed.unwrap().caller().id, "personal");
    assert_eq!(desk.sign_in.sessions.memory.nonces.len(), 0);
    assert!(attempt.send(&desk).is_ok());
}
