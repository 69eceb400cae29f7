//! `caller hash`: the hash of an API key from standard input, for a key that was made elsewhere.

use std::io::{IsTerminal as _, Read as _, stdin};

use zeroize::Zeroizing;

use super::key;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::config::callers::KeyHash;
use crate::runtime::credentials::api_keys::LONGEST_API_KEY;
use crate::runtime::credentials::{gateway_token, jwt};

/// The most that is read, in bytes: more than the longest key, so that one that is too long is told of.
const MAX_BYTES: u64 = 4096;
/// The shortest, in bytes. A plain hash hides only what cannot be guessed.
const LEAST_BYTES: usize = 16;

/// Runs `caller hash`.
pub(super) fn run() -> Exit {
    let input = stdin();
    if input.is_terminal() {
        output::note(&"Reading the key from standard input; end it with Ctrl-D.");
    }
    let mut text = Zeroizing::new(String::new());
    let read = input.lock().take(MAX_BYTES + 1).read_to_string(&mut text);
    if let Err(fault) = read {
        return output::failed(&format_args!("cannot read standard input: {fault}"));
    }
    match hash(&text) {
        Ok(hash) => {
            if jwt::has_form(text.trim_ascii_end()) {
                output::note(
                    &"The key has the form of a JWT: where `jwt.issuers` is set it is checked as one, and never as an API key.",
                );
            }
            output::data(&hash.to_string())
        }
        Err(why) => output::failed(&why),
    }
}

/// The hash of a key, without the line break that `echo` puts behind it.
fn hash(text: &str) -> Result<KeyHash, String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err("there is nothing on standard input: `caller hash < key`".to_owned());
    }
    if text.len() > LONGEST_API_KEY {
        return Err(format!(
            "the key is longer than {LONGEST_API_KEY} bytes: no longer one is accepted from a caller"
        ));
    }
    if text.starts_with(gateway_token::PREFIX) {
        let prefix = gateway_token::PREFIX;
        return Err(format!(
            "the key begins with `{prefix}` as the gateway's own tokens do: it would be taken for one"
        ));
    }
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(
            "the key holds a blank, a line break or another character that no header can carry"
                .to_owned(),
        );
    }
    if text.len() < LEAST_BYTES {
        return Err(format!(
            "the key is {} bytes long: a hash hides only long random keys, of {LEAST_BYTES} bytes at least",
            text.len()
        ));
    }
    if key::is_whole(text) == Some(false) {
        return Err(
            "the key begins like one of this program, but is cut off or mistyped".to_owned(),
        );
    }
    Ok(KeyHash::of(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hashed_and_what_is_no_key_is_not() {
        let expected = KeyHash::of("demo-key-not-a-secret");
        for end in ["", "\n", "\r\n"] {
            assert_eq!(hash(&format!("demo-key-not-a-secret{end}")), Ok(expected));
        }
        let cases = [
            ("\n", "nothing"),
            ("short", "5 bytes"),
            ("two lines of\na text here", "line break"),
            ("mgk_0123456789abcdef", "mistyped"),
            ("mgw1-and-then-some-more", "gateway's own tokens"),
        ];
        for (text, why) in cases {
            assert!(hash(text).is_err_and(|said| said.contains(why)), "{text}");
        }
        let longest = "x".repeat(LONGEST_API_KEY);
        assert!(hash(&longest).is_ok());
        assert!(hash(&format!("{longest}x")).is_err_and(|said| said.contains("256 bytes")));
    }
}
