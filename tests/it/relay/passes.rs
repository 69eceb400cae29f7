//! What may pass, and what of a request does.

use http::Method;
use serde_json::json;

use super::{ME, PEOPLE, gateway, get};
use crate::support::TestGateway;
use crate::support::request::{Asking, FRONT_DESK_KEY, KEY};

const ROOM: &str = "/v1/usg/dcs/member/vmr/7f1a";

#[tokio::test]
async fn only_what_is_allowed_passes() {
    let closed = TestGateway::new();
    let reply = closed.send(get(ME).body("")).await;
    assert_eq!(reply.said(), (404, "MGW.4040002".to_owned()));
    let message = reply.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(
        message.contains("operations: {allow: [show_my_info]}"),
        "{message}"
    );
    assert!(closed.operations_seen().is_empty());

    let open = gateway(&["show_my_info"]);
    let reply = open.send(get(ME).body("")).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    assert_eq!(open.only_seen().path, ME);
    let line = open.only_line();
    assert_eq!(line["operation"], "show_my_info");
    assert_eq!(line["relayed"], true);
    assert_eq!(line["outcome"], "answered");

    let update = Asking::with_key(Method::PUT, ME, KEY).body("{}");
    assert_eq!(open.send(update).await.said().1, "MGW.4040002");
    let people = open.send(get(PEOPLE).body("")).await;
    assert_eq!(people.said().1, "MGW.4040002");
    let patched = Asking::with_key(Method::PATCH, ME, KEY).body("");
    let reply = open.send(patched).await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET"));
    assert_eq!(open.operations_seen().len(), 1);
}

#[tokio::test]
async fn the_governed_are_governed_whatever_is_allowed() {
    let gateway = gateway(&["show_my_info", "add_user"]);
    let body = json!({"mediaTypes": "HDVideo", "length": 5000});
    let reply = gateway.send(Asking::update().json(&body)).await;
    assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()));
    assert_eq!(gateway.only_line().get("relayed"), None);
}

#[tokio::test]
async fn of_the_headers_only_documented_ones_pass_and_the_token_is_the_upstreams() {
    let gateway = gateway(&["add_user"]);
    let asking = Asking::with_key(Method::POST, PEOPLE, KEY)
        .header("accept-language", "zh-CN")
        .header("accept", "text/html")
        .header("accept-encoding", "gzip")
        .header("cookie", "a=b")
        .header("x-auth-token", "mine")
        .header("x-password", "hush")
        .header("x-conference-authorization", "Basic hush")
        .header("range", "bytes=0-1")
        .header("expect", "100-continue")
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-http-method-override", "DELETE");
    let reply = gateway
        .send(asking.json(&json!({"name": "Bob", "account": "bob"})))
        .await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let seen = gateway.only_seen();
    let mut names: Vec<_> = seen.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "accept",
        "accept-language",
        "content-type",
        "user-agent",
        "x-access-token",
        "x-request-id",
    ];
    assert_eq!(names, expected);
    assert_eq!(seen.header("accept"), Some("*/*"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_ne!(seen.header("x-access-token"), Some(KEY));
    assert_eq!(seen.json().unwrap()["account"], "bob");
    let line = gateway.only_line();
    assert_eq!(line["bytes_in"], seen.body.len());
    assert_eq!(line["bytes_out"], reply.body.len());
}

#[tokio::test]
async fn of_the_query_only_documented_parameters_pass() {
    let target = format!("{PEOPLE}?limit=1&userUUID=x&colour=red&token=hush&searchKey=00042");
    let stripping = gateway(&["search_users"]);
    let reply = stripping.send(get(&target).body("")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(stripping.only_seen().query, "limit=1&searchKey=00042");
    let parameters = stripping.only_line()["receipt"]["parameters"].clone();
    assert_eq!(parameters.as_array().unwrap().len(), 3, "{parameters}");

    let overrides = [
        ("operations.allow.0", "search_users"),
        ("contract.unknown_fields", "reject"),
    ];
    let rejecting = TestGateway::with(&overrides);
    let reply = rejecting.send(get(&target).body("")).await;
    assert_eq!(reply.said(), (400, "MGW.4000004".to_owned()));
    assert_eq!(reply.json()["errors"][0]["pointer"], "colour");

    for query in [
        "limit=1&limit=2",
        "LIMIT=1",
        "limit[]=1",
        "limit=%zz",
        "limit=1;x=1",
    ] {
        let reply = stripping
            .send(get(&format!("{PEOPLE}?{query}")).body(""))
            .await;
        assert_eq!(reply.said(), (400, "MGW.4000001".to_owned()), "{query}");
    }
    assert_eq!(stripping.operations_seen().len(), 1);
}

#[tokio::test]
async fn a_parameter_in_the_path_goes_on_in_one_spelling_and_never_as_another_path() {
    let gateway = gateway(&["update_member_vmr", "update_user", "show_user_detail"]);
    let put =
        |target: &str| Asking::with_key(Method::PUT, target, KEY).json(&json!({"vmrName": "x"}));
    for target in [ROOM, "/v1/usg/dcs/member/vmr/%37f1a"] {
        assert_eq!(gateway.send(put(target)).await.status, 200, "{target}");
    }
    let seen = gateway.operations_seen();
    assert!(seen.iter().all(|seen| seen.path == ROOM), "{seen:?}");
    for target in [
        "/v1/usg/dcs/member/vmr/..",
        "/v1/usg/dcs/member/vmr/%2e%2e",
        "/v1/usg/dcs/member/vmr/a%2Fb",
        "/v1/usg/dcs/member/vmr/a%5Cb",
        "/v1/usg/dcs/member/vmr/a;b",
        "/v1/usg/dcs/member/vmr/%252e",
        "/v1/usg/dcs/member/vmr/a%3Fb",
        "/v1/usg/dcs/member/vmr/a%0D%0Ab",
        // The path of another operation, spelt as a parameter.
        "/v1/usg/dcs/corp/member/%64elete",
        "/v1/usg/dcs//member/vmr/7f1a",
    ] {
        let reply = gateway.send(put(target)).await;
        assert_eq!(reply.said(), (400, "MGW.4000001".to_owned()), "{target}");
    }
    assert_eq!(gateway.operations_seen().len(), 2);
}

#[tokio::test]
async fn a_body_is_json_where_one_is_documented_and_none_where_none_is() {
    let gateway = gateway(&["add_user", "show_my_info"]);
    let post = |media_type: &str| {
        let asking = Asking::with_key(Method::POST, PEOPLE, KEY).without("content-type");
        asking.header("content-type", media_type)
    };
    for (name, request, code) in [
        (
            "a form",
            post("multipart/form-data; boundary=x").body("{}"),
            "MGW.4150001",
        ),
        ("text", post("text/plain").body("{}"), "MGW.4150001"),
        (
            "none",
            post("text/plain").without("content-type").body("{}"),
            "MGW.4150001",
        ),
        (
            "two",
            post("application/json")
                .header("content-type", "text/plain")
                .body("{}"),
            "MGW.4150001",
        ),
        (
            "coded",
            post("application/json")
                .header("content-encoding", "gzip")
                .body("{}"),
            "MGW.4150001",
        ),
        (
            "a body too much",
            get(ME)
                .header("content-type", "application/json")
                .body("{}"),
            "MGW.4000007",
        ),
    ] {
        let reply = gateway.send(request).await;
        assert_eq!(reply.said().1, code, "{name}");
    }
    assert!(gateway.operations_seen().is_empty());
    // What is in it is the caller's own: nobody here reads it.
    let odd = post("application/json;charset=utf-8").body("[1, {\"a\": 1, \"a\": 2}");
    assert_eq!(gateway.send(odd).await.status, 400);
    assert_eq!(gateway.only_seen().body, "[1, {\"a\": 1, \"a\": 2}");
}

#[tokio::test]
async fn answers_in_json_are_redacted_by_scope() {
    let gateway = gateway(&["search_users", "show_my_info"]);
    for (key, hidden) in [(KEY, true), (FRONT_DESK_KEY, true)] {
        let asking = Asking::with_key(Method::GET, &format!("{PEOPLE}?limit=1"), key);
        let reply = gateway.send(asking.body("")).await;
        let name = &reply.json()["data"][0]["name"];
        assert_eq!(*name == "***", hidden, "{name}");
    }
    let scoped =
        crate::support::CONFIGURATION.replace("scopes: [secrets]", "scopes: [personal_data]");
    let gateway = TestGateway::of_text(&scoped, &[("operations.allow.0", "search_users")]);
    let asking = Asking::with_key(Method::GET, &format!("{PEOPLE}?limit=1"), FRONT_DESK_KEY);
    let reply = gateway.send(asking.body("")).await;
    assert_eq!(reply.json()["data"][0]["name"], "person00000");
}

#[tokio::test]
async fn it_is_held_to_quotas_and_told_of_in_traces() {
    let quotas = "[{name: caller, per: caller, requests: 1, window: 60s}]}\n\noperations: {allow: [show_my_info]";
    let gateway = TestGateway::with_quotas(quotas);
    assert_eq!(gateway.send(get(ME).body("")).await.status, 200);
    let reply = gateway.send(get(ME).body("")).await;
    assert_eq!(reply.said(), (429, "MGW.4290001".to_owned()));
    let spans = gateway.spans();
    let server = spans.iter().find(|span| span.name == format!("GET {ME}"));
    let route = server.unwrap().attributes.iter();
    let route = route.clone().find(|pair| pair.key.as_str() == "http.route");
    assert_eq!(route.unwrap().value.as_str(), ME);
}
