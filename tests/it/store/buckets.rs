//! Buckets: charged once for all, on the store's clock, and gone when they are full again.

use std::time::Duration;

use futures_util::future::join_all;
use meeting_gateway::runtime::store::Store;
use meeting_gateway::runtime::store::bucket::{Take, Taken};
use meeting_gateway::runtime::store::fault::StoreFault;
use redis::AsyncCommands as _;

use super::server::Redis;

/// Nothing is earned within a test.
const HOUR: Duration = Duration::from_hours(1);

fn bucket(burst: u32, owed: u32) -> Take {
    Take {
        name: ":quota:caller:{c:portal}".to_owned(),
        interval: HOUR,
        burst,
        owed,
    }
}

async fn one(store: &Store, take: Take) -> Taken {
    let taken = store.take(&[take]).await;
    assert_eq!(taken.len(), 1);
    taken[0].unwrap()
}

/// Hours, to the nearest.
fn rounded(duration: Duration) -> u64 {
    (duration + HOUR / 2).as_secs() / HOUR.as_secs()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_gateways_let_through_what_one_would() {
    let redis = Redis::start();
    let stores = [
        redis.store().await,
        redis.store().await,
        redis.store().await,
    ];
    let attempts = (0..300).map(|at| {
        let store = stores[at % 3].clone();
        tokio::spawn(async move { one(&store, bucket(50, 0)).await.wait.is_zero() })
    });
    let admitted = join_all(attempts).await;
    let admitted = admitted
        .into_iter()
        .filter(|one| *one.as_ref().unwrap())
        .count();
    assert_eq!(admitted, 50);
    let refused = one(&stores[0], bucket(50, 0)).await;
    assert_eq!((rounded(refused.wait), rounded(refused.full_in)), (1, 50));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_let_through_meanwhile_counts_also_against_who_is_refused() {
    let redis = Redis::start();
    let store = redis.store().await;
    assert_eq!(rounded(one(&store, bucket(5, 3)).await.full_in), 4);
    // More than there is empties it, and no more than that.
    let refused = one(&store, bucket(5, 100)).await;
    assert_eq!((rounded(refused.wait), rounded(refused.full_in)), (1, 5));
    let later = one(&store, bucket(5, 0)).await;
    assert!(!later.wait.is_zero(), "it was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_is_changed_goes_on_with_its_bucket() {
    let redis = Redis::start();
    let store = redis.store().await;
    for _ in 0..10 {
        assert!(one(&store, bucket(10, 0)).await.wait.is_zero());
    }
    // Ten are missing; a bucket of two is empty then, and nobody waits longer than for one of them.
    let refused = one(&store, bucket(2, 0)).await;
    assert_eq!((rounded(refused.wait), rounded(refused.full_in)), (1, 2));
    let grown = one(&store, bucket(20, 0)).await;
    assert!(grown.wait.is_zero());
    assert_eq!(rounded(grown.full_in), 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_quotas_are_charged_apart_and_at_once() {
    let redis = Redis::start();
    let store = redis.store().await;
    let mut meeting = bucket(1, 0);
    meeting.name = ":quota:meeting:{m:00}".to_owned();
    let both = [bucket(5, 0), meeting];
    let waits = |taken: Vec<Result<Taken, StoreFault>>| {
        taken
            .iter()
            .map(|one| one.unwrap().wait.is_zero())
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(store.take(&both).await), [true, true]);
    assert_eq!(waits(store.take(&both).await), [true, false]);
    assert_eq!(rounded(one(&store, bucket(5, 0)).await.full_in), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_is_forgotten_when_it_is_full() {
    let redis = Redis::start();
    let store = redis.store().await;
    let mut connection = redis.connection().await;
    let quick = Take {
        interval: Duration::from_millis(1),
        ..bucket(3, 0)
    };
    one(&store, quick).await;
    one(
        &store,
        Take {
            name: ":quota:other:{c:x}".to_owned(),
            ..bucket(2, 0)
        },
    )
    .await;
    let lives: i64 = connection
        .pttl("meeting-gateway:quota:other:{c:x}")
        .await
        .unwrap();
    assert!((1..=3_600_002).contains(&lives), "{lives}");
    for _ in 0..500 {
        let there: bool = connection
            .exists("meeting-gateway:quota:caller:{c:portal}")
            .await
            .unwrap();
        if !there {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the bucket is still there");
}
