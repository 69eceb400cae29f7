//! When keys are fetched, who waits for them, and how long they serve. The clock stands still unless it is moved.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{pending, ready};

use super::*;
use crate::config::jwt::Algorithm;
use crate::model::clock::{Clock, ManualClock};

const KEY: &str = r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "#;

/// What the issuer does next.
#[derive(Debug, Clone)]
enum Act {
    Publish(&'static str),
    Fail,
    Stall,
    Panic,
}

#[derive(Debug)]
struct Fake {
    act: Mutex<Act>,
    asked: AtomicUsize,
}

impl KeyTransport for Fake {
    fn fetch(&self) -> BoxFuture<'static, Result<Bytes, String>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let act = self.act.lock().unwrap().clone();
        match act {
            Act::Publish(id) => ready(Ok(format!(r#"{{"keys": [{KEY}"{id}"}}]}}"#).into())).boxed(),
            Act::Fail => ready(Err("refused".to_owned())).boxed(),
            Act::Stall => pending().boxed(),
            Act::Panic => panic!("a defect"),
        }
    }
}

struct Scene {
    keys: Arc<RemoteKeys>,
    fake: Arc<Fake>,
    clock: Arc<ManualClock>,
}

impl Scene {
    fn new(act: Act) -> Self {
        let fake = Arc::new(Fake {
            act: Mutex::new(act),
            asked: AtomicUsize::new(0),
        });
        let clock = ManualClock::at_unix(Duration::ZERO);
        let settings = KeyUrl {
            url: "https://login.example/keys".parse().unwrap(),
            ca_file: None,
            refresh_interval: Duration::from_mins(10),
            refetch_pause: Duration::from_secs(30),
            max_age: Duration::from_hours(24),
        };
        let transport: Arc<dyn KeyTransport> = fake.clone();
        Self {
            keys: RemoteKeys::new(
                settings,
                transport,
                clock.clone(),
                Arc::new(Tally::of(KEY_FETCH_OUTCOMES)),
            ),
            fake,
            clock,
        }
    }

    fn act(&self, act: Act) {
        *self.fake.act.lock().unwrap() = act;
    }

    fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    fn asked(&self) -> usize {
        self.fake.asked.load(Ordering::SeqCst)
    }

    /// Asks for a key that is not there, and waits for what comes of it.
    async fn refetch(&self) -> Result<(), Missing> {
        self.keys.refetch(self.now())?.await;
        Ok(())
    }

    /// Does what is due in the background, to its end.
    async fn refresh(&self) {
        self.keys.refresh_if_due(self.now());
        let fetch = self.keys.flight().under_way.clone();
        if let Some(fetch) = fetch {
            fetch.await;
        }
    }

    fn has(&self, id: &str) -> bool {
        let keys = self.keys.current(self.now());
        keys.is_some_and(|keys| keys.find(Some(id), Algorithm::EdDsa).is_ok())
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_in_a_pause() {
    let scene = Scene::new(Act::Publish("a"));
    assert_eq!(scene.refetch().await, Ok(()));
    for _ in 0..1000 {
        assert_eq!(scene.refetch().await, Err(Missing::ForGood));
    }
    assert_eq!(scene.asked(), 1);
    scene.act(Act::Publish("b"));
    scene.clock.advance(Duration::from_secs(29));
    assert_eq!(scene.refetch().await, Err(Missing::ForGood));
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.refetch().await, Ok(()));
    assert!(scene.has("b") && !scene.has("a"), "rotated");
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn the_pause_begins_when_the_fetch_has_ended() {
    let scene = Scene::new(Act::Publish("a"));
    let wait = scene.keys.refetch(scene.now()).unwrap();
    // The issuer is slower than the pause is long.
    scene.clock.advance(Duration::from_secs(31));
    wait.await;
    assert_eq!(
        scene.refetch().await,
        Err(Missing::ForGood),
        "it was fetched just now, and is not among them"
    );
    scene.clock.advance(Duration::from_secs(30));
    assert_eq!(scene.refetch().await, Ok(()));
}

#[tokio::test]
async fn those_who_wait_share_one_fetch_and_are_counted() {
    let scene = Scene::new(Act::Publish("a"));
    let waits: Vec<_> = (0..MOST_WAITING)
        .map(|_| scene.keys.refetch(scene.now()).unwrap())
        .collect();
    let one_more = scene.keys.refetch(scene.now()).unwrap_err();
    assert_eq!(one_more, Missing::ForNow, "no seat left");
    futures_util::future::join_all(waits).await;
    assert_eq!(scene.asked(), 1);
    // The seats are free again.
    scene.clock.advance(Duration::from_secs(30));
    assert_eq!(scene.refetch().await, Ok(()));
}

#[tokio::test]
async fn keys_are_fetched_again_when_they_are_due() {
    let scene = Scene::new(Act::Publish("a"));
    scene.refresh().await;
    assert_eq!(scene.asked(), 1);
    scene.clock.advance(Duration::from_secs(599));
    scene.refresh().await;
    assert_eq!(scene.asked(), 1);
    scene.clock.advance(Duration::from_secs(1));
    scene.refresh().await;
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn the_last_keys_serve_while_fetching_fails_but_not_for_ever() {
    let scene = Scene::new(Act::Publish("a"));
    scene.refresh().await;
    scene.act(Act::Fail);
    for minutes in [10, 60, 23 * 60] {
        scene.clock.advance(Duration::from_mins(minutes));
        scene.refresh().await;
        assert_eq!(scene.has("a"), minutes < 23 * 60, "after {minutes} more");
    }
    // Whatever is not known now might be known to the issuer.
    assert_eq!(scene.refetch().await, Err(Missing::ForNow));
    scene.act(Act::Publish("b"));
    scene.clock.advance(Duration::from_secs(30));
    scene.refresh().await;
    assert!(scene.has("b"), "it recovers by itself");
}

#[tokio::test]
async fn pauses_after_failures_grow_to_the_usual_one() {
    let scene = Scene::new(Act::Fail);
    let mut tries = Vec::new();
    for second in 0..300 {
        let before = scene.asked();
        scene.refresh().await;
        if scene.asked() > before {
            tries.push(second);
        }
        scene.clock.advance(Duration::from_secs(1));
    }
    let pauses: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        pauses[0] <= 1 && pauses.iter().all(|pause| *pause <= 30),
        "{pauses:?}"
    );
    // 1, 2, 4, 8, 16, 30, 30, ..., each shortened by up to a half.
    assert!((12..=26).contains(&tries.len()), "{tries:?}");
    let late = pauses.iter().skip(6);
    assert!(
        late.clone().count() > 4 && late.clone().all(|pause| *pause >= 15),
        "{pauses:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_stalls_or_breaks_ends() {
    let scene = Scene::new(Act::Stall);
    let began = tokio::time::Instant::now();
    assert_eq!(scene.refetch().await, Ok(()));
    assert_eq!(began.elapsed().as_secs(), FETCH_TIMEOUT.as_secs());
    assert!(scene.keys.current(scene.now()).is_none());
    scene.clock.advance(Duration::from_secs(30));
    scene.act(Act::Panic);
    assert_eq!(scene.refetch().await, Ok(()));
    assert!(scene.keys.current(scene.now()).is_none());
    scene.clock.advance(Duration::from_secs(30));
    scene.act(Act::Publish("a"));
    assert_eq!(scene.refetch().await, Ok(()));
    assert!(scene.has("a"));
}

#[tokio::test]
async fn a_waiter_that_leaves_ends_nothing() {
    let scene = Scene::new(Act::Publish("a"));
    let leaving = scene.keys.refetch(scene.now()).unwrap();
    let staying = scene.keys.refetch(scene.now()).unwrap();
    drop(leaving);
    staying.await;
    assert!(scene.has("a"));
}
