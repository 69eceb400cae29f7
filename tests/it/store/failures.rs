//! A store that fails, comes back, and comes back without its data.

use std::time::Duration;

use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::runtime::quotas::Quotas;
use meeting_gateway::runtime::quotas::decision::Basis;
use meeting_gateway::runtime::quotas::settings::{Per, QuotaRule, QuotaSettings};
use meeting_gateway::runtime::store::Store;
use meeting_gateway::runtime::store::fault::StoreFault;

use super::server::{Redis, handle, until};

/// So many an hour, of which three replicas have a third each.
fn quotas(store: &Store, burst: u32) -> Quotas {
    let rule = QuotaRule {
        name: "caller".into(),
        per: Per::Caller,
        requests: burst,
        window: Duration::from_hours(1),
        burst,
    };
    let settings = QuotaSettings {
        rules: vec![rule],
        callers: vec!["portal".into()],
        meetings: 10,
    };
    Quotas::new(settings, SystemClock::shared(), Some(store.clone())).unwrap()
}

/// How many of so many requests are let through, and by what the last was decided.
async fn admitted(quotas: &Quotas, requests: u32) -> (u32, Basis) {
    let (mut admitted, mut basis) = (0, Basis::Process);
    for _ in 0..requests {
        let decision = quotas.decide(0, None).await;
        admitted += u32::from(decision.refusal().is_none());
        basis = decision.basis();
    }
    (admitted, basis)
}

const SHARE: Basis = Basis::Share { replicas: 3 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_gone_a_replica_has_its_part_and_tells_it_afterwards() {
    let redis = Redis::start();
    let port = redis.port;
    let store = redis.store().await;
    let quotas = quotas(&store, 30);
    assert_eq!(admitted(&quotas, 4).await, (4, Basis::Store));
    drop(redis);
    // Four of its ten are used already; whether the store knows of them or not.
    assert_eq!(admitted(&quotas, 20).await, (6, SHARE));
    assert_eq!(store.health().fault(), Some(StoreFault::Unreachable));

    // It has lost its data. What this replica knows to be missing is missing there, too.
    let _redis = Redis::start_on(port).unwrap();
    until("the store is used again", || store.health().is_up()).await;
    assert_eq!(store.losses(), 1);
    assert_eq!(admitted(&quotas, 40).await, (20, Basis::Memory));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_keeps_its_data_is_told_only_what_it_missed() {
    let redis = Redis::start();
    let (store, other) = (redis.store().await, redis.store().await);
    let (here, there) = (quotas(&store, 30), quotas(&other, 30));
    assert_eq!(admitted(&here, 3).await, (3, Basis::Store));
    // As seen from here, the store is out of memory.
    let mut connection = redis.connection().await;
    let set = |value: &'static str| {
        let mut command = redis::cmd("CONFIG");
        command.arg("SET").arg("maxmemory").arg(value);
        command
    };
    set("1").exec_async(&mut connection).await.unwrap();
    assert_eq!(admitted(&here, 2).await, (2, SHARE));
    assert_eq!(store.health().fault(), Some(StoreFault::OutOfMemory));
    set("0").exec_async(&mut connection).await.unwrap();
    until("the store is used again", || {
        store.health().is_up() && other.health().is_up()
    })
    .await;
    assert_eq!(admitted(&there, 1).await.0, 1);
    assert_eq!(store.losses(), 0);
    // Three and one are known, two are told with the next.
    assert_eq!(admitted(&here, 60).await, (24, Basis::Memory));
    assert_eq!(admitted(&there, 5).await.0, 0);
}

/// How often the store was asked for a request: nothing else there sets a text with `PX` alone.
async fn taken(connection: &mut redis::aio::MultiplexedConnection) -> u64 {
    let mut command = redis::cmd("INFO");
    let info = command.arg("commandstats").query_async(connection);
    let info: String = info.await.unwrap();
    let calls = |name: &str| -> u64 {
        let line = info.lines().find_map(|line| line.strip_prefix(name));
        let calls = line.and_then(|line| line.split(['=', ',']).nth(1));
        calls.map_or(0, |calls| calls.parse().unwrap())
    };
    // Each run of a program asks for the time, and each heartbeat adds its replica.
    calls("cmdstat_time:") - calls("cmdstat_zadd:")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_hammers_costs_the_store_nothing() {
    let redis = Redis::start();
    let store = redis.store().await;
    let quotas = quotas(&store, 5);
    let mut connection = redis.connection().await;
    assert_eq!(admitted(&quotas, 6).await, (5, Basis::Store));
    let before = store.decisions().counts().collect::<Vec<_>>();
    assert_eq!(admitted(&quotas, 1000).await, (0, Basis::Memory));
    let after = store.decisions().counts().collect::<Vec<_>>();
    assert_eq!(before, [("store", 6), ("memory", 0), ("share", 0)]);
    assert_eq!(after, [("store", 6), ("memory", 1000), ("share", 0)]);
    assert_eq!(taken(&mut connection).await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_are_counted_and_a_loss_of_the_data_is_seen_by_all() {
    let redis = Redis::start();
    let first = redis.store().await;
    let others = [
        redis.store().await,
        redis.store().await,
        redis.store().await,
    ];
    until("all four are seen", || first.seen() == 4).await;
    assert_eq!(first.replicas(), 4, "more than configured");
    let mut connection = redis.connection().await;
    redis::cmd("FLUSHALL")
        .exec_async(&mut connection)
        .await
        .unwrap();
    until("the loss is seen", || {
        first.losses() == 1 && others.iter().all(|other| other.losses() == 1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_no_quota_concerns_is_none_of_the_store_s() {
    let redis = Redis::start();
    let store = redis.store().await;
    let settings = QuotaSettings {
        rules: Vec::new(),
        callers: vec!["portal".into()],
        meetings: 10,
    };
    let none = Quotas::new(settings, SystemClock::shared(), Some(store.clone())).unwrap();
    assert_eq!(admitted(&none, 10).await, (10, Basis::Store));
    assert!(store.health().is_up());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_somebody_has_spoilt_is_a_full_one() {
    let redis = Redis::start();
    let store = redis.store().await;
    let mut connection = redis.connection().await;
    let bucket = "meeting-gateway:quota:caller:{c:portal}";
    for (program, value) in [("SET", "no number"), ("SET", "nan"), ("RPUSH", "a list")] {
        for (program, key, value) in [("DEL", bucket, ""), (program, bucket, value)] {
            let mut command = redis::cmd(program);
            command.arg(key);
            if !value.is_empty() {
                command.arg(value);
            }
            command.exec_async(&mut connection).await.unwrap();
        }
        let quotas = quotas(&store, 5);
        assert_eq!(admitted(&quotas, 6).await, (5, Basis::Store), "{value}");
    }
    // So is a list of replicas that is none.
    for key in [
        "meeting-gateway:{replicas}",
        "meeting-gateway:{replicas}:data",
    ] {
        let mut spoil = redis::cmd("DEL");
        spoil.arg(key).exec_async(&mut connection).await.unwrap();
        let mut spoil = redis::cmd("RPUSH");
        spoil.arg(key).arg("spoilt");
        spoil.exec_async(&mut connection).await.unwrap();
    }
    until("the loss is seen", || store.losses() == 1).await;
    assert!(store.health().is_up() && store.seen() == 1);
}

#[tokio::test]
async fn a_store_that_was_never_reached_is_not_waited_for() {
    let store = handle(1);
    let quotas = quotas(&store, 9);
    assert_eq!(admitted(&quotas, 9).await, (3, SHARE));
    let decision = quotas.decide(0, None).await;
    let policy = quotas.policy_of(&decision).unwrap();
    assert_eq!(policy, r#""caller";q=3;w=3600;local"#);
}
