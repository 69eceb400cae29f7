//! Bodies that are passed on: what ends them, and what can be sent a second time.

use std::convert::Infallible;

use futures_util::stream;
use http_body_util::{Collected, Full, StreamBody};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn bounds(bytes: usize) -> Bounds {
    Bounds {
        bytes,
        idle: SECOND,
        total: 10 * SECOND,
    }
}

fn pieces(pieces: &[&'static str]) -> impl Body<Data = Bytes> + Send + 'static {
    let frames: Vec<_> = pieces
        .iter()
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece.as_bytes()))))
        .collect();
    StreamBody::new(stream::iter(frames))
}

async fn sent(upload: &Upload) -> Result<Bytes, Fault> {
    upload.body().collect().await.map(Collected::to_bytes)
}

#[tokio::test]
async fn a_small_one_can_be_sent_again_and_a_large_one_cannot() {
    let small = Upload::new(pieces(&["ab", "cd"]), bounds(4));
    assert!(small.can_be_sent_again());
    for _ in 0..3 {
        assert_eq!(sent(&small).await.unwrap(), "abcd");
        assert!(small.can_be_sent_again());
    }
    assert_eq!((small.sent(), small.fault()), (4, None));

    let large = Upload::new(
        Full::new(Bytes::from(vec![b'x'; KEPT + 1])),
        bounds(KEPT + 1),
    );
    assert_eq!(sent(&large).await.unwrap().len(), KEPT + 1);
    assert!(!large.can_be_sent_again());
    assert!(sent(&large).await.is_err());
}

#[tokio::test]
async fn what_was_not_begun_can_be_begun_by_one_other() {
    let upload = Upload::new(pieces(&["ab", "cd"]), bounds(4));
    let mut first = upload.body();
    let mut second = upload.body();
    assert_eq!(
        second.frame().await.unwrap().unwrap().into_data().unwrap(),
        "ab"
    );
    assert!(!upload.can_be_sent_again());
    assert_eq!(first.frame().await.unwrap().unwrap_err(), Fault::Closed);
    assert_eq!(
        second.frame().await.unwrap().unwrap().into_data().unwrap(),
        "cd"
    );
}

#[tokio::test]
async fn one_byte_too_many_is_an_error_at_the_end_and_not_an_end() {
    let upload = Upload::new(pieces(&["ab", "cd", "e"]), bounds(4));
    let mut body = upload.body();
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_ok());
    assert_eq!(body.frame().await.unwrap().unwrap_err(), Fault::TooLarge);
    assert!(!body.is_end_stream());
    assert_eq!(upload.fault(), Some(Fault::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn a_sender_may_pause_and_dribble_only_so_long() {
    let silent = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
    let began = Instant::now();
    assert_eq!(
        sent(&Upload::new(silent, bounds(9))).await,
        Err(Fault::Timeout)
    );
    assert_eq!(began.elapsed().as_secs(), 1);

    let dribble = stream::unfold((), |()| async {
        tokio::time::sleep(SECOND / 2).await;
        Some((
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x"))),
            (),
        ))
    });
    let began = Instant::now();
    let dribbling = Upload::new(StreamBody::new(Box::pin(dribble)), bounds(1 << 20));
    assert_eq!(sent(&dribbling).await, Err(Fault::Timeout));
    assert!(
        (9..=10).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_closed_one_wakes_who_sends_it() {
    let silent = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
    let upload = Upload::new(silent, bounds(9));
    let sending = tokio::spawn({
        let upload = upload.clone();
        async move { sent(&upload).await }
    });
    tokio::task::yield_now().await;
    upload.close();
    let began = Instant::now();
    assert_eq!(sending.await.unwrap(), Err(Fault::Closed));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn it_is_stalled_when_the_receiver_is_waited_for() {
    let upload = Upload::new(pieces(&["ab"]), bounds(9));
    let began = Instant::now();
    upload.stalled(3 * SECOND).await;
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn each_try_has_time_of_its_own() {
    let pause = Duration::from_secs(10);
    let bounds = Bounds {
        bytes: 5,
        idle: pause,
        total: pause * 10,
    };
    let upload = Upload::new(Full::new(Bytes::from_static(b"hello")), bounds);
    assert!(!upload.is_whole());
    upload.body().collect().await.unwrap();
    assert!(upload.is_whole());
    tokio::time::sleep(pause).await;
    let again = upload.body();
    let began = Instant::now();
    upload.stalled(pause).await;
    assert_eq!(began.elapsed(), pause, "what the first try took is not its");
    drop(again);
}
