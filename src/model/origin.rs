//! Where an upstream is: a scheme and an authority. Paths and queries come from elsewhere.
//!
//! ```
//! use meeting_gateway::model::origin::Origin;
//!
//! let origin: Origin = "https://api.meeting.huaweicloud.com".parse().unwrap();
//! let target = "/v1/usg/acs/token".parse().unwrap();
//! assert_eq!(origin.uri(target).to_string(), "https://api.meeting.huaweicloud.com/v1/usg/acs/token");
//! assert_eq!(origin.host(), "api.meeting.huaweicloud.com");
//! assert!("api.meeting.huaweicloud.com".parse::<Origin>().is_err());
//! assert!("https://api.example/prefix".parse::<Origin>().is_err());
//! ```

use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// A scheme (`http` or `https`) and an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
}

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is `http://` or `https://` with a host and perhaps a port, without user, path or query"
)]
pub struct NotAnOrigin;

impl Origin {
    /// A target at this origin.
    pub fn uri(&self, target: PathAndQuery) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        // All three parts are there, so there is nothing left to refuse.
        Uri::from_parts(parts).unwrap_or_default()
    }

    /// What a request there says in `Host`: the port only where it is not the scheme's own (RFC 9110, section 7.2).
    pub fn host(&self) -> &str {
        let default = if self.scheme == Scheme::HTTPS {
            443
        } else {
            80
        };
        if self.authority.port_u16() == Some(default) {
            self.authority.host()
        } else {
            self.authority.as_str()
        }
    }
}

impl TryFrom<&Uri> for Origin {
    type Error = NotAnOrigin;

    fn try_from(uri: &Uri) -> Result<Self, NotAnOrigin> {
        let scheme = uri
            .scheme()
            .filter(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme))
            .ok_or(NotAnOrigin)?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))
            .ok_or(NotAnOrigin)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if bare {
            Ok(Self {
                scheme: scheme.clone(),
                authority: authority.clone(),
            })
        } else {
            Err(NotAnOrigin)
        }
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        Self::try_from(&text.parse::<Uri>().map_err(|_| NotAnOrigin)?)
    }
}
