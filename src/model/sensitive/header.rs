//! Headers that hold a credential, or tell who or where somebody is.

use super::Sensitivity;

/// Parts of names that tell of a credential. What is wrongly taken for one is only not shown.
const TELLING: [&str; 9] = [
    "token",
    "api-key",
    "apikey",
    "passw",
    "secret",
    "credential",
    "signature",
    "cookie",
    "nonce",
];
/// The upstream's header that names a kind of token: `LongTicket`.
const KIND_OF_TOKEN: &str = "x-token-type";
/// Where a client is, and who uses it, as proxies and browsers tell.
const PERSONAL: [&str; 8] = [
    "forwarded",
    "from",
    "referer",
    "x-client-ip",
    "x-forwarded-for",
    "x-forwarded-user",
    "x-real-ip",
    "x-user-id",
];

/// The sensitivity of a header by its name in lower case, judged by its parts.
///
/// ```
/// use meeting_gateway::model::sensitive::{Sensitivity, of_header};
///
/// assert_eq!(of_header("proxy-authorization"), Sensitivity::Credential);
/// assert_eq!(of_header("x-forwarded-for"), Sensitivity::Personal);
/// assert_eq!(of_header("accept-language"), Sensitivity::Public);
/// ```
pub fn of_header(name: &str) -> Sensitivity {
    if name == KIND_OF_TOKEN {
        Sensitivity::Public
    } else if name.ends_with("authorization") || tells_of_a_credential(name) {
        Sensitivity::Credential
    } else if PERSONAL.contains(&name) {
        Sensitivity::Personal
    } else {
        Sensitivity::Public
    }
}

/// Whether a lower-case name is that of a credential, judged by its parts.
pub(super) fn tells_of_a_credential(name: &str) -> bool {
    TELLING.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::header::{ACCESS_TOKEN, API_KEY, VisibleHeaders};

    #[test]
    fn credentials_are_known_in_whatever_header_they_are() {
        for (name, expected) in [
            ("authorization", Sensitivity::Credential),
            ("proxy-authorization", Sensitivity::Credential),
            ("x-conference-authorization", Sensitivity::Credential),
            (ACCESS_TOKEN.as_str(), Sensitivity::Credential),
            (API_KEY.as_str(), Sensitivity::Credential),
            ("x-auth-token", Sensitivity::Credential),
            ("x-amz-security-token", Sensitivity::Credential),
            ("conftoken", Sensitivity::Credential),
            ("x-password", Sensitivity::Credential),
            ("x-nonce", Sensitivity::Credential),
            ("cookie", Sensitivity::Credential),
            ("set-cookie", Sensitivity::Credential),
            ("from", Sensitivity::Personal),
            ("x-token-type", Sensitivity::Public),
            ("x-query-type", Sensitivity::Public),
            ("content-type", Sensitivity::Public),
            ("", Sensitivity::Public),
        ] {
            assert_eq!(of_header(name), expected, "{name}");
        }
    }

    #[test]
    fn what_policies_see_and_the_audit_log_keeps_is_public() {
        for name in VisibleHeaders::NAMES {
            assert_eq!(of_header(name.as_str()), Sensitivity::Public, "{name}");
        }
    }
}
