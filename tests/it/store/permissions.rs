//! The ACL user of `config/README.md` may do what gateways do, and nothing beside it.

use std::sync::Arc;
use std::time::Duration;

use meeting_gateway::runtime::credentials::revocations::Revocations;
use meeting_gateway::runtime::store::bucket::Take;
use meeting_gateway::runtime::store::fault::StoreFault;
use meeting_gateway::runtime::store::shared_token::Shared;

use super::server::{Redis, keys, opened, until};

/// The command of the document, with this password.
fn documented(password: &str) -> Vec<String> {
    let readme = include_str!("../../../config/README.md");
    let line = readme
        .lines()
        .find(|line| line.trim().starts_with("ACL SETUSER"));
    let line = line.unwrap().replace("PASSWORD", password);
    line.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_user_is_enough_and_no_more_than_that() {
    let redis = Redis::start();
    let mut administrator = redis.connection().await;
    let command = documented("hush-hush");
    let mut acl = redis::cmd(&command[0]);
    acl.arg(&command[1..])
        .exec_async(&mut administrator)
        .await
        .unwrap();

    let signed_in = "username: gateway, password: hush-hush, database: 1, ";
    let store = opened(redis.port, signed_in, Arc::new(Revocations::new(10)));
    let keeping = store.clone();
    tokio::spawn(async move { keeping.keep().await });
    until("the store is used", || store.health().is_up()).await;
    let second = Duration::from_secs(1);
    let bucket = Take {
        name: ":quota:caller:{c:a}".to_owned(),
        interval: second,
        burst: 1,
        owed: 0,
    };
    assert!(store.take(&[bucket]).await[0].is_ok());
    assert_eq!(store.spend(&[1; 16], second).await, Ok(true));
    store.log_out([2; 16], u64::MAX / 2);
    let name = store.token_name(&[b"alice"]);
    let Ok(Shared::Turn(turn)) = store.token_or_turn(&name, None, second * 60).await else {
        panic!("nobody else has the turn");
    };
    assert_eq!(
        store
            .publish(&name, turn, &"token".into(), (second * 60, second))
            .await,
        Ok(true)
    );
    let found = store.token_or_turn(&name, None, second).await.unwrap();
    let Shared::Token(seen) = found else {
        panic!("{found:?}");
    };
    let Ok(Shared::Turn(turn)) = store.token_or_turn(&name, Some(&seen), second * 60).await else {
        panic!("nobody else has the turn");
    };
    assert_eq!(store.leave(&name, turn).await, Ok(()));
    let mut second_database = redis.connection().await;
    redis::cmd("SELECT")
        .arg(1)
        .exec_async(&mut second_database)
        .await
        .unwrap();
    for _ in 0..500 {
        if keys(&mut second_database, "*:log-outs").await.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(keys(&mut second_database, "*:log-outs").await.len(), 1);
    assert!(store.health().is_up());

    // What operators do, it may not.
    let mut mine = redis.connection().await;
    let mut auth = redis::cmd("AUTH");
    auth.arg("gateway")
        .arg("hush-hush")
        .exec_async(&mut mine)
        .await
        .unwrap();
    for forbidden in [
        "FLUSHALL",
        "KEYS *",
        "CONFIG GET maxmemory",
        "ACL LIST",
        "SHUTDOWN",
        "CLIENT LIST",
        "GET elsewhere",
    ] {
        let mut words = forbidden.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        let refused = command
            .arg(words.collect::<Vec<_>>())
            .exec_async(&mut mine)
            .await;
        assert_eq!(refused.unwrap_err().code(), Some("NOPERM"), "{forbidden}");
    }

    let elsewhere = format!("{signed_in}key_prefix: another, ");
    let other = opened(redis.port, &elsewhere, Arc::new(Revocations::new(10)));
    let keeping = other.clone();
    tokio::spawn(async move { keeping.keep().await });
    other.tried().await;
    until("it is refused", || {
        other.health().fault() == Some(StoreFault::Refused)
    })
    .await;
}
