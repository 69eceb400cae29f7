//! Creating, replacing and cancelling meetings; the room that stays.

use serde_json::json;

use super::*;

/// 2026-01-05T16:30:59Z.
const NOW: i64 = 1_767_630_659;

fn read(mut sent: Value, door: Door) -> Schedule {
    sent["mediaTypes"] = "Voice".into();
    Schedule::read(sent.as_object().unwrap(), door, NOW, 0).unwrap()
}

fn single(mut sent: Value) -> Schedule {
    sent["startTime"] = "2026-01-06 08:00".into();
    read(sent, Door::Conferences)
}

fn series(mut sent: Value) -> Schedule {
    sent["cycleParams"] =
        json!({"startDate": "2026-01-06", "endDate": "2026-01-08", "cycle": "Day"});
    read(sent, Door::CycleConferences)
}

fn with(schedule: Schedule) -> Meetings {
    let mut meetings = Meetings::default();
    let rng = &mut Rng::with_seed(1);
    meetings.insert("914087436", schedule, rng).unwrap();
    meetings
}

fn modify(meetings: &mut Meetings, door: Door, schedule: Schedule) -> Result<Meeting, Rejection> {
    let rng = &mut Rng::with_seed(2);
    meetings.modify("914087436", door, schedule, rng).cloned()
}

#[test]
fn put_replaces() {
    let mut meetings = with(single(json!({"subject": "Board", "encryptMode": 1})));
    let changed = modify(
        &mut meetings,
        Door::Conferences,
        single(json!({"length": 60})),
    )
    .unwrap();
    assert_eq!(changed.body().get("subject"), None);
    assert_eq!(changed.body()["encryptMode"], 0);
    assert_eq!(changed.body()["length"], 60);
}

#[test]
fn passwords_and_links_survive_an_edit() {
    let mut meetings = with(series(json!({})));
    let before = meetings.find("914087436").cloned().unwrap();
    let after = modify(&mut meetings, Door::CycleConferences, series(json!({}))).unwrap();
    assert_eq!(before.chair_password, after.chair_password);
    assert_eq!(before.guest_link, after.guest_link);
    assert_ne!(before.sub_meetings[0].id, after.sub_meetings[0].id);
}

#[test]
fn the_room_stays() {
    let room = json!({"vmrFlag": 1, "vmrID": "abc", "confConfigInfo": {"vmrIDType": 0}});
    let cases = [
        ("left out", json!({}), Ok(())),
        ("equal", room.clone(), Ok(())),
        ("equal as text", json!({"vmrFlag": "1"}), Ok(())),
        ("flag", json!({"vmrFlag": 0}), Err(VMR_FLAG_CANNOT_MODIFY)),
        ("id", json!({"vmrID": "abd"}), Err(VMRID_CANNOT_MODIFY)),
        (
            "type",
            json!({"confConfigInfo": {"vmrIDType": 1}}),
            Err(VMRIDTYPE_CANNOT_MODIFY),
        ),
    ];
    for (name, sent, expected) in cases {
        let mut meetings = with(single(room.clone()));
        let got = modify(&mut meetings, Door::Conferences, single(sent));
        assert_eq!(got.map(|_| ()), expected, "{name}");
        let held = meetings.find("914087436").unwrap();
        assert_eq!(held.body()["vmrID"], "abc", "{name}");
        assert_eq!(held.body()["confConfigInfo"]["vmrIDType"], 0, "{name}");
    }
}

#[test]
fn edits_that_are_refused() {
    let mut meetings = with(single(json!({})));
    let refused = modify(&mut meetings, Door::CycleConferences, series(json!({})));
    assert_eq!(refused.map(|_| ()), Err(NOT_A_SERIES));
    let own_id = single(json!({"confConfigInfo": {"guestPwd": "914087436"}}));
    let refused = modify(&mut meetings, Door::Conferences, own_id);
    assert_eq!(refused.map(|_| ()), Err(GUEST_PWD_IS_CONF_ID));
    let chair = meetings.find("914087436").unwrap().chair_password.clone();
    let same = single(json!({"confConfigInfo": {"guestPwd": chair}}));
    let refused = modify(&mut meetings, Door::Conferences, same);
    assert_eq!(refused.map(|_| ()), Err(GUEST_PWD_IS_CHAIR_PWD));
    meetings.find_mut("914087436").unwrap().started = true;
    let refused = modify(&mut meetings, Door::Conferences, single(json!({})));
    assert_eq!(refused.map(|_| ()), Err(ALREADY_STARTED));
    let rng = &mut Rng::with_seed(1);
    let unknown = meetings.modify("1", Door::Conferences, single(json!({})), rng);
    assert_eq!(unknown.map(|_| ()), Err(CONF_DATA_NOT_FOUND));
}

#[test]
fn the_second_door_to_a_series_is_open() {
    let mut meetings = with(series(json!({})));
    assert!(
        modify(
            &mut meetings,
            Door::Conferences,
            series(json!({"length": 20}))
        )
        .is_ok()
    );
}

#[test]
fn cancelling() {
    let mut meetings = with(series(json!({})));
    meetings.find_mut("914087436").unwrap().started = true;
    let door = Door::CycleConferences;
    assert_eq!(
        meetings.cancel("914087436", door, false, NOW),
        Err(CANCEL_STARTED)
    );
    assert_eq!(meetings.cancel("914087436", door, true, NOW), Ok(()));
    assert_eq!(
        meetings.cancel("914087436", door, true, NOW),
        Err(CONF_DATA_NOT_FOUND)
    );
    let mut meetings = with(single(json!({})));
    assert_eq!(
        meetings.cancel("914087436", door, false, NOW),
        Err(NOT_A_SERIES)
    );
}

#[test]
fn meetings_are_bounded() {
    let rng = &mut Rng::with_seed(1);
    let mut meetings = with(single(json!({})));
    let schedule = single(json!({}));
    for _ in 1..MOST_MEETINGS {
        meetings.create(schedule.clone(), rng).unwrap();
    }
    let refused = meetings.create(schedule.clone(), rng).map(|_| ());
    assert_eq!(refused, Err(CONF_NUM_UP_TO_LIMIT));
    assert!(meetings.insert("914087436", schedule, rng).is_ok());
    assert_eq!(meetings.all().count(), MOST_MEETINGS);
}
