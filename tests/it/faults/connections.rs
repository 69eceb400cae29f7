//! Connections that are refused, that close under us, and hosts that move.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use meeting_gateway::runtime::resolver::Resolver;
use tokio::net::TcpSocket;

use super::exchange::INVALID;
use super::scripted::{On, Scripted, Then};
use super::table::{hold, line};
use super::{DEADLINE, before, change, reading, told};
use crate::support::TestGateway;

#[tokio::test]
async fn nobody_listens() {
    // Bound, so that nobody else gets the port, and not listening: connections are refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let gateway = before(&url, &[]).await;
    let began = tokio::time::Instant::now();
    let reply = gateway.send(change()).await;
    assert!(began.elapsed() < DEADLINE);
    let expected = "502 `MGW.5020001`";
    assert_eq!(told(&reply), expected, "{reply:?}");
    assert_eq!(gateway.only_line()["upstream"]["attempts"], 2);
    let upstream = Scripted::on(socket.listen(16).unwrap());
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(upstream.writes(), 1);
    hold(&[line(
        "nobody listens",
        expected,
        &told(&reply),
        0,
        "nobody_listens",
    )]);
}

#[tokio::test]
async fn a_kept_connection_that_closes_while_it_is_idle_costs_nothing() {
    const TEST: &str = "a_kept_connection_that_closes_while_it_is_idle_costs_nothing";
    let mut lines = Vec::new();
    for (fault, then) in [
        ("closed behind an answer", Then::Close),
        ("reset behind an answer", Then::Reset),
    ] {
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[]).await;
        upstream.next(super::scripted::good(), then);
        assert_eq!(gateway.send(change()).await.status, 200);
        let reply = gateway.send(change()).await;
        assert_eq!(told(&reply), "200", "{fault}: {reply:?}");
        assert_eq!((upstream.accepted(), upstream.writes()), (2, 2), "{fault}");
        lines.push(line(fault, "200", &told(&reply), 2, TEST));
    }
    hold(&lines);
}

/// The race that no client can win: the upstream closes just when the request is on its way.
#[tokio::test]
async fn a_kept_connection_that_closes_as_a_change_arrives_is_not_sent_twice() {
    const TEST: &str = "a_kept_connection_that_closes_as_a_change_arrives_is_not_sent_twice";
    let mut lines = Vec::new();
    for (fault, then) in [
        (
            "a kept connection closed as the change arrives",
            Then::Close,
        ),
        ("a kept connection reset as the change arrives", Then::Reset),
    ] {
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[]).await;
        assert_eq!(gateway.send(reading()).await.status, 200);
        upstream.next("", then);
        let reply = gateway.send(change()).await;
        assert_eq!(told(&reply), INVALID, "{fault}: {reply:?}");
        assert_eq!((upstream.accepted(), upstream.writes()), (1, 1), "{fault}");
        assert_eq!(gateway.last_line()["upstream"]["attempts"], 1);
        assert_eq!(gateway.send(change()).await.status, 200, "{fault}");
        lines.push(line(fault, INVALID, &told(&reply), 1, TEST));
    }
    hold(&lines);
}

#[tokio::test]
async fn what_only_reads_is_tried_once_more() {
    const TEST: &str = "what_only_reads_is_tried_once_more";
    let mut lines = Vec::new();
    for (fault, then) in [
        ("a kept connection closed as a reading arrives", Then::Close),
        ("a kept connection reset as a reading arrives", Then::Reset),
    ] {
        let upstream = Scripted::start().await;
        let gateway = before(upstream.url(), &[]).await;
        assert_eq!(gateway.send(change()).await.status, 200);
        upstream.next_reading("", then);
        let reply = gateway.send(reading()).await;
        assert_eq!(told(&reply), "200", "{fault}: {reply:?}");
        assert_eq!(gateway.last_line()["upstream"]["attempts"], 2);
        lines.push(line(fault, "200", &told(&reply), 1, TEST));
    }
    let fault = "every connection closed as a reading arrives";
    let upstream = Scripted::start().await;
    let gateway = before(upstream.url(), &[]).await;
    upstream.always(On::Everything, "", Then::Close);
    let reply = gateway.send(reading()).await;
    assert_eq!(told(&reply), INVALID, "{reply:?}");
    let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(message.ends_with("Nothing was changed."), "{message}");
    assert_eq!(upstream.arrived().len(), 2);
    lines.push(line(fault, INVALID, &told(&reply), 0, TEST));
    hold(&lines);
}

/// A name that is somebody else's address from one moment to the next.
#[tokio::test]
async fn a_host_that_moves_is_found() {
    const TEST: &str = "a_host_that_moves_is_found";
    let (old, new) = (Scripted::start().await, Scripted::start().await);
    let address = |upstream: &Scripted| -> SocketAddr {
        let url = upstream.url().trim_start_matches("http://").to_owned();
        url.parse().unwrap()
    };
    let at = Arc::new(Mutex::new(Ok(address(&old))));
    let asked = Arc::clone(&at);
    let resolver = Resolver::of(move |host| {
        assert_eq!(host, "api.moving.test");
        let at: Result<SocketAddr, std::io::ErrorKind> = *asked.lock().unwrap();
        Ok(vec![at?])
    });
    let gateway = TestGateway::resolving("http://api.moving.test", &super::SOON, resolver);
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(old.writes(), 1);

    // It moves, and the old place closes what is open.
    *at.lock().unwrap() = Ok(address(&new));
    old.next_reading(super::scripted::good(), Then::Close);
    assert_eq!(gateway.send(reading()).await.status, 200);
    let reply = gateway.send(change()).await;
    assert_eq!(
        (told(&reply), new.writes(), old.writes()),
        ("200".to_owned(), 1, 1)
    );
    let moved = line(
        "the host has another address",
        "200",
        &told(&reply),
        1,
        TEST,
    );

    // Nobody knows the name any more, and then somebody does.
    *at.lock().unwrap() = Err(std::io::ErrorKind::NotFound);
    new.next_reading(super::scripted::good(), Then::Close);
    assert_eq!(gateway.send(reading()).await.status, 200);
    let reply = gateway.send(change()).await;
    let expected = "502 `MGW.5020001`";
    assert_eq!(told(&reply), expected, "{reply:?}");
    assert_eq!((new.writes(), old.writes()), (1, 1));
    *at.lock().unwrap() = Ok(address(&old));
    assert_eq!(gateway.send(change()).await.status, 200);
    assert_eq!(old.writes(), 2);
    hold(&[
        moved,
        line("the host has no address", expected, &told(&reply), 0, TEST),
    ]);
}
