//! Keys at a URL: fetched once, again when a token names a new one, not more often than allowed, and kept while the issuer is down.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use meeting_gateway::runtime::generation::Lasting;

use super::key_server::{Act, KeyServer};
use super::mint::{EC, ISSUER, RSA, Signer, claims, set};
use crate::support::request::{Asking, Reply, TARGET, TestBody, documented};
use crate::support::{CONFIGURATION, TestGateway, configuration, until};

const PAUSE: Duration = Duration::from_secs(30);

/// The configuration of the tests, with a caller whose tokens an issuer signs with the keys at `url`.
pub(crate) fn configuration_with_issuer(url: &str) -> String {
    let caller = "callers:\n  - id: reporting\n    jwt: [{issuer: corp, subject: app-1}]\n    groups: [schedulers]\n";
    let text = CONFIGURATION.replacen("callers:\n", caller, 1);
    format!(
        "{text}\njwt:\n  issuers:\n    - {{name: corp, issuer: '{ISSUER}', audiences: [meeting-gateway], \
         user_claim: email, max_lifetime: 30d, keys: {{url: '{url}'}}}}\n"
    )
}

pub(super) fn gateway(server: &KeyServer) -> TestGateway {
    TestGateway::of_text(&configuration_with_issuer(&server.url), &[])
}

pub(super) fn request(token: &str) -> http::Request<TestBody> {
    Asking::to(Method::PUT, TARGET)
        .header("content-type", "application/json")
        .header("authorization", &format!("Bearer {token}"))
        .json(&documented())
}

/// A token that outlives every test.
pub(super) fn lasting(signer: &Signer, kid: &str) -> String {
    let mut claims = claims();
    claims["exp"] = (claims["exp"].as_u64().unwrap() + 20 * 24 * 3600).into();
    signer.token(kid, &claims)
}

async fn said(gateway: &TestGateway, token: &str) -> (u16, String) {
    let reply = gateway.send(request(token)).await;
    match reply.status.as_u16() {
        200 => (200, String::new()),
        _ => reply.said(),
    }
}

fn good() -> (u16, String) {
    (200, String::new())
}

fn invalid() -> (u16, String) {
    (401, "MGW.4010003".to_owned())
}

fn unavailable() -> (u16, String) {
    (503, "MGW.5030010".to_owned())
}

async fn with_api_key(gateway: &TestGateway) -> Reply {
    gateway.send(Asking::update().json(&documented())).await
}

#[tokio::test]
async fn a_new_key_works_after_one_fetch_and_an_old_one_does_not() {
    let (old, new) = (Signer::ec(), Signer::ec());
    let server = KeyServer::publishing(set(&[old.jwk("old")])).await;
    let gateway = gateway(&server);
    let (by_old, by_new) = (lasting(&old, "old"), lasting(&new, "new"));
    for _ in 0..3 {
        assert_eq!(said(&gateway, &by_old).await, good());
    }
    assert_eq!(
        server.asked(),
        1,
        "fetched by the first token that needs it, once"
    );
    server.publish(set(&[new.jwk("new")]));
    assert_eq!(said(&gateway, &by_new).await, invalid(), "fetched just now");
    gateway.clock.advance(PAUSE);
    assert_eq!(said(&gateway, &by_new).await, good());
    assert_eq!(server.asked(), 2);
    // It was remembered, and its key is gone.
    assert_eq!(said(&gateway, &by_old).await, invalid());
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_the_issuer_one_fetch_in_a_pause() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let gateway = gateway(&server);
    let forger = Signer::ec();
    let token = lasting(&EC, "a");
    for round in 1..=4 {
        for batch in 0..5 {
            let flood = (0..40).map(|n| {
                let token = lasting(&forger, &format!("made-up-{round}-{batch}-{n}"));
                gateway.start(request(&token))
            });
            for reply in join_all(flood).await {
                assert_eq!(reply.said(), invalid(), "round {round}");
            }
        }
        assert_eq!(server.asked(), round);
        assert_eq!(said(&gateway, &token).await, good(), "round {round}");
        assert_eq!(with_api_key(&gateway).await.status, 200);
        gateway.clock.advance(PAUSE);
    }
    assert_eq!(server.asked(), 4);
}

#[tokio::test]
async fn the_last_keys_serve_while_the_issuer_is_down() {
    let server = KeyServer::publishing(set(&[EC.jwk("a"), RSA.jwk("r")])).await;
    let gateway = gateway(&server);
    assert_eq!(said(&gateway, &lasting(&EC, "a")).await, good());
    let elsewhere = KeyServer::publishing(set(&[Signer::ec().jwk("a")])).await;
    let redirect = format!("302 Found\r\nlocation: {}", elsewhere.url);
    let large = format!("{{\"keys\": [{}]}}", " ".repeat(300 << 10));
    let faults = [
        ("hangs up", Act::HangUp),
        ("fails", Act::Say("503 Service Unavailable".to_owned())),
        ("leads elsewhere", Act::Say(redirect)),
        ("says nothing", Act::Say("204 No Content".to_owned())),
        ("shows a page", Act::Publish("<html></html>".to_owned())),
        ("has no keys", Act::Publish(set(&[]))),
        (
            "has twice the keys",
            Act::Publish("{\"keys\": [], \"keys\": []}".to_owned()),
        ),
        ("sends too much", Act::Publish(large)),
        ("breaks off", Act::Truncate(1000)),
    ];
    for (name, act) in faults {
        server.act(act);
        gateway.clock.advance(PAUSE);
        let before = server.asked();
        assert_eq!(
            said(&gateway, &lasting(&EC, "unknown")).await,
            unavailable(),
            "{name}"
        );
        assert!(server.asked() > before, "{name}");
        // One that is remembered, and one that is seen for the first time.
        assert_eq!(said(&gateway, &lasting(&EC, "a")).await, good(), "{name}");
        assert_eq!(said(&gateway, &lasting(&RSA, "r")).await, good(), "{name}");
    }
    assert_eq!(elsewhere.asked(), 0, "redirects are not followed");
    gateway.clock.advance(Duration::from_hours(24));
    assert_eq!(
        said(&gateway, &lasting(&EC, "a")).await,
        unavailable(),
        "not for ever"
    );
    let refused = gateway.send(request(&lasting(&EC, "a"))).await;
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(
        with_api_key(&gateway).await.status,
        200,
        "others are served"
    );
    server.publish(set(&[EC.jwk("a")]));
    gateway.clock.advance(PAUSE);
    assert_eq!(
        said(&gateway, &lasting(&EC, "a")).await,
        good(),
        "it recovers by itself"
    );
}

#[tokio::test]
async fn an_issuer_that_is_down_at_the_start_harms_nobody_else() {
    let server = KeyServer::start(Act::HangUp).await;
    let gateway = gateway(&server);
    let token = lasting(&EC, "a");
    assert_eq!(said(&gateway, &token).await, unavailable());
    assert_eq!(with_api_key(&gateway).await.status, 200);
    server.publish(set(&[EC.jwk("a")]));
    gateway.clock.advance(Duration::from_secs(1));
    assert_eq!(said(&gateway, &token).await, good());
}

#[tokio::test]
async fn an_issuer_that_stalls_takes_no_slots_from_others() {
    for (in_flight, may_wait) in [("300", 64), ("20", 5), ("3", 1)] {
        stalls(in_flight, may_wait).await;
    }
}

async fn stalls(in_flight: &str, may_wait: usize) {
    let server = KeyServer::start(Act::Stall).await;
    let text = configuration_with_issuer(&server.url);
    let gateway = TestGateway::of_text(&text, &[("server.in_flight", in_flight)]);
    let token = lasting(&EC, "a");
    let waiting: Vec<_> = (0..may_wait)
        .map(|_| tokio::spawn(gateway.start(request(&token))))
        .collect();
    until(|| server.asked() == 1).await;
    // There is no room for one more who waits, so all these are answered at once; and room for those who need not.
    let more = (0..100).map(|_| gateway.start(request(&token)));
    for reply in join_all(more).await {
        assert_eq!(reply.said(), unavailable());
    }
    assert_eq!(with_api_key(&gateway).await.status, 200);
    for one in waiting {
        assert!(!one.is_finished(), "of {in_flight}");
        one.abort();
    }
}

#[tokio::test]
async fn a_caller_that_a_reload_takes_out_does_not_come_in_by_having_waited() {
    let server = KeyServer::start(Act::Stall).await;
    let text = configuration_with_issuer(&server.url);
    let config = configuration(&text, &[]);
    let gateway = TestGateway::of_text(&text, &[]);
    let state = Lasting::new(&config, gateway.clock.clone()).unwrap();
    let live = &gateway.parts.live;
    let put = |text: &str, number| {
        let config = configuration(text, &[]);
        let before = live.current();
        live.replace(state.compile(&config, number, Some(&before)).unwrap());
    };
    put(&text, 2);
    let waiting = tokio::spawn(gateway.start(request(&lasting(&EC, "a"))));
    until(|| server.asked() == 1).await;
    put(&text.replace("subject: app-1", "subject: app-9"), 3);
    server.publish(set(&[EC.jwk("a")]));
    assert_eq!(waiting.await.unwrap().said(), invalid());
}

#[tokio::test]
async fn many_at_once_wait_for_one_fetch() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let gateway = gateway(&server);
    let requests = (0..50).map(|_| gateway.start(request(&lasting(&EC, "a"))));
    for reply in join_all(requests).await {
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_reload_keeps_what_was_fetched_unless_the_url_changes() {
    let server = KeyServer::publishing(set(&[EC.jwk("a")])).await;
    let other = KeyServer::publishing(set(&[RSA.jwk("r")])).await;
    let gateway = gateway(&server);
    let config = configuration(&configuration_with_issuer(&server.url), &[]);
    let lasting_state = Lasting::new(&config, gateway.clock.clone()).unwrap();
    let live = &gateway.parts.live;
    let reload = |text: &str, number| {
        let config = configuration(text, &[]);
        let before = live.current();
        live.replace(
            lasting_state
                .compile(&config, number, Some(&before))
                .unwrap(),
        );
    };
    reload(&configuration_with_issuer(&server.url), 2);
    assert_eq!(said(&gateway, &lasting(&EC, "a")).await, good());
    assert_eq!(server.asked(), 1);
    for number in 3..8 {
        reload(
            &format!(
                "{}# changed {number}\n",
                configuration_with_issuer(&server.url)
            ),
            number,
        );
        assert_eq!(said(&gateway, &lasting(&EC, "a")).await, good());
    }
    assert_eq!(server.asked(), 1, "kept over reloads");
    reload(&configuration_with_issuer(&other.url), 8);
    assert_eq!(said(&gateway, &lasting(&RSA, "r")).await, good());
    assert_eq!(said(&gateway, &lasting(&EC, "a")).await, invalid());
    assert_eq!((server.asked(), other.asked()), (1, 1));
    // A caller that is gone is gone, whatever its token says and whoever remembers it.
    let nobody = configuration_with_issuer(&other.url).replace("subject: app-1", "subject: app-9");
    reload(&nobody, 9);
    assert_eq!(said(&gateway, &lasting(&RSA, "r")).await, invalid());
    assert_eq!(other.asked(), 1);
}
