//! Tests of gateway tokens: round trips, tampering, rotation, bounds.

use super::*;

const NOW: u64 = 1_700_000_000;

fn key(text: &str) -> Secret {
    Secret::from(text.repeat(SHORTEST_TOKEN_KEY))
}

fn keys(current: &str, previous: &[&str]) -> TokenKeys {
    let previous: Vec<_> = previous.iter().copied().map(key).collect();
    TokenKeys::new(&key(current), &previous).unwrap()
}

fn claims(kind: TokenKind) -> Claims {
    Claims {
        kind,
        session: [7; 16],
        credential: [9; 8],
        caller: "portal".into(),
        user: None,
        corp: None,
        signed_in: NOW,
        issued: NOW,
        expires: NOW + 10,
    }
}

#[test]
fn claims_come_back_as_they_went_in() {
    let long: String = "é".repeat(127) + "x";
    let cases = [
        ("bare", claims(TokenKind::Access)),
        (
            "refresh with user",
            Claims {
                user: Some("u".into()),
                ..claims(TokenKind::Refresh)
            },
        ),
        (
            "corp without user",
            Claims {
                corp: Some("c".into()),
                ..claims(TokenKind::Access)
            },
        ),
        (
            "longest",
            Claims {
                caller: long.as_str().into(),
                user: Some(long.as_str().into()),
                corp: Some(long.as_str().into()),
                expires: u64::MAX,
                ..claims(TokenKind::Access)
            },
        ),
    ];
    let keys = keys("k", &[]);
    for (name, claims) in cases {
        let token = keys.issue(&claims).unwrap();
        assert!(token.expose().len() <= LONGEST_TOKEN, "{name}");
        let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        assert!(token.expose().bytes().all(safe), "{name}");
        assert_eq!(
            keys.verify(token.expose(), claims.kind, NOW).as_ref(),
            Ok(&claims),
            "{name}"
        );
        if name == "longest" {
            assert_eq!(token.expose().len(), LONGEST_TOKEN);
        }
    }
}

#[test]
fn a_name_that_does_not_fit_is_refused() {
    let claims = Claims {
        user: Some("u".repeat(256).into()),
        ..claims(TokenKind::Access)
    };
    assert_eq!(keys("k", &[]).issue(&claims).unwrap_err(), NameTooLong);
}

#[test]
fn every_changed_or_cut_character_is_noticed() {
    let keys = keys("k", &[]);
    let token = keys.issue(&claims(TokenKind::Access)).unwrap();
    let good = token.expose();
    for at in 0..good.len() {
        let other = if &good[at..=at] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        assert!(keys.verify_any(&changed, NOW).is_err(), "changed at {at}");
        assert!(keys.verify_any(&good[..at], NOW).is_err(), "cut at {at}");
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    let keys = keys("k", &[]);
    let good = keys.issue(&claims(TokenKind::Access)).unwrap();
    let cases = [
        ("empty", String::new()),
        ("prefix only", PREFIX.to_owned()),
        ("no prefix", good.expose()[PREFIX.len()..].to_owned()),
        ("another version", good.expose().replacen(PREFIX, "mgw2", 1)),
        ("padded", format!("{}=", good.expose())),
        ("not ASCII", format!("{PREFIX}é")),
        ("too long", format!("{PREFIX}{}", "A".repeat(LONGEST_TOKEN))),
        ("way too long", format!("{PREFIX}{}", "A".repeat(1 << 20))),
    ];
    for (name, token) in cases {
        assert_eq!(
            keys.verify_any(&token, NOW),
            Err(TokenFault::Malformed),
            "{name}"
        );
    }
}

#[test]
fn kinds_and_times_are_held_to() {
    let keys = keys("k", &[]);
    let refresh = keys.issue(&claims(TokenKind::Refresh)).unwrap();
    let cases = [
        (
            "wrong kind",
            TokenKind::Access,
            NOW,
            Err(TokenFault::WrongKind),
        ),
        (
            "last second",
            TokenKind::Refresh,
            NOW + 9,
            Ok(claims(TokenKind::Refresh)),
        ),
        (
            "over",
            TokenKind::Refresh,
            NOW + 10,
            Err(TokenFault::Expired),
        ),
    ];
    for (name, kind, now, expected) in cases {
        assert_eq!(keys.verify(refresh.expose(), kind, now), expected, "{name}");
    }
}

#[test]
fn a_previous_key_verifies_but_does_not_sign() {
    let claims = claims(TokenKind::Access);
    let old = keys("o", &[]).issue(&claims).unwrap();
    let rotated = keys("n", &["o"]);
    assert!(rotated.verify_any(old.expose(), NOW).is_ok());
    let new = rotated.issue(&claims).unwrap();
    assert_eq!(
        keys("o", &[]).verify_any(new.expose(), NOW),
        Err(TokenFault::Forged)
    );
    assert_eq!(
        keys("n", &[]).verify_any(old.expose(), NOW),
        Err(TokenFault::Forged)
    );
}

#[test]
fn short_keys_are_refused_and_none_is_printed() {
    let short = Secret::from("x".repeat(31));
    assert_eq!(
        TokenKeys::new(&short, &[]).unwrap_err(),
        WeakKey { got: 31 }
    );
    assert_eq!(
        TokenKeys::new(&key("k"), &[short]).unwrap_err(),
        WeakKey { got: 31 }
    );
    assert_eq!(format!("{:?}", keys("k", &["o"])), "TokenKeys(2)");
}
