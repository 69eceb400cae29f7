//! What happens between two requests, lies, and codings, as a caller meets them.

use http::header::CONTENT_ENCODING;

use super::*;

const DETAIL: &str = "/v1/mmc/management/conferences/confDetail?conferenceID=914087436";

#[tokio::test]
async fn somebody_else_is_quicker() {
    for (event, status, code) in [
        (Event::Started, 400, Some("MMC.111071065")),
        (Event::Cancelled, 400, Some("MMC.111070005")),
        (Event::Renamed("Theirs".to_owned()), 200, None),
    ] {
        let bench = bench();
        let token = bench.token().await;
        let fault = Fault::Meanwhile {
            meeting: SEEDED_MEETING.to_owned(),
            event: event.clone(),
        };
        bench.simulator.inject(On::Reads, fault, Times::Count(1));
        let (read, told) = bench.told(Method::GET, DETAIL, &token, &Value::Null).await;
        assert_eq!(read, 200, "{event:?}");
        let info = &told["conferenceData"];
        assert_eq!(
            info["subject"], "Seeded series",
            "{event:?}: told as it was"
        );
        assert_eq!(info["conferenceState"], "Schedule", "{event:?}");
        if let Event::Renamed(subject) = &event {
            let meeting = bench.simulator.meeting(SEEDED_MEETING).unwrap();
            assert_eq!(meeting.field("/subject"), Some(&json!(subject)));
        }
        let (put, told) = bench.told(Method::PUT, SERIES, &token, &cycle()).await;
        assert_eq!(put, status, "{event:?}");
        if let Some(code) = code {
            assert_eq!(told, code, "{event:?}");
        }
    }
}

#[tokio::test]
async fn lies_change_the_answer_only() {
    let bench = bench();
    let token = bench.token().await;
    let lie = Fault::Lie(Lie::EndDate("2026-01-06".to_owned()));
    bench.simulator.inject(On::Writes, lie, Times::Count(1));
    let (_, told) = bench.told(Method::PUT, SERIES, &token, &cycle()).await;
    assert_eq!(told[0]["cycleParams"]["endDate"], "2026-01-06");
    assert_eq!(told[0]["subConfs"].as_array().unwrap().len(), 1);
    let meeting = bench.simulator.meeting(SEEDED_MEETING).unwrap();
    assert_eq!(
        meeting.field("/cycleParams/endDate"),
        Some(&json!("2026-01-08"))
    );
    assert_eq!(meeting.sub_meetings(), 2);
}

#[tokio::test]
async fn codings_come_unasked() {
    let bench = bench();
    let token = bench.token().await;
    for (fault, name) in [
        (Fault::Coded(Coding::Gzip), "gzip"),
        (Fault::Coded(Coding::Deflate), "deflate"),
        (Fault::Coded(Coding::Named("x-new".to_owned())), "x-new"),
        (Fault::Bomb(1 << 20), "gzip"),
    ] {
        bench
            .simulator
            .inject(On::Reads, fault.clone(), Times::Count(1));
        let answer = bench.ask(Method::GET, DETAIL, &token, &Value::Null).await;
        assert_eq!(answer.headers()[CONTENT_ENCODING], name, "{fault:?}");
    }
}

#[tokio::test]
async fn the_enterprise_has_an_encryption_of_its_own() {
    let bench = Bench::new(Settings {
        enterprise_encryption: 2,
        tells_encryption: true,
        ..Settings::default()
    });
    let token = bench.token().await;
    let held = |id: &str| bench.simulator.meeting(id).unwrap().encrypt_mode();
    assert_eq!(held(SEEDED_MEETING), 2);
    for (sent, mode) in [
        (Value::Null, 2),
        (json!(""), 2),
        (json!(0), 0),
        (json!("1"), 1),
    ] {
        let mut body = cycle();
        body["encryptMode"] = sent.clone();
        let (_, told) = bench.told(Method::PUT, SERIES, &token, &body).await;
        assert_eq!(told[0]["encryptMode"], mode, "{sent}");
        assert_eq!(held(SEEDED_MEETING), mode, "{sent}");
        let (_, told) = bench.told(Method::POST, CREATE, &token, &body).await;
        assert_eq!(held(&text(&told[0]["conferenceID"])), mode, "{sent}");
    }
}

#[tokio::test]
async fn the_secrets_are_those_an_answer_tells() {
    let bench = bench();
    let token = bench.token().await;
    let (_, told) = bench.told(Method::GET, DETAIL, &token, &Value::Null).await;
    let told = told.to_string();
    let meeting = bench.simulator.meeting(SEEDED_MEETING).unwrap();
    for secret in meeting.secrets() {
        assert!(told.contains(secret), "{secret}");
    }
}
