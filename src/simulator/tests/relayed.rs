//! The operations that are no part of scheduling.

use super::*;

const ME: &str = "/v1/usg/dcs/member";
const PEOPLE: &str = "/v1/usg/dcs/corp/member";
const ROOM: &str = "/v1/usg/dcs/member/vmr/7f1a";

#[tokio::test]
async fn errands() {
    let bench = bench();
    let token = bench.token().await;
    let (empty, bob) = (Value::Null, json!({"name": "Bob", "account": "bob"}));
    let last = format!("{PEOPLE}?offset=999&limit=7");
    let one = format!("{PEOPLE}?searchKey=00042");
    let parameter = json!("USG.206060011");
    for (method, uri, body, status, pointer, expected) in [
        (Method::GET, ME, &empty, 200, "/userAccount", json!("alice")),
        (Method::GET, ME, &empty, 200, "/adminType", json!(2)),
        (Method::GET, PEOPLE, &empty, 200, "/count", json!(1000)),
        (
            Method::GET,
            &last,
            &empty,
            200,
            "/data/0/name",
            json!("person00999"),
        ),
        (Method::GET, &last, &empty, 200, "/data/1", Value::Null),
        (Method::GET, &one, &empty, 200, "/count", json!(1)),
        (
            Method::POST,
            PEOPLE,
            &bob,
            200,
            "/userAccount",
            json!("bob"),
        ),
        (Method::POST, PEOPLE, &json!([]), 400, "", parameter.clone()),
        (
            Method::PUT,
            ROOM,
            &json!({"gustPwd": "4711"}),
            200,
            "",
            Value::Null,
        ),
        (Method::PUT, ROOM, &empty, 400, "", parameter.clone()),
    ] {
        let (got, told) = bench.told(method.clone(), uri, &token, body).await;
        assert_eq!(got, status, "{method} {uri}");
        let found = told.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(found, expected, "{method} {uri} {pointer}");
        let (status, _) = bench.told(method, uri, "cnrINVENTED", body).await;
        assert_eq!(status, 401, "{uri}");
    }
}

#[tokio::test]
async fn a_large_answer_can_be_had_and_is_bounded() {
    let bench = Bench::new(Settings {
        people: usize::MAX,
        ..Settings::default()
    });
    let token = bench.token().await;
    let uri = format!("{PEOPLE}?limit=30000");
    let answer = bench.ask(Method::GET, &uri, &token, &Value::Null).await;
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(
        (4 << 20..16 << 20).contains(&bytes.len()),
        "{}",
        bytes.len()
    );
    let told: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(told["count"], 20_000);
    assert_eq!(told["data"].as_array().unwrap().len(), 20_000);
}
