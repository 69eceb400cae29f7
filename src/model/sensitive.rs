//! The one place that names members whose values are credentials or personal data: for answers, logs, findings, traces and the
//! audit log alike.
//!
//! Source: the upstream's documentation and the models of its official SDK, of every operation that answers with such
//! members: meetings, webinars, rooms, recordings, histories, users, applications, tokens. A name is compared exactly as the
//! upstream spells it, misspellings included. It is judged by itself, wherever it stands, so what is ambiguous is taken for the
//! more sensitive of its meanings: `name` is a person's in most answers, and is masked where it is a product's, too.
//!
//! Not here, and so never masked: what identifies a meeting (`conferenceID`, `cycleSubConfID`, `vmrConferenceID`, `confUUID`)
//! or describes it (`subject`, `conferenceRole`, `description`), the address at which everybody may watch (`liveUrl`), what
//! only names a field (`thirdEmail` and its like, in the settings of a sign-on), and names that say too little to judge by.
//!
//! Some such names tell of people where the value is a list of texts: `id` is a number of a meeting's layout, a person's or
//! anything's, but in `picDisplay.subscriberInPics` a list of SIP numbers. See [`of_listed`].
//!
//! ```
//! use meeting_gateway::model::sensitive::{self, Sensitivity};
//!
//! assert_eq!(sensitive::of_member("guestPwd"), Sensitivity::OpensMeeting);
//! assert_eq!(sensitive::of_member("refreshToken"), Sensitivity::Credential);
//! assert_eq!(sensitive::of_member("phone"), Sensitivity::Personal);
//! assert_eq!(sensitive::of_member("length"), Sensitivity::Public);
//! ```

use std::sync::LazyLock;

use serde_json::Value;

use super::principal::Caller;

/// What stands in place of a value that may not be shown.
pub const MASK: &str = "***";

/// How carefully a value must be treated. All but what is public is masked in logs, findings, traces and the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// May be shown anywhere.
    Public,
    /// Tells something about a person.
    Personal,
    /// Opens a meeting, from any network and without this gateway.
    OpensMeeting,
    /// Opens another door: a token, a key, a password of an account.
    Credential,
}

impl Sensitivity {
    /// The scope without which a caller sees such values in no answer; none for what is public.
    pub const fn scope(self) -> Option<&'static str> {
        match self {
            Self::Public => None,
            Self::Personal => Some(Caller::PERSONAL_DATA_SCOPE),
            Self::OpensMeeting | Self::Credential => Some(Caller::SECRETS_SCOPE),
        }
    }

    /// Whether it opens any door.
    pub const fn is_credential(self) -> bool {
        matches!(self, Self::OpensMeeting | Self::Credential)
    }
}

/// The sensitivity of a JSON member by its name.
pub fn of_member(name: &str) -> Sensitivity {
    // Asked of every member of every answer: the length alone rules most of the table out.
    let of_this_length = BY_LENGTH.get(name.len()).map_or(&[][..], |names| names);
    match of_this_length.binary_search_by_key(&name, |(known, _)| known) {
        Ok(at) => of_this_length[at].1,
        Err(_) => Sensitivity::Public,
    }
}

/// The sensitivity of the texts and numbers in the list that a JSON member of this name has for a value.
///
/// ```
/// use meeting_gateway::model::sensitive::{Sensitivity, of_listed, of_member};
///
/// assert_eq!(of_member("id"), Sensitivity::Public);
/// assert_eq!(of_listed("id"), Sensitivity::Personal);
/// ```
pub fn of_listed(name: &str) -> Sensitivity {
    match of_member(name) {
        Sensitivity::Public if PERSONAL_LISTS.contains(&name) => Sensitivity::Personal,
        sensitivity => sensitivity,
    }
}

/// What [`CLASSES`] say, by the length of the name, and sorted.
static BY_LENGTH: LazyLock<Vec<Vec<(&str, Sensitivity)>>> = LazyLock::new(|| {
    let mut by_length = Vec::new();
    for (sensitivity, names) in CLASSES {
        for name in names {
            if by_length.len() <= name.len() {
                by_length.resize(name.len() + 1, Vec::new());
            }
            by_length[name.len()].push((*name, sensitivity));
        }
    }
    for names in &mut by_length {
        names.sort_unstable_by_key(|(name, _)| *name);
    }
    by_length
});

/// Whether a member shows [`MASK`] in place of a value, or of one in a list. What is public and happens to read so is a value.
pub fn is_masked(name: &str, value: &Value) -> bool {
    let is_mask = |value: &Value| value.as_str() == Some(MASK);
    let shows = is_mask(value)
        || value
            .as_array()
            .is_some_and(|items| items.iter().any(is_mask));
    shows && of_listed(name) != Sensitivity::Public
}

/// Every name that is not public. A name is in one list only; each list is sorted by bytes.
const CLASSES: [(Sensitivity, &[&str]); 3] = [
    (Sensitivity::OpensMeeting, OPENS_MEETING),
    (Sensitivity::Credential, CREDENTIAL),
    (Sensitivity::Personal, PERSONAL),
];

/// Passwords of meetings, webinars and rooms, links to join, and what is got for them. `password` and `pwd` are those of users
/// elsewhere.
const OPENS_MEETING: &[&str] = &[
    "addressToken",
    "audienceJoinUri",
    "audiencePasswd",
    "audiencePwd",
    "chairJoinUri",
    "chairJoinUrl",
    "chairPasswd",
    "chairPwd",
    "chairmanPwd",
    "confToken",
    "guestJoinUri",
    "guestJoinUrl",
    "guestPasswd",
    "guestPwd",
    "gustJoinUrl",
    "gustPwd",
    "hostPwd",
    "password",
    "pwd",
    "random",
    "redirectJoinUrl",
    "tmpWsToken",
    "webSocketToken",
];

/// Tokens (of sign-ins, recordings, meeting control), keys, account passwords and their digests; addresses that hold a key:
/// where streams are pushed to, where recordings and files are watched and downloaded, where events are sent (`url`).
const CREDENTIAL: &[&str] = &[
    "accessToken",
    "activeCode",
    "appKey",
    "app_key",
    "auxAddress",
    "clientSecret",
    "downloadUrl",
    "filePath",
    "fileUrl",
    "liveAddress",
    "localAuthInfo",
    "longAccessToken",
    "newPwd",
    "nonce",
    "numberHA1",
    "oldPwd",
    "paidPassword",
    "pdfUrl",
    "playUrl",
    "proxyToken",
    "refreshToken",
    "signature",
    "subscriberKey",
    "thumbnailUrl",
    "token",
    "url",
];

/// Who somebody is, and how and where to reach them: names, accounts, numbers, addresses, places, departments, positions, devices
/// that people name; in a meeting's control records who did what to whom.
const PERSONAL: &[&str] = &[
    "Number",
    "account",
    "accountID",
    "accountId",
    "address",
    "adminName",
    "alias1",
    "bindEmail",
    "bindPhone",
    "callNum",
    "callNumber",
    "call_number",
    "cameraInfo",
    "chairID",
    "city",
    "cloudUserId",
    "codecUserId",
    "confHardTerminalName",
    "confHardTerminalUserId",
    "confUserAccount",
    "confUserDeptName",
    "confUserName",
    "contact",
    "customNumber",
    "deptCode",
    "deptCodePath",
    "deptName",
    "deptNamePath",
    "deptUUID",
    "desc",
    "detail",
    "devName",
    "deviceName",
    "deviceUserId",
    "digitalAccount",
    "digitalName",
    "displayName",
    "email",
    "emailAddr",
    "englishName",
    "fax",
    "headPictureUrl",
    "interpreterId",
    "ipAddress",
    "lastUpdatedBy",
    "loginAccount",
    "mark",
    "microphoneInfo",
    "moderator",
    "name",
    "nameEn",
    "newName",
    "number",
    "operationObject",
    "operator",
    "otherNumber",
    "paidAccount",
    "participantID",
    "participant_id",
    "phone",
    "phone2",
    "phone3",
    "phoneLeft",
    "phoneRight",
    "pid",
    "position",
    "presenterAccount",
    "presenterName",
    "presenterRealNameAccount",
    "presenterUserID",
    "province",
    "remarks",
    "scheduserId",
    "scheduserName",
    "serviceAccount",
    "sipNum",
    "sms",
    "smsNumber",
    "speakerInfo",
    "subscriberID",
    "subscriberId",
    "thirdAccount",
    "third_account",
    "title",
    "tokenIp",
    "tr069Account",
    "ucloginAccount",
    "userAccount",
    "userEmail",
    "userID",
    "userId",
    "userName",
    "userPhone",
    "userUUID",
    "user_id",
    "visionAccount",
];

/// Names that are public but for the texts in a list: guests of a webinar by name, hosts and shown participants by number.
const PERSONAL_LISTS: [&str; 3] = ["attendees", "coHosts", "id"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
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
}
