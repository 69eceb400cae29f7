//! Decides one recorded request again and says what became different.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde::Deserialize;

use super::blind::Blind;
use super::bodies::{self, Changed};
use super::flip::{Flip, FlipKind};
use super::patch::{self, Unfit};
use super::reasons::Reasons;
use super::recorded::{Operation, Pairs, Recorded, Request, Then};
use crate::contract::Contract;
use crate::contract::deprecation;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::finding::Location;
use crate::model::header::VisibleHeaders;
use crate::model::json::Object;
use crate::model::operation::OperationRef;
use crate::model::principal::{Caller, UpstreamUser};
use crate::model::record::shortened;
use crate::policy::{Effects, Facts, Reach, RuleSet};

/// Callers that are remembered, so that one that asks often is read once.
const CALLERS: usize = 1024;
/// Bytes of a caller that is remembered.
const CALLER_BYTES: usize = 16 << 10;

/// Decides requests again.
#[derive(Debug)]
pub(super) struct Decider<'r> {
    rules: &'r RuleSet,
    contract: &'r Contract,
    at: Option<Duration>,
    reaches: HashMap<&'static str, Vec<Reach<'r>>>,
    callers: HashMap<Box<str>, Arc<Caller>>,
}

/// What came of a line.
#[derive(Debug)]
pub(super) enum Decided<'r> {
    /// The policy was not asked then, and would not be now.
    NotAsked,
    /// The request is not in the line.
    WithoutRequest,
    /// Body, patch and caller do not fit each other.
    Unfit,
    /// It was decided again.
    Again {
        /// Rules that could not be, each with the fields that are hidden from it.
        blind: BTreeMap<&'r str, BTreeSet<&'r str>>,
        /// The difference, if there is one.
        flip: Option<Box<Flip>>,
    },
}

/// Where a line is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) file: &'p Arc<str>,
    pub(super) line: u64,
}

impl<'r> Decider<'r> {
    pub(super) fn new(rules: &'r RuleSet, contract: &'r Contract, at: Option<Duration>) -> Self {
        let operations = contract.operations().iter();
        Self {
            rules,
            contract,
            at,
            reaches: operations
                .map(|operation| (operation.name, rules.reach(operation)))
                .collect(),
            callers: HashMap::new(),
        }
    }

    pub(super) fn decide(&mut self, line: &Recorded<'_>, place: Place<'_>) -> Decided<'r> {
        let known = |name: &str| self.contract.operation(name);
        let operation = line.operation.as_deref().and_then(known);
        let (Some(operation), true) = (operation, line.then() != Then::NotDecided) else {
            return Decided::NotAsked;
        };
        if !operation.family.is_governed() {
            return Decided::NotAsked;
        }
        let Some(request) = &line.request else {
            return Decided::WithoutRequest;
        };
        // A patch with operations left out leads elsewhere, and no refusal is without a reason.
        if line.receipt.omitted > 0 || (line.then() == Then::Denied && !line.receipt.refuses()) {
            return Decided::Unfit;
        }
        self.again(operation, line, request, place)
            .unwrap_or(Decided::Unfit)
    }

    fn again(
        &mut self,
        operation: OperationRef,
        line: &Recorded<'_>,
        request: &Request<'_>,
        place: Place<'_>,
    ) -> Result<Decided<'r>, Unfit> {
        let caller = self.caller(request.caller.get())?;
        let now = match self.at {
            Some(at) => at,
            None => instant(&line.time)?,
        };
        let mut document = body(request)?;
        for operation in line.receipt.patch.iter().filter(|one| !one.is_by_policy()) {
            patch::apply(&mut document, operation)?;
        }
        let masked = match &*request.values {
            "exact" => false,
            "masked" => true,
            _ => return Err(Unfit),
        };
        let reaches = self.reaches.get(operation.name).map_or(&[][..], |all| all);
        let mut blind = if masked {
            Blind::of(&document, reaches, &caller, now)
        } else {
            Blind::default()
        };
        let deprecated: Vec<_> = deprecated(line).collect();
        let (query, headers) = (query(&request.query), headers(&request.headers));
        let facts = Facts {
            operation,
            caller: &caller,
            address: line.client.as_deref().and_then(|text| text.parse().ok()),
            query: &query,
            headers: &headers,
            deprecated: &deprecated,
            now,
        };
        let mut effects = Effects {
            changes: Changes::complete(),
            decisions: Some(Vec::new()),
            ..Effects::default()
        };
        // What rules say that cannot be decided is taken out of the verdict below.
        let _ = self.rules.evaluate(&facts, &mut document, &mut effects);

        let reasons = Reasons::of(line, &effects, &blind);
        let changed = if reasons.then_allowed() && reasons.now_allowed() {
            let old = bodies::Then {
                request,
                patch: &line.receipt.patch,
                masked,
            };
            let changed = bodies::compare(&old, &document, &effects.changes, &blind)?;
            for rule in &changed.hidden {
                let writing = reaches.iter().filter(|reach| **reach.rule() == **rule);
                for reach in writing {
                    let fields = blind.rules.entry(reach.rule()).or_default();
                    fields.extend(&reach.writes);
                }
            }
            changed
        } else {
            Changed::default()
        };
        let flip = reasons.kind(!changed.differences.is_empty()).map(|kind| {
            let rules = match kind {
                FlipKind::BodyChanged => changed.rules,
                _ => reasons.rules(kind),
            };
            let (no_longer, newly) = reasons.into_said();
            let flip = Flip {
                kind,
                rules: rules.into_iter().collect(),
                caller: shortened(&caller.id).to_owned(),
                operation: operation.name,
                request_id: shortened(&line.request_id).to_owned(),
                time: shortened(&line.time).to_owned(),
                file: Arc::clone(place.file),
                line: place.line,
                differences: changed.differences,
                no_longer,
                newly,
                omitted: 0,
            };
            Box::new(flip)
        });
        Ok(Decided::Again {
            blind: blind.rules,
            flip,
        })
    }

    fn caller(&mut self, written: &str) -> Result<Arc<Caller>, Unfit> {
        #[derive(Deserialize)]
        struct Who {
            id: Arc<str>,
            #[serde(default)]
            groups: Vec<Box<str>>,
            #[serde(default)]
            scopes: Vec<Box<str>>,
            #[serde(default)]
            claims: Object,
        }
        if let Some(known) = self.callers.get(written) {
            return Ok(Arc::clone(known));
        }
        let who: Who = serde_json::from_str(written).map_err(|_| Unfit)?;
        let caller = Arc::new(Caller {
            id: who.id,
            index: 0,
            groups: who.groups.into(),
            scopes: who.scopes.into_iter().collect(),
            claims: who.claims,
            upstream_user: UpstreamUser::SignedIn,
        });
        if written.len() <= CALLER_BYTES {
            if self.callers.len() >= CALLERS {
                self.callers.clear();
            }
            self.callers.insert(written.into(), Arc::clone(&caller));
        }
        Ok(caller)
    }
}

/// The body as it came in.
pub(super) fn body(request: &Request<'_>) -> Result<Document, Unfit> {
    serde_json::from_str(request.body.get())
        .map(Document)
        .map_err(|_| Unfit)
}

fn instant(time: &str) -> Result<Duration, Unfit> {
    let instant: Timestamp = time.parse().map_err(|_| Unfit)?;
    instant.as_duration().try_into().map_err(|_| Unfit)
}

/// The deprecated parameters and headers that were taken out.
fn deprecated(line: &Recorded<'_>) -> impl Iterator<Item = (Location, &'static str)> {
    line.receipt.parameters.iter().filter_map(|parameter| {
        let entry = deprecation::find(parameter.location(), &parameter.path)?;
        Some((entry.location, entry.name))
    })
}

fn query(pairs: &Pairs<'_>) -> Vec<(Box<str>, Box<str>)> {
    let pairs = pairs.0.iter();
    pairs
        .map(|(name, value)| ((**name).into(), (**value).into()))
        .collect()
}

fn headers(pairs: &Pairs<'_>) -> VisibleHeaders {
    let pairs = pairs.0.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    VisibleHeaders::of(&pairs.collect::<HeaderMap>())
}

/// The operations of the patch that are by rules.
pub(super) fn by_policy<'o, 'l>(
    patch: &'o [Operation<'l>],
) -> impl Iterator<Item = &'o Operation<'l>> + Clone {
    patch.iter().filter(|operation| operation.is_by_policy())
}
