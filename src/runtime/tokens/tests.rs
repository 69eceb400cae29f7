//! Tests of upstream tokens with a scripted upstream, a clock that stands still and tokio's paused time.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use http::{Request, Response};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::transport::TransportFault;
use super::*;
use crate::model::clock::ManualClock;
use crate::model::refusal::Refusal;

/// The status that makes the scripted upstream panic.
const PANIC: u16 = 999;
const LIFE: Duration = Duration::from_hours(12);

/// An upstream that numbers its tokens; closed, it keeps sign-ins waiting; broken, it fails them.
#[derive(Debug)]
struct Upstream {
    gate: Arc<Semaphore>,
    broken: AtomicBool,
    status: AtomicU64,
    sent: Mutex<Vec<Bytes>>,
}

impl Upstream {
    fn open() -> Arc<Self> {
        let gate = Arc::new(Semaphore::new(1000));
        Arc::new(Self {
            gate,
            broken: AtomicBool::new(false),
            status: AtomicU64::new(200),
            sent: Mutex::default(),
        })
    }

    fn closed() -> Arc<Self> {
        let upstream = Self::open();
        upstream.gate.forget_permits(1000);
        upstream
    }

    fn sent(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

impl SignInTransport for Upstream {
    fn sign_in(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
        let number = {
            let mut sent = self.sent.lock().unwrap();
            sent.push(request.into_body());
            sent.len()
        };
        let (gate, broken) = (Arc::clone(&self.gate), self.broken.load(Ordering::SeqCst));
        let status = u16::try_from(self.status.load(Ordering::SeqCst)).unwrap();
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            assert_ne!(status, PANIC, "as scripted");
            if broken {
                return Err(TransportFault::Unreachable);
            }
            let body = format!(
                r#"{{"accessToken":"hush{number}","validPeriod":{}}}"#,
                LIFE.as_secs()
            );
            Ok(Response::builder()
                .status(status)
                .body(Bytes::from(body))
                .unwrap())
        })
    }
}

fn tokens_with(
    upstream: &Arc<Upstream>,
    settings: UpstreamTokenSettings,
) -> (UpstreamTokens, Arc<ManualClock>) {
    let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
    let credentials = Credentials::AppId {
        app_id: "app".into(),
        app_key: "hush-key".into(),
        corp_id: None,
    };
    let tokens = UpstreamTokens::new(credentials, settings, upstream.clone(), clock.clone());
    (tokens.unwrap(), clock)
}

fn tokens(upstream: &Arc<Upstream>) -> (UpstreamTokens, Arc<ManualClock>) {
    tokens_with(upstream, UpstreamTokenSettings::default())
}

/// From the moment of the first sign-in to `minutes` before its token expires.
fn advance_to_before_expiry(clock: &ManualClock, minutes: u64) {
    clock.advance(LIFE.saturating_sub(Duration::from_mins(minutes)));
}

fn text(token: &UpstreamToken) -> String {
    token.secret().expose().to_owned()
}

async fn let_tasks_run() {
    for _ in 0..50 {
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_share_one_sign_in() {
    let upstream = Upstream::closed();
    let (tokens, _) = tokens(&upstream);
    let alice: Arc<str> = "alice".into();
    let callers = join_all((0..100).map(|_| tokens.token(Some(&alice))));
    upstream.gate.add_permits(100);
    let got: HashSet<_> = callers
        .await
        .into_iter()
        .map(|token| text(&token.unwrap()))
        .collect();
    assert_eq!((got.len(), upstream.sent()), (1, 1));
    let bob = tokens.token(Some(&"bob".into())).await.unwrap();
    assert!(
        bob.secret().matches("hush2"),
        "another user has another token"
    );
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_gives_up_leaves_the_sign_in_to_the_others() {
    let upstream = Upstream::closed();
    let (tokens, _) = tokens(&upstream);
    let leader = tokio::spawn({
        let tokens = tokens.clone();
        async move { tokens.token(None).await }
    });
    let_tasks_run().await;
    assert_eq!(upstream.sent(), 1);
    let follower = tokio::spawn({
        let tokens = tokens.clone();
        async move { tokens.token(None).await }
    });
    let_tasks_run().await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    upstream.gate.add_permits(1);
    assert!(follower.await.unwrap().unwrap().secret().matches("hush1"));
    assert_eq!(upstream.sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_in_use_is_refreshed_ahead_without_anybody_waiting() {
    let upstream = Upstream::open();
    let (tokens, clock) = tokens(&upstream);
    tokens.token(None).await.unwrap();
    advance_to_before_expiry(&clock, 11);
    tokens.token(None).await.unwrap();
    tokens.refresh_due();
    let_tasks_run().await;
    assert_eq!(upstream.sent(), 1, "too early");
    clock.advance(Duration::from_mins(3));
    assert!(
        tokens.token(None).await.unwrap().secret().matches("hush1"),
        "the old one serves meanwhile"
    );
    let_tasks_run().await;
    assert!(tokens.token(None).await.unwrap().secret().matches("hush2"));
    assert_eq!(upstream.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn upkeep_refreshes_what_is_used_and_lets_the_rest_lapse() {
    let upstream = Upstream::open();
    let (tokens, clock) = tokens(&upstream);
    let (used, idle): (Arc<str>, Arc<str>) = ("used".into(), "idle".into());
    for user in [&used, &idle, &used] {
        tokens.token(Some(user)).await.unwrap();
    }
    advance_to_before_expiry(&clock, 5);
    for _ in 0..2 {
        tokens.refresh_due();
        let_tasks_run().await;
    }
    assert_eq!(upstream.sent(), 3);
    clock.advance(Duration::from_mins(6));
    let status = tokens.status();
    let life = |user: &Arc<str>| {
        status
            .iter()
            .find(|one| one.user.as_ref() == Some(user))
            .unwrap()
            .expires_in
    };
    assert!(life(&used).is_some() && life(&idle).is_none());
}

#[tokio::test(start_paused = true)]
async fn while_sign_in_is_down_the_old_token_serves_until_it_expires() {
    let upstream = Upstream::open();
    let (tokens, clock) = tokens(&upstream);
    tokens.token(None).await.unwrap();
    upstream.broken.store(true, Ordering::SeqCst);
    advance_to_before_expiry(&clock, 8);
    for _ in 0..100 {
        assert!(tokens.token(None).await.unwrap().secret().matches("hush1"));
        let_tasks_run().await;
    }
    assert_eq!(upstream.sent(), 2, "one failed try, then a rest");
    clock.advance(Duration::from_secs(2));
    tokens.token(None).await.unwrap();
    let_tasks_run().await;
    assert_eq!((upstream.sent(), tokens.status()[0].failures), (3, 2));
    clock.advance(Duration::from_mins(8));
    let fault = tokens.token(None).await.unwrap_err();
    assert_eq!(fault, Unavailable::Transport(TransportFault::Unreachable));
    assert_eq!(Refusal::from(fault), Refusal::SignInUnavailable);
    let tried = upstream.sent();
    tokens.token(None).await.unwrap_err();
    assert_eq!(upstream.sent(), tried, "resting: refused at once");
    upstream.broken.store(false, Ordering::SeqCst);
    clock.advance(Duration::from_secs(30));
    assert!(tokens.token(None).await.is_ok(), "back again");
    assert_eq!(tokens.status()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_sign_in_is_not_repeated_soon() {
    let upstream = Upstream::open();
    upstream.status.store(423, Ordering::SeqCst);
    let (tokens, clock) = tokens(&upstream);
    tokens.token(None).await.unwrap_err();
    clock.advance(Duration::from_secs(14));
    tokens.token(None).await.unwrap_err();
    assert_eq!(upstream.sent(), 1);
    clock.advance(Duration::from_secs(16));
    tokens.token(None).await.unwrap_err();
    assert_eq!(upstream.sent(), 2);
    assert_eq!(
        tokens.counts(),
        TokenCounts {
            fetched: 0,
            failed: 2
        }
    );
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_hangs_is_given_up() {
    let upstream = Upstream::closed();
    let (tokens, _) = tokens(&upstream);
    let fault = tokens.token(None).await.unwrap_err();
    assert_eq!(fault, Unavailable::Transport(TransportFault::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_panics_is_a_failure_like_any_other() {
    let upstream = Upstream::open();
    upstream.status.store(PANIC.into(), Ordering::SeqCst);
    let (tokens, clock) = tokens(&upstream);
    assert_eq!(tokens.token(None).await.unwrap_err(), Unavailable::Stopped);
    upstream.status.store(200, Ordering::SeqCst);
    clock.advance(Duration::from_secs(1));
    assert!(tokens.token(None).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_but_not_over_and_over() {
    let upstream = Upstream::open();
    let (tokens, clock) = tokens(&upstream);
    let first = tokens.token(None).await.unwrap();
    assert!(tokens.invalidate(None, &first));
    assert!(
        tokens.invalidate(None, &first),
        "gone already: a fresh one is worth a try"
    );
    let second = tokens.token(None).await.unwrap();
    assert!(second.secret().matches("hush2"));
    assert!(tokens.invalidate(None, &first), "a late 401 of the old one");
    assert!(
        Arc::ptr_eq(&tokens.token(None).await.unwrap(), &second),
        "does not end the new one"
    );
    assert!(!tokens.invalidate(None, &second), "too soon");
    assert!(Arc::ptr_eq(&tokens.token(None).await.unwrap(), &second));
    clock.advance(Duration::from_secs(5));
    assert!(tokens.invalidate(None, &second));
    assert!(tokens.token(None).await.unwrap().secret().matches("hush3"));
    assert_eq!(upstream.sent(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_refuses_every_token_gets_fewer_than_64_in_a_day() {
    let upstream = Upstream::open();
    let (tokens, clock) = tokens(&upstream);
    for _ in 0..24 * 360 {
        let token = tokens.token(None).await.unwrap();
        tokens.invalidate(None, &token);
        clock.advance(Duration::from_secs(10));
        let_tasks_run().await;
    }
    assert!((20..64).contains(&upstream.sent()), "{}", upstream.sent());
    // A token that lasts shows that the trouble is over: the next one may be given up soon again.
    let token = tokens.token(None).await.unwrap();
    clock.advance(Duration::from_hours(2));
    assert!(tokens.invalidate(None, &token));
    let next = tokens.token(None).await.unwrap();
    clock.advance(Duration::from_secs(5));
    assert!(tokens.invalidate(None, &next));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_users_is_bounded() {
    let upstream = Upstream::open();
    let (tokens, _) = tokens_with(
        &upstream,
        UpstreamTokenSettings {
            users: 10,
            ..UpstreamTokenSettings::default()
        },
    );
    for user in 0..100 {
        tokens.token(Some(&user.to_string().into())).await.unwrap();
    }
    assert!(tokens.status().len() <= 11);
}

#[tokio::test(start_paused = true)]
async fn the_administrator_is_never_asked_for_by_an_empty_name() {
    let upstream = Upstream::open();
    let (tokens, _) = tokens(&upstream);
    let fault = tokens.token(Some(&"".into())).await.unwrap_err();
    assert_eq!(
        (Refusal::from(fault), upstream.sent()),
        (Refusal::NoUpstreamUser, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn fixed_and_passed_through_tokens_need_no_sign_in() {
    let upstream = Upstream::open();
    let make = |credentials| {
        UpstreamTokens::new(
            credentials,
            UpstreamTokenSettings::default(),
            upstream.clone(),
            crate::model::clock::SystemClock::shared(),
        )
    };
    let fixed = make(Credentials::Fixed("hush".into())).unwrap();
    let token = fixed.token(Some(&"alice".into())).await.unwrap();
    assert!(token.secret().matches("hush") && token.header().is_sensitive());
    assert!(!fixed.invalidate(None, &token));
    assert!(make(Credentials::Fixed("not a token".into())).is_err());
    let through = make(Credentials::PassThrough).unwrap();
    assert!(through.is_pass_through());
    assert_eq!(through.token(None).await.unwrap_err(), Unavailable::NotOurs);
    assert_eq!(upstream.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_printed() {
    let upstream = Upstream::open();
    let (tokens, _) = tokens(&upstream);
    let token = tokens.token(Some(&"alice".into())).await.unwrap();
    tokens.token(None).await.unwrap();
    let printed = format!("{tokens:?} {token:?} {:?}", tokens.status());
    assert!(!printed.contains("hush"), "{printed}");
    let same = Credentials::AppId {
        app_id: "app".into(),
        app_key: "hush-key".into(),
        corp_id: None,
    };
    assert!(tokens.serves(&same, &UpstreamTokenSettings::default()));
    assert!(!tokens.serves(&Credentials::PassThrough, &UpstreamTokenSettings::default()));
}
