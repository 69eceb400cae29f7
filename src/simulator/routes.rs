//! Method and path to what is asked for. Paths match exactly: what the documentation does not write does not exist.

use http::Method;

use super::schedule::Door;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// App ID authentication.
    SignIn,
    /// A new token for a refresh token.
    Refresh,
    /// The end of a token.
    SignOut,
    /// Whose token is this?
    Validate,
    /// A new meeting or series.
    Create(Door),
    /// An edited meeting or series.
    Modify(Door),
    /// A cancelled meeting or series.
    Cancel(Door),
    /// One edited sub-meeting.
    ModifySubMeeting,
    /// Cancelled sub-meetings.
    CancelSubMeetings,
    /// The caller's meetings.
    List,
    /// One meeting.
    Detail,
}

/// Every route with its name in the official SDK, method and path (facts parts 3 and 4).
#[rustfmt::skip]
const TABLE: [(&str, Method, &str, Route); 14] = [
    ("create_app_id_auth", Method::POST, "/v2/usg/acs/auth/appauth", Route::SignIn),
    ("update_token", Method::PUT, "/v1/usg/acs/token", Route::Refresh),
    ("delete_token", Method::DELETE, "/v1/usg/acs/token", Route::SignOut),
    ("check_token", Method::POST, "/v1/usg/acs/token/validate", Route::Validate),
    ("create_meeting", Method::POST, "/v1/mmc/management/conferences", Route::Create(Door::Conferences)),
    ("update_meeting", Method::PUT, "/v1/mmc/management/conferences", Route::Modify(Door::Conferences)),
    ("cancel_meeting", Method::DELETE, "/v1/mmc/management/conferences", Route::Cancel(Door::Conferences)),
    ("create_recurring_meeting", Method::POST, "/v1/mmc/management/cycleconferences", Route::Create(Door::CycleConferences)),
    ("update_recurring_meeting", Method::PUT, "/v1/mmc/management/cycleconferences", Route::Modify(Door::CycleConferences)),
    ("cancel_recurring_meeting", Method::DELETE, "/v1/mmc/management/cycleconferences", Route::Cancel(Door::CycleConferences)),
    ("update_recurring_sub_meeting", Method::PUT, "/v1/mmc/management/conferences/cyclesubconf", Route::ModifySubMeeting),
    ("cancel_recurring_sub_meeting", Method::DELETE, "/v1/mmc/management/conferences/cyclesubconf", Route::CancelSubMeetings),
    ("search_meetings", Method::GET, "/v1/mmc/management/conferences", Route::List),
    ("show_meeting_detail", Method::GET, "/v1/mmc/management/conferences/confDetail", Route::Detail),
];

/// The name and route of a request, if there is one.
pub(super) fn route(method: &Method, path: &str) -> Option<(&'static str, Route)> {
    TABLE
        .iter()
        .find(|(_, known, template, _)| known == method && *template == path)
        .map(|(name, _, _, route)| (*name, *route))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_paths_and_methods_exist() {
        for (name, method, path, expected) in TABLE {
            assert_eq!(route(&method, path), Some((name, expected)));
            for other in [
                format!("{path}/"),
                path.to_uppercase(),
                path.replacen('/', "//", 1),
            ] {
                assert_eq!(route(&method, &other), None, "{other}");
            }
            assert_eq!(route(&Method::PATCH, path), None);
        }
    }
}
