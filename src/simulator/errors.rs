//! The upstream's ways to say no: one row for each documented code the simulator uses (facts part 5).
//!
//! Statuses the documentation does not give are 400, as most of the service's are. Texts that only the client SDK's
//! enum knows follow the verified pattern: the enum's name without its prefix.
//!
//! ```
//! use meeting_gateway::simulator::errors;
//!
//! assert_eq!(errors::CONF_DATA_NOT_FOUND.status, 400); // not 404: the service's habit
//! assert_eq!(errors::TOKEN_INVALID.code, "USG.000000004");
//! ```

/// One documented error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status.
    pub status: u16,
    /// `error_code`.
    pub code: &'static str,
    /// `error_msg`.
    pub message: &'static str,
}

macro_rules! table {
    ($($name:ident $status:literal $code:literal $message:literal $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Rejection = Rejection { status: $status, code: $code, message: $message };
        )*

        /// Every row of the table.
        pub const ALL: &[Rejection] = &[$($name),*];
    };
}

table! {
    BAD_REQUEST 400 "MMC.111070001" "CONF_BAD_REQUEST" "No body, or no `conferenceID`.";
    CONF_DATA_NOT_FOUND 400 "MMC.111070005" "CONF_DATA_NOT_FOUND" "The meeting is unknown or over.";
    TOKEN_MISSING 401 "MMC.111070111" "REQUEST_TOKEN_IS_NULL" "No `X-Access-Token` header.";
    NOT_A_SERIES 400 "MMC.111070118" "MODIFY_CYCLE_CONF_EXCEPTION" "The meeting is not a series.";
    START_IN_PAST 400 "MMC.111071013" "CONF_START_TIME_LESS_THAN_CURRENT_TIME" "The start lies in the past.";
    OVER_MAX_SCHEDULE_TIME 400 "MMC.111071014" "CONF_START_TIME_OVER_MAX_SCHEDULE_TIME" "A series longer than a year.";
    PARAMS_NULL 400 "MMC.111071016" "CONF_PARAMS_NULL_EXCEPTION" "No sub-meeting was named.";
    MEDIA_TYPES_ILLEGAL 400 "MMC.111071018" "CONF_MEDIA_TYPES_ILLEGAL" "`mediaTypes` is missing or unknown.";
    CYCLE_PARAMS_NULL 400 "MMC.111071020" "CONF_CYCLE_PARAMS_NULL_EXCEPTION" "A series without `cycleParams`.";
    LENGTH_OVER_RANGE 400 "MMC.111071021" "CONF_LENGTH_OVER_RANGE" "`length` is outside 15..=1440 minutes.";
    SUBJECT_TOO_LONG 400 "MMC.111071022" "CONF_SUBJECT_LENGTH_TOO_LONG" "`subject` has over 128 characters.";
    GROUPURI_TOO_LONG 400 "MMC.111071023" "CONF_GROUPURI_LENGTH_TOO_LONG" "`groupuri` has over 31 characters.";
    DEPTNAME_TOO_LONG 400 "MMC.111071026" "CONF_DEPTNAME_TOO_LONG" "`deptName` has over 128 characters.";
    AUTO_RECORD_NOT_IN_RANGE 400 "MMC.111071032" "CONF_AUTO_RECORD_NOT_IN_RANGE" "`isAutoRecord` is not 0 or 1.";
    ENCRYPT_MODE_NOT_IN_RANGE 400 "MMC.111071034" "CONF_ENCRYPT_MODE_NOT_IN_RANGE" "`encryptMode` is not 0, 1 or 2.";
    LANGUAGE_NOT_IN_RANGE 400 "MMC.111071035" "CONF_LANGUAGE_NOT_IN_RANGE" "`language` is not zh-CN or en-US.";
    AUTO_PROLONG_NOT_IN_RANGE 400 "MMC.111071036" "CONF_AUTO_PROLONG_NOT_IN_RANGE" "`prolongLength` is outside 0..=60.";
    RECORD_TYPE_NOT_IN_RANGE 400 "MMC.111071038" "CONF_RECORD_TYPE_NOT_IN_RANGE" "`recordType` is outside 0..=3.";
    LIVE_ADDRESS_TOO_LONG 400 "MMC.111071039" "CONF_LIVE_ADDRESS_TOO_LONG" "`liveAddress` has over 255 characters.";
    AUX_ADDRESS_TOO_LONG 400 "MMC.111071040" "CONF_AUX_ADDRESS_TOO_LONG" "`auxAddress` has over 255 characters.";
    STARTDATE_NULL 400 "MMC.111071041" "CONF_CYCLE_PARAMS_STARTDATE_NULL_EXCEPTION" "No `startDate`.";
    ENDDATE_NULL 400 "MMC.111071042" "CONF_CYCLE_PARAMS_ENDDATE_NULL_EXCEPTION" "No `endDate`.";
    CYCLE_ILLEGAL 400 "MMC.111071043" "CONF_CYCLE_PARAMS_CYCLE_ILLEGAL" "`cycle` is not Day, Week or Month.";
    INTERVAL_NOT_IN_RANGE 400 "MMC.111071044" "CONF_CYCLE_PARAMS_INTERVAL_NOT_IN_RANGE" "`interval` does not fit `cycle`.";
    POINT_NULL 400 "MMC.111071045" "CONF_CYCLE_PARAMS_POINT_NULL_EXCEPTION" "Week or Month without `point`.";
    POINT_NOT_IN_RANGE 400 "MMC.111071046" "CONF_CYCLE_PARAMS_POINT_NOT_IN_RANGE" "A `point` that does not fit `cycle`.";
    VMR_FLAG_NOT_IN_RANGE 400 "MMC.111071047" "CONF_VMR_FLAG_NOT_IN_RANGE" "`vmrFlag` is not 0 or 1.";
    RECORD_AUX_STREAM_NOT_IN_RANGE 400 "MMC.111071048" "CONF_RECORD_AUX_STREAM_NOT_IN_RANGE" "`recordAuxStream` is not 0 or 1.";
    PARAMETER_VERIFIED_FAIL 400 "MMC.111071061" "CONF_PARAMETER_VERIFIED_FAIL" "A wrong value without a code of its own.";
    JSON_CONVERSION_FAILED 400 "MMC.111071062" "JSON_CONVERSION_FAILED" "Not JSON, or a value of the wrong type.";
    ALREADY_STARTED 400 "MMC.111071065" "CONF_MODIFY_FAIL_AS_CONF_ALREADY_STARTED" "A running meeting cannot be edited.";
    CANCEL_STARTED 400 "MMC.111071067" "CONF_CANCEL_FAIL_AS_CONF_STARTED" "A running meeting is cancelled with `type=1` only.";
    GUEST_PWD_ILLEGAL 400 "MMC.111071080" "GUEST_PWD_ILLEGAL" "`guestPwd` is not 4 to 16 digits.";
    GUEST_PWD_IS_CONF_ID 400 "MMC.111071081" "GUEST_PWD_CONFLICT_WITH_CONF_ID" "`guestPwd` equals the meeting's id.";
    CONF_NUM_UP_TO_LIMIT 400 "MMC.111071082" "CONF_NUM_UP_TO_LIMIT" "The simulator holds no more meetings.";
    GUEST_PWD_IS_CHAIR_PWD 400 "MMC.111071105" "GUEST_PWD_CONFLICT_WITH_CHAIR_PWD" "`guestPwd` equals the host's password.";
    VMRIDTYPE_CANNOT_MODIFY 400 "MMC.111071112" "VMRIDTYPE_CANNOT_MODIFY" "`vmrIDType` was fixed at creation.";
    VMRID_CANNOT_MODIFY 400 "MMC.111071113" "VMRID_CANNOT_MODIFY" "`vmrID` was fixed at creation.";
    VMR_FLAG_CANNOT_MODIFY 400 "MMC.111071114" "VMR_FLAG_CANNOT_MODIFY" "`vmrFlag` was fixed at creation.";
    SUB_TIME_OVER_RANGE 400 "MMC.111071119" "SUB_CYCCONF_MODIFY_TIME_OVER_RANGE" "A sub-meeting may not pass its neighbours.";
    CONF_NOT_STARTED 400 "MMC.111072005" "CONF_NOT_STARTED" "The meeting does not run.";
    ATTENDEE_PHONE_TOO_LONG 400 "MMC.111072032" "SITE_CALL_NUMBER_TOO_LONG" "`phone` has over 127 characters.";
    ATTENDEE_NAME_TOO_LONG 400 "MMC.111072034" "SITE_NAME_TOO_LONG" "`name` has over 96 characters.";
    ATTENDEE_ROLE 400 "MMC.111072035" "SITE_ROLE_NOT_IN_RANGE" "`role` is not 0 or 1.";
    ATTENDEE_EMAIL 400 "MMC.111072036" "SITE_EMAIL_ILLEGAL" "`email` has over 255 characters.";
    ATTENDEE_SMS 400 "MMC.111072037" "SITE_SMS_ILLEGAL" "`sms` has over 32 characters.";
    ATTENDEE_MUTE 400 "MMC.111072038" "SITE_MUTE_NOT_IN_RANGE" "`isMute` is not 0 or 1.";
    ATTENDEE_AUTO_INVITE 400 "MMC.111072039" "SITE_AUTO_INVITE_NOT_IN_RANGE" "`isAutoInvite` is not 0 or 1.";
    TOKEN_INVALID 401 "USG.000000004" "Invalid token" "The token is unknown, expired, evicted or kicked.";
    APP_ID_CHECK_FAILED 401 "USG.206010025" "App ID authentication failed" "Unknown application or wrong signature.";
    SIGN_IN_EXPIRED 401 "USG.206010057" "App ID authentication expired" "`expireTime` has passed.";
    AUTH_INFO_INVALID 401 "USG.206020000" "Invalid authentication information" "`Authorization` is missing or malformed.";
    SIGN_IN_PARAMETER 400 "USG.206060011" "Parameter error" "A sign-in field is missing or out of bounds.";
    NO_SUCH_API 404 "APIG.0101" "The API does not exist or has not been published in the environment" "Unknown path or method.";
    TOO_LARGE 413 "APIG.0201" "Request entity too large" "The body exceeds 12 MB.";
    URI_TOO_LONG 414 "APIG.0201" "Request URI too long" "The path and query exceed 32 KB.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn every_row_is_an_error_with_its_own_meaning() {
        let mut seen = BTreeSet::new();
        for row in ALL {
            assert!((400..500).contains(&row.status), "{row:?}");
            assert!(
                seen.insert((row.code, row.status)),
                "{row:?} is there twice"
            );
            let (family, number) = row.code.split_once('.').unwrap_or_default();
            assert!(["MMC", "USG", "APIG"].contains(&family), "{row:?}");
            assert!(number.bytes().all(|b| b.is_ascii_digit()), "{row:?}");
        }
    }
}
