//! HTTP/2 frames in numbers, and streams that hold still: the connection ends, or costs no more than one of its kind may. Others are
//! served meanwhile.

use std::time::Duration;

use meeting_gateway::stages::accept::Limits;

use super::attack::body;
use super::door::{Door, limits};
use super::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, End, FrameClient, HEADERS, PING, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, fields, frame, request, usual,
};

/// The lines of the list, each with the name of its test.
pub(super) const FLOODS: &[(&str, &str, &str)] = &[
    (
        "continuations",
        "a header block that never ends",
        "the connection ends (ENHANCE_YOUR_CALM), no request",
    ),
    (
        "rapid_reset",
        "two thousand requests, each reset at once",
        "the connection ends (ENHANCE_YOUR_CALM)",
    ),
    (
        "pings",
        "ten thousand pings that are not waited for",
        "answered one by one; others are served",
    ),
    (
        "settings",
        "ten thousand settings",
        "acknowledged one by one; others are served",
    ),
    (
        "empty_data",
        "ten thousand empty pieces of a body",
        "the connection ends (ENHANCE_YOUR_CALM)",
    ),
    (
        "window_updates",
        "a window over 2^31",
        "the stream or connection ends (FLOW_CONTROL_ERROR)",
    ),
    (
        "closed_window",
        "a client that opens no window for its answer",
        "closed after the idle time",
    ),
    (
        "too_many_streams",
        "more streams than announced",
        "refused (REFUSED_STREAM), those before go on",
    ),
    (
        "large_frame",
        "a frame larger than announced",
        "the connection ends (FRAME_SIZE_ERROR)",
    ),
    (
        "broken_compression",
        "a header block that cannot be decoded",
        "the connection ends (PROTOCOL_ERROR)",
    ),
    (
        "table_bomb",
        "one large header, referred to again and again",
        "431 or an end, before the list is held",
    ),
    (
        "even_stream",
        "a stream with a server's number",
        "the connection ends (PROTOCOL_ERROR)",
    ),
];

const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const FRAME_SIZE_ERROR: u32 = 6;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

fn open_stream(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &fields(&usual()))
}

#[tokio::test]
async fn continuations() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client
        .send(&frame(HEADERS, END_STREAM, 1, &fields(&usual())))
        .await;
    let more = frame(CONTINUATION, 0, 1, &fields(&[("x", "y")]));
    client.send(&more.repeat(20_000)).await;
    assert_eq!(client.end(1).await, End::GoneAway(ENHANCE_YOUR_CALM));
    door.serves().await;
    assert_eq!(door.recorder.saw().len(), 1);
    assert_eq!(door.audit().len(), 1);
}

#[tokio::test]
async fn rapid_reset() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    for number in 0..2000_u32 {
        let stream = number * 2 + 1;
        let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        client.send(&[open_stream(stream), reset].concat()).await;
    }
    assert_eq!(client.end(0).await, End::GoneAway(ENHANCE_YOUR_CALM));
    door.serves().await;
    assert_eq!(
        door.recorder.saw().len(),
        1,
        "none of them was asked of the upstream"
    );
}

#[tokio::test]
async fn pings() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    let ping = frame(PING, 0, 0, &[1; 8]);
    for _ in 0..100 {
        client.send(&ping.repeat(100)).await;
        let mut answered = 0;
        while answered < 100 {
            let (kind, flags, ..) = client.frame().await.unwrap();
            answered += u32::from(kind == PING && flags & ACK != 0);
        }
    }
    client.send(&request(1, &usual(), body().as_bytes())).await;
    assert_eq!(client.end(1).await, End::Answered(200, String::new()));
    door.serves().await;
}

#[tokio::test]
async fn settings() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    let settings = frame(SETTINGS, 0, 0, &[]);
    for _ in 0..100 {
        client.send(&settings.repeat(100)).await;
        let mut answered = 0;
        while answered < 100 {
            let (kind, flags, ..) = client.frame().await.unwrap();
            answered += u32::from(kind == SETTINGS && flags & ACK != 0);
        }
    }
    door.serves().await;
}

#[tokio::test]
async fn empty_data() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client.send(&open_stream(1)).await;
    client.send(&frame(DATA, 0, 1, &[]).repeat(10_000)).await;
    assert_eq!(client.end(1).await, End::GoneAway(ENHANCE_YOUR_CALM));
    door.serves().await;
    assert_eq!(door.recorder.saw().len(), 1);
}

#[tokio::test]
async fn window_updates() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    let most = frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes());
    client.send(&most.repeat(2)).await;
    assert_eq!(client.end(0).await, End::GoneAway(FLOW_CONTROL_ERROR));
    door.serves().await;
}

#[tokio::test]
async fn closed_window() {
    let short = Limits {
        idle_timeout: Duration::from_millis(300),
        header_timeout: Duration::from_millis(300),
        ..limits()
    };
    let door = Door::with(short, &[], None).await;
    let mut client = FrameClient::hello(&door).await;
    // SETTINGS_INITIAL_WINDOW_SIZE is 0.
    client
        .send(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
        .await;
    client.send(&request(1, &usual(), body().as_bytes())).await;
    while client.frame().await.is_some() {}
    door.serves().await;
    assert_eq!(door.recorder.saw().len(), 2);
}

#[tokio::test]
async fn too_many_streams() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    for number in 0..201_u32 {
        client.send(&open_stream(number * 2 + 1)).await;
    }
    assert_eq!(client.end(401).await, End::Reset(REFUSED_STREAM));
    client
        .send(&frame(DATA, END_STREAM, 1, body().as_bytes()))
        .await;
    assert_eq!(client.end(1).await, End::Answered(200, String::new()));
    door.serves().await;
}

#[tokio::test]
async fn large_frame() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client.send(&open_stream(1)).await;
    client.send(&frame(DATA, 0, 1, &b" ".repeat(20_000))).await;
    assert_eq!(client.end(0).await, End::GoneAway(FRAME_SIZE_ERROR));
    door.serves().await;
}

#[tokio::test]
async fn broken_compression() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client
        .send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 16]))
        .await;
    assert_eq!(client.end(1).await, End::GoneAway(PROTOCOL_ERROR));
    door.serves().await;
    assert_eq!(door.audit().len(), 1);
}

#[tokio::test]
async fn table_bomb() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    // A literal that is kept in the table, and then that entry, a byte each, four thousand times: 12 MB of fields.
    let mut kept = super::frames::field(b"x", &[b'a'; 3000]);
    kept[0] = 0x40;
    let block = [fields(&usual()), kept, vec![0x80 | 0x3e; 4000]].concat();
    client
        .send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
        .await;
    let end = client.end(1).await;
    assert_ne!(end, End::Closed);
    door.serves().await;
    assert_eq!(door.recorder.saw().len(), 1, "{end:?}");
}

#[tokio::test]
async fn even_stream() {
    let door = Door::open().await;
    let mut client = FrameClient::hello(&door).await;
    client.send(&open_stream(2)).await;
    assert_eq!(client.end(2).await, End::GoneAway(PROTOCOL_ERROR));
    door.serves().await;
}
