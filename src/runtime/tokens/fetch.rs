//! One sign-in, from the request to the token.

use std::sync::Arc;
use std::time::Duration;

use super::credentials::Credentials;
use super::entry::{Entry, Outcome};
use super::settings::UpstreamTokenSettings;
use super::token::UpstreamToken;
use super::transport::TransportFault;
use super::unavailable::Unavailable;
use super::{FETCHED, Inner};
use super::{answer, request};
use crate::runtime::telemetry::own_requests::Wanted;

impl Inner {
    /// A token for the user of an entry: from whoever has one already, or by signing in.
    pub(super) async fn fetch(&self, entry: &Entry, wanted: Wanted) -> Outcome {
        match &self.shared {
            Some(shared) => self.fetch_shared(shared, entry, wanted).await,
            None => self.fetch_alone(entry.user(), wanted).await,
        }
    }

    /// Signs in once, counts it and writes it to the log: without the token, and without the user, who is a person.
    pub(super) async fn fetch_alone(&self, user: Option<&Arc<str>>, wanted: Wanted) -> Outcome {
        let outcome = self.sign_in(user, wanted).await;
        let word = outcome.as_ref().err().map_or(FETCHED, Unavailable::word);
        self.sign_ins.count(word);
        match &outcome {
            Ok(token) => {
                let expires_in = token.expires_in(self.clock.monotonic()).as_secs();
                tracing::info!(expires_in, "signed in upstream");
            }
            Err(fault) => {
                tracing::warn!(%fault, "signing in upstream failed");
            }
        }
        outcome
    }

    async fn sign_in(&self, user: Option<&Arc<str>>, wanted: Wanted) -> Outcome {
        let Credentials::AppId {
            app_id,
            app_key,
            corp_id,
        } = &self.credentials
        else {
            return Err(Unavailable::NotOurs);
        };
        // The life is counted from before the request was sent, so we never think a token younger than it is.
        let (asked_at, now) = (self.clock.monotonic(), self.clock.unix().as_secs());
        let mut request = request::sign_in(app_id, app_key, corp_id.as_deref(), user, now)?;
        request.extensions_mut().insert(wanted);
        let answer =
            tokio::time::timeout(self.settings.timeout, self.transport.sign_in(request)).await;
        let answer = answer.map_err(|_| TransportFault::Timeout)??;
        let (secret, life) = answer::read(&answer, now)?;
        let refresh_at = asked_at + refresh_after(life, &self.settings, fastrand::f64());
        UpstreamToken::new(secret, asked_at + life, refresh_at).map(Arc::new)
    }
}

/// When in its life a token is refreshed; `share` (0.0 to 1.0, at random) of the jitter is added.
fn refresh_after(life: Duration, settings: &UpstreamTokenSettings, share: f64) -> Duration {
    let jitter = settings
        .refresh_jitter
        .min(settings.refresh_before)
        .mul_f64(share);
    let before = settings.refresh_before.saturating_sub(jitter);
    // A token that lives shorter than that is used for half its life, instead of being refreshed with every request.
    life.saturating_sub(before.min(life / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refresh_keeps_its_distance_from_both_ends() {
        let minutes = Duration::from_mins;
        let cases = [
            ("earliest", 720, 0.0, 710),
            ("latest", 720, 1.0, 712),
            ("between", 720, 0.5, 711),
            ("as short as the distance", 10, 0.0, 5),
            ("shorter than the distance", 2, 1.0, 1),
        ];
        for (name, life, share, expected) in cases {
            let after = refresh_after(minutes(life), &UpstreamTokenSettings::default(), share);
            assert_eq!(after, minutes(expected), "{name}");
        }
        let odd = UpstreamTokenSettings {
            refresh_jitter: minutes(90),
            ..UpstreamTokenSettings::default()
        };
        assert_eq!(
            refresh_after(minutes(720), &odd, 1.0),
            minutes(720),
            "jitter above the distance"
        );
    }
}
