//! Nonces and tokens: used once, fetched once, for all gateways.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use http::{Request, Response};
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::runtime::credentials::revocations::Revocations;
use meeting_gateway::runtime::store::Store;
use meeting_gateway::runtime::store::shared_token::Shared;
use meeting_gateway::runtime::tally::Tally;
use meeting_gateway::runtime::tokens::credentials::Credentials;
use meeting_gateway::runtime::tokens::settings::UpstreamTokenSettings;
use meeting_gateway::runtime::tokens::shared::SharedAccount;
use meeting_gateway::runtime::tokens::transport::{SignInTransport, TransportFault};
use meeting_gateway::runtime::tokens::{SIGN_IN_OUTCOMES, UpstreamTokens};
use redis::AsyncCommands as _;

use super::server::{Redis, handle, until};

/// Hands out a new token at each sign-in, after a moment.
#[derive(Debug, Default)]
struct Upstream(AtomicUsize);

impl SignInTransport for Upstream {
    fn sign_in(
        &self,
        _: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let token = format!(r#"{{"accessToken":"cnr-plain-{number}","validPeriod":43200}}"#);
            Ok(Response::new(token.into()))
        }
        .boxed()
    }
}

fn tokens(store: &Store, upstream: &Arc<Upstream>, app_key: &str) -> UpstreamTokens {
    let credentials = Credentials::AppId {
        app_id: "app".into(),
        app_key: app_key.into(),
        corp_id: None,
    };
    let transport: Arc<dyn SignInTransport> = Arc::clone(upstream) as _;
    let shared = SharedAccount {
        store: store.clone(),
        upstream: "https://api.example/".into(),
    };
    let counts = Arc::new(Tally::of(SIGN_IN_OUTCOMES));
    let clock = SystemClock::shared();
    UpstreamTokens::counting(
        credentials,
        UpstreamTokenSettings::default(),
        transport,
        clock,
        counts,
        Some(shared),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_is_spent_once_by_whichever_gateway() {
    let redis = Redis::start();
    let (one, other) = (redis.store().await, redis.store().await);
    let lives = Duration::from_mins(10);
    assert_eq!(one.spend(&[1; 16], lives).await, Ok(true));
    assert_eq!(other.spend(&[1; 16], lives).await, Ok(false));
    assert_eq!(other.spend(&[2; 16], lives).await, Ok(true));
    let mut connection = redis.connection().await;
    let keys: Vec<String> = connection.keys("*:nonce:*").await.unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let left: i64 = connection.ttl(&key).await.unwrap();
        assert!((890..=900).contains(&left), "{left}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_out_holds_at_every_gateway_also_at_one_that_comes_later() {
    let redis = Redis::start();
    let noted = || Arc::new(Revocations::new(100));
    let (there, later) = (noted(), noted());
    let now = SystemClock::shared().unix().as_secs();
    // One is ended before the store is reached.
    let here = handle(redis.port);
    here.log_out([1; 16], now + 600);
    let _other = redis.store_noting(Arc::clone(&there)).await;
    let keeping = here.clone();
    tokio::spawn(async move { keeping.keep().await });
    until("the first is known there", || {
        there.is_revoked(&[1; 16], now)
    })
    .await;
    here.log_out([2; 16], now + 600);
    here.log_out([3; 16], now - 1);
    until("the second is known there", || {
        there.is_revoked(&[2; 16], now)
    })
    .await;
    // What somebody else puts there is passed over, and stops nothing.
    let mut connection = redis.connection().await;
    let mut spoil = redis::cmd("XADD");
    spoil
        .arg("meeting-gateway:log-outs")
        .arg("*")
        .arg(b"\xff")
        .arg(b"\xfe");
    spoil.exec_async(&mut connection).await.unwrap();
    here.log_out([4; 16], now + 600);
    until("the fourth is known there", || {
        there.is_revoked(&[4; 16], now)
    })
    .await;
    let _third = redis.store_noting(Arc::clone(&later)).await;
    until("all are known later", || later.len() == 3).await;
    assert!(later.is_revoked(&[1; 16], now) && later.is_revoked(&[2; 16], now));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_that_start_together_sign_in_once_for_each_user() {
    let redis = Redis::start();
    let upstream = Arc::new(Upstream::default());
    let stores = [
        redis.store().await,
        redis.store().await,
        redis.store().await,
    ];
    let gateways = stores
        .each_ref()
        .map(|store| tokens(store, &upstream, "key"));
    let alice = Some("alice".into());
    let asked = gateways.iter().map(|gateway| gateway.token(alice.as_ref()));
    let got = join_all(asked).await;
    assert!(
        got.iter()
            .all(|one| one.as_ref().unwrap().secret().matches("cnr-plain-0"))
    );
    assert_eq!(upstream.0.load(Ordering::Relaxed), 1);
    gateways[0].token(None).await.unwrap();
    gateways[1].token(None).await.unwrap();
    assert_eq!(upstream.0.load(Ordering::Relaxed), 2, "another user");
    tokens(&stores[0], &upstream, "rotated")
        .token(None)
        .await
        .unwrap();
    assert_eq!(upstream.0.load(Ordering::Relaxed), 3, "other credentials");

    // Nothing of it can be read in the store.
    let mut connection = redis.connection().await;
    let keys: Vec<String> = connection.keys("*").await.unwrap();
    let mut held = keys.join(" ").into_bytes();
    for key in keys.iter().filter(|key| key.contains(":token:")) {
        let dump: Vec<u8> = redis::cmd("DUMP")
            .arg(key)
            .query_async(&mut connection)
            .await
            .unwrap();
        held.extend(dump);
    }
    for plain in ["cnr", "plain", "alice", "api.example", "rotated"] {
        let found = held
            .windows(plain.len())
            .any(|bytes| bytes == plain.as_bytes());
        assert!(!found, "{plain}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_the_upstream_refused_is_fetched_anew_by_one() {
    let redis = Redis::start();
    let upstream = Arc::new(Upstream::default());
    let (store, second) = (redis.store().await, redis.store().await);
    let gateways = [
        tokens(&store, &upstream, "key"),
        tokens(&second, &upstream, "key"),
    ];
    for gateway in &gateways {
        let token = gateway.token(None).await.unwrap();
        assert!(token.secret().matches("cnr-plain-0"));
        assert!(gateway.invalidate(None, &token));
    }
    let asked = gateways.iter().map(|gateway| gateway.token(None));
    for token in join_all(asked).await {
        assert!(token.unwrap().secret().matches("cnr-plain-1"));
    }
    assert_eq!(upstream.0.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_too_late_does_not_overwrite_what_a_later_turn_brought() {
    let redis = Redis::start();
    let store = redis.store().await;
    let name = store.token_name(&[b"alice"]);
    let moment = Duration::from_millis(1);
    let Ok(Shared::Turn(slow)) = store.token_or_turn(&name, None, moment).await else {
        panic!("nobody else has the turn");
    };
    // The turn is over by itself.
    let later = loop {
        match store
            .token_or_turn(&name, None, Duration::from_mins(1))
            .await
            .unwrap()
        {
            Shared::Turn(turn) => break turn,
            Shared::Wait => tokio::time::sleep(moment).await,
            Shared::Token(token) => panic!("{token:?}"),
        }
    };
    let waiting = store.token_or_turn(&name, None, moment).await;
    assert!(matches!(waiting, Ok(Shared::Wait)), "{waiting:?}");
    let life = (Duration::from_hours(1), Duration::from_mins(10));
    assert_eq!(
        store.publish(&name, later, &"newer".into(), life).await,
        Ok(true)
    );
    assert_eq!(
        store.publish(&name, slow, &"older".into(), life).await,
        Ok(false)
    );
    let found = store.token_or_turn(&name, None, moment).await.unwrap();
    let Shared::Token(token) = found else {
        panic!("{found:?}");
    };
    assert!(token.secret.matches("newer") && token.renewed_before == life.1);
    assert!(token.lives <= life.0 && token.lives > life.0 / 2);
    // Seen already: then there is a turn.
    let seen = store.token_or_turn(&name, Some(&token), moment).await;
    assert!(matches!(seen, Ok(Shared::Turn(_))), "{seen:?}");
}
