//! What is found in an answer that is walked over, against what is found in the tree that `serde_json` makes of it.

use jiff::Unit;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::*;
use crate::contract::test_support::{contract, document};
use crate::model::json::json;

fn asked() -> Asked {
    let sent = json!({
        "subject": "Weekly", "length": 60, "mediaTypes": "HDVideo", "encryptMode": 1,
        "confConfigInfo": {"callInRestriction": 2, "isGuestFreePwd": false, "prolongLength": 0},
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-12-31", "cycle": "Week", "interval": 1, "point": [1, 3]},
    });
    let operation = contract().operation("update_recurring_meeting").unwrap();
    Asked::of(&document(sent), contract().body(operation).unwrap()).unwrap()
}

/// Where the findings must be.
fn expected(asked: &Asked, answer: &str) -> Vec<String> {
    let Ok(answer) = serde_json::from_str::<Value>(answer) else {
        return Vec::new();
    };
    let (list, meeting) = match &answer {
        Value::Array(items) => ("/0", items.first().unwrap_or(&Value::Null)),
        other => ("", other),
    };
    let differing = asked.echoes.iter().filter(|(echo, asked)| {
        let told = meeting.pointer(&echo.pointer());
        let mut told = told.into_iter().filter(|told| echo::tells(told));
        told.any(|told| !echo.alike.same(asked, told))
    });
    let time = |name: &str| {
        let text = meeting.get(name)?.as_str()?;
        let exact = text.len() == "2026-09-01 09:00".len() && text.as_bytes()[10] == b' ';
        exact.then(|| DateTime::strptime("%Y-%m-%d %H:%M", text).ok())?
    };
    let span = time("startTime").zip(time("endTime"));
    let minutes = span.map(|(start, end)| start.until((Unit::Minute, end)).unwrap().get_minutes());
    let of_length = minutes.filter(|minutes| Some(*minutes) != asked.length);
    let pointers = differing.map(|(echo, _)| echo.pointer());
    let all = pointers.chain(of_length.map(|_| "/endTime".to_owned()));
    all.map(|pointer| format!("{list}{pointer}")).collect()
}

fn leaf() -> impl Strategy<Value = String> {
    let texts = [
        "1",
        "0",
        "2",
        "60",
        "1.0",
        "true",
        "false",
        "null",
        "\"\"",
        "\"1\"",
        "\"true\"",
        "\"Weekly\"",
        "\"Week\\u006cy\"",
        "\"\\ud800\"",
        "\"HDVideo\"",
        "\"Voice, HDVideo\"",
        "\"Voice\"",
        "\"2026-12-31\"",
        "\"2026-10-20\"",
        "\"Week\"",
        "[1,3]",
        "[3,\"1\"]",
        "[]",
        "{}",
        "{\"endDate\":\"2026-10-20\"}",
        "\"2026-09-01 09:00\"",
        "\"2026-09-01 10:00\"",
        "\"2026-09-01 10:0\"",
    ];
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn object(
    names: &'static [&'static str],
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let member = (proptest::sample::select(names), value);
    prop::collection::vec(member, 0..9).prop_map(|members| {
        let written = members
            .iter()
            .map(|(name, value)| format!("\"{name}\" :{value}"));
        format!("{{{}}}", written.collect::<Vec<_>>().join(" ,"))
    })
}

fn meeting() -> impl Strategy<Value = String> {
    const INNER: &[&str] = &[
        "endDate",
        "cycle",
        "interval",
        "point",
        "callInRestriction",
        "isGuestFreePwd",
        "prolongLength",
        "guestPwd",
        "subject",
    ];
    const OUTER: &[&str] = &[
        "subject",
        "sub\\u006aect",
        "mediaTypes",
        "encryptMode",
        "startTime",
        "endTime",
        "cycleParams",
        "confConfigInfo",
        "endDate",
        "x",
        "length",
    ];
    let value = prop_oneof![3 => leaf(), 2 => object(INNER, leaf())];
    object(OUTER, value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_a_look_at_the_tree_would(meeting in meeting(), form in 0..4_u8) {
        let answer = match form {
            0 => meeting,
            1 => format!("[{meeting}]"),
            2 => format!(" [ {meeting} , {{\"subject\":\"other\",\"encryptMode\":0}}]"),
            _ => format!("[{meeting},"),
        };
        let asked = asked();
        let found = asked.findings(answer.as_bytes());
        let found: Vec<_> = found.into_iter().map(|finding| finding.pointer).collect();
        // Half a character in something that is not compared is nothing to a walk.
        if !answer.contains("\\ud800") {
            prop_assert_eq!(found, expected(&asked, &answer), "{}", answer);
        }
    }
}
