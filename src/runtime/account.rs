//! The gateway's account at the upstream: the client, and the tokens that are fetched through it.
//!
//! It is part of a [`Snapshot`](super::snapshot::Snapshot), so a request that is held to an old one is sent to the old upstream
//! with an old token, and no token ever goes to an upstream that it was not made for. What a reload does not change goes on: the
//! tokens, because the upstream keeps only so many, and the connections.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use std::path::Path;
//! # use meeting_gateway::config;
//! use meeting_gateway::model::clock::SystemClock;
//! use meeting_gateway::runtime::account::Account;
//!
//! # let parse = |text: &str| config::parse(text, "example.yaml", Path::new("."), &BTreeMap::new(), &[]).unwrap();
//! let config = parse("upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: example-token}}");
//! let account = Account::open(&config, SystemClock::shared(), None).unwrap();
//! assert!(account.tokens().status().is_empty()); // a fixed token is never fetched
//!
//! let wrong = parse("upstream: {url: 'https://api.meeting.example', ca_file: Cargo.toml, credentials: {fixed_token: example-token}}");
//! let problems = Account::open(&wrong, SystemClock::shared(), Some(&account)).unwrap_err();
//! assert!(problems[0].to_string().contains("no certificate in this file"));
//! ```

use std::path::Path;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use http::uri::PathAndQuery;
use sha2::{Digest as _, Sha256};

use super::http_client::Pooling;
use super::store::Store;
use super::tally::Tally;
use super::telemetry::own_requests::OwnRequests;
use super::tokens::settings::UpstreamTokenSettings;
use super::tokens::shared::SharedAccount;
use super::tokens::{self, UpstreamTokens};
use super::tokens_over_http::TokensOverHttp;
use super::upstream_client::UpstreamClient;
use crate::config::Config;
use crate::config::upstream::Credentials;
use crate::model::clock::SharedClock;
use crate::model::origin::Origin;
use crate::model::principal::UpstreamUser;
use crate::model::problem::Problem;

/// A client and its tokens; clones share both.
#[derive(Debug, Clone)]
pub struct Account {
    connection: Arc<Connection>,
    tokens: UpstreamTokens,
    first_user: Option<UpstreamUser>,
}

#[derive(Debug)]
struct Connection {
    client: UpstreamClient,
    origin: Origin,
    pooling: Pooling,
    /// Of the file with the certificates to trust, where there is one.
    roots: Option<String>,
}

impl Account {
    /// Connects nowhere yet. Keeps of `before` what `config` does not change.
    ///
    /// # Errors
    ///
    /// The certificates to trust cannot be used, or the token is none.
    pub fn open(
        config: &Config,
        clock: SharedClock,
        before: Option<&Self>,
    ) -> Result<Self, Vec<Problem>> {
        let own_requests = OwnRequests::new(Arc::clone(&clock));
        Self::open_told_of(config, clock, before, (&own_requests, None))
    }

    /// The same, with `own_requests` to tell of sign-ins, and a store to share tokens through.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn open_told_of(
        config: &Config,
        clock: SharedClock,
        before: Option<&Self>,
        (own_requests, store): (&OwnRequests, Option<&Store>),
    ) -> Result<Self, Vec<Problem>> {
        let connection = connection(config, before)?;
        let credentials = credentials(config);
        let settings = UpstreamTokenSettings {
            refresh_before: config.upstream.token.refresh_before,
            refresh_jitter: config.upstream.token.refresh_jitter,
            users: config.upstream.token.users,
            ..UpstreamTokenSettings::default()
        };
        let goes_on = before.filter(|before| {
            Arc::ptr_eq(&before.connection, &connection)
                && before.tokens.serves(&credentials, &settings)
        });
        let tokens = if let Some(before) = goes_on {
            before.tokens.clone()
        } else {
            let client = connection.client.clone();
            let transport = TokensOverHttp::new(
                client,
                connection.origin.clone(),
                settings.timeout,
                own_requests.clone(),
            );
            let shared = store.map(|store| SharedAccount {
                store: store.clone(),
                upstream: connection
                    .origin
                    .uri(PathAndQuery::from_static("/"))
                    .to_string()
                    .into(),
            });
            // What was counted goes on, also where nothing else of them does.
            let counted = match before {
                Some(before) => Arc::clone(before.tokens.sign_ins()),
                None => Arc::new(Tally::of(tokens::SIGN_IN_OUTCOMES)),
            };
            let transport = Arc::new(transport);
            let tokens =
                UpstreamTokens::counting(credentials, settings, transport, clock, counted, shared);
            tokens.map_err(|fault| {
                let what = format!("the upstream's token cannot be used: {fault}");
                vec![Problem::of_key("upstream.credentials", what)]
            })?
        };
        Ok(Self {
            connection,
            tokens,
            first_user: first_user(config),
        })
    }

    /// The client.
    pub fn client(&self) -> &UpstreamClient {
        &self.connection.client
    }

    /// The tokens.
    pub const fn tokens(&self) -> &UpstreamTokens {
        &self.tokens
    }

    /// The upstream user to sign in as before anybody calls, if there is one that is known so early.
    pub const fn first_user(&self) -> Option<&UpstreamUser> {
        self.first_user.as_ref()
    }
}

fn connection(config: &Config, before: Option<&Account>) -> Result<Arc<Connection>, Vec<Problem>> {
    let upstream = &config.upstream;
    let origin = Origin::try_from(&upstream.url)
        .map_err(|fault| vec![Problem::of_key("upstream.url", fault.to_string())])?;
    let pooling = Pooling {
        connect_timeout: upstream.connect_timeout,
        idle_timeout: upstream.idle_timeout,
        idle_connections: upstream.idle_connections,
        http2: upstream.http2,
    };
    let ca_file = upstream.ca_file.as_deref();
    let roots = ca_file.map(digest);
    if let Some(before) = before
        && before.connection.origin == origin
        && before.connection.pooling == pooling
        && before.connection.roots == roots
    {
        return Ok(Arc::clone(&before.connection));
    }
    let client = UpstreamClient::new(&origin, pooling, ca_file).map_err(|fault| {
        let what = format!("the client for the upstream cannot be built: {fault}");
        let named = config
            .paths
            .iter()
            .find(|named| ca_file == Some(&named.path));
        vec![named.map_or_else(
            || Problem::of_key("upstream", what.clone()),
            |named| named.problem(fault.to_string()),
        )]
    })?;
    Ok(Arc::new(Connection {
        client,
        origin,
        pooling,
        roots,
    }))
}

/// Tells files apart by what is in them. One that cannot be read is a fault of whoever reads it next.
fn digest(path: &Path) -> String {
    HEXLOWER.encode(&Sha256::digest(std::fs::read(path).unwrap_or_default()))
}

fn credentials(config: &Config) -> tokens::credentials::Credentials {
    match &config.upstream.credentials {
        Credentials::AppId(app) => tokens::credentials::Credentials::AppId {
            app_id: app.app_id.as_str().into(),
            app_key: app.app_key.clone(),
            corp_id: app.corp_id.as_deref().map(Into::into),
        },
        Credentials::FixedToken(token) => tokens::credentials::Credentials::Fixed(token.clone()),
        Credentials::PassThrough => tokens::credentials::Credentials::PassThrough,
    }
}

fn first_user(config: &Config) -> Option<UpstreamUser> {
    if !matches!(config.upstream.credentials, Credentials::AppId(_)) {
        return None;
    }
    let users = config
        .callers
        .iter()
        .map(|caller| &caller.caller.upstream_user);
    users
        .into_iter()
        .find(|user| **user != UpstreamUser::SignedIn)
        .cloned()
}

#[cfg(test)]
mod tests;
