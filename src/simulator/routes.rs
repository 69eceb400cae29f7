//! Method and path to what is asked for. Paths match exactly, save for `{id}`: what the documentation does not write does
//! not exist.

use http::Method;

use super::directory::Errand;
use super::queries::Query;
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
    /// Meetings to come, running and past.
    Read(Query),
    /// The enterprise's people, who are no part of scheduling.
    Directory(Errand),
}

/// Every route with its name in the official SDK, method and path (facts parts 3 and 4).
#[rustfmt::skip]
const TABLE: [(&str, Method, &str, Route); 25] = [
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
    ("search_meetings", Method::GET, "/v1/mmc/management/conferences", Route::Read(Query::Meetings)),
    ("show_meeting_detail", Method::GET, "/v1/mmc/management/conferences/confDetail", Route::Read(Query::Meeting)),
    ("search_online_meetings", Method::GET, "/v1/mmc/management/conferences/online", Route::Read(Query::Online)),
    ("show_online_meeting_detail", Method::GET, "/v1/mmc/management/conferences/online/confDetail", Route::Read(Query::OnlineMeeting)),
    ("list_online_conf_attendee", Method::GET, "/v1/mmc/management/conferences/online/conf-attendee", Route::Read(Query::OnlineAttendees)),
    ("search_his_meetings", Method::GET, "/v1/mmc/management/conferences/history", Route::Read(Query::Past)),
    ("show_his_meeting_detail", Method::GET, "/v1/mmc/management/conferences/history/confDetail", Route::Read(Query::PastMeeting)),
    ("search_attendance_records_of_his_meeting", Method::GET, "/v1/mmc/management/conferences/history/confAttendeeRecord", Route::Read(Query::Attendance)),
    ("search_ctl_records_of_his_meeting", Method::GET, "/v1/mmc/management/conferences/history/confCtlRecord", Route::Read(Query::ControlRecords)),
    ("show_my_info", Method::GET, "/v1/usg/dcs/member", Route::Directory(Errand::MyInfo)),
    ("search_users", Method::GET, "/v1/usg/dcs/corp/member", Route::Directory(Errand::People)),
    ("add_user", Method::POST, "/v1/usg/dcs/corp/member", Route::Directory(Errand::AddPerson)),
    ("update_member_vmr", Method::PUT, "/v1/usg/dcs/member/vmr/{id}", Route::Directory(Errand::ModifyRoom)),
];

/// The name and route of a request, if there is one.
pub(super) fn route(method: &Method, path: &str) -> Option<(&'static str, Route)> {
    TABLE
        .iter()
        .find(|(_, known, template, _)| known == method && fits(template, path))
        .map(|(name, _, _, route)| (*name, *route))
}

/// Whether `path` is `template`, whose last segment may be `{id}`: then it is any segment that is not empty.
fn fits(template: &str, path: &str) -> bool {
    match template.strip_suffix("{id}") {
        None => template == path,
        Some(front) => path
            .strip_prefix(front)
            .is_some_and(|id| !id.is_empty() && !id.contains('/')),
    }
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

    #[test]
    fn an_id_is_one_segment() {
        for (id, found) in [("7f", true), ("", false), ("7f/", false), ("7/f", false)] {
            let path = format!("/v1/usg/dcs/member/vmr/{id}");
            assert_eq!(route(&Method::PUT, &path).is_some(), found, "{path}");
        }
    }
}
