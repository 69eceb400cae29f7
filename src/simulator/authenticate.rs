//! The token operations: sign in, refresh, sign out, validate (facts part 4).

use std::time::Duration;

use super::errors::{SIGN_IN_PARAMETER, TOKEN_INVALID, TOKEN_MISSING};
use super::lenient;
use super::routes::Route;
use super::settings::Settings;
use super::sign_in;
use super::state::{Moment, Outcome, State};
use super::token_response::token_response;
use super::tokens::{Holder, Lifetimes};
use super::witness::Seen;

impl State {
    /// Answers a token operation; any other route is read as a validation.
    pub(super) fn authenticate(
        &mut self,
        settings: &Settings,
        route: Route,
        seen: &Seen,
        now: Moment,
    ) -> Outcome {
        let seconds = now.seconds();
        let issue = |state: &mut Self, holder: Holder| {
            let whole = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
            let lifetimes = Lifetimes {
                access: whole(settings.token_lifetime),
                refresh: whole(settings.refresh_lifetime),
            };
            let rng = &mut state.rng;
            let grant = state
                .tokens
                .issue(holder, lifetimes, now.milliseconds(), rng);
            Some(token_response(&grant, seconds))
        };
        match route {
            Route::SignIn => {
                let header = seen.header("authorization");
                let holder = sign_in::verify(&settings.apps, header, &seen.body, seconds)?;
                Ok(issue(self, holder))
            }
            Route::Refresh => {
                let sent = seen.header("x-access-token").ok_or(TOKEN_MISSING)?;
                let grant = self.tokens.redeem(sent, seconds).ok_or(TOKEN_INVALID)?;
                Ok(issue(self, grant.holder))
            }
            Route::SignOut => {
                let access = self.grant(seen, now)?.access.clone();
                self.tokens.revoke(&access);
                Ok(None)
            }
            _ => {
                let (token, renew) = lenient::object(&seen.body)
                    .and_then(|body| {
                        let token = lenient::filled_text(&body, "token")?;
                        Ok((token, lenient::boolean(&body, "needGenNewToken")?))
                    })
                    .map_err(|_| SIGN_IN_PARAMETER)?;
                let token = token.ok_or(SIGN_IN_PARAMETER)?;
                let grant = self.tokens.find(&token, seconds).ok_or(TOKEN_INVALID)?;
                if renew == Some(true) {
                    let holder = grant.holder.clone();
                    return Ok(issue(self, holder));
                }
                Ok(Some(token_response(grant, seconds)))
            }
        }
    }
}
