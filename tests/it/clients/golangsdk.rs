//! The library of the Terraform provider for Huawei Cloud, with the values that the provider gives it.

use serde_json::json;

use super::treatment::{Client, Treatment};

const NAME: &str = "golangsdk";
/// What its changes have in the body by mistake.
const STRAY: [&str; 2] = ["ConferenceID", "UserUUID"];

async fn client() -> Client {
    Client::signed_in(NAME, &[]).await
}

fn changed<'a>(treatment: &'a [(String, String)], path: &str) -> Option<&'a str> {
    let mut entries = treatment.iter().filter(|(at, _)| at == path);
    entries.next().map(|(_, why)| why.as_str())
}

#[tokio::test]
async fn it_signs_for_twelve_hours_without_naming_the_app_in_the_header() {
    let ten_minutes = Client::new(NAME, "", &[("sign_in.expire_time_ahead", "10m")]);
    let refused = ten_minutes.treat("sign-in").await;
    assert_eq!(refused.said(), (401, "MGW.4010006".to_owned()));
    assert!(refused.message().contains("`sign_in.expire_time_ahead`"));

    let accepted = Client::new(NAME, "", &[]).treat("sign-in").await;
    assert_eq!(accepted.said(), (200, String::new()));
    assert!(
        accepted.json()["accessToken"]
            .as_str()
            .unwrap()
            .starts_with("mgw1")
    );
}

#[tokio::test]
async fn its_slash_too_many_makes_no_difference() {
    let client = client().await;
    let read = client.treat("detail").await;
    let sent = read.sent.as_ref().unwrap();
    assert_eq!(sent.path, "/v1/mmc/management/conferences/confDetail");
    // It has used up one of the quota of the meeting, as everybody does.
    let id = read.meeting.clone();
    assert!(read.has_line("ratelimit: \"caller\";r="));
    assert_eq!(client.gateway.last_line()["meeting"], id);
    assert_eq!(
        client.gateway.last_line()["path"],
        "//v1/mmc/management/conferences/confDetail"
    );
}

#[tokio::test]
async fn what_it_creates_is_what_the_policy_makes_of_it() {
    let client = client().await;
    for (message, sub_meetings) in [("create-meeting", 0), ("create-series", 3)] {
        let made = client.treat(message).await;
        assert_eq!(
            made.said(),
            (200, String::new()),
            "{message}: {}",
            made.message()
        );
        let sent = made.sent_body();
        assert_eq!(
            (&sent["length"], &sent["encryptMode"]),
            (&json!(120), &json!(1))
        );
        assert_eq!(sent["mediaTypes"], "Voice,Video,Data");
        assert_eq!(sent["subject"], "Weekly <plan> & \"review\"");
        // It sends every number, also those without effect.
        assert_eq!(
            (sent.get("recordAuthType"), &sent["recordType"]),
            (None, &json!(0))
        );
        let changes = made.changes();
        assert_eq!(
            changed(&changes, "/length"),
            Some("example-enterprise/max-duration")
        );
        assert_eq!(
            changed(&changes, "/encryptMode"),
            Some("example-enterprise/encryption")
        );
        let held = client.held(&made.meeting).unwrap();
        assert_eq!((held.length(), held.encrypt_mode()), (120, 1));
        assert_eq!(held.sub_meetings(), sub_meetings);
        assert_eq!(
            held.field("/confConfigInfo/enableWaitingRoom"),
            Some(&json!(true))
        );
    }
}

#[tokio::test]
async fn what_it_changes_goes_upstream_without_the_parameters_in_the_body() {
    // Also where unknown members are refused: the provider's users cannot do without these.
    for unknown in ["strip", "reject"] {
        let client = Client::signed_in(NAME, &[("contract.unknown_fields", unknown)]).await;
        for message in [
            "update-meeting",
            "update-meeting-unencrypted",
            "update-series",
        ] {
            let made = client.treat(message).await;
            assert_eq!(
                made.said(),
                (200, String::new()),
                "{message}: {}",
                made.message()
            );
            let sent = made.sent_body();
            for stray in STRAY {
                assert_eq!(sent.get(stray), None, "{message}");
                assert!(
                    changed(&made.changes(), &format!("/{stray}"))
                        .unwrap()
                        .contains("belongs to the query")
                );
            }
            // The room cannot be changed; resending it is no change.
            assert_eq!(
                (&sent["vmrFlag"], &sent["vmrID"]),
                (&json!(1), &json!("5f0d6b2c8e3a4b7f"))
            );
            assert_eq!(sent["encryptMode"], 1, "{message}");
            let held = client.held(&made.meeting).unwrap();
            assert_eq!((held.length(), held.encrypt_mode()), (60, 1));
            assert_eq!(held.field("/subject"), Some(&json!("Weekly plan")));
        }
    }
}

#[tokio::test]
async fn it_reads_back_what_it_wrote_if_it_has_both_scopes() {
    let client = client().await;
    let read = client.treat("detail").await;
    let meeting = &read.json()["conferenceData"];
    assert!(read.has_line("deprecation: "));
    let query = &read.sent.as_ref().unwrap().query;
    assert_eq!(*query, format!("conferenceID={}&limit=500", read.meeting));
    assert!(
        meeting["chairJoinUri"]
            .as_str()
            .unwrap()
            .starts_with("https://")
    );
    assert_eq!(meeting["passwordEntry"].as_array().unwrap().len(), 2);
    assert_eq!(read.json()["data"]["data"][0]["accountId"], "bob@ent01");
    assert_eq!(client.treat("history").await.said().0, 200);
    assert_eq!(client.treat("history-detail").await.said().0, 200);

    let masked = client
        .with_credential("masked-key-not-a-secret")
        .treat("detail")
        .await;
    assert_eq!(masked.json()["conferenceData"]["chairJoinUri"], "***");
    assert_eq!(masked.json()["data"]["data"][0]["accountId"], "***");
}

#[tokio::test]
async fn refusals_tell_what_to_write_instead() {
    let client = client().await;
    for (message, said, telling) in [
        (
            "create-meeting-for-everybody",
            (403, "MGW.4030001"),
            "(`callInRestriction` 2)",
        ),
        (
            "create-meeting-without-time-zone",
            (400, "MGW.4000004"),
            "`timeZoneID` is \"0\"; it must be the text \"1\" to \"77\"",
        ),
        (
            "create-series-without-start",
            (403, "MGW.4030001"),
            "Say when the meeting starts, in `startTime`",
        ),
        (
            "update-meeting-with-masks",
            (400, "MGW.4000004"),
            "ask for the scope `personal_data`",
        ),
        ("extend-auto", (401, "MGW.4010001"), "in X-Access-Token"),
        (
            "sign-in-with-account",
            (401, "MGW.4010003"),
            "ask the platform team for a key",
        ),
    ] {
        let refused: Treatment = client.treat(message).await;
        assert_eq!(refused.said(), (said.0, said.1.to_owned()), "{message}");
        assert!(
            refused.message().contains(telling),
            "{message}: {}",
            refused.message()
        );
        assert!(refused.sent.is_none(), "{message}");
    }
}

#[tokio::test]
async fn what_it_cancels_is_gone_and_what_is_gone_is_told_as_the_service_tells_it() {
    let client = client().await;
    for message in ["cancel-meeting", "cancel-series"] {
        let gone = client.treat(message).await;
        assert_eq!(gone.said(), (200, String::new()), "{message}");
        assert_eq!(
            gone.sent.as_ref().unwrap().query,
            format!("conferenceID={}&type=1", gone.meeting)
        );
        assert!(client.held(&gone.meeting).is_none());
        // By this code the provider knows that it has nothing to do.
        let again = client.treat_of(&gone.meeting, message).await;
        assert_eq!(again.said(), (400, "MMC.111070005".to_owned()));
    }
}
