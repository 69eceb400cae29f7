//! Answers that come compressed, although nobody asked for that, over a socket.

use std::convert::Infallible;
use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use meeting_gateway::simulator::{Coding, Fault, On, Times};

use crate::support::TestGateway;
use crate::support::request::{Asking, Reply, documented};

const ANSWER: &[u8] =
    br#"[{"conferenceID":"914087436","chairJoinUri":"https://c.example/#/j/1/x","cycleCount":0}]"#;
const ANSWER_SHOWN: &[u8] =
    br#"[{"conferenceID":"914087436","chairJoinUri":"***","cycleCount":0}]"#;

/// The reply of a gateway whose upstream always answers with this body.
async fn met(coding: &str, body: Vec<u8>) -> Reply {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (coding, body) = (coding.to_owned(), Bytes::from(body));
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = service_fn(move |request: Request<Incoming>| {
            let (coding, body) = (coding.clone(), body.clone());
            async move {
                assert!(!request.headers().contains_key("accept-encoding"));
                request.into_body().collect().await.unwrap();
                let response = Response::builder()
                    .header("content-type", "application/json")
                    .header("content-encoding", coding)
                    .header("etag", "\"of-the-coded-body\"")
                    .body(Full::new(body))
                    .unwrap();
                Ok::<_, Infallible>(response)
            }
        });
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .await
    });
    let gateway =
        TestGateway::with_token_from_elsewhere(&url, &[("upstream.answer_bytes", "64KiB")]);
    gateway.send(Asking::update().json(&documented())).await
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_answers_are_decoded_and_redacted_like_any_other() {
    for (coding, body) in [
        ("gzip", gzip(ANSWER)),
        ("X-Gzip", gzip(ANSWER)),
        ("deflate", zlib(ANSWER)),
        ("deflate", deflate(ANSWER)),
        ("identity", ANSWER.to_vec()),
    ] {
        let reply = met(coding, body).await;
        assert_eq!(reply.status, 200, "{coding}: {reply:?}");
        assert_eq!(reply.body, ANSWER_SHOWN, "{coding}");
        for stale in ["content-encoding", "content-length", "etag"] {
            assert!(!reply.headers.contains_key(stale), "{coding}: {stale}");
        }
    }
}

#[tokio::test]
async fn a_validator_stays_only_with_the_bytes_that_it_is_of() {
    let public = br#"[{"conferenceID":"914087436"}]"#;
    for (coding, body, stays) in [
        ("gzip", gzip(public), false),
        ("identity", public.to_vec(), true),
        ("identity", ANSWER.to_vec(), false),
    ] {
        let reply = met(coding, body).await;
        assert_eq!(
            reply.headers.contains_key("etag"),
            stays,
            "{coding}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn compressed_answers_that_cannot_be_trusted() {
    let whole = gzip(ANSWER);
    for (coding, body, what) in [
        ("gzip", whole[..whole.len() - 9].to_vec(), "ends early"),
        ("gzip", whole[..whole.len() - 1].to_vec(), "ends early"),
        ("deflate", zlib(ANSWER)[..20].to_vec(), "ends early"),
        ("gzip", ANSWER.to_vec(), "damaged"),
        // 16 MiB in some 16 KiB, which is in the limit.
        (
            "gzip",
            gzip(&vec![b' '; 16 << 20]),
            "larger than `upstream.answer_bytes`",
        ),
        (
            "deflate",
            deflate(&vec![b' '; 16 << 20]),
            "larger than `upstream.answer_bytes`",
        ),
        ("br", whole.clone(), "send it as it is"),
        ("gzip, gzip", gzip(&whole), "more than once"),
        ("gzip", gzip(b"<html>"), "not JSON"),
    ] {
        let reply = met(coding, body).await;
        assert_eq!(
            reply.said(),
            (502, "MGW.5020002".to_owned()),
            "{coding}: {what}"
        );
        let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(message.contains(what), "{coding}: {message}");
    }
}

#[tokio::test]
async fn compressed_answers_to_sign_ins_are_read_as_well() {
    for (coding, status) in [
        (Coding::Gzip, 200),
        (Coding::Deflate, 200),
        (Coding::Named("br".to_owned()), 503),
    ] {
        let gateway = TestGateway::over_loopback(&[]).await;
        let fault = Fault::Coded(coding.clone());
        gateway.simulator.inject(On::SignIn, fault, Times::Always);
        let reply = gateway.send(Asking::update().json(&documented())).await;
        assert_eq!(reply.status, status, "{coding:?}: {reply:?}");
    }
}
