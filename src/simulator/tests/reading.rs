//! Every reading operation: what it tells, whose people, and what it refuses.

use super::*;

const ONLINE: &str = "/v1/mmc/management/conferences/online";
const PAST: &str = "/v1/mmc/management/conferences/history";

/// Fields that a page or an answer must have, by JSON Pointer.
type Told = &'static [(&'static str, &'static str)];

/// A bench with a meeting of 25 people that runs, and its id and `confUUID`.
async fn running(bench: &Bench, token: &str) -> (String, String) {
    let people: Vec<_> = (0..25)
        .map(|number| {
            json!({"name": format!("Person {number}"), "accountId": format!("p{number}"), "phone": format!("+{number}"),
                "email": format!("p{number}@corp.example"), "sms": "1", "userUUID": "u", "deptName": "D"})
        })
        .collect();
    let sent = json!({"mediaTypes": "Voice", "subject": "Board", "attendees": people});
    let (status, told) = bench.told(Method::POST, CREATE, token, &sent).await;
    assert_eq!((status, &told[0]["size"]), (200, &json!(25)));
    assert_eq!(told[0]["partAttendeeInfo"].as_array().unwrap().len(), 20);
    (text(&told[0]["conferenceID"]), text(&told[0]["confUUID"]))
}

async fn check(bench: &Bench, token: &str, cases: &[(String, Told)]) {
    for (uri, told) in cases {
        let (status, body) = bench.told(Method::GET, uri, token, &Value::Null).await;
        assert_eq!(status, 200, "{uri}: {body}");
        for (pointer, expected) in *told {
            let got = body.pointer(pointer).unwrap_or(&Value::Null).to_string();
            assert_eq!(&got, expected, "{uri} {pointer}");
        }
    }
}

#[tokio::test]
async fn what_runs_is_online_and_what_ran_is_history() {
    let bench = bench();
    let token = bench.token().await;
    let (id, uuid) = running(&bench, &token).await;
    let upcoming: Told = &[
        ("/conferenceData/conferenceState", "\"Schedule\""),
        ("/data/count", "0"),
    ];
    let page: Told = &[
        ("/conferenceData/conferenceState", "\"Created\""),
        ("/data/count", "25"),
        ("/data/limit", "3"),
        ("/data/offset", "20"),
        ("/data/data/2/name", "\"Person 22\""),
        ("/data/data/2/email", "\"p22@corp.example\""),
        ("/data/data/2/participantID", "\"+22\""),
        ("/data/data/3", "null"),
    ];
    let cases: [(String, Told); 8] = [
        (CREATE.to_owned(), &[("/count", "2")]),
        (
            format!("{CREATE}?searchKey=board"),
            &[("/count", "1"), ("/data/0/subject", "\"Board\"")],
        ),
        (
            format!("{CREATE}/confDetail?conferenceID={SEEDED_MEETING}"),
            upcoming,
        ),
        (
            format!("{CREATE}/confDetail?conferenceID={id}&limit=3&offset=20"),
            page,
        ),
        (
            ONLINE.to_owned(),
            &[("/count", "1"), ("/data/0/onlineAttendeeAmount", "25")],
        ),
        (
            format!("{ONLINE}/confDetail?conferenceID={id}&limit=3&offset=20"),
            page,
        ),
        (
            format!("{ONLINE}/conf-attendee?conf_id={id}&search_key=person%2024"),
            &[
                ("/count", "1"),
                ("/data/0/third_account", "\"p24\""),
                ("/data/0/call_number", "\"+24\""),
            ],
        ),
        (PAST.to_owned(), &[("/count", "0")]),
    ];
    check(&bench, &token, &cases).await;

    bench.clock.advance(Duration::from_mins(10));
    let cancel = format!("{CREATE}?conferenceID={id}&type=1");
    let gone = bench
        .told(Method::DELETE, &cancel, &token, &Value::Null)
        .await;
    assert_eq!(gone, (200, Value::Null));
    let began = 1_767_630_600_000_i64;
    let cases: [(String, Told); 8] = [
        (ONLINE.to_owned(), &[("/count", "0")]),
        (
            PAST.to_owned(),
            &[("/count", "1"), ("/data/0/endTime", "\"2026-01-05 16:40\"")],
        ),
        (
            format!("{PAST}?startDate={began}&endDate={began}"),
            &[("/count", "1")],
        ),
        (
            format!("{PAST}?startDate={}", began + 1),
            &[("/count", "0")],
        ),
        (format!("{PAST}?endDate={}", began - 1), &[("/count", "0")]),
        (
            format!("{PAST}/confDetail?confUUID={uuid}&limit=500"),
            &[
                ("/conferenceData/conferenceState", "\"Destroyed\""),
                ("/data/count", "25"),
                ("/data/data/24/accountId", "\"p24\""),
            ],
        ),
        (
            format!("{PAST}/confAttendeeRecord?confUUID={uuid}"),
            &[
                ("/count", "25"),
                ("/data/0/joinTime", "1767630600000"),
                ("/data/0/leftTime", "1767631259000"),
                ("/data/0/mediaType", "\"Voice\""),
            ],
        ),
        (
            format!("{PAST}/confCtlRecord?confUUID={uuid}&offset=1"),
            &[("/count", "2"), ("/data/0/operateCode", "\"END_CONF\"")],
        ),
    ];
    check(&bench, &token, &cases).await;
    assert_eq!(bench.simulator.past_meetings()[0].uuid(), uuid);
}

#[tokio::test]
async fn readings_that_are_refused() {
    let bench = bench();
    let token = bench.token().await;
    let seeded = SEEDED_MEETING;
    for (uri, code) in [
        (format!("{CREATE}/confDetail"), "MMC.111070001"),
        (
            format!("{CREATE}/confDetail?conferenceID=1"),
            "MMC.111070005",
        ),
        (
            format!("{ONLINE}/confDetail?conferenceID="),
            "MMC.111070001",
        ),
        (
            format!("{ONLINE}/confDetail?conferenceID=1"),
            "MMC.111070005",
        ),
        (
            format!("{ONLINE}/confDetail?conferenceID={seeded}"),
            "MMC.111072005",
        ),
        (
            format!("{ONLINE}/conf-attendee?conferenceID={seeded}"),
            "MMC.111070001",
        ),
        (format!("{ONLINE}/conf-attendee?conf_id=1"), "MMC.111070005"),
        (
            format!("{PAST}/confDetail?conferenceID={seeded}"),
            "MMC.111070001",
        ),
        (format!("{PAST}/confDetail?confUUID=1"), "MMC.111070005"),
        (
            format!("{PAST}/confAttendeeRecord?confUUID=1"),
            "MMC.111070005",
        ),
        (format!("{PAST}/confCtlRecord?confUUID=1"), "MMC.111070005"),
    ] {
        let refused = bench.told(Method::GET, &uri, &token, &Value::Null).await;
        assert_eq!(refused, (400, code.into()), "{uri}");
        let invalid = bench
            .told(Method::GET, &uri, "cnrINVENTED", &Value::Null)
            .await;
        assert_eq!(invalid.0, 401, "{uri}");
    }
}

#[tokio::test]
async fn the_past_is_bounded_and_holds_only_what_ran() {
    let bench = bench();
    for number in 0..1002 {
        let id = number.to_string();
        bench.simulator.seed_meeting(&id);
        assert!(!bench.simulator.mark_ended(&id), "it does not run");
        assert!(bench.simulator.mark_started(&id));
        assert!(bench.simulator.mark_ended(&id));
    }
    let past = bench.simulator.past_meetings();
    let ends = (past.len(), past[0].id(), past[999].id());
    assert_eq!(ends, (1000, "1001", "2"));
}
