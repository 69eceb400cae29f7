//! The same walks under the packs that are shipped, `baseline` and `example-enterprise`, against all that they enforce.
//!
//! The meetings are read as the upstream holds them, with its defaults: what a request leaves out counts.

use meeting_gateway::model::operation::{Family, OperationRef};
use meeting_gateway::simulator::Meeting;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value, json};

use super::{Ground, SEED, mostly, seed, walks};
use crate::support::{CONFIGURATION, TestGateway};

/// Walks of 200 steps.
const WALKS: usize = 12;
/// How often a member is what the packs let pass or set, against once what they may refuse. There are many members.
const MODEST: u32 = 12;

/// Whom a step may wish to invite.
fn people(modest: bool) -> Vec<Value> {
    let invited = [
        json!({"accountId": "ann", "role": 1}),
        json!({"userUUID": "ff80808178d4f4fe"}),
        json!({"email": "bob@CORP.example", "sms": "+8613800138000"}),
        json!({"type": "terminal", "phone": "1001"}),
    ];
    let others = [
        json!({"name": "Eve"}),
        json!({"name": "Eve", "phone": "+4915112345678"}),
        json!({"name": "Eve", "accountId": ""}),
        json!({"name": "Eve", "userUUID": " ", "email": ""}),
        json!({"email": "eve@elsewhere.example"}),
        json!({"accountId": "eve", "type": "outside"}),
        json!({"accountId": "eve", "type": " outside"}),
    ];
    if modest {
        invited.into()
    } else {
        others.into()
    }
}

/// Members by their pointer; those that are `null` are left out.
fn wish() -> impl Strategy<Value = Value> {
    let any_of = |values: Value| {
        let values = values.as_array().unwrap().clone();
        proptest::sample::select(values).boxed()
    };
    let mostly = |modest: Value, others: Value| {
        mostly(MODEST, modest, others.as_array().unwrap().clone()).boxed()
    };
    let start = "2026-09-03 08:30";
    let record = json!([null, 0, 2, "2", 3]);
    let members = vec![
        (
            "/startTime",
            mostly(
                json!(start),
                json!([null, "", " ", "2001-01-01 00:00", "2026-08-31 23:00"]),
            ),
        ),
        (
            "/length",
            any_of(json!([null, 60, "120", 121, 180.0, "1440"])),
        ),
        ("/encryptMode", any_of(json!([null, 0, 1, 2, "2"]))),
        (
            "/recordType",
            prop_oneof![MODEST => any_of(record), 1 => Just(json!(1))].boxed(),
        ),
        ("/isAutoRecord", any_of(json!([null, 0, 1, "1"]))),
        ("/recordAuthType", any_of(json!([null, 1, 2, "2"]))),
        ("/recordAuthType", mostly(Value::Null, json!([0, "0"]))),
        (
            "/liveAddress",
            mostly(Value::Null, json!(["", "rtmp://elsewhere.example/x"])),
        ),
        ("/confResType", mostly(Value::Null, json!([0, 2, "2"]))),
        (
            "/confConfigInfo/prolongLength",
            any_of(json!([null, 0, 15, "60"])),
        ),
        (
            "/confConfigInfo/callInRestriction",
            any_of(json!([null, 2, "3"])),
        ),
        (
            "/confConfigInfo/callInRestriction",
            mostly(Value::Null, json!([0, "0"])),
        ),
        (
            "/confConfigInfo/audienceCallInRestriction",
            mostly(Value::Null, json!([0, 2])),
        ),
        (
            "/confConfigInfo/enableWaitingRoom",
            any_of(json!([null, true, false, "false"])),
        ),
        (
            "/confConfigInfo/allowGuestStartConf",
            any_of(json!([null, true, false, "true"])),
        ),
        (
            "/confConfigInfo/isGuestFreePwd",
            any_of(json!([null, true, false, "true"])),
        ),
        (
            "/confConfigInfo/guestPwd",
            mostly(Value::Null, json!(["", "4711", "471147", "888888"])),
        ),
    ];
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    let some = |modest, most| subsequence(people(modest), 0..=most);
    let attendees = prop_oneof![MODEST => some(true, 4), 1 => some(false, 2)];
    (values, attendees, any::<bool>()).prop_map(move |(values, attendees, series)| {
        let mut wish = Map::new();
        for (name, value) in names.iter().zip(values) {
            if !value.is_null() {
                wish.insert((*name).to_owned(), value);
            }
        }
        wish.insert("/attendees".to_owned(), attendees.into());
        if series {
            wish.insert(
                "/cycleParams".to_owned(),
                json!({"startDate": "2026-09-03", "endDate": "2026-09-05", "cycle": "Day", "preRemindDays": 1}),
            );
        }
        wish.into()
    })
}

/// The body that is wished for, with what only some operations have.
fn body(operation: OperationRef, wish: &Value, sub_meeting: &str) -> Option<Value> {
    let mut members = Map::new();
    match operation.family {
        Family::Scheduling | Family::SubMeeting => {
            members.insert("mediaTypes".to_owned(), "HDVideo".into());
            let mut config = Map::new();
            for (pointer, value) in wish.as_object()? {
                match pointer.strip_prefix("/confConfigInfo/") {
                    Some(name) => config.insert(name.to_owned(), value.clone()),
                    None => members.insert(pointer[1..].to_owned(), value.clone()),
                };
            }
            if !config.is_empty() {
                members.insert("confConfigInfo".to_owned(), config.into());
            }
            if operation.family == Family::SubMeeting {
                members.insert("cycleSubConfID".to_owned(), sub_meeting.into());
                members.entry("length").or_insert(60.into());
            }
        }
        Family::Cancel if operation.body.is_some() => {
            members.insert("cycleSubConfIDs".to_owned(), json!([sub_meeting]));
        }
        Family::Relayed if operation.body.is_some() => {
            members.insert("length".to_owned(), 1440.into());
        }
        _ => return None,
    }
    Some(members.into())
}

/// Whether an attendee is somebody of the enterprise, by what is said of them, or a room.
fn is_invited_by_right(attendee: &Value) -> bool {
    let text = |name: &str| attendee[name].as_str().unwrap_or_default();
    let address = text("email");
    let named =
        !text("accountId").is_empty() || !text("userUUID").is_empty() || !address.is_empty();
    (named || text("type") == "terminal")
        && text("type") != "outside"
        && (address.is_empty() || address.ends_with("@corp.example"))
        && text("sms").is_empty()
}

/// What of a meeting as a whole must be so.
fn of_the_whole(meeting: &Meeting) -> Vec<(&'static str, bool)> {
    let own = |pointer: &str| meeting.field(pointer).cloned().unwrap_or_default();
    let empty = |pointer: &str| matches!(own(pointer).as_str(), None | Some(""));
    let attendees = own("/attendees");
    let all = |attendees: &Vec<Value>| attendees.iter().all(is_invited_by_right);
    let [_, password, ..] = meeting.secrets();
    vec![
        ("it is encrypted", meeting.encrypt_mode() == 1),
        ("it ends", own("/confConfigInfo/prolongLength") == 0),
        (
            "it is not streamed",
            empty("/liveAddress") && empty("/auxAddress"),
        ),
        (
            "guests have a password",
            own("/confConfigInfo/isGuestFreePwd") == false,
        ),
        ("the password is long", password.len() >= 6),
        ("it is no webinar", own("/confResType") != 2),
        (
            "its start is to come",
            !meeting.is_started() && *meeting.start() > *"2026-09-01",
        ),
        (
            "attendees are of the enterprise",
            attendees.as_array().is_none_or(all),
        ),
    ]
}

/// What must be so of a meeting, and of each meeting of a series, which may have it for itself. Whether the series is recorded
/// is said of the whole alone.
fn of_each(of: &dyn Fn(&str) -> Value) -> Vec<(&'static str, bool)> {
    let record = of("/recordType");
    let recorded = record == 2 || record == 3 || of("/isAutoRecord") == 1;
    let minutes = of("/length").as_i64();
    vec![
        (
            "it lasts two hours at most",
            minutes.is_some_and(|minutes| minutes <= 120),
        ),
        (
            "its recording is for the enterprise",
            !recorded || of("/recordAuthType") == 1,
        ),
        (
            "not everybody may join",
            of("/confConfigInfo/callInRestriction") != 0,
        ),
        (
            "everybody waits",
            of("/confConfigInfo/enableWaitingRoom") == true,
        ),
        (
            "the host starts it",
            of("/confConfigInfo/allowGuestStartConf") == false,
        ),
    ]
}

/// What of a meeting is against the packs.
fn broken(meeting: &Meeting) -> Option<String> {
    let own = |pointer: &str| meeting.field(pointer).cloned().unwrap_or_default();
    let mut held = of_the_whole(meeting);
    held.extend(of_each(&own));
    for index in 0..meeting.sub_meetings() {
        let of = |pointer: &str| meeting.sub_meeting_field(index, pointer).cloned();
        held.extend(of_each(&|pointer| of(pointer).unwrap_or_default()));
    }
    let (wish, _) = held.into_iter().find(|(_, holds)| !holds)?;
    Some(format!(
        "not so in {}: {wish}; {:?}",
        meeting.id(),
        meeting.body()
    ))
}

#[test]
fn no_sequence_of_allowed_requests_leaves_a_meeting_that_breaks_the_shipped_packs() {
    let ground = Ground {
        body: &body,
        broken: &broken,
        seed: seed(),
    };
    // A test that sends the documented example has no start.
    let text = CONFIGURATION.replace("explicit-start-time: audit", "explicit-start-time: enforce");
    let gateways = (0..WALKS).map(|_| TestGateway::of_text(&text, &[]));
    let totals = walks(gateways, &wish(), &ground);
    let enough = totals.0 > 400 && totals.1 > 150;
    assert!(enough, "{totals:?}; run again with {SEED}={}", ground.seed);
}
