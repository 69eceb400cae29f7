//! What a client certificate says of its holder: the names in it, and until when it holds.
//!
//! A name is compared as a whole, never by a part of it and never by a pattern. Subjects are compared in the text form of RFC 4514
//! (the order of `openssl x509 -noout -subject -nameopt RFC2253`), in which every character that could be taken for a border
//! between two attributes is escaped: a common name cannot pose as an organisation. Host names and the domains of mail addresses
//! do not depend on case; everything else does.
//!
//! That a certificate can be trusted is not found out here: the TLS library has verified it before.
//!
//! ```
//! use meeting_gateway::model::client_certificate::Identity;
//!
//! let subject = Identity::subject("CN=scheduler, O=Corp\\, Ltd.").unwrap();
//! assert_eq!(subject.to_string(), "subject CN=scheduler,O=Corp\\, Ltd.");
//! assert_eq!(Identity::dns("Scheduler.corp.example"), Identity::dns("scheduler.corp.example"));
//! assert!(Identity::dns("*.corp.example").is_none());
//! ```

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::RdnSequence;

/// Most alternative names of a certificate that are looked at. One with more is not taken for a client's.
const MOST_NAMES: usize = 64;
/// Longest name, in bytes.
const LONGEST_NAME: usize = 1024;

/// One name that a certificate gives its holder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// The whole subject, in the form of RFC 4514.
    Subject(Box<str>),
    /// A host name among the alternative names, in lower case.
    Dns(Box<str>),
    /// A URI among the alternative names, such as a SPIFFE ID.
    Uri(Box<str>),
    /// A mail address among the alternative names, its domain in lower case.
    Email(Box<str>),
}

impl Identity {
    /// A subject in the form of RFC 4514, however it is spaced and escaped. `None`: it is none, or is empty.
    pub fn subject(text: &str) -> Option<Self> {
        // Spaces around the commas are allowed by older forms; ours has none.
        let bare = without_spaces_after_commas(text);
        let name = RdnSequence::from_str(&bare).ok()?;
        Self::of_subject(&name)
    }

    /// A host name. `None`: it is none that a name of a certificate could equal; a pattern is no name.
    pub fn dns(text: &str) -> Option<Self> {
        let usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let name = bounded(text).filter(|text| text.bytes().all(usual))?;
        Some(Self::Dns(name.to_ascii_lowercase().into()))
    }

    /// A URI. `None`: it has no scheme, or characters that no URI has.
    pub fn uri(text: &str) -> Option<Self> {
        let name = bounded(text).filter(|text| text.bytes().all(|b| b.is_ascii_graphic()))?;
        let (scheme, rest) = name.split_once(':')?;
        let usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        (!scheme.is_empty() && scheme.bytes().all(usual) && !rest.is_empty())
            .then(|| Self::Uri(name.into()))
    }

    /// A mail address. `None`: it is none in ASCII.
    pub fn email(text: &str) -> Option<Self> {
        let name = bounded(text).filter(|text| text.bytes().all(|b| b.is_ascii_graphic()))?;
        let (local, domain) = name.rsplit_once('@')?;
        (!local.is_empty() && !domain.is_empty())
            .then(|| Self::Email(format!("{local}@{}", domain.to_ascii_lowercase()).into()))
    }

    fn of_subject(name: &RdnSequence) -> Option<Self> {
        let text = name.to_string();
        let text = bounded(&text)?;
        Some(Self::Subject(text.into()))
    }

    fn of_alternative(name: &GeneralName) -> Option<Self> {
        match name {
            GeneralName::DnsName(name) => Self::dns(name.as_str()),
            GeneralName::UniformResourceIdentifier(name) => Self::uri(name.as_str()),
            GeneralName::Rfc822Name(name) => Self::email(name.as_str()),
            _ => None,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Subject(name) => ("subject", name),
            Self::Dns(name) => ("dns", name),
            Self::Uri(name) => ("uri", name),
            Self::Email(name) => ("email", name),
        };
        write!(f, "{kind} {name}")
    }
}

fn bounded(text: &str) -> Option<&str> {
    (1..=LONGEST_NAME).contains(&text.len()).then_some(text)
}

fn without_spaces_after_commas(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut escaped = false;
    let mut after_comma = true;
    for c in text.chars() {
        if after_comma && c == ' ' {
            continue;
        }
        after_comma = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        bare.push(c);
    }
    bare
}

/// What is known of the certificate that a client showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    identities: Box<[Identity]>,
    expires: Duration,
}

/// Why a verified certificate tells nothing of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// It is not the DER of a certificate, or its alternative names are not.
    #[error("it cannot be read")]
    Malformed,
    /// More alternative names than are looked at.
    #[error("it has more than {MOST_NAMES} alternative names")]
    TooManyNames,
}

impl ClientCertificate {
    /// Reads a certificate that has been verified.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateFault> {
        let malformed = |_| CertificateFault::Malformed;
        let certificate = Certificate::from_der(der).map_err(malformed)?;
        let certificate = certificate.tbs_certificate();
        let alternative = certificate
            .get_extension::<SubjectAltName>()
            .map_err(malformed)?
            .map_or_else(Vec::new, |(_, names)| names.0);
        if alternative.len() > MOST_NAMES {
            return Err(CertificateFault::TooManyNames);
        }
        let subject = Identity::of_subject(certificate.subject().as_ref());
        let alternative = alternative.iter().filter_map(Identity::of_alternative);
        Ok(Self {
            identities: subject.into_iter().chain(alternative).collect(),
            expires: certificate.validity().not_after.to_unix_duration(),
        })
    }

    /// A certificate with these names, which expires at this time since 1970.
    pub fn new(identities: impl IntoIterator<Item = Identity>, expires: Duration) -> Self {
        Self {
            identities: identities.into_iter().collect(),
            expires,
        }
    }

    /// Every name in it, the subject first.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// Whether it has run out, at this time since 1970: a connection may outlive the certificate that it was opened with.
    pub fn is_expired(&self, now: Duration) -> bool {
        now > self.expires
    }
}

#[cfg(test)]
mod tests;
