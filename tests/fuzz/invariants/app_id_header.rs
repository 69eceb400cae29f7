//! Any text as the `Authorization` header of a sign-in.
//!
//! What is read can be written in the documented form and is read from it again, and differs from what was sent in nothing but
//! the case of the scheme and of the digits, and in spaces behind the comma.

use data_encoding::{BASE64, HEXLOWER};
use meeting_gateway::runtime::credentials::authorization::HmacAuthorization;

/// See above.
pub fn holds(data: &[u8]) {
    let Ok(sent) = str::from_utf8(data) else {
        return;
    };
    let Some(read) = HmacAuthorization::parse(sent) else {
        return;
    };
    let written = written(&read);
    assert_eq!(HmacAuthorization::parse(&written).as_ref(), Some(&read));
    assert_eq!(without_freedoms(sent), written);
}

/// The documented form.
fn written(header: &HmacAuthorization) -> String {
    let access = header.app_id.as_ref().map_or_else(String::new, |app_id| {
        format!(",access={}", BASE64.encode(app_id.as_bytes()))
    });
    let signature = HEXLOWER.encode(&header.signature);
    format!("HMAC-SHA256 signature={signature}{access}")
}

/// What was sent, but for what a sender is free to choose.
fn without_freedoms(sent: &str) -> String {
    let (scheme, rest) = sent.split_once(' ').expect("a scheme");
    let (signature, access) = rest.split_once(',').unwrap_or((rest, ""));
    let digits = signature.strip_prefix("signature=").expect("a signature");
    let access = access.trim_start_matches(' ');
    let comma = if access.is_empty() { "" } else { "," };
    let (scheme, digits) = (scheme.to_ascii_uppercase(), digits.to_ascii_lowercase());
    format!("{scheme} signature={digits}{comma}{access}")
}
