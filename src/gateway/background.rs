//! What goes on beside requests, to the end of the process.

use std::time::Duration;

use crate::model::principal::UpstreamUser;
use crate::runtime::account::Account;
use crate::runtime::readiness::{Condition, Readiness};
use crate::runtime::snapshot::Live;
use crate::runtime::telemetry::logs;

/// How often the gateway looks whether it holds an upstream token.
const READINESS_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is looked whether a level of the log for a while is over.
const LEVELS_INTERVAL: Duration = Duration::from_secs(1);

/// Ends a level for a while also where the thread that writes the log is held up, for ever. To be spawned once, and aborted at the end.
pub(super) async fn end_levels() {
    loop {
        tokio::time::sleep(LEVELS_INTERVAL).await;
        if let Some(level) = logs::levels().and_then(|levels| levels.expire()) {
            tracing::warn!(level, "the log has its configured level again");
        }
    }
}

/// Keeps `/readyz` true about the upstream token. Signs in at the start and after a reload that changes the account; an upstream
/// that is down then is tried again, with the pauses that the token store keeps.
pub(super) async fn watch_token(live: Live, readiness: Readiness) {
    loop {
        let account = live.current().account.clone();
        let first_user = account.as_ref().and_then(Account::first_user);
        if let (Some(account), Some(user)) = (&account, first_user) {
            let user = match user {
                UpstreamUser::Fixed(user) => Some(user),
                UpstreamUser::SignedIn | UpstreamUser::DefaultAdministrator => None,
            };
            match account.tokens().token(user).await {
                Ok(_) => readiness.met(Condition::UpstreamToken),
                Err(fault) => readiness.unmet(Condition::UpstreamToken, fault.to_string()),
            }
        } else {
            readiness.met(Condition::UpstreamToken);
        }
        tokio::time::sleep(READINESS_INTERVAL).await;
    }
}
