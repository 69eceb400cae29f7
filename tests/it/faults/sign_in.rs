//! The upstream's sign-in is down, slow or wrong: at the start, in the middle, and for ever.

use std::time::Duration;

use futures_util::future::join_all;
use meeting_gateway::simulator::{Fault, On, Times};

use super::table::{hold, line};
use super::{DEADLINE, SOON, change, told};
use crate::support::{TestGateway, until};

const NO_TOKEN: &str = "503 `MGW.5030002`";

#[tokio::test]
async fn a_sign_in_that_fails_at_the_start() {
    const TEST: &str = "a_sign_in_that_fails_at_the_start";
    let mut lines = Vec::new();
    for (fault, how) in [
        ("sign-in: 503", Fault::status(503, "APIG.0613")),
        ("sign-in: 401", Fault::status(401, "USG.000000003")),
        ("sign-in: 429", Fault::throttled()),
        ("sign-in: reset", Fault::Reset),
        ("sign-in: answer lost", Fault::LoseAnswer),
        ("sign-in: garbage", Fault::Garbage),
        ("sign-in: a page", Fault::Page),
        ("sign-in: half an answer", Fault::Truncate),
        ("sign-in: half a JSON text", Fault::BadJson),
        ("sign-in: nothing in it", Fault::Empty),
        ("sign-in: too large", Fault::Oversized(100 << 10)),
        (
            "sign-in: redirect",
            Fault::Redirect("http://127.0.0.1:9/".to_owned()),
        ),
    ] {
        let gateway = TestGateway::over_loopback(&SOON).await;
        gateway.simulator.inject(On::SignIn, how, Times::Always);
        let began = tokio::time::Instant::now();
        // All at once: one sign-in, not one for each.
        let replies = join_all((0..5).map(|_| gateway.start(change()))).await;
        assert!(began.elapsed() < DEADLINE, "{fault}");
        for reply in &replies {
            assert_eq!(told(reply), NO_TOKEN, "{fault}: {reply:?}");
            assert_eq!(reply.header("retry-after"), "1", "{fault}");
        }
        assert!(gateway.operations_seen().is_empty(), "{fault}");
        assert!(
            gateway.sign_ins_seen() <= 2,
            "{fault}: {}",
            gateway.sign_ins_seen()
        );
        gateway.simulator.clear_faults();
        gateway.clock.advance(Duration::from_mins(1));
        assert_eq!(gateway.send(change()).await.status, 200, "{fault}");
        lines.push(line(fault, NO_TOKEN, &told(&replies[0]), 0, TEST));
    }
    hold(&lines);
}

#[tokio::test]
async fn a_sign_in_that_is_slow_takes_no_longer_than_the_request_has() {
    const TEST: &str = "a_sign_in_that_is_slow_takes_no_longer_than_the_request_has";
    let gateway = TestGateway::over_loopback(&SOON).await;
    let late = Fault::Latency(Duration::from_millis(1600));
    gateway.simulator.inject(On::SignIn, late, Times::Count(1));
    let began = tokio::time::Instant::now();
    let reply = gateway.send(change()).await;
    assert_eq!(told(&reply), NO_TOKEN, "{reply:?}");
    assert!(
        began.elapsed() < Duration::from_millis(1500),
        "{:?}",
        began.elapsed()
    );
    assert!(gateway.operations_seen().is_empty());
    // Nobody waits for it any more, and it is of use all the same.
    until(|| gateway.parts.tokens.as_ref().unwrap().counts().fetched == 1).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(gateway.sign_ins_seen(), 1);
    hold(&[line("sign-in: slow", NO_TOKEN, &told(&reply), 0, TEST)]);
}

#[tokio::test]
async fn a_sign_in_that_goes_down_in_the_middle() {
    const TEST: &str = "a_sign_in_that_goes_down_in_the_middle";
    let gateway = TestGateway::over_loopback(&SOON).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    let down = Fault::status(503, "APIG.0613");
    gateway.simulator.inject(On::SignIn, down, Times::Always);
    // The token lives 56 326 s; it is due ten minutes before.
    gateway.clock.advance(Duration::from_secs(56_000));
    let due = gateway.send(change()).await;
    assert_eq!(told(&due), "200", "due, and still good");
    gateway.clock.advance(Duration::from_secs(400));
    let over = gateway.send(change()).await;
    assert_eq!(told(&over), NO_TOKEN);
    assert_eq!(gateway.operations_seen().len(), 2);
    gateway.simulator.clear_faults();
    gateway.clock.advance(Duration::from_mins(1));
    assert_eq!(gateway.send(change()).await.status, 200);
    hold(&[
        line(
            "sign-in: down while a token is good",
            "200",
            &told(&due),
            1,
            TEST,
        ),
        line(
            "sign-in: down when a token ends",
            NO_TOKEN,
            &told(&over),
            0,
            TEST,
        ),
    ]);
}

#[tokio::test]
async fn a_401_is_tried_once_more_and_a_storm_of_them_does_not_sign_in_for_ever() {
    const TEST: &str = "a_401_is_tried_once_more_and_a_storm_of_them_does_not_sign_in_for_ever";
    let gateway = TestGateway::over_loopback(&SOON).await;
    assert_eq!(gateway.send(change()).await.status, 200);
    gateway.simulator.take_seen();
    let refused = Fault::bad_token();
    gateway
        .simulator
        .inject(On::Operations, refused, Times::Count(1));
    let once = gateway.send(change()).await;
    assert_eq!(told(&once), "200", "{once:?}");
    let sent = gateway.operations_seen().len();
    assert_eq!(sent, 2, "the first was refused, not carried out");
    gateway.simulator.take_seen();
    gateway
        .simulator
        .inject(On::Operations, Fault::bad_token(), Times::Always);
    let replies = join_all((0..30).map(|_| gateway.start(change()))).await;
    for reply in &replies {
        assert_eq!(told(reply), "401 `USG.000000004`", "{reply:?}");
        assert_eq!(reply.header("x-gateway-error-source"), "upstream");
    }
    assert!(gateway.sign_ins_seen() <= 2, "{}", gateway.sign_ins_seen());
    assert!(gateway.operations_seen().len() <= 60);
    gateway.simulator.clear_faults();
    gateway.clock.advance(Duration::from_hours(1));
    assert_eq!(gateway.send(change()).await.status, 200);
    hold(&[
        line("401 once", "200", &told(&once), sent, TEST),
        line(
            "401 to everybody, 30 at once",
            "401 `USG.000000004`",
            &told(&replies[0]),
            2,
            TEST,
        ),
    ]);
}
