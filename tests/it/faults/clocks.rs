//! The wall clock is set, forward and back: what counts time goes by the monotonic clock and does not notice.

use std::time::Duration;

use meeting_gateway::runtime::circuit_breaker::CircuitState;

use super::scripted::{On, Scripted, Then, json};
use super::table::{hold, line};
use super::{before, change, told};
use crate::support::TestGateway;

const JUMP: Duration = Duration::from_hours(72);

fn set(gateway: &TestGateway, forward: bool) {
    if forward {
        gateway.clock.set_forward(JUMP);
    } else {
        gateway.clock.set_back(JUMP);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_ends_no_token_and_no_pause() {
    const TEST: &str = "a_clock_that_is_set_ends_no_token_and_no_pause";
    let mut lines = Vec::new();
    for (fault, forward) in [
        ("the clock is set forward by 3 days", true),
        ("the clock is set back by 3 days", false),
    ] {
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[]).await;
        assert_eq!(gateway.send(change()).await.status, 200);
        let before = gateway.clock.clone();
        let unix = meeting_gateway::model::clock::Clock::unix(&*before);
        set(&gateway, forward);
        assert_ne!(meeting_gateway::model::clock::Clock::unix(&*before), unix);
        // The documented example is in the past after a jump of three days: a reading has no dates.
        let reply = gateway.send(super::reading()).await;
        assert_eq!(told(&reply), "200", "{fault}: {reply:?}");
        assert_eq!(
            gateway.sign_ins_seen(),
            1,
            "{fault}: the token is as good as before"
        );
        assert_eq!(gateway.last_line()["duration_us"], 0, "{fault}");

        upstream.always(On::Everything, json(503, "", "{}"), Then::Keep);
        for _ in 0..5 {
            gateway.send(super::reading()).await;
        }
        let state = || {
            gateway
                .parts
                .live
                .current()
                .upstream
                .circuit_breaker
                .state()
        };
        assert_eq!(state(), CircuitState::Open);
        set(&gateway, forward);
        let refused = gateway.send(super::reading()).await;
        assert_eq!(
            refused.header("retry-after"),
            "5",
            "{fault}: open as long as ever"
        );
        upstream.heal();
        gateway.clock.advance(Duration::from_secs(5));
        assert_eq!(gateway.send(super::reading()).await.status, 200);
        lines.push(line(fault, "200", &told(&reply), 1, TEST));
    }
    hold(&lines);
}
