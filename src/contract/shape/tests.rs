//! The compiled shape of the scheduling body.

use super::*;
use crate::contract::test_support::shape;
use crate::model::json::json;

#[test]
fn references_are_followed() {
    let shape = shape();
    let cycle = shape.member("cycleParams").unwrap();
    assert_eq!((cycle.kind, cycle.item), (FieldType::Object, None));
    let point = cycle.child.as_ref().unwrap().member("point").unwrap();
    assert_eq!(
        (point.kind, point.item, point.maximum, point.max_items),
        (
            FieldType::Array,
            Some(FieldType::Integer),
            Some(31),
            Some(31)
        )
    );
    let attendees = shape.member("attendees").unwrap();
    assert_eq!(attendees.item, Some(FieldType::Object));
    assert!(attendees.child.as_ref().unwrap().member("role").is_some());
}

#[test]
fn fields_name_every_member_with_a_star_for_items() {
    let fields = shape().fields();
    let find = |pointer: &str| {
        fields
            .iter()
            .find(|field| field.pointer == pointer)
            .unwrap_or_else(|| panic!("{pointer}"))
    };
    let length = find("/length");
    assert_eq!(
        (length.minimum, length.maximum, length.default.clone()),
        (Some(15), Some(1440), Some(json!(30)))
    );
    assert_eq!(find("/attendees/*/role").allowed, [json!(0), json!(1)]);
    assert_eq!(find("/cycleParams/point").maximum, None);
    assert_eq!(find("/cycleParams/point/*").maximum, Some(31));
    assert_eq!(find("/confConfigInfo").kind, FieldType::Object);
    // 22 at the top, 17 of an attendee, 6 of the recurrence and its points' items, 14 settings.
    assert_eq!(fields.len(), 22 + 17 + 7 + 14);
}

#[test]
fn every_field_has_a_description_in_a_sentence() {
    fn walk(shape: &Shape) {
        for (name, member) in shape.members() {
            let text = &member.description;
            assert!(text.ends_with('.') && text.len() > 5, "{name}: {text:?}");
            if let Some(child) = &member.child {
                walk(child);
            }
        }
    }
    walk(&shape());
}

#[test]
fn a_pointer_leads_to_its_member() {
    let shape = shape();
    let cases = [
        ("/attendees/12/role", Some(FieldType::Integer)),
        ("/cycleParams/point/0", Some(FieldType::Array)),
        ("/confConfigInfo/guestPwd", Some(FieldType::String)),
        ("/nothing", None),
        ("", None),
    ];
    for (pointer, kind) in cases {
        assert_eq!(
            shape.at(pointer).map(|member| member.kind),
            kind,
            "{pointer}"
        );
    }
}

#[test]
fn look_alikes_and_strays_are_told_apart_from_members() {
    let shape = shape();
    assert_eq!(shape.look_alike("vmrId"), Some("vmrID"));
    assert_eq!(shape.look_alike("colour"), None);
    assert!(shape.stray("conferenceType").is_some());
    assert!(shape.stray("length").is_none());
}

#[test]
fn no_two_members_of_an_object_look_alike_and_no_stray_is_a_member() {
    fn walk(shape: &Shape) {
        assert_eq!(shape.folded.len(), shape.members.len());
        for stray in shape.strays.keys() {
            assert!(shape.member(stray).is_none(), "{stray}");
        }
        for member in &shape.members {
            if let Some(child) = &member.child {
                walk(child);
            }
        }
    }
    walk(&shape());
}
