//! Who still sends when the connection ends can read its answer. A pipe in memory tells what a kernel does with a reset: whoever
//! writes into an end that is gone is told so at once.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::{address, connections, send, until_closed};

/// Much smaller than what the client sends.
const PIPE: usize = 1024;
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 4 << 20;

/// Refused, each with a client that has not said all, and how the answer begins.
const REFUSED: [(&str, &str, &str); 3] = [
    (
        "a head that is none",
        "PUT / HTTP/1.1\r\nhost: g\n\r\n",
        "HTTP/1.1 400 ",
    ),
    (
        "a head that is too long",
        "PUT / HTTP/1.1\r\nhost: g\r\nx: ",
        "HTTP/1.1 431 ",
    ),
    (
        "a body that nobody reads",
        "PUT / HTTP/1.1\r\nhost: g\r\ncontent-length: 9000000\r\n\r\n",
        "HTTP/1.1 200 ",
    ),
];

async fn writes(client: &mut DuplexStream, bytes: usize) -> std::io::Result<()> {
    let piece = [b'a'; PIPE];
    for _ in 0..bytes / PIPE {
        client.write_all(&piece).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_still_sends_can_read_its_answer() {
    for (name, text, expected) in REFUSED {
        let connections = connections(None);
        let (mut client, server) = duplex(PIPE);
        connections.open(server, address());
        send(&mut client, text).await;
        let sent = writes(&mut client, 300 * 1024).await;
        assert!(sent.is_ok(), "{name}: {sent:?}");
        let (said, _) = until_closed(&mut client).await;
        assert!(said.starts_with(expected), "{name}: {said:?}");
        let sent = writes(&mut client, PIPE).await;
        assert!(sent.is_ok(), "{name}, after the answer: {sent:?}");
        drop(client);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(connections.count(), 0, "{name}: it waits for nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_lingers_for_some_time_and_bytes() {
    for (name, text, _) in REFUSED {
        let connections = connections(None);
        let (mut client, server) = duplex(PIPE);
        connections.open(server, address());
        send(&mut client, text).await;
        writes(&mut client, 16 * 1024).await.unwrap();
        let start = Instant::now();
        let mut said = Vec::new();
        client.read_to_end(&mut said).await.unwrap();
        while writes(&mut client, PIPE).await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
        let lingered = start.elapsed();
        assert!(
            lingered >= LINGER && lingered < LINGER * 2,
            "{name}: {lingered:?}"
        );

        let (mut client, server) = duplex(PIPE);
        connections.open(server, address());
        send(&mut client, text).await;
        let start = Instant::now();
        let sent = writes(&mut client, 2 * LINGER_BYTES).await;
        assert!(sent.is_err() && start.elapsed() < LINGER, "{name}");
    }
}
