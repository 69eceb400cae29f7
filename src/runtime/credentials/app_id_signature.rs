//! The App ID signature: `HEX(HMAC-SHA256(App Key, appId:[corpId:]userId:expireTime:nonce))`, used in and out.
//!
//! Without a user the slot stays empty (`appId::expireTime:nonce`); with a corp id there is a fifth part. The upstream's
//! documentation writes lower-case hex, its SDK upper case: we write the first and read both (facts 4.1).
//!
//! ```
//! use meeting_gateway::model::secret::Secret;
//! use meeting_gateway::runtime::credentials::app_id_signature::{message, sign_hex_lower, verify};
//!
//! let key = Secret::from("an App Key");
//! let text = message("app", None, "alice@corp", 1_700_000_600, "0123456789abcdef0123456789abcdef");
//! let signature = sign_hex_lower(&key, &text);
//! assert!(verify(&key, &text, &signature.to_ascii_uppercase()));
//! assert!(!verify(&Secret::from("another"), &text, &signature));
//! ```

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::secret::Secret;

/// Bytes of a signature; twice as many hex digits.
pub const SIGNATURE_BYTES: usize = 32;

/// HMAC-SHA256 keyed with `key`.
#[expect(clippy::expect_used, reason = "it cannot fail: the message says why")]
pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// The text that is signed: four parts, or five with a corp id. `expire_time` is in Unix seconds.
pub fn message(
    app_id: &str,
    corp_id: Option<&str>,
    user_id: &str,
    expire_time: u64,
    nonce: &str,
) -> String {
    match corp_id {
        None => format!("{app_id}:{user_id}:{expire_time}:{nonce}"),
        Some(corp_id) => format!("{app_id}:{corp_id}:{user_id}:{expire_time}:{nonce}"),
    }
}

/// Signs; 64 lower-case hex digits.
pub fn sign_hex_lower(key: &Secret, message: &str) -> String {
    let mac = keyed(key.expose().as_bytes()).chain_update(message);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// Whether `signature`, in hex of either case, is the one of `message`. The comparison takes constant time.
pub fn verify(key: &Secret, message: &str, signature: &str) -> bool {
    decode_hex(signature).is_some_and(|signature| verify_bytes(key, message, &signature))
}

/// [`verify`] for a signature that is decoded already.
pub fn verify_bytes(key: &Secret, message: &str, signature: &[u8; SIGNATURE_BYTES]) -> bool {
    keyed(key.expose().as_bytes())
        .chain_update(message)
        .verify_slice(signature)
        .is_ok()
}

/// Reads 64 hex digits of either case.
pub fn decode_hex(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    if text.len() != 2 * SIGNATURE_BYTES {
        return None;
    }
    let mut bytes = [0; SIGNATURE_BYTES];
    HEXLOWER_PERMISSIVE
        .decode_mut(text.as_bytes(), &mut bytes)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP_ID: &str = "fdb8e4699586458bbd10c834872dcc62";
    const NONCE: &str = "EycLQsHwxhzK9OW8UEKWNfH2I3CGR2nINuU1EBpv162d42d92s";

    fn key() -> Secret {
        Secret::from("0123456789abcdef0123456789abcdef")
    }

    #[test]
    fn the_worked_vectors_of_the_facts_hold() {
        let user = "testuser@mycorp.com";
        let cases = [
            (
                "four parts",
                message(APP_ID, None, user, 1_627_722_929, NONCE),
                "538f10a4d4768e3ed95e2006a7936a2954bc3eea9f5b4c5bf658127c304bb3c9",
            ),
            (
                "five parts",
                message(APP_ID, Some("807074304"), user, 1_627_722_929, NONCE),
                "609e6e2e20cdd617f309839562842cdcd0138d208b385c206ee49c946c4a3cc6",
            ),
            (
                "no user",
                message(APP_ID, None, "", 0, NONCE),
                "b887dc3560ad9785ed38ffddaa8e862ac6b665cb0057d54b52880ad21465675c",
            ),
        ];
        for (name, message, signature) in cases {
            assert_eq!(sign_hex_lower(&key(), &message), signature, "{name}");
            assert!(verify(&key(), &message, signature), "{name}");
            let upper = signature.to_ascii_uppercase();
            assert!(verify(&key(), &message, &upper), "{name} in upper case");
        }
    }

    #[test]
    fn what_is_not_the_signature_is_refused() {
        let text = message(APP_ID, None, "u", 1, NONCE);
        let good = sign_hex_lower(&key(), &text);
        let cases = [
            ("empty", String::new()),
            ("cut", good[..62].to_owned()),
            ("longer", format!("{good}00")),
            ("not hex", good.replace(&good[..1], "g")),
            ("of another message", sign_hex_lower(&key(), "x")),
        ];
        for (name, signature) in cases {
            assert!(!verify(&key(), &text, &signature), "{name}");
        }
    }
}
