//! Any method and path: the first byte chooses the method, the rest is the target, with or without a query.
//!
//! A path that has an operation is spelt as the template is, but for its parameters; those go on in one spelling, which means the
//! same and has the same operation. Everything else is 400, 404 or 405.

use std::sync::{Arc, LazyLock};

use http::{Method, Request, Uri};
use meeting_gateway::model::clock::{ManualClock, SharedClock};
use meeting_gateway::model::operation::OperationRef;
use meeting_gateway::model::principal::{Caller, CredentialKind, Principal, UpstreamUser};
use meeting_gateway::model::record::{Journal, Record};
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::model::scopes::Scopes;
use meeting_gateway::runtime::snapshot::Snapshot;
use meeting_gateway::stages::admit::Admitted;
use meeting_gateway::stages::decode::Routed;
use meeting_gateway::stages::decode::route::Route;
use meeting_gateway::stages::step::Step as _;
use percent_encoding::percent_decode_str;

use super::door::Door;

const METHODS: [Method; 6] = [
    Method::PUT,
    Method::POST,
    Method::GET,
    Method::DELETE,
    Method::PATCH,
    Method::HEAD,
];

struct Ground {
    snapshot: Arc<Snapshot>,
    principal: Principal,
    clock: SharedClock,
}

static GROUND: LazyLock<Ground> = LazyLock::new(|| {
    let mut snapshot = Arc::clone(Door::new().snapshot());
    let serving = Arc::get_mut(&mut snapshot);
    // Every operation, so that paths with parameters are served, too.
    if let Some(serving) = serving {
        serving.allowed = serving.contract.operations().iter().collect();
    }
    Ground {
        snapshot,
        principal: Principal {
            caller: Arc::new(Caller {
                id: "fuzzer".into(),
                index: 0,
                groups: [].into(),
                scopes: Scopes::default(),
                claims: meeting_gateway::model::json::Object::new(),
                upstream_user: UpstreamUser::SignedIn,
            }),
            signed_in_user: None,
            credential: CredentialKind::ApiKey,
        },
        clock: ManualClock::at_unix(std::time::Duration::ZERO),
    }
});

/// See above.
pub fn holds(data: &[u8]) {
    let Some((chosen, target)) = data.split_first() else {
        return;
    };
    let method = &METHODS[usize::from(*chosen) % METHODS.len()];
    let Ok(sent) = Uri::try_from(target) else {
        return;
    };
    match routed(method, sent.clone()) {
        Ok(routed) => {
            let operation = routed.operation;
            assert_eq!(operation.method, *method);
            is_spelt_like_the_template(operation, sent.path(), &routed.path);
            let uri = Uri::try_from(&*routed.path).expect("a path that goes upstream");
            let again = self::routed(method, uri).expect("a canonical path has its operation");
            assert_eq!(again.operation.name, operation.name);
            assert_eq!(again.path, routed.path);
        }
        Err(refusal) => {
            let status = refusal.status().as_u16();
            assert!(matches!(status, 400 | 404 | 405), "{refusal:?}");
        }
    }
}

fn routed(method: &Method, uri: Uri) -> Result<Routed<()>, Refusal> {
    let mut request = Request::new(());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    let Ground {
        snapshot,
        principal,
        clock,
    } = &*GROUND;
    let journal = Journal::of(
        "1".into(),
        method.clone(),
        request.version(),
        request.uri().path().into(),
        clock,
    );
    Route.apply(Admitted {
        request,
        principal: principal.clone(),
        own_token: None,
        snapshot: Arc::clone(snapshot),
        record: Record::open(journal, Arc::clone(clock)),
    })
}

fn is_spelt_like_the_template(operation: OperationRef, sent: &str, canonical: &str) {
    let [template, sent, canonical] =
        [operation.template, sent, canonical].map(|path| path.split('/').collect::<Vec<_>>());
    assert_eq!(sent.len(), template.len(), "{sent:?}");
    assert_eq!(canonical.len(), template.len(), "{canonical:?}");
    for ((documented, sent), goes_on) in template.iter().zip(sent).zip(canonical) {
        if !documented.starts_with('{') {
            assert_eq!((sent, goes_on), (*documented, *documented));
            continue;
        }
        let decoded = |text| percent_decode_str(text).decode_utf8().expect("UTF-8");
        assert_eq!(decoded(sent), decoded(goes_on));
        let text = decoded(goes_on);
        assert!(!matches!(&*text, "" | "." | ".."), "{text:?}");
        assert!(!text.contains(['/', '\\', ';', '%', '?', '#']), "{text:?}");
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        assert!(goes_on.bytes().all(safe), "{goes_on:?}");
    }
}
