//! Who may use the console.
//!
//! - Where keys are configured, every request needs one: HTTP Basic (RFC 7617) with any user name and the key for a password.
//! - Without keys it is open on a loopback address and shut on any other. On loopback the `Host` must be a loopback one, too, so that no
//!   page of the web can read it by pointing a name of its own there (DNS rebinding).
//! - What a page of another site makes a browser send is refused (`Sec-Fetch-Site`, or `Origin` where that is absent), unless somebody only
//!   follows a link (`Sec-Fetch-Mode: navigate`).
//!
//! ```
//! use http::header::{HOST, HeaderMap, HeaderValue};
//! use http::Method;
//! use meeting_gateway::admin::console::access::{Access, Denied};
//!
//! let open = Access { keys: Vec::new(), is_loopback: true };
//! let of = |host| HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
//! assert_eq!(open.admit(&Method::GET, None, &of("localhost:9090")), Ok(()));
//! assert_eq!(open.admit(&Method::GET, None, &of("rebound.example")), Err(Denied::ForeignHost));
//! ```

use std::net::IpAddr;

use data_encoding::BASE64;
use http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{HeaderValue, Method};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Who may come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// SHA-256 of each key that opens it.
    pub keys: Vec<[u8; 32]>,
    /// Whether only this machine can reach the listener.
    pub is_loopback: bool,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// No key is configured, and other machines can reach the listener.
    Shut,
    /// No key came along.
    NoKey,
    /// The key is none of those that open it.
    WrongKey,
    /// The host is no name of this machine.
    ForeignHost,
    /// A page of another site sent it.
    ForeignSite,
}

impl Access {
    /// Lets a request in or says why not.
    ///
    /// # Errors
    ///
    /// See [`Denied`].
    pub fn admit(
        &self,
        method: &Method,
        authority: Option<&Authority>,
        headers: &HeaderMap,
    ) -> Result<(), Denied> {
        let host = authority
            .map(Authority::as_str)
            .or_else(|| headers.get(HOST).and_then(|value| value.to_str().ok()));
        if self.keys.is_empty() {
            if !self.is_loopback {
                return Err(Denied::Shut);
            }
            if !host.is_some_and(is_loopback) {
                return Err(Denied::ForeignHost);
            }
        } else {
            let key = headers.get(AUTHORIZATION).ok_or(Denied::NoKey)?;
            if !self.opens(key) {
                return Err(Denied::WrongKey);
            }
        }
        let only_looks = *method == Method::GET || *method == Method::HEAD;
        let may_come = if only_looks {
            is_looked_at_by_somebody(headers)
        } else {
            is_of_this_site(host, headers)
        };
        may_come.then_some(()).ok_or(Denied::ForeignSite)
    }

    /// Whether the password is one of the keys. Every key is compared, whole, whatever the others said.
    fn opens(&self, authorization: &HeaderValue) -> bool {
        let Some(key) = password(authorization) else {
            return false;
        };
        let presented: [u8; 32] = Sha256::digest(&key).into();
        let each = self.keys.iter().map(|known| known.ct_eq(&presented));
        each.fold(Choice::from(0), |one, other| one | other).into()
    }
}

/// What is behind the first colon of Basic credentials.
fn password(value: &HeaderValue) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (scheme, coded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = zeroize::Zeroizing::new(BASE64.decode(coded.trim().as_bytes()).ok()?);
    let colon = pair.iter().position(|byte| *byte == b':')?;
    pair.get(colon + 1..)
        .map(|key| zeroize::Zeroizing::new(key.to_vec()))
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let has_port = authority
        .port_u16()
        .is_some_and(|port| host == format!("{name}:{port}"));
    if host != name && !has_port {
        return false;
    }
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let address = bare.unwrap_or(name).parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether it is of this site, or a link that somebody follows: no picture or frame on a page of another site, which could keep the
/// console busy.
fn is_looked_at_by_somebody(headers: &HeaderMap) -> bool {
    let is = |name: &HeaderName, value: &str| headers.get(name).is_some_and(|given| given == value);
    is_told_to_be_of_this_site(headers).unwrap_or(true)
        || is(&FETCH_MODE, "navigate") && is(&FETCH_DESTINATION, "document")
}

/// Browsers say where a request comes from; what says nothing is no browser, and holds no other site's page.
fn is_of_this_site(host: Option<&str>, headers: &HeaderMap) -> bool {
    if let Some(told) = is_told_to_be_of_this_site(headers) {
        return told;
    }
    match headers.get(ORIGIN).map(HeaderValue::to_str) {
        None => true,
        Some(Ok(origin)) => origin.split_once("://").map(|(_, host)| host) == host,
        Some(Err(_)) => false,
    }
}

/// What the browser says of it, if it says anything: a page of this site sent it, or none did.
fn is_told_to_be_of_this_site(headers: &HeaderMap) -> Option<bool> {
    let site = headers.get(FETCH_SITE)?;
    Some(site == "same-origin" || site == "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "example-console-key";

    fn open() -> Access {
        Access {
            is_loopback: true,
            ..Access::default()
        }
    }

    fn locked() -> Access {
        Access {
            keys: vec![[1; 32], Sha256::digest(KEY).into()],
            ..Access::default()
        }
    }

    fn asked(access: &Access, method: &Method, headers: &[(&str, &str)]) -> Result<(), Denied> {
        let headers = headers.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        access.admit(method, None, &headers.collect())
    }

    #[test]
    fn without_a_key_it_is_for_this_machine_alone() {
        for host in [
            "127.0.0.1:9090",
            "localhost",
            "LOCALHOST:1",
            "[::1]:9090",
            "127.8.8.8",
        ] {
            assert_eq!(
                asked(&open(), &Method::GET, &[("host", host)]),
                Ok(()),
                "{host}"
            );
        }
        for host in [
            "rebound.example:9090",
            "127.0.0.1.example",
            "10.1.1.1",
            "",
            "localhost.example",
            "[::1]evil",
            "localhost:99999",
        ] {
            let denied = Err(Denied::ForeignHost);
            assert_eq!(
                asked(&open(), &Method::GET, &[("host", host)]),
                denied,
                "{host}"
            );
        }
        assert_eq!(asked(&open(), &Method::GET, &[]), Err(Denied::ForeignHost));
        let shut = Access::default();
        let host = [("host", "127.0.0.1")];
        assert_eq!(asked(&shut, &Method::GET, &host), Err(Denied::Shut));
    }

    #[test]
    fn with_keys_each_opens_it_from_anywhere() {
        let basic = |text: &str| format!("Basic {}", BASE64.encode(text.as_bytes()));
        for good in [format!("anybody:{KEY}"), format!(":{KEY}")] {
            let headers = [
                ("host", "console.corp.example"),
                ("authorization", &*basic(&good)),
            ];
            assert_eq!(asked(&locked(), &Method::GET, &headers), Ok(()), "{good}");
        }
        let twice = format!("a:{KEY}:{KEY}");
        for bad in [KEY, "a:", "a:wrong", &*twice] {
            let headers = [("authorization", &*basic(bad))];
            assert_eq!(
                asked(&locked(), &Method::GET, &headers),
                Err(Denied::WrongKey),
                "{bad}"
            );
        }
        for bad in [
            format!("Bearer {KEY}"),
            "Basic ???".to_owned(),
            "Basic".to_owned(),
        ] {
            let headers = [("host", "127.0.0.1"), ("authorization", &*bad)];
            assert_eq!(
                asked(&locked(), &Method::GET, &headers),
                Err(Denied::WrongKey),
                "{bad}"
            );
        }
        assert_eq!(asked(&locked(), &Method::GET, &[]), Err(Denied::NoKey));
    }

    #[test]
    fn nothing_is_done_for_a_page_of_another_site() {
        let host = ("host", "localhost:9090");
        for from in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "http://elsewhere.example"),
            ("origin", "null"),
        ] {
            let denied = Err(Denied::ForeignSite);
            assert_eq!(
                asked(&open(), &Method::POST, &[host, from]),
                denied,
                "{from:?}"
            );
            // A link may lead here, a picture may not.
            let link = [
                host,
                from,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            assert_eq!(asked(&open(), &Method::GET, &link), Ok(()), "{from:?}");
            if from.0 == "sec-fetch-site" {
                let picture = [
                    host,
                    from,
                    ("sec-fetch-mode", "no-cors"),
                    ("sec-fetch-dest", "image"),
                ];
                assert_eq!(asked(&open(), &Method::GET, &picture), denied, "{from:?}");
            }
        }
        for from in [
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:9090"),
            ("user-agent", "curl"),
        ] {
            assert_eq!(
                asked(&open(), &Method::POST, &[host, from]),
                Ok(()),
                "{from:?}"
            );
        }
    }
}
