//! Requests that a reload meets half way.

use std::collections::BTreeMap;
use std::path::Path;

use meeting_gateway::config::{self, Config};
use meeting_gateway::gateway::Gateway;
use meeting_gateway::model::clock::SystemClock;

use super::{Stage, change, clients};
use crate::support::until;

fn loaded(path: &Path) -> Config {
    let source = config::Source {
        path,
        environment: &BTreeMap::new(),
        overrides: &[],
    };
    config::load(source).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_ends_under_the_configuration_that_it_began_with() {
    let stage = Stage::new().await;
    let [first, second] = &stage.versions;
    let gateway = Gateway::start(loaded(&stage.file(0)), SystemClock::shared(), None)
        .await
        .unwrap();
    let plain = gateway.listening()[0].address;
    first.upstream.shut();
    let (mut early, mut late) = (clients::http1(plain).await, clients::http1(plain).await);
    let waiting = tokio::spawn(early.send_request(change("early")));
    until(|| first.upstream.seen().contains_key("early")).await;

    assert_eq!(gateway.reload(&loaded(&stage.file(1))).unwrap().snapshot, 2);
    assert_eq!(
        late.send_request(change("late")).await.unwrap().status(),
        200
    );
    first.upstream.open();
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
    assert_eq!(first.upstream.seen().len(), 1);
    assert_eq!(second.upstream.seen()["late"].token, second.upstream.token);
    // The connection is kept, and its next request is held to what is in force now.
    assert_eq!(
        early.send_request(change("next")).await.unwrap().status(),
        200
    );
    assert_eq!(second.upstream.seen().len(), 2);
    drop((early, late));
    gateway.stop().await;
    let said: Vec<_> = stage
        .lines()
        .iter()
        .map(|line| {
            (
                line["request_id"].as_str().unwrap().to_owned(),
                line["snapshot"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [("late", 2), ("early", 1), ("next", 2)];
    assert_eq!(
        said,
        expected.map(|(id, snapshot)| (id.to_owned(), snapshot))
    );
}
