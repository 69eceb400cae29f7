//! What becomes of a recorded message: sent to the gateway over a socket, with something upstream for it to work on.

use std::fmt::Write as _;

use meeting_gateway::simulator::{Meeting, Seen};
use serde_json::Value;

use super::message::Message;
use crate::support::TestGateway;
use crate::support::connection::{RawAnswer, RawClient};

/// A client at a gateway of its own.
pub(super) struct Client {
    pub(super) gateway: TestGateway,
    name: &'static str,
    credential: String,
}

/// What became of a message.
pub(super) struct Treatment {
    answer: RawAnswer,
    /// The audit line.
    line: Value,
    /// What arrived upstream.
    pub(super) sent: Option<Seen>,
    /// The meeting that it was about, or that it made.
    pub(super) meeting: String,
    /// What was put in the places of the message: name and value.
    places: Vec<(&'static str, String)>,
}

impl Client {
    /// `name` is the folder of its messages, `credential` what it has in `X-Access-Token`.
    pub(super) fn new(name: &'static str, credential: &str, overrides: &[(&str, &str)]) -> Self {
        Self {
            gateway: TestGateway::of_text(include_str!("gateway.yaml"), overrides),
            name,
            credential: credential.to_owned(),
        }
    }

    /// With the token out of the answer to its recorded sign-in.
    pub(super) async fn signed_in(name: &'static str, overrides: &[(&str, &str)]) -> Self {
        let mut client = Self::new(name, "", overrides);
        let answer = client.treat("sign-in").await.json();
        answer["accessToken"]
            .as_str()
            .unwrap()
            .clone_into(&mut client.credential);
        client
    }

    /// With another credential.
    pub(super) fn with_credential(self, credential: &str) -> Self {
        let credential = credential.to_owned();
        Self { credential, ..self }
    }

    /// The meeting as it is held upstream.
    pub(super) fn held(&self, id: &str) -> Option<Meeting> {
        self.gateway.simulator.meeting(id)
    }

    /// Sends bytes over a socket of their own, as they are.
    async fn send(&self, message: &Message) -> RawAnswer {
        let mut client = RawClient::over_tcp(&self.gateway).await;
        client.send(&message.bytes()).await;
        client.answer().await.unwrap()
    }

    /// Sends a recorded message, with a meeting of the client's for it to be about where it names one.
    pub(super) async fn treat(&self, name: &str) -> Treatment {
        let message = Message::read(self.name, name);
        let wanted = ["meeting", "uuid"].map(|place| message.wants(place));
        let meeting = if wanted.contains(&true) {
            self.meeting_for(&message).await
        } else {
            String::new()
        };
        self.treat_of(&meeting, name).await
    }

    /// Sends a recorded message about this meeting.
    pub(super) async fn treat_of(&self, meeting: &str, name: &str) -> Treatment {
        let simulator = &self.gateway.simulator;
        let held = self.held(meeting);
        let first = held
            .as_ref()
            .and_then(|held| held.sub_meeting_ids().first().copied());
        let past = simulator.past_meetings();
        let uuid = past.first().map(Meeting::uuid);
        let places = vec![
            ("token", self.credential.clone()),
            ("meeting", meeting.to_owned()),
            ("sub_meeting", first.unwrap_or_default().to_owned()),
            ("uuid", uuid.unwrap_or_default().to_owned()),
        ];
        let mut message = Message::read(self.name, name);
        for (place, value) in &places {
            message = message.with(place, value);
        }
        simulator.take_seen();
        let answer = self.send(&message).await;
        let mut seen = self.gateway.operations_seen();
        assert!(seen.len() <= 1, "{name}: {seen:?}");
        let made: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        Treatment {
            answer,
            line: self.gateway.last_line(),
            sent: seen.pop(),
            meeting: made[0]["conferenceID"]
                .as_str()
                .unwrap_or(meeting)
                .to_owned(),
            places,
        }
    }

    /// The id of a meeting that the client made itself: a series, a single one, or one that is over.
    async fn meeting_for(&self, message: &Message) -> String {
        let series = message.path().contains("cycle");
        let create = if series {
            "create-series"
        } else {
            "create-meeting"
        };
        let create = Message::read(self.name, create).with("token", &self.credential);
        let answer = self.send(&create).await;
        let made: Value = serde_json::from_str(&answer.body).unwrap();
        let id = made[0]["conferenceID"].as_str().unwrap().to_owned();
        if message.wants("uuid") {
            let simulator = &self.gateway.simulator;
            assert!(simulator.mark_started(&id) && simulator.mark_ended(&id));
        }
        id
    }
}

impl Treatment {
    /// The answer's body; null if it is empty.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.answer.body).unwrap_or_default()
    }

    /// Whether the answer's head has this line, name in lower case.
    pub(super) fn has_line(&self, beginning: &str) -> bool {
        self.answer
            .head
            .lines()
            .any(|line| line.starts_with(beginning))
    }

    /// Status and error code, empty if there is none.
    pub(super) fn said(&self) -> (u16, String) {
        let code = self.json()["error_code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.answer.status(), code)
    }

    /// The message of a refusal.
    pub(super) fn message(&self) -> String {
        self.json()["error_msg"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The receipt: where the gateway changed something, and by which rule or for what reason.
    pub(super) fn changes(&self) -> Vec<(String, String)> {
        let receipt = &self.line["receipt"];
        let parts = ["parameters", "patch"].into_iter();
        let entries = parts.filter_map(|part| receipt[part].as_array());
        let told = |entry: &Value| {
            let path = entry["path"].as_str().unwrap();
            let place = entry["in"].as_str();
            let why = entry["rule"].as_str().or(entry["reason"].as_str()).unwrap();
            let what = place.map_or(path.to_owned(), |place| format!("{place} {path}"));
            (what, why.to_owned())
        };
        entries.flatten().map(told).collect()
    }

    /// The body that arrived upstream.
    pub(super) fn sent_body(&self) -> Value {
        self.sent.as_ref().unwrap().json().unwrap()
    }

    /// The request upstream as a text: method, target, and the body in full. Ids are those of the message's places.
    pub(super) fn upstream(&self) -> String {
        let Some(sent) = &self.sent else {
            return "nothing\n".to_owned();
        };
        let separator = if sent.query.is_empty() { "" } else { "?" };
        let mut text = format!("{} {}{separator}{}\n", sent.method, sent.path, sent.query);
        if let Some(body) = sent.json() {
            let _ = writeln!(text, "{body}");
        }
        let values = self.places.iter().filter(|(_, value)| !value.is_empty());
        values.fold(text, |text, (place, value)| {
            text.replace(value, &format!("{{{place}}}"))
        })
    }
}
