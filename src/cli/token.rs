//! `token check`: signs in upstream once and says what came back. The token itself is never shown.

use std::sync::Arc;

use super::arguments::ConfigSource;
use super::exit::Exit;
use super::{check, output, report};
use crate::config::Config;
use crate::model::clock::SystemClock;
use crate::model::principal::UpstreamUser;
use crate::runtime::account::Account;

/// Runs `token check`: 0 if there is a token for every upstream user that the configuration names, else 1.
pub fn check(source: &ConfigSource) -> Exit {
    let config = match check::load(source) {
        Ok(config) => config,
        Err(problems) => {
            output::note(&report::text(&problems));
            return Exit::Failure;
        }
    };
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(sign_in(&config)),
        Err(fault) => output::failed(&format_args!("cannot start: {fault}")),
    }
}

async fn sign_in(config: &Config) -> Exit {
    let account = match Account::open(config, SystemClock::shared(), None) {
        Ok(account) => account,
        Err(problems) => {
            output::note(&report::text(&problems));
            return Exit::Failure;
        }
    };
    let tokens = account.tokens();
    if tokens.is_pass_through() {
        return output::data(
            "callers bring their own token (upstream.credentials.pass_through): nothing to check",
        );
    }
    let users = users(config);
    if users.is_empty() {
        return output::data(
            "every caller acts for the user it signs in as: no user is known to check with",
        );
    }
    let mut exit = Exit::Success;
    for user in users {
        let name = user.as_deref().unwrap_or("the default administrator");
        match tokens.token(user.as_ref()).await {
            Ok(_) => {
                let left = tokens
                    .status()
                    .into_iter()
                    .find(|status| status.user == user)
                    .and_then(|status| status.expires_in);
                let life = left.map_or_else(
                    || "no known end".to_owned(),
                    |left| format!("{} minutes left", left.as_secs() / 60),
                );
                output::data(&format!(
                    "{}: signed in as {name}, {life}",
                    config.upstream.url
                ));
            }
            Err(fault) => {
                output::error(&format_args!(
                    "{}: no token for {name}: {fault}",
                    config.upstream.url
                ));
                exit = Exit::Failure;
            }
        }
    }
    exit
}

/// The upstream users that the configuration names, each once.
fn users(config: &Config) -> Vec<Option<Arc<str>>> {
    let mut users: Vec<Option<Arc<str>>> = Vec::new();
    for caller in &config.callers {
        let user = match &caller.caller.upstream_user {
            UpstreamUser::Fixed(user) => Some(Arc::clone(user)),
            UpstreamUser::DefaultAdministrator => None,
            UpstreamUser::SignedIn => continue,
        };
        if !users.contains(&user) {
            users.push(user);
        }
    }
    users
}
