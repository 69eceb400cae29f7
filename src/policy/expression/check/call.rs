//! Calls: finds the function by name and types, and reads what is written out beforehand.

use super::super::bounds::{Bounds, Domain, Size};
use super::super::budget::Budget;
use super::super::evaluate::MAX_ARGUMENTS;
use super::super::function::{Function, Outcome, Part, Run, Steps, Work, calendar};
use super::super::kind::Kind;
use super::super::limits::text_steps;
use super::super::literal::Literal;
use super::super::mistake::Mistake;
use super::super::program::{Op, OpId, Zone};
use super::super::syntax::{Call, NodeId, Quantifier};
use super::super::value::Value;
use super::{Checker, Term};

impl Checker<'_> {
    pub(super) fn call(&mut self, id: NodeId, call: &Call) -> Term {
        let named: Vec<&Function> = Function::all()
            .filter(|function| function.name == &*call.name.name)
            .collect();
        if named.is_empty() {
            self.note_unknown_function(call);
            return self.unknown();
        }
        let ids: Vec<NodeId> = call
            .receiver
            .into_iter()
            .chain(call.arguments.iter().copied())
            .collect();
        let terms: Vec<Term> = ids.iter().map(|part| self.check(*part)).collect();
        let found = named.iter().find(|function| {
            function.receiver.is_some() == call.receiver.is_some()
                && function.takes().count() == terms.len()
                && function
                    .takes()
                    .zip(&terms)
                    .all(|(sort, term)| sort.accepts(&term.kind))
        });
        let Some(function) = found else {
            if !terms.iter().any(|term| term.kind == Kind::Unknown) {
                self.note_unfit(call, &named, &ids, &terms);
            }
            return self.unknown();
        };
        if terms.iter().any(|term| term.kind == Kind::Unknown) || terms.len() > MAX_ARGUMENTS {
            return self.unknown();
        }
        let cost = terms
            .iter()
            .fold(0_u64, |cost, term| cost.saturating_add(term.cost));
        let mut result = match function.work {
            Work::Pattern => self.pattern(&ids, &terms, cost),
            Work::Calendar(part) => self.calendar(part, &ids, &terms, cost),
            Work::Plain(run, steps) => self.plain(id, (run, steps), &terms, cost),
        };
        if result.kind == Kind::Unknown || self.is_literal(&result) {
            result.of_operation = terms.iter().any(|term| term.of_operation);
            return result;
        }
        result.kind = function.result.kind();
        result.bounds = bounds(function, &terms);
        result
    }

    fn plain(&mut self, id: NodeId, (run, steps): (Run, Steps), terms: &[Term], cost: u64) -> Term {
        let literals: Option<Vec<_>> = terms
            .iter()
            .map(|term| self.program.literal(term.op).cloned())
            .collect();
        if let Some(literals) = literals {
            let values: Vec<_> = literals.iter().map(Literal::value).collect();
            let result = run(&values, &mut Budget::default());
            // A list is computed anew each time.
            if !matches!(result, Ok(Value::List(_))) {
                let result = result.map(|value| Literal::of(&value));
                return self.folded(id, result);
            }
        }
        let lengths: Vec<u64> = terms
            .iter()
            .map(|term| match term.kind {
                Kind::Text | Kind::Dyn | Kind::List(_) => term.bounds.size.counted(),
                _ => 0,
            })
            .collect();
        // The result may have to be kept, too.
        let cost = cost.saturating_add(steps(&lengths).saturating_mul(2));
        let arguments: Box<[OpId]> = terms.iter().map(|term| term.op).collect();
        let op = Op::Call {
            run,
            steps,
            arguments,
        };
        self.term(Kind::Dyn, op, Bounds::ANY, cost)
    }

    fn pattern(&mut self, ids: &[NodeId], terms: &[Term], cost: u64) -> Term {
        let (Some(text), Some(pattern), Some(pattern_id)) =
            (terms.first(), terms.get(1), ids.get(1))
        else {
            return self.unknown();
        };
        let Some(written) = self.literal_text(pattern) else {
            self.note(*pattern_id, "the pattern must be written out as a text");
            return self.unknown();
        };
        match self.patterns.anywhere(&written) {
            Ok(regex) => {
                let steps = pattern_steps(text.bounds.size.counted(), regex.as_str());
                let op = Op::Matches(text.op, Box::new(regex));
                self.term(Kind::Bool, op, Bounds::ANY, cost.saturating_add(steps))
            }
            Err(why) => {
                self.note(*pattern_id, format!("the pattern cannot be used: {why}"));
                self.unknown()
            }
        }
    }

    fn calendar(&mut self, part: Part, ids: &[NodeId], terms: &[Term], cost: u64) -> Term {
        let Some(time) = terms.first() else {
            return self.unknown();
        };
        let zone = match (terms.get(1), ids.get(1)) {
            (Some(zone), Some(id)) => match self.literal_text(zone) {
                Some(name) => match calendar::zone(&name) {
                    Ok(zone) => Zone::Known(zone),
                    Err(failure) => {
                        let what = format!("there is no time zone `{name}`: {failure}");
                        self.note(*id, what);
                        return self.unknown();
                    }
                },
                None => Zone::Named(zone.op),
            },
            _ => Zone::Known(jiff::tz::TimeZone::UTC),
        };
        // A zone has to be found by its name, or looked up in a table.
        let cost = cost.saturating_add(10);
        self.term(
            Kind::Int,
            Op::Calendar(part, time.op, zone),
            Bounds::ANY,
            cost,
        )
    }

    fn note_unknown_function(&mut self, call: &Call) {
        let name = &call.name.name;
        let what = format!("there is no function `{name}`");
        let mistake = Mistake::new(call.name.span.start, what);
        let known = Function::all().map(|function| function.name);
        let macros = Quantifier::ALL.map(Quantifier::name);
        self.mistakes.push(match &**name {
            "type" | "uint" | "bytes" | "dyn" => {
                mistake.hint("it is not part of this subset of CEL")
            }
            _ if macros.contains(&&**name) => mistake.hint(format!(
                "write it behind a list, as in `body.attendees.{name}(a, ...)`"
            )),
            _ => mistake.nearest(name, known.chain(macros).chain(["has"])),
        });
    }

    fn note_unfit(&mut self, call: &Call, named: &[&Function], ids: &[NodeId], terms: &[Term]) {
        let takes: Vec<String> = named
            .iter()
            .map(|function| format!("`{}`", function.signature()))
            .collect();
        let given: Vec<String> = ids
            .iter()
            .zip(terms)
            .map(|(id, term)| format!("{} is {}", self.shown(*id), term.kind))
            .collect();
        let given = if given.is_empty() {
            "there is none".to_owned()
        } else {
            given.join(", ")
        };
        let what = format!("`{}` does not go with this: {given}", call.name.name);
        let mistake = Mistake::new(call.name.span.start, what);
        self.mistakes
            .push(mistake.hint(format!("there is {}", takes.join(" and "))));
    }
}

/// Steps of searching a text for a pattern.
pub(in super::super) fn pattern_steps(characters: u64, pattern: &str) -> u64 {
    text_steps(characters).saturating_mul(pattern.len() as u64 / 16 + 1)
}

fn bounds(function: &Function, terms: &[Term]) -> Bounds {
    let sizes: Vec<Size> = terms.iter().map(|term| term.bounds.size).collect();
    match function.outcome {
        Outcome::Any => Bounds::ANY,
        Outcome::Length => Bounds::domain(Domain::Integers(
            sizes.first().map_or(Size::ANY, |size| *size).integers(),
        )),
        Outcome::Within(low, high) => Bounds::domain(Domain::Integers(
            super::super::bounds::Integers::between(low, high),
        )),
        Outcome::Sized(size) => Bounds {
            domain: Domain::Any,
            size: size(&sizes),
            item: sizes.first().map(|text| {
                Box::new(Bounds::size(Size {
                    low: 0,
                    high: text.high,
                }))
            }),
            there: false,
        },
    }
}
