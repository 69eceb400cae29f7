//! Parameters of paths and queries.

use super::header::tells_of_a_credential;
use super::{Sensitivity, of_member};

/// Names that no member has: a department, and what people are searched by.
const PERSONAL: [&str; 3] = ["dept_code", "searchKey", "search_key"];
/// The code of a file is all that it takes to have it.
const CREDENTIAL: [&str; 1] = ["file_code"];

/// The sensitivity of a parameter in a path or query by its name; a member of that name is the same thing.
///
/// ```
/// use meeting_gateway::model::sensitive::{Sensitivity, of_parameter};
///
/// assert_eq!(of_parameter("account"), Sensitivity::Personal);
/// assert_eq!(of_parameter("searchKey"), Sensitivity::Personal);
/// assert_eq!(of_parameter("access_token"), Sensitivity::Credential);
/// assert_eq!(of_parameter("conferenceID"), Sensitivity::Public);
/// ```
pub fn of_parameter(name: &str) -> Sensitivity {
    match of_member(name) {
        Sensitivity::Public if PERSONAL.contains(&name) => Sensitivity::Personal,
        Sensitivity::Public
            if CREDENTIAL.contains(&name) || tells_of_a_credential(&name.to_ascii_lowercase()) =>
        {
            Sensitivity::Credential
        }
        sensitivity => sensitivity,
    }
}
