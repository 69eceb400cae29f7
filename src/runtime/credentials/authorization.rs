//! The sign-in's `Authorization` header: `HMAC-SHA256 signature=<hex>[,access=<base64 of the App ID>]`.
//!
//! `,access=` is optional, since clients older than 2024 do not send it (facts 4.1); when it is there it must name the App ID
//! of the body. Spaces after the comma are tolerated; anything else that differs is refused.
//!
//! ```
//! use meeting_gateway::runtime::credentials::authorization::HmacAuthorization;
//!
//! let digits = "0a".repeat(32);
//! let header = HmacAuthorization::parse(&format!("HMAC-SHA256 signature={digits},access=YXBw")).unwrap();
//! assert_eq!(header.app_id.as_deref(), Some("app"));
//! assert!(HmacAuthorization::parse(&format!("HMAC-SHA256 signature={digits};access=YXBw")).is_none());
//! ```

use data_encoding::BASE64;

use super::app_id_signature::{SIGNATURE_BYTES, decode_hex};

const SCHEME: &str = "HMAC-SHA256";
/// Longest header value looked at: more than a signature and the longest App ID need.
const LONGEST: usize = 512;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HmacAuthorization {
    /// The signature, decoded.
    pub signature: [u8; SIGNATURE_BYTES],
    /// The App ID out of `access=`, if that part is there.
    pub app_id: Option<String>,
}

impl HmacAuthorization {
    /// Reads a header value; `None` where it is not of the documented form.
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() > LONGEST {
            return None;
        }
        // The scheme's case does not matter (RFC 9110, section 11.1); the names of the parts are ours to be strict about.
        let (scheme, parts) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let (signature, access) = match parts.split_once(',') {
            None => (parts, None),
            Some((signature, access)) => (signature, Some(access.trim_start_matches(' '))),
        };
        let app_id = match access {
            None => None,
            Some(access) => Some(decode_access(access.strip_prefix("access=")?)?),
        };
        Some(Self {
            signature: decode_hex(signature.strip_prefix("signature=")?)?,
            app_id,
        })
    }
}

fn decode_access(text: &str) -> Option<String> {
    let app_id = String::from_utf8(BASE64.decode(text.as_bytes()).ok()?).ok()?;
    // The decoder also takes several texts, each with its padding, one behind the other.
    (!app_id.is_empty() && BASE64.encode(app_id.as_bytes()) == text).then_some(app_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_form_is_read() {
        let hex = "AB".repeat(32);
        let some = Some(Some("app".to_owned()));
        let cases = [
            (
                "without access",
                format!("HMAC-SHA256 signature={hex}"),
                Some(None),
            ),
            (
                "with access",
                format!("HMAC-SHA256 signature={hex},access=YXBw"),
                some.clone(),
            ),
            (
                "spaces after the comma",
                format!("HMAC-SHA256 signature={hex},  access=YXBw"),
                some.clone(),
            ),
            (
                "scheme in lower case",
                format!("hmac-sha256 signature={hex},access=YXBw"),
                some,
            ),
            (
                "space before the comma",
                format!("HMAC-SHA256 signature={hex} ,access=YXBw"),
                None,
            ),
            ("two spaces", format!("HMAC-SHA256  signature={hex}"), None),
            (
                "63 digits",
                format!("HMAC-SHA256 signature={}", &hex[1..]),
                None,
            ),
            ("quoted", format!("HMAC-SHA256 signature=\"{hex}\""), None),
            (
                "wrong order",
                format!("HMAC-SHA256 access=YXBw,signature={hex}"),
                None,
            ),
            (
                "empty access",
                format!("HMAC-SHA256 signature={hex},access="),
                None,
            ),
            (
                "access without padding",
                format!("HMAC-SHA256 signature={hex},access=YXA"),
                None,
            ),
            (
                "access with padding within",
                format!("HMAC-SHA256 signature={hex},access=YQ==YXBw"),
                None,
            ),
            (
                "third part",
                format!("HMAC-SHA256 signature={hex},access=YXBw,x=y"),
                None,
            ),
            ("another scheme", format!("Basic signature={hex}"), None),
            (
                "too long",
                format!("HMAC-SHA256 signature={hex},access={}", "YXBw".repeat(200)),
                None,
            ),
            ("empty", String::new(), None),
        ];
        for (name, value, expected) in cases {
            let app_id = HmacAuthorization::parse(&value).map(|read| {
                assert_eq!(read.signature, [0xab; 32], "{name}");
                read.app_id
            });
            assert_eq!(app_id, expected, "{name}");
        }
    }
}
