//! Any text as a gateway token, and any bytes as claims that are signed as the gateway signs them: the fuzzer cannot forge, so it
//! is given the key. The first byte says which.
//!
//! Nothing that was not signed passes. What passes has been written in the one way in which the gateway writes it, and is of one
//! kind, at one time.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use meeting_gateway::model::secret::Secret;
use meeting_gateway::runtime::credentials::gateway_token::{
    LONGEST_TOKEN, PREFIX, TokenFault, TokenKeys, TokenKind,
};
use sha2::Sha256;

const KEY: &str = "a-token-key-of-the-fuzzer-which-is-no-secret";
const NOW: u64 = 1_788_220_800;

static KEYS: LazyLock<TokenKeys> =
    LazyLock::new(|| TokenKeys::new(&Secret::from(KEY), &[]).expect("a key that is long enough"));

/// See above.
pub fn holds(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else {
        return;
    };
    if way % 2 == 0 {
        if let Ok(text) = str::from_utf8(rest) {
            // It would have to know the key.
            assert!(KEYS.verify_any(text, NOW).is_err(), "a forged token passed");
        }
    } else {
        passes_in_one_spelling(&signed(rest));
    }
}

fn signed(claims: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key will do");
    let mac = mac.chain_update(PREFIX).chain_update(claims).finalize();
    let bytes = [claims, &mac.into_bytes()].concat();
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
}

fn passes_in_one_spelling(token: &str) {
    let claims = match KEYS.verify_any(token, NOW) {
        Ok(claims) => claims,
        Err(fault) => {
            assert!(matches!(fault, TokenFault::Malformed | TokenFault::Expired));
            return;
        }
    };
    assert!(token.len() <= LONGEST_TOKEN && NOW < claims.expires);
    let issued = KEYS.issue(&claims).expect("names that came out of a token");
    assert_eq!(issued.expose(), token, "two spellings of one token");
    let of_kind = |kind| KEYS.verify(token, kind, NOW);
    let kinds = [of_kind(TokenKind::Access), of_kind(TokenKind::Refresh)];
    assert_eq!(kinds.iter().filter(|kind| kind.is_ok()).count(), 1);
    let too_late = KEYS.verify_any(token, claims.expires);
    assert_eq!(too_late, Err(TokenFault::Expired));
}
