//! What of a change is shown to whom.

use super::*;
use crate::model::json::json;

fn told(change: impl serde::Serialize) -> Value {
    serde_json::to_value(change).unwrap().into()
}

#[test]
fn lists_of_texts_about_people_are_masked_text_by_text() {
    let value = json!({"pics": [{"id": ["+99111", ""]}], "attendees": ["Ann", {"role": 1}]});
    let masked = json!({"pics": [{"id": ["***", ""]}], "attendees": ["***", {"role": 1}]});
    assert_eq!(mask_within(value), masked);
}

#[test]
fn values_of_sensitive_members_are_shown_to_nobody_who_does_not_ask_for_them() {
    let attendees = json!([{"phone": "+8613", "role": 1}]);
    let cases = [
        (
            "/confConfigInfo/guestPwd",
            json!("123456"),
            json!("***"),
            json!("***"),
        ),
        (
            "/attendees",
            attendees,
            json!("a list of 1"),
            json!([{"phone": "***", "role": 1}]),
        ),
        (
            "/subject",
            json!("x".repeat(80)),
            json!(format!("{}…", "x".repeat(64))),
            json!("x".repeat(80)),
        ),
    ];
    for (path, was, short, masked) in cases {
        let change = Change::in_body(Stage::Decide, path.into(), Some(was.clone()), None, "x");
        let shown = |detail| told(change.shown(detail))["was"].take();
        assert_eq!(shown(Detail::Short), short, "{path}");
        assert_eq!(shown(Detail::Masked), short, "{path}");
        assert_eq!(shown(Detail::Exact), was, "{path}");
        let change = Change::in_body(Stage::Decide, path.into(), None, Some(was), "x");
        let shown = |detail| told(change.shown(detail))["value"].take();
        assert_eq!(shown(Detail::Short), masked, "{path}");
        assert_eq!(shown(Detail::Masked), masked, "{path}");
        assert_eq!(told(&change)["value"], masked, "{path}");
        assert!(!format!("{change:?}").contains("123456"));
    }
}

#[test]
fn the_operation_follows_from_what_is_there() {
    let op = |was, now| Change::in_body(Stage::Strip, "/length".into(), was, now, "").op;
    assert_eq!(op(None, Some(json!(1))), ChangeOperation::Add);
    assert_eq!(op(Some(json!(1)), Some(json!(2))), ChangeOperation::Replace);
    assert_eq!(op(Some(json!(1)), None), ChangeOperation::Remove);
}

#[test]
fn what_holds_nothing_is_not_masked() {
    let masked = mask_within(json!([{"email": "", "sms": null, "phone": "1", "name": {"x": 1}}]));
    assert_eq!(
        masked,
        json!([{"email": "", "sms": null, "phone": "***", "name": "***"}])
    );
    let change = Change::in_body(
        Stage::Normalise,
        "/a/email".into(),
        Some(json!(" ")),
        Some(json!("")),
        "x",
    );
    let shown = told(change.shown(Detail::Masked));
    assert_eq!(
        (&shown["was"], &shown["value"]),
        (&json!("***"), &json!(""))
    );
}

#[test]
fn long_names_are_cut_in_a_short_path() {
    let path = format!("/a/{}", "b".repeat(100));
    let change = Change::removed(Stage::Strip, Location::Body, path.as_str(), "x");
    let shown = serde_json::to_value(&change).unwrap();
    assert_eq!(shown["path"], format!("/a/{}…", "b".repeat(64)));
    assert!(change.shown(Detail::Short).is_cut() && !change.shown(Detail::Masked).is_cut());

    // A pointer stays one where the cut goes through an escape.
    let path = format!("/{}~1{}", "b".repeat(63), "c".repeat(64));
    let change = Change::removed(Stage::Strip, Location::Body, path.as_str(), "x");
    let shown = serde_json::to_value(&change).unwrap();
    assert_eq!(shown["path"], format!("/{}…", "b".repeat(63)));
}
