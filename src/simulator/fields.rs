//! The documented scalar fields, as tables: type, bounds, default and the error of a value out of bounds.
//!
//! Absent means default, also on PUT: PUT replaces (facts 1). Defaults the documentation leaves to the enterprise or
//! does not state are the ones its samples show. Unknown fields are tolerated and forgotten.

use serde_json::Value;

use super::errors::{self, PARAMETER_VERIFIED_FAIL, Rejection};
use super::lenient::{self, Object};

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// An integer between two bounds, both included.
    Integer(i64, i64),
    /// A boolean.
    Boolean,
    /// A text of at most this many characters.
    Text(usize),
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// What an absent field means.
#[derive(Debug, Clone, Copy)]
enum Default {
    /// Nothing: it stays absent.
    Absent,
    /// This number.
    Integer(i64),
    /// This boolean.
    Boolean(bool),
    /// This text.
    Text(&'static str),
}

/// A documented scalar field.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    default: Default,
    wrong: Rejection,
}

const fn field(name: &'static str, kind: Kind, default: Default, wrong: Rejection) -> Field {
    Field {
        name,
        kind,
        default,
        wrong,
    }
}

/// A switch whose wrong type is all that can be wrong with it.
const fn switch(name: &'static str, default: bool) -> Field {
    field(
        name,
        Kind::Boolean,
        Default::Boolean(default),
        PARAMETER_VERIFIED_FAIL,
    )
}

/// A text without a code of its own for being too long.
pub(super) const fn plain(name: &'static str, most: usize) -> Field {
    field(
        name,
        Kind::Text(most),
        Default::Absent,
        PARAMETER_VERIFIED_FAIL,
    )
}

/// No bound is documented: ours, so that a meeting stays small.
const UNBOUNDED: usize = 4096;

/// `RestScheduleConfDTO` (facts 1.2) without its times, `mediaTypes` and children.
#[rustfmt::skip]
pub(super) const SCHEDULING: &[Field] = &[
    field("length", Kind::Integer(15, 1440), Default::Integer(30), errors::LENGTH_OVER_RANGE),
    field("subject", Kind::Text(128), Default::Absent, errors::SUBJECT_TOO_LONG),
    field("groupuri", Kind::Text(31), Default::Absent, errors::GROUPURI_TOO_LONG),
    field("isAutoRecord", Kind::Integer(0, 1), Default::Integer(0), errors::AUTO_RECORD_NOT_IN_RANGE),
    field("encryptMode", Kind::Integer(0, 2), Default::Integer(0), errors::ENCRYPT_MODE_NOT_IN_RANGE),
    field("language", Kind::OneOf(&["zh-CN", "en-US"]), Default::Text("zh-CN"), errors::LANGUAGE_NOT_IN_RANGE),
    field("timeZoneID", Kind::Text(2), Default::Text("56"), PARAMETER_VERIFIED_FAIL),
    field("recordType", Kind::Integer(0, 3), Default::Integer(0), errors::RECORD_TYPE_NOT_IN_RANGE),
    field("liveAddress", Kind::Text(255), Default::Absent, errors::LIVE_ADDRESS_TOO_LONG),
    field("auxAddress", Kind::Text(255), Default::Absent, errors::AUX_ADDRESS_TOO_LONG),
    field("recordAuxStream", Kind::Integer(0, 1), Default::Integer(0), errors::RECORD_AUX_STREAM_NOT_IN_RANGE),
    field("recordAuthType", Kind::Integer(0, 2), Default::Integer(2), PARAMETER_VERIFIED_FAIL),
    field("vmrFlag", Kind::Integer(0, 1), Default::Integer(0), errors::VMR_FLAG_NOT_IN_RANGE),
    plain("vmrID", UNBOUNDED),
    field("concurrentParticipants", Kind::Integer(0, i64::MAX), Default::Integer(0), PARAMETER_VERIFIED_FAIL),
    switch("supportSimultaneousInterpretation", false),
    field("confResType", Kind::Integer(0, 3), Default::Integer(0), PARAMETER_VERIFIED_FAIL),
];

/// `RestConfConfigDTO` (facts 1.5) without `guestPwd`. `callInRestriction` 1 is undefined, so it is let pass.
#[rustfmt::skip]
pub(super) const CONFIGURATION: &[Field] = &[
    switch("isSendNotify", true),
    switch("isSendCalendar", true),
    switch("isSendSms", false),
    switch("isAutoMute", true),
    switch("isHardTerminalAutoMute", true),
    switch("isGuestFreePwd", false),
    field("callInRestriction", Kind::Integer(0, 3), Default::Integer(0), PARAMETER_VERIFIED_FAIL),
    switch("allowGuestStartConf", true),
    field("vmrIDType", Kind::Integer(0, 1), Default::Integer(1), PARAMETER_VERIFIED_FAIL),
    field("prolongLength", Kind::Integer(0, 60), Default::Integer(0), errors::AUTO_PROLONG_NOT_IN_RANGE),
    switch("enableWaitingRoom", false),
    switch("isHostCameraOn", false),
    switch("isGuestCameraOn", false),
];

/// `RestAttendeeDTO` (facts 1.3).
#[rustfmt::skip]
pub(super) const ATTENDEE: &[Field] = &[
    plain("userUUID", UNBOUNDED),
    plain("accountId", UNBOUNDED),
    plain("appId", UNBOUNDED),
    field("name", Kind::Text(96), Default::Absent, errors::ATTENDEE_NAME_TOO_LONG),
    field("role", Kind::Integer(0, 1), Default::Integer(0), errors::ATTENDEE_ROLE),
    field("phone", Kind::Text(127), Default::Absent, errors::ATTENDEE_PHONE_TOO_LONG),
    plain("phone2", UNBOUNDED),
    plain("phone3", UNBOUNDED),
    field("email", Kind::Text(255), Default::Absent, errors::ATTENDEE_EMAIL),
    field("sms", Kind::Text(32), Default::Absent, errors::ATTENDEE_SMS),
    field("isMute", Kind::Integer(0, 1), Default::Integer(0), errors::ATTENDEE_MUTE),
    field("isAutoInvite", Kind::Integer(0, 1), Default::Integer(0), errors::ATTENDEE_AUTO_INVITE),
    plain("type", UNBOUNDED),
    plain("address", UNBOUNDED),
    plain("deptUUID", 64),
    field("deptName", Kind::Text(128), Default::Absent, errors::DEPTNAME_TOO_LONG),
    field("uniqueType", Kind::Integer(0, 1), Default::Absent, PARAMETER_VERIFIED_FAIL),
];

/// `RestScheduleCycleConfDTO` (facts part 3): one sub-meeting, without its start and id.
#[rustfmt::skip]
pub(super) const SUB_MEETING: &[Field] = &[
    field("length", Kind::Integer(15, 1440), Default::Integer(30), errors::LENGTH_OVER_RANGE),
    field("isAutoRecord", Kind::Integer(0, 1), Default::Integer(0), errors::AUTO_RECORD_NOT_IN_RANGE),
    field("recordAuthType", Kind::Integer(0, 2), Default::Integer(2), PARAMETER_VERIFIED_FAIL),
    plain("description", 200),
];

/// `CycleSubConfConfigDTO` (facts part 2).
#[rustfmt::skip]
pub(super) const SUB_CONFIGURATION: &[Field] = &[
    field("callInRestriction", Kind::Integer(0, 3), Default::Integer(0), PARAMETER_VERIFIED_FAIL),
    field("audienceCallInRestriction", Kind::Integer(0, 3), Default::Integer(0), PARAMETER_VERIFIED_FAIL),
    switch("allowGuestStartConf", true),
    switch("enableWaitingRoom", false),
];

/// The fields of `table` with their canonical types, defaults filled in; or what is wrong with the first bad one.
pub(super) fn read(table: &[Field], object: &Object) -> Result<Object, Rejection> {
    let mut read = Object::new();
    for field in table {
        if let Some(value) = field.value(object)? {
            read.insert(field.name.to_owned(), value);
        }
    }
    Ok(read)
}

impl Field {
    fn value(&self, object: &Object) -> Result<Option<Value>, Rejection> {
        let given = match self.kind {
            Kind::Integer(least, most) => match lenient::integer(object, self.name)? {
                Some(number) if !(least..=most).contains(&number) => return Err(self.wrong),
                given => given.map(Value::from),
            },
            Kind::Boolean => lenient::boolean(object, self.name)?.map(Value::from),
            Kind::Text(most) => match lenient::text(object, self.name)? {
                Some(text) if text.chars().count() > most => return Err(self.wrong),
                given => given.map(Value::from),
            },
            Kind::OneOf(texts) => match lenient::filled_text(object, self.name)? {
                Some(text) if !texts.contains(&text.as_str()) => return Err(self.wrong),
                given => given.map(Value::from),
            },
        };
        Ok(given.or(match self.default {
            Default::Absent => None,
            Default::Integer(number) => Some(number.into()),
            Default::Boolean(boolean) => Some(boolean.into()),
            Default::Text(text) => Some(text.into()),
        }))
    }
}

#[cfg(test)]
mod tests;
