//! A caller that is to be put into a file.
//!
//! Its names and its user are meant as they are: a `${` in one of them is written so that it is read as itself, not as a reference.
//! The keys of App IDs alone are references.

use serde_json::{Map, Value as Json, json};

use super::{API_KEYS, APP_IDS};
use crate::config::callers::KeyHash;
use crate::model::principal::UpstreamUser;

/// A caller to be added.
#[derive(Debug, Clone, Default)]
pub struct NewCaller {
    /// Its name.
    pub id: String,
    /// The hashes of its API keys.
    pub api_keys: Vec<KeyHash>,
    /// Its App IDs, each with the reference to its key, such as `${file.secrets/events.key}`.
    pub app_ids: Vec<(String, String)>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// As whom it acts upstream, if not as whom it signed in.
    pub upstream_user: Option<UpstreamUser>,
}

impl NewCaller {
    /// As an entry of `callers`; what is empty is left out.
    pub(super) fn as_json(&self) -> Json {
        let mut members = Map::new();
        members.insert("id".to_owned(), json!(literal(&self.id)));
        if !self.api_keys.is_empty() {
            let hashes: Vec<String> = self.api_keys.iter().map(ToString::to_string).collect();
            members.insert(API_KEYS.to_owned(), json!(hashes));
        }
        if !self.app_ids.is_empty() {
            let issued = self.app_ids.iter();
            let issued =
                issued.map(|(app_id, key)| json!({ "app_id": literal(app_id), "app_key": key }));
            members.insert(APP_IDS.to_owned(), issued.collect());
        }
        for (key, names) in [("groups", &self.groups), ("scopes", &self.scopes)] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
                members.insert(key.to_owned(), json!(names));
            }
        }
        let user = match &self.upstream_user {
            None | Some(UpstreamUser::SignedIn) => None,
            Some(UpstreamUser::Fixed(user)) => Some(json!({ "fixed": literal(user) })),
            Some(UpstreamUser::DefaultAdministrator) => Some(json!("default_administrator")),
        };
        members.extend(user.map(|user| ("upstream_user".to_owned(), user)));
        Json::Object(members)
    }
}

/// A text in which nothing is a reference.
pub(super) fn literal(text: &str) -> String {
    text.replace("${", "$${")
}
