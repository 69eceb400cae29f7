//! `GET /openapi.json` on the operator's listener.

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use meeting_gateway::admin::{Admin, Version};
use meeting_gateway::model::clock::SystemClock;
use meeting_gateway::openapi::{self, Listening};
use meeting_gateway::runtime::generation::Lasting;
use meeting_gateway::runtime::readiness::Readiness;
use serde_json::Value;

use crate::support::{CONFIGURATION, TestGateway, configuration};

fn admin() -> Admin {
    let version = || Version {
        config_digest: "c0".into(),
        policy_digest: "90".into(),
        snapshot: 1,
        ..Version::default()
    };
    Admin::new(Readiness::default(), prometheus::Registry::new(), version)
}

async fn text(response: Response<Full<bytes::Bytes>>) -> bytes::Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn the_document_is_that_of_the_snapshot_that_is_current() {
    let gateway = TestGateway::new();
    let live = gateway.parts.live.clone();
    let places = [Listening {
        address: "127.0.0.1:8080".parse().unwrap(),
        tls: false,
    }];
    let admin = admin().describing(live.clone(), &places);
    let ask = |method: &str| {
        let request = Request::builder().method(method).uri("/openapi.json");
        admin.answer(&request.body(()).unwrap())
    };
    let response = ask("GET");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    let first = text(response).await;
    let told: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(told, openapi::document(&live.current(), &places).unwrap());
    assert_eq!(told["servers"][0]["url"], "http://127.0.0.1:8080");
    assert_eq!(
        ask("HEAD").headers()["content-length"],
        first.len().to_string().as_str()
    );
    assert_eq!(ask("POST").status(), StatusCode::METHOD_NOT_ALLOWED);

    let strict = configuration(CONFIGURATION, &[("contract.coercion", "reject")]);
    let lasting = Lasting::new(&strict, SystemClock::shared()).unwrap();
    live.replace(lasting.compile(&strict, 2, None).unwrap());
    let second = text(ask("GET")).await;
    assert_ne!(first, second);
}

#[test]
fn nothing_is_described_unless_it_is_asked_for() {
    let request = Request::get("/openapi.json").body(()).unwrap();
    assert_eq!(admin().answer(&request).status(), StatusCode::NOT_FOUND);
}
