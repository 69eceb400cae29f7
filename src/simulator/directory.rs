//! The enterprise's people: four operations that are no part of scheduling, so that relaying them can be tried.
//!
//! People are made up, the same in each run, and nothing is stored: an added person is answered for and forgotten.

use serde_json::{Value, json};

use super::errors::{Rejection, SIGN_IN_PARAMETER};
use super::fields::{self, Field, plain};
use super::lenient::{self, Object};
use super::page::Page;
use super::settings::Settings;
use super::state::{Moment, Outcome, State};
use super::token_response::user_uuid;
use super::witness::Seen;

/// The most people there are, and the most a page of them holds: some megabytes.
const MOST_PEOPLE: usize = 20_000;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// Who am I?
    MyInfo,
    /// A page of people.
    People,
    /// One person more.
    AddPerson,
    /// Other settings for the caller's own meeting room.
    ModifyRoom,
}

/// What is answered of `AddUserDTO`; the password is not.
const PERSON: &[Field] = &[
    plain("name", 64),
    plain("englishName", 64),
    plain("account", 64),
    plain("thirdAccount", 64),
    plain("phone", 32),
    plain("country", 32),
    plain("email", 255),
    plain("deptCode", 32),
    plain("title", 64),
];

impl State {
    /// Runs an errand, for whoever holds a live token.
    pub(super) fn run_errand(
        &self,
        settings: &Settings,
        errand: Errand,
        seen: &Seen,
        now: Moment,
    ) -> Outcome {
        let user = &self.grant(seen, now)?.holder.user_id;
        let body = || lenient::object(&seen.body).map_err(|_| SIGN_IN_PARAMETER);
        Ok(Some(match errand {
            Errand::MyInfo => {
                let mut info = person(if user.is_empty() { "admin" } else { user });
                info["adminType"] = if user.is_empty() { 0 } else { 2 }.into();
                info["corp"] = json!({"id": "807074304", "name": "Simulation", "corpType": 0});
                info["function"] = json!({"enableRoom": false});
                info
            }
            Errand::People => {
                let page = Page::read(seen, MOST_PEOPLE);
                let all = (0..settings.people.min(MOST_PEOPLE)).map(account);
                let found = all.filter(|account| page.matches([Some(account.as_str())]));
                page.show(found, |account| person(&account))
            }
            Errand::AddPerson => added(&body()?)?,
            Errand::ModifyRoom => {
                body()?;
                return Ok(None);
            }
        }))
    }
}

fn account(number: usize) -> String {
    format!("person{number:05}")
}

/// A person as `SearchUserResultDTO`.
fn person(account: &str) -> Value {
    let id = user_uuid(account);
    json!({
        "id": id,
        "userAccount": account,
        "name": account,
        "englishName": account,
        "phone": format!("+86130{}", account.strip_prefix("person").unwrap_or("00000")),
        "country": "chinaPR",
        "email": format!("{account}@simulator.invalid"),
        "vmrId": null,
        "deptCode": "1",
        "deptNamePath": "Simulation",
        "userType": 2,
        "adminType": 2,
        "signature": "",
        "title": "Made up",
        "desc": "",
        "status": 0,
        "sortLevel": 10000,
        "hidePhone": false,
        "thirdAccount": account,
        "license": 0,
    })
}

/// The answer to an added person: the id, and what was sent.
fn added(sent: &Object) -> Result<Value, Rejection> {
    let mut told = fields::read(PERSON, sent).map_err(|_| SIGN_IN_PARAMETER)?;
    let name = lenient::filled_text(sent, "name").ok().flatten();
    let name = name.ok_or(SIGN_IN_PARAMETER)?;
    let account = told.remove("account");
    let account = account.unwrap_or_else(|| Value::from(name));
    let id = user_uuid(account.as_str().unwrap_or_default());
    told.insert("id".to_owned(), id.into());
    told.insert("userAccount".to_owned(), account);
    Ok(told.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn people_differ_and_stay_the_same() {
        let people = || (0..500).map(|number| person(&account(number)));
        let ids: BTreeSet<_> = people().map(|one| one["id"].to_string()).collect();
        assert_eq!(ids.len(), 500);
        assert!(people().eq(people()));
    }

    #[test]
    fn an_added_person_is_answered_for() {
        let sent =
            json!({"name": "Bob", "account": "bob", "pwd": "Secret1", "email": "b@corp.example"});
        let told = added(sent.as_object().unwrap()).unwrap();
        let expected = json!({"name": "Bob", "email": "b@corp.example", "id": user_uuid("bob"), "userAccount": "bob"});
        assert_eq!(told, expected);
        for sent in [
            json!({}),
            json!({"name": "x".repeat(65)}),
            json!({"name": []}),
        ] {
            assert_eq!(
                added(sent.as_object().unwrap()),
                Err(SIGN_IN_PARAMETER),
                "{sent}"
            );
        }
    }
}
