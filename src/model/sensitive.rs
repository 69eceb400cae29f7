//! The one place that names members whose values are credentials or personal data.
//!
//! Source: the upstream's documentation, objects `ConferenceInfo`, `Attendee`, `TokenResponse`, `UserInfo`; every name is
//! compared exactly as the upstream spells it.
//!
//! ```
//! use meeting_gateway::model::sensitive::{self, Sensitivity};
//!
//! assert_eq!(sensitive::of_member("guestPwd"), Sensitivity::Credential);
//! assert_eq!(sensitive::of_member("phone"), Sensitivity::Personal);
//! assert_eq!(sensitive::of_member("length"), Sensitivity::Public);
//! ```

/// What stands in place of a value that may not be shown.
pub const MASK: &str = "***";

/// How carefully a value must be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// May be shown anywhere.
    Public,
    /// Tells something about a person: masked in logs, findings, traces and the audit log.
    Personal,
    /// Opens a door: masked like personal data. Those that open a meeting are masked in answers, too: [`opens_a_meeting`].
    Credential,
}

/// The sensitivity of a JSON member by its name.
pub fn of_member(name: &str) -> Sensitivity {
    match name {
        "guestPwd" | "audiencePwd" | "password" | "pwd" | "chairPwd" | "hostPwd"
        | "chairJoinUri" | "guestJoinUri" | "audienceJoinUri" | "liveAddress" | "auxAddress"
        | "accessToken" | "refreshToken" | "proxyToken" | "token" | "numberHA1"
        | "paidPassword" | "appKey" | "signature" => Sensitivity::Credential,
        "name" | "phone" | "phone2" | "phone3" | "email" | "sms" | "userUUID" | "accountId"
        | "deptUUID" | "deptName" | "scheduserName" | "userName" | "userEmail" | "userPhone"
        | "address" => Sensitivity::Personal,
        _ => Sensitivity::Public,
    }
}

/// Members masked in answers: credentials only. Push addresses stay, since the caller itself set them.
pub fn opens_a_meeting(name: &str) -> bool {
    matches!(
        name,
        "guestPwd"
            | "audiencePwd"
            | "password"
            | "pwd"
            | "chairPwd"
            | "hostPwd"
            | "chairJoinUri"
            | "guestJoinUri"
            | "audienceJoinUri"
    )
}
