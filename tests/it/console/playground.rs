//! The third page: a request and a pack, stage by stage, and a case to keep that passes.

use std::path::PathBuf;

use meeting_gateway::policy_test::Suite;

use super::stand::{Stand, words};

const REFUSED: &str = r#"curl -X PUT 'https://gateway.example/v1/mmc/management/cycleconferences?conferenceID=914087436' \
  -H 'X-Access-Token: some-credential' -H 'Content-Type: application/json' \
  -d '{"startTime":"2026-09-10 09:00","mediaTypes":"HDVideo","encryptMode":2,"subject":"PRJ-1 weekly",
       "confConfigInfo":{"guestPwd":"88888888"},
       "cycleParams":{"startDate":"2026-09-10","endDate":"2026-09-12","cycle":"Day"}}'"#;
const CLAMPED: &str = r#"{"method":"PUT","target":"/v1/mmc/management/cycleconferences?conferenceID=914087436",
  "body":{"startTime":"2026-09-10 09:00","mediaTypes":"HDVideo","length":180,"subject":"PRJ-1 weekly",
  "cycleParams":{"startDate":"2026-09-10","endDate":"2026-09-12","cycle":"Day"}}}"#;
const HTTP: &str = "PUT /v1/mmc/management/cycleconferences?conferenceID=914087436 HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n\r\n{\"mediaTypes\":\"Smell\"}";

fn pack(name: &str) -> String {
    std::fs::read_to_string(format!("policies/{name}/pack.yaml")).unwrap()
}

async fn tried(stand: &Stand, request: &str, pack: (&str, &str)) -> String {
    let fields = [
        ("request", request),
        ("caller", "scheduling-app"),
        ("pack", pack.0),
        ("text", pack.1),
    ];
    stand.sent("/console/playground", &fields).await
}

#[tokio::test]
async fn a_request_is_told_of_stage_by_stage() {
    let stand = Stand::new().await;
    let enterprise = pack("example-enterprise");
    let of = ("example-enterprise", &*enterprise);

    let page = words(&tried(&stand, REFUSED, of).await);
    for expected in [
        "The policy denies it",
        "403 MGW.4030001",
        "baseline/no-guessable-guest-password",
        "verdict: \"deny\"",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    let page = words(&tried(&stand, CLAMPED, of).await);
    for expected in [
        "It would be sent on, changed",
        "changed /length from 180 to 120",
        "-   \"length\": 180,",
        "+   \"length\": 120,",
        "example-enterprise/max-duration",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    let page = words(&tried(&stand, HTTP, of).await);
    assert!(
        page.contains("It is refused") && page.contains("400 MGW.4000004"),
        "{page}"
    );
    let seen = stand.simulator.seen();
    assert!(
        seen.iter().all(|seen| seen.path.contains("appauth")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_edited_pack_judges_and_is_not_in_force() {
    let stand = Stand::new().await;
    let edited = pack("example-enterprise").replace("minutes: 120", "minutes: 50");
    assert!(edited.contains("minutes: 50"));
    let page = words(&tried(&stand, CLAMPED, ("example-enterprise", &edited)).await);
    assert!(page.contains("changed /length from 180 to 50"), "{page}");
    assert!(
        page.contains("judged by your edition of example-enterprise"),
        "{page}"
    );
    let page = stand
        .page("/console/playground?pack=example-enterprise")
        .await;
    assert!(
        page.contains("minutes: 120"),
        "what is in force has not changed"
    );

    let broken = edited.replace("max_duration:", "max_durations:");
    let page = words(&tried(&stand, CLAMPED, ("example-enterprise", &broken)).await);
    assert!(
        page.contains("The pack cannot be used") && page.contains("max_duration"),
        "{page}"
    );
}

#[tokio::test]
async fn what_is_no_request_is_said() {
    let stand = Stand::new().await;
    let text = pack("baseline");
    for (request, expected) in [
        ("", "there is none yet"),
        ("{\"length\": 45}", "As JSON a request is"),
        ("curl --slient x", "unknown option"),
        (
            "{\"method\":\"PUT\",\"target\":\"x\"}",
            "`target` is no path",
        ),
    ] {
        let page = words(&tried(&stand, request, ("baseline", &text)).await);
        assert!(
            page.contains("The request cannot be tried") && page.contains(expected),
            "{request}\n{page}"
        );
    }
}

#[tokio::test]
async fn another_pack_comes_with_its_text_in_the_order_in_which_browsers_send() {
    let stand = Stand::new().await;
    let edited = pack("example-enterprise");
    let fields = [
        ("request", "kept"),
        ("caller", "front-desk"),
        ("pack", "baseline"),
        ("load", "1"),
        ("text", &*edited),
    ];
    let page = stand.sent("/console/playground", &fields).await;
    assert!(
        page.contains("\npack: baseline\n") && !page.contains("\npack: example-enterprise\n"),
        "{page}"
    );
    assert!(page.contains(">\nkept</textarea>"), "the request stays");
    assert!(
        page.contains(r#"<option value="front-desk" selected>"#),
        "so does the caller"
    );
}

#[tokio::test]
async fn a_case_that_would_not_pass_is_not_offered() {
    let stand = Stand::new().await;
    let text = pack("baseline");
    let put = "PUT /v1/mmc/management/cycleconferences?conferenceID=914087436 HTTP/1.1\r\nHost: gateway.example\r\n";
    for request in [
        format!("{put}Content-Type: text/plain\r\n\r\n{{}}"),
        format!(
            "{put}Content-Type: application/json\r\n\r\n{{\"mediaTypes\":\"Voice\",\"mediaTypes\":\"Voice\"}}"
        ),
        format!("{put}Content-Type: application/json\r\n\r\n{{\"subject\":\"\u{7f}\"}}"),
        // A case always has a body.
        "GET /v1/mmc/management/conferences HTTP/1.1\r\nHost: gateway.example\r\n\r\n".to_owned(),
        "DELETE /v1/usg/acs/token HTTP/1.1\r\nHost: gateway.example\r\n\r\n".to_owned(),
    ] {
        let page = words(&tried(&stand, &request, ("baseline", &text)).await);
        assert!(page.contains("There is none: "), "{request}\n{page}");
    }
}

/// The text of the case on a page.
fn case(page: &str) -> String {
    let (_, rest) = page.split_once(r#"<pre id="case-file""#).unwrap();
    let (text, _) = rest.split_once("</pre>").unwrap();
    words(&format!("<pre{text}"))
}

#[tokio::test]
async fn the_case_to_keep_passes_where_it_was_made_and_fails_where_the_pack_is_another() {
    let stand = Stand::new().await;
    let enterprise = pack("example-enterprise");
    let folder = tempfile::tempdir().unwrap();
    for name in ["baseline", "example-enterprise"] {
        std::fs::create_dir_all(folder.path().join(name).join("cases")).unwrap();
        std::fs::write(folder.path().join(name).join("pack.yaml"), pack(name)).unwrap();
    }
    let file = folder.path().join("example-enterprise/cases/kept.yaml");
    let results = async |folder: PathBuf| {
        let run = tokio::task::spawn_blocking(move || {
            let suite = Suite::load(&[folder.join("example-enterprise")]);
            let results = suite.run(None);
            let problems = format!("{:?}", results.problems);
            let failures: Vec<_> = results
                .tests()
                .map(|(_, report)| report.failure.is_none())
                .collect();
            (problems, failures)
        });
        run.await.unwrap()
    };
    let deprecated = REFUSED.replace("-d '", "-H 'X-Site-Id: 1' -d '");
    for request in [REFUSED, CLAMPED, HTTP, &deprecated] {
        let page = tried(&stand, request, ("example-enterprise", &enterprise)).await;
        let case = case(&page);
        assert!(!case.contains("some-credential"), "{case}");
        std::fs::write(&file, &case).unwrap();
        let result = results(folder.path().to_owned()).await;
        assert_eq!(result, ("[]".to_owned(), vec![true]), "{case}");
    }
    let other = pack("example-enterprise").replace("minutes: 120", "minutes: 50");
    let page = tried(&stand, CLAMPED, ("example-enterprise", &enterprise)).await;
    std::fs::write(&file, case(&page)).unwrap();
    std::fs::write(folder.path().join("example-enterprise/pack.yaml"), other).unwrap();
    assert_eq!(results(folder.path().to_owned()).await.1, [false]);
}
