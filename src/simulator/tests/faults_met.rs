//! Faults as a caller in the same process meets them. Tokio's clock is paused: nobody waits.

use tokio::time::{Instant, timeout};

use super::*;

const DEADLINE: Duration = Duration::from_hours(1);

async fn put(bench: &Bench, token: &str) -> Result<Response<SimulatedBody>, Hangup> {
    let request = Request::put(SERIES).header("X-Access-Token", token);
    let request = request.body(Full::new(Bytes::from(cycle().to_string())));
    bench.simulator.answer(request.unwrap()).await
}

/// Whether the request was acted on: the seeded subject is gone then.
fn acted(bench: &Bench) -> bool {
    let meeting = bench.simulator.meeting(SEEDED_MEETING).unwrap();
    !meeting.body().contains_key("subject")
}

#[tokio::test(start_paused = true)]
async fn late_answers_come_by_tokios_clock() {
    let bench = bench();
    let token = bench.token().await;
    let late = Duration::from_millis(500);
    bench
        .simulator
        .inject(On::Operations, Fault::Latency(late), Times::Count(1));
    let start = Instant::now();
    assert_eq!(put(&bench, &token).await.unwrap().status(), 200);
    assert_eq!(start.elapsed(), late);
    assert_eq!(bench.simulator.faults_left(), 0);
}

#[tokio::test(start_paused = true)]
async fn hangups_differ_in_what_was_done() {
    for (fault, done) in [(Fault::Reset, false), (Fault::LoseAnswer, true)] {
        let bench = bench();
        let token = bench.token().await;
        bench
            .simulator
            .inject(On::Operations, fault.clone(), Times::Count(1));
        assert!(
            matches!(put(&bench, &token).await, Err(Hangup)),
            "{fault:?}"
        );
        assert_eq!(acted(&bench), done, "{fault:?}");
        assert_eq!(bench.simulator.seen().len(), 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn stalls_last_for_ever() {
    let bench = bench();
    let token = bench.token().await;
    bench
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Count(1));
    assert!(timeout(DEADLINE, put(&bench, &token)).await.is_err());
    assert!(!acted(&bench));
    bench
        .simulator
        .inject(On::Operations, Fault::StallBody, Times::Count(1));
    let answer = put(&bench, &token).await.unwrap();
    assert!(
        timeout(DEADLINE, answer.into_body().collect())
            .await
            .is_err()
    );
    assert!(acted(&bench));
}

#[tokio::test]
async fn sign_in_can_fail_alone() {
    let bench = bench();
    let token = bench.token().await;
    bench
        .simulator
        .inject(On::SignIn, Fault::status(503, "APIG.0613"), Times::Always);
    assert_eq!(put(&bench, &token).await.unwrap().status(), 200);
    let told = bench.told(Method::POST, SIGN_IN, "", &json!({})).await;
    assert_eq!(told, (503, "APIG.0613".into()));
    bench.simulator.clear_faults();
    assert_eq!(bench.token().await.len(), 40);
}
