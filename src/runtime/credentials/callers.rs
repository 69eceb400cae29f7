//! The configured callers, found by what they show: an API key, an App ID, or a token that an App ID got.
//!
//! A gateway token names the App ID *and key* it was got with, by a fingerprint: taking an App ID out of the configuration,
//! or giving it another key, ends its tokens with the next reload.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::api_keys::{ApiKeys, KeyDigest, SharedApiKey};
use crate::model::client_certificate::{ClientCertificate, Identity};
use crate::model::principal::Caller;
use crate::model::refusal::Refusal;
use crate::model::secret::Secret;

/// A short digest of an App ID and its key, as tokens carry it.
pub type Fingerprint = [u8; 8];

/// An App ID that the gateway issued to a caller.
#[derive(Debug, Clone)]
pub struct AppIdCredentials {
    /// The App ID; not a secret.
    pub app_id: Box<str>,
    /// Its key.
    pub app_key: Secret,
}

/// A caller and everything it may show.
#[derive(Debug, Clone)]
pub struct CallerCredentials {
    /// Who it is. Its `index` must be its position in the list.
    pub caller: Arc<Caller>,
    /// SHA-256 of each of its API keys.
    pub api_keys: Vec<KeyDigest>,
    /// Its App IDs.
    pub app_ids: Vec<AppIdCredentials>,
    /// Names in certificates that are its own.
    pub certificates: Vec<Identity>,
}

/// Why a list of callers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallersFault {
    /// One API key for two callers.
    #[error("callers `{first}` and `{second}` hold the same API key; give each its own")]
    SharedApiKey {
        /// Id of the caller that had it first.
        first: Arc<str>,
        /// Id of the other.
        second: Arc<str>,
    },
    /// One App ID twice.
    #[error(
        "the App ID `{app_id}` is listed twice; an App ID belongs to one caller and has one key"
    )]
    RepeatedAppId {
        /// Which one.
        app_id: Box<str>,
    },
    /// One name of a certificate twice.
    #[error("the certificate name `{name}` is listed twice; a name belongs to one caller")]
    RepeatedCertificate {
        /// Which one.
        name: Identity,
    },
}

/// An App ID in the table.
#[derive(Debug)]
pub struct RegisteredAppId {
    /// Who holds it.
    pub caller: Arc<Caller>,
    /// Its key.
    pub app_key: Secret,
    /// What its tokens carry.
    pub fingerprint: Fingerprint,
}

/// The table of callers of one configuration.
#[derive(Debug, Default)]
pub struct Callers {
    by_position: Vec<Arc<Caller>>,
    api_keys: ApiKeys,
    app_ids: HashMap<Box<str>, RegisteredAppId>,
    by_fingerprint: HashMap<Fingerprint, Arc<Caller>>,
    certificates: HashMap<Identity, Arc<Caller>>,
}

impl Callers {
    /// Builds the table; fails where a credential would not say who is asking.
    pub fn new(list: Vec<CallerCredentials>) -> Result<Self, CallersFault> {
        let keys = list.iter().enumerate();
        let keys = keys.flat_map(|(at, one)| one.api_keys.iter().map(move |&key| (key, at)));
        let api_keys = ApiKeys::new(keys).map_err(|SharedApiKey { first, second }| {
            let id = |at: usize| {
                list.get(at)
                    .map_or_else(|| "?".into(), |one| Arc::clone(&one.caller.id))
            };
            CallersFault::SharedApiKey {
                first: id(first),
                second: id(second),
            }
        })?;
        let mut table = Self {
            api_keys,
            ..Self::default()
        };
        for CallerCredentials {
            caller,
            app_ids,
            certificates,
            ..
        } in list
        {
            for name in certificates {
                let taken = table.certificates.insert(name.clone(), Arc::clone(&caller));
                if taken.is_some() {
                    return Err(CallersFault::RepeatedCertificate { name });
                }
            }
            for AppIdCredentials { app_id, app_key } in app_ids {
                let fingerprint = fingerprint(&app_id, &app_key);
                table
                    .by_fingerprint
                    .insert(fingerprint, Arc::clone(&caller));
                let registered = RegisteredAppId {
                    caller: Arc::clone(&caller),
                    app_key,
                    fingerprint,
                };
                if table.app_ids.insert(app_id.clone(), registered).is_some() {
                    return Err(CallersFault::RepeatedAppId { app_id });
                }
            }
            table.by_position.push(caller);
        }
        Ok(table)
    }

    /// Every caller, in the order of the configuration.
    pub fn all(&self) -> &[Arc<Caller>] {
        &self.by_position
    }

    /// Who holds this API key.
    pub fn by_api_key(&self, key: &str) -> Option<&Arc<Caller>> {
        self.by_position.get(self.api_keys.caller(key)?)
    }

    /// The App ID's entry.
    pub fn by_app_id(&self, app_id: &str) -> Option<&RegisteredAppId> {
        self.app_ids.get(app_id)
    }

    /// Whether any caller may prove itself with a certificate.
    pub fn hold_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Who holds this certificate; nobody, where none of its names is a caller's.
    ///
    /// # Errors
    ///
    /// [`Refusal::CredentialAmbiguous`] where its names are those of two callers.
    pub fn by_certificate(
        &self,
        certificate: &ClientCertificate,
    ) -> Result<Option<&Arc<Caller>>, Refusal> {
        let names = certificate.identities().iter();
        let mut holders = names.filter_map(|name| self.certificates.get(name));
        let first = holders.next();
        let same = |other: &Arc<Caller>| first.is_some_and(|first| Arc::ptr_eq(first, other));
        if holders.all(same) {
            Ok(first)
        } else {
            Err(Refusal::CredentialAmbiguous)
        }
    }

    /// Who holds the App ID that a token was got with.
    pub fn by_fingerprint(&self, fingerprint: &Fingerprint) -> Option<&Arc<Caller>> {
        self.by_fingerprint.get(fingerprint)
    }
}

fn fingerprint(app_id: &str, app_key: &Secret) -> Fingerprint {
    let digest = Sha256::new()
        .chain_update("meeting-gateway app id\0")
        .chain_update(app_id)
        .chain_update("\0")
        .chain_update(app_key.expose())
        .finalize();
    let mut short = Fingerprint::default();
    short.copy_from_slice(&digest[..8]);
    short
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::super::api_keys::digest;
    use super::*;
    use crate::model::principal::UpstreamUser;

    /// A caller with the API key `<id>-key` and the App ID `<id>-app` with the key `<id>-secret`.
    pub(in super::super) fn caller(
        id: &str,
        index: usize,
        upstream_user: UpstreamUser,
    ) -> CallerCredentials {
        CallerCredentials {
            caller: Arc::new(Caller {
                id: id.into(),
                index,
                groups: Box::default(),
                scopes: crate::model::scopes::Scopes::default(),
                claims: crate::model::json::Object::new(),
                upstream_user,
            }),
            api_keys: vec![digest(&format!("{id}-key"))],
            app_ids: vec![AppIdCredentials {
                app_id: format!("{id}-app").into(),
                app_key: format!("{id}-secret").into(),
            }],
            certificates: Identity::dns(&format!("{id}.example"))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn a_caller_is_found_by_each_of_its_credentials() {
        let list = vec![
            caller("a", 0, UpstreamUser::SignedIn),
            caller("b", 1, UpstreamUser::DefaultAdministrator),
        ];
        let table = Callers::new(list).unwrap();
        assert_eq!(&*table.by_api_key("b-key").unwrap().id, "b");
        assert!(table.by_api_key("c-key").is_none());
        let app = table.by_app_id("a-app").unwrap();
        assert_eq!(&*app.caller.id, "a");
        assert_eq!(&*table.by_fingerprint(&app.fingerprint).unwrap().id, "a");
    }

    #[test]
    fn the_names_of_a_certificate_must_be_those_of_one_caller() {
        let mut a = caller("a", 0, UpstreamUser::SignedIn);
        a.certificates.extend(Identity::uri("spiffe://corp/a"));
        let table = Callers::new(vec![a.clone(), caller("b", 1, UpstreamUser::SignedIn)]).unwrap();
        let (a_dns, a_uri) = (Identity::dns("a.example"), Identity::uri("spiffe://corp/a"));
        let (b_dns, other) = (Identity::dns("b.example"), Identity::dns("c.example"));
        let cases = [
            ("none of ours", vec![&other], Ok(None)),
            ("no names", vec![], Ok(None)),
            ("one", vec![&other, &a_dns], Ok(Some("a"))),
            ("two of one", vec![&a_dns, &a_uri], Ok(Some("a"))),
            (
                "of two",
                vec![&a_uri, &b_dns],
                Err(Refusal::CredentialAmbiguous),
            ),
        ];
        for (name, names, expected) in cases {
            let names = names.into_iter().flatten().cloned();
            let certificate = ClientCertificate::new(names, Duration::MAX);
            let holder = table.by_certificate(&certificate);
            let holder = holder.map(|holder| holder.map(|caller| &*caller.id));
            assert_eq!(holder, expected, "{name}");
        }
        a.certificates.extend(a_dns);
        let fault = Callers::new(vec![a]).unwrap_err();
        assert!(fault.to_string().contains("`dns a.example`"), "{fault}");
    }

    #[test]
    fn another_app_key_is_another_fingerprint() {
        let print = |id, key: &str| fingerprint(id, &key.into());
        assert_eq!(print("a", "1"), print("a", "1"));
        assert_ne!(print("a", "1"), print("a", "2"));
        assert_ne!(print("a", "1"), print("b", "1"));
    }

    #[test]
    fn a_credential_that_names_two_callers_is_refused() {
        let a = caller("a", 0, UpstreamUser::SignedIn);
        let mut b = caller("b", 1, UpstreamUser::SignedIn);
        b.api_keys.clone_from(&a.api_keys);
        let fault = Callers::new(vec![a.clone(), b.clone()]).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "callers `a` and `b` hold the same API key; give each its own"
        );
        b.api_keys.clear();
        b.app_ids.clone_from(&a.app_ids);
        let fault = Callers::new(vec![a, b]).unwrap_err();
        assert_eq!(
            fault,
            CallersFault::RepeatedAppId {
                app_id: "a-app".into()
            }
        );
    }
}
