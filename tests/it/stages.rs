//! The order of the stages, which types alone cannot fix: as entered and as named in the code; the README's list of them is
//! compared in `readme`.

use meeting_gateway::model::stage::Stage;
use opentelemetry::trace::SpanKind;

use crate::support::TestGateway;
use crate::support::request::{Asking, documented};

fn names(stages: &[Stage]) -> Vec<String> {
    stages.iter().map(|stage| stage.name().to_owned()).collect()
}

#[tokio::test]
async fn a_request_enters_every_stage_in_order() {
    let gateway = TestGateway::over_loopback(&[]).await;
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
    let spans = gateway.spans();
    let server = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Server)
        .unwrap();
    let all = names(&Stage::ALL);
    let entered: Vec<String> = server
        .events
        .iter()
        .map(|event| event.name.to_string())
        .filter(|name| all.contains(name))
        .collect();
    // Accept and trace lie before the record in which entries are noted.
    assert_eq!(entered, all[2..]);
}
