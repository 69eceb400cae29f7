//! Tokens that several replicas share: one of them signs in, the others take what it got.
//!
//! A token from the store is taken unless it is due for renewal or is the one that the upstream has just refused. Else one replica gets the
//! turn to sign in, and puts what it got into the store; the others look there until it is there. One that has no token at all waits for that
//! a few seconds, since whoever has the turn may be gone, and then signs in for itself; so does every replica while the store fails, as
//! without one.

use std::sync::Arc;
use std::time::Duration;

use super::Inner;
use super::credentials::Credentials;
use super::entry::{Entry, Outcome};
use super::token::UpstreamToken;
use crate::runtime::store::Store;
use crate::runtime::store::shared_token::{Shared, SharedToken, SharedTokenName, Turn};
use crate::runtime::telemetry::own_requests::Wanted;

/// What a turn lasts beyond the longest sign-in.
const MARGIN: Duration = Duration::from_secs(5);
/// How long a replica without any token waits for what another one fetches; a sign-in takes a few hundred milliseconds.
const WAITS: Duration = Duration::from_secs(3);
/// The pause between two looks for what somebody else fetches, and as much again at random.
const LOOK: Duration = Duration::from_millis(50);

/// The store, and which upstream the tokens in it are for.
#[derive(Debug, Clone)]
pub struct SharedAccount {
    /// The store.
    pub store: Store,
    /// The upstream that the account is at: its scheme, host and port.
    pub upstream: Box<str>,
}

impl SharedAccount {
    /// What the token of a user is called. Other credentials have other tokens.
    fn name(&self, credentials: &Credentials, user: Option<&Arc<str>>) -> SharedTokenName {
        let none = &[][..];
        let (app_id, app_key, corp_id) = match credentials {
            Credentials::AppId {
                app_id,
                app_key,
                corp_id,
            } => {
                let corp_id = corp_id.as_ref().map_or(none, |id| id.as_bytes());
                (app_id.as_bytes(), app_key.expose().as_bytes(), corp_id)
            }
            // There is nothing to share: never asked.
            Credentials::Fixed(_) | Credentials::PassThrough => (none, none, none),
        };
        let user = user.map_or(none, |user| user.as_bytes());
        let upstream = self.upstream.as_bytes();
        self.store
            .token_name(&[upstream, app_id, app_key, corp_id, user])
    }
}

impl Inner {
    /// A token that another replica got, or one that is fetched now for all of them.
    pub(super) async fn fetch_shared(
        &self,
        shared: &SharedAccount,
        entry: &Entry,
        wanted: Wanted,
    ) -> Outcome {
        let store = &shared.store;
        store.tried().await;
        let name = shared.name(&self.credentials, entry.user());
        let turn_lasts = self.settings.timeout + MARGIN;
        let mut seen: Option<(SharedToken, Duration)> = None;
        // One that serves is left time to be renewed.
        let waits = match entry.valid(self.clock.monotonic()) {
            Some(_) => turn_lasts,
            None => WAITS.min(turn_lasts),
        };
        let until = self.clock.monotonic().saturating_add(waits);
        // Each look takes one pause at least, so this is not what ends it.
        for _ in 0..=waits.as_millis() / LOOK.as_millis() {
            let asked_at = self.clock.monotonic();
            if asked_at >= until {
                break;
            }
            let found = store
                .token_or_turn(&name, seen.as_ref().map(|(token, _)| token), turn_lasts)
                .await;
            match found {
                Ok(Shared::Token(token)) => {
                    if !token.is_due() && !entry.gave_up(&token.secret) {
                        tracing::debug!("took an upstream token from the store");
                        return taken(&token, asked_at);
                    }
                    seen = Some((token, asked_at));
                }
                Ok(Shared::Turn(turn)) => {
                    return self
                        .fetch_in_turn((store, &name), turn, entry, wanted)
                        .await;
                }
                Ok(Shared::Wait) => {
                    // It is being renewed: whoever has none at all need not wait for that.
                    let serves = seen.as_ref().filter(|(token, _)| {
                        !token.lives.is_zero()
                            && entry.valid(asked_at).is_none()
                            && !entry.gave_up(&token.secret)
                    });
                    if let Some((token, seen_at)) = serves {
                        return taken(token, *seen_at);
                    }
                    tokio::time::sleep(LOOK.mul_f64(1.0 + fastrand::f64())).await;
                }
                Err(fault) => {
                    tracing::debug!(%fault, "signing in upstream without the store");
                    break;
                }
            }
        }
        self.fetch_alone(entry.user(), wanted).await
    }

    async fn fetch_in_turn(
        &self,
        (store, name): (&Store, &SharedTokenName),
        turn: Turn,
        entry: &Entry,
        wanted: Wanted,
    ) -> Outcome {
        let outcome = self.fetch_alone(entry.user(), wanted).await;
        let told = match &outcome {
            Ok(token) => {
                let life = token.life(self.clock.monotonic());
                store.publish(name, turn, token.secret(), life).await
            }
            Err(_) => store.leave(name, turn).await.map(|()| true),
        };
        match told {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "signing in upstream took longer than the turn for it; another replica has fetched a token since"
            ),
            Err(fault) => tracing::warn!(%fault, "the upstream token is kept on this replica only"),
        }
        outcome
    }
}

impl SharedToken {
    fn is_due(&self) -> bool {
        self.lives <= self.renewed_before
    }
}

/// A token of the store, asked for at `asked_at`: so we never think it younger than it is.
fn taken(token: &SharedToken, asked_at: Duration) -> Outcome {
    let expires_at = asked_at.saturating_add(token.lives);
    let refresh_at = expires_at.saturating_sub(token.renewed_before);
    UpstreamToken::new(token.secret.clone(), expires_at, refresh_at).map(Arc::new)
}
