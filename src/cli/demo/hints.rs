//! Commands to paste into another terminal while the demo is up.

use jiff::{Span, Zoned};

use super::certificate::Certificate;
use super::example::{API_KEY, PATH};
use super::ports::Ports;
use crate::cli::typeset::heading;

/// One command.
struct Curl<'a> {
    title: &'a str,
    options: String,
    origin: String,
    body: String,
}

/// Curl commands: one that succeeds, one refused by the schema, one refused by the policy, and the
/// admin listener's.
pub fn curls(ports: &Ports, certificate: &Certificate) -> String {
    let series = format!(
        r#""cycleParams":{{"startDate":"{}","endDate":"{}","cycle":"Day","preRemindDays":1}}"#,
        date(2),
        date(3)
    );
    let plain = format!("http://{}", ports.plain);
    let commands = [
        Curl {
            title: "succeeds, over TLS",
            options: format!(" --cacert {}", certificate.path().display()),
            origin: format!("https://{}", ports.tls),
            body: format!(r#"{{"mediaTypes":"HDVideo","length":45,{series}}}"#),
        },
        Curl {
            title: "refused by the schema, with every violation at once",
            options: String::new(),
            origin: plain.clone(),
            body: format!(
                r#"{{"mediaTypes":"Smell","length":5000,{}}}"#,
                series.replace("Day\",", "Decade\",")
            ),
        },
        Curl {
            title: "refused by the policy",
            options: String::new(),
            origin: plain,
            body: format!(
                r#"{{"mediaTypes":"HDVideo",{series},"attendees":[{{"name":"Eve","type":"outside"}}]}}"#
            ),
        },
    ];
    let mut out = heading("Try it");
    out.push('\n');
    for command in &commands {
        out.push_str(&command.text());
    }
    out.push_str(&operators(ports));
    out.push_str("\nCtrl-C ends the demo.");
    out
}

impl Curl<'_> {
    fn text(&self) -> String {
        let Self {
            title,
            options,
            origin,
            body,
        } = self;
        format!(
            "\n# {title}\ncurl -sS -i{options} -X PUT '{origin}{PATH}?conferenceID=914087436' \\\n  \
             -H 'Content-Type: application/json' -H 'X-Access-Token: {API_KEY}' \\\n  -d '{body}'\n"
        )
    }
}

fn operators(ports: &Ports) -> String {
    let admin = ports.admin;
    format!(
        "\n# what the operator sees; in a browser: http://{admin}/console/\ncurl -sS http://{admin}/readyz\n\
         curl -sS http://{admin}/metrics | grep meeting_gateway\n"
    )
}

/// So many days from today, as the upstream writes dates.
fn date(days: i64) -> String {
    let today = Zoned::now().date();
    today
        .checked_add(Span::new().days(days))
        .unwrap_or(today)
        .to_string()
}
