//! The lists are in order, and say what the documentation says.

use super::members::CLASSES;
use super::*;
use crate::model::json::json;
use std::collections::BTreeSet;

#[test]
fn every_list_is_sorted_and_no_name_is_in_two() {
    let mut seen = BTreeSet::new();
    for (sensitivity, names) in CLASSES {
        assert!(
            names.is_sorted_by(|one, next| one < next),
            "{sensitivity:?}"
        );
        for name in names {
            assert!(seen.insert(name), "{name} is in two lists");
            assert_eq!(of_member(name), sensitivity, "{name}");
        }
    }
}

#[test]
fn what_the_documentation_marks_is_known_and_the_rest_is_public() {
    #[rustfmt::skip]
    let cases = [
        // ConferenceInfo, PasswordEntry, PartAttendee, ParticipantInfo
        (Sensitivity::OpensMeeting, &["password", "chairJoinUri", "guestJoinUri", "audienceJoinUri", "guestPwd"][..]),
        (Sensitivity::Credential, &["auxAddress", "liveAddress"]),
        (Sensitivity::Personal, &[
            "userUUID", "scheduserName", "deptName", "name", "phone", "phone2", "phone3", "participantID", "accountId",
            "email", "sms",
        ]),
        (Sensitivity::Public, &[
            "conferenceID", "cycleSubConfID", "conferenceRole", "subject", "subConfs", "passwordEntry", "partAttendeeInfo",
            "vmrConferenceID", "confUUID", "liveUrl", "accessNumber", "appId", "role", "state", "need_password",
            "isGuestFreePwd", "pwdExpired", "error_msg", "GuestPwd", "",
        ]),
        // TokenResponse and UserInfo
        (Sensitivity::Credential, &["accessToken", "refreshToken", "proxyToken", "numberHA1", "paidPassword"]),
        (Sensitivity::Personal, &["userId", "ucloginAccount", "thirdAccount", "nameEn"]),
        // webinars, rooms, applications, recordings, webhooks
        (Sensitivity::OpensMeeting, &["guestPasswd", "audiencePasswd", "chairPasswd", "gustPwd", "chairPwd", "gustJoinUrl"]),
        (Sensitivity::Credential, &["app_key", "token", "downloadUrl", "subscriberKey"]),
        (Sensitivity::OpensMeeting, &["redirectJoinUrl"]),
        (Sensitivity::Credential, &["url", "filePath"]),
        (Sensitivity::Personal, &["moderator", "subscriberId", "lastUpdatedBy"]),
        // users, rooms, quality of a call
        (Sensitivity::Personal, &[
            "bindEmail", "bindPhone", "contact", "desc", "title", "position", "mark", "codecUserId", "tokenIp", "city",
        ]),
        (Sensitivity::Public, &["id", "attendees", "coHosts", "thirdEmail", "country"]),
        // histories
        (Sensitivity::Personal, &["displayName", "callNumber", "call_number", "operator", "operationObject"]),
    ];
    for (expected, names) in cases {
        for name in names {
            assert_eq!(of_member(name), expected, "{name}");
        }
    }
}

#[test]
fn a_mask_is_one_in_a_sensitive_member_only() {
    for (name, value, expected) in [
        ("phone", json!("***"), true),
        ("guestPwd", json!("***"), true),
        ("subject", json!("***"), false),
        ("phone", json!("**"), false),
        ("phone", json!(["+1", "***"]), true),
        ("phone", json!([["***"]]), false),
        ("id", json!(["***"]), true),
        ("id", json!("***"), true),
        ("id", json!(["sip:1", 7]), false),
        ("attendees", json!([{"name": "***"}]), false),
        ("subject", json!(["***"]), false),
    ] {
        assert_eq!(is_masked(name, &value), expected, "{name} {value}");
    }
}
