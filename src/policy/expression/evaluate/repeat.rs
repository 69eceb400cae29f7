//! Loops over lists.

use super::super::failure::Failure;
use super::super::program::Loop;
use super::super::syntax::Quantifier;
use super::super::value::{List, Value};
use super::{Evaluated, Machine};

impl<'v> Machine<'v, '_> {
    pub(super) fn repeat(&mut self, turn: &'v Loop) -> Evaluated<'v> {
        let Value::List(list) = self.value(turn.list)? else {
            return Err(Failure::NotOfType("list"));
        };
        match turn.quantifier {
            Quantifier::All => self.until(turn, &list, false),
            Quantifier::Exists => self.until(turn, &list, true),
            Quantifier::ExistsOne => {
                let mut found = 0_usize;
                for index in 0..list.len() {
                    self.enter(turn, &list, index)?;
                    found += usize::from(self.truth(turn.body)?);
                }
                Ok(Value::Bool(found == 1))
            }
            Quantifier::Filter | Quantifier::Map => {
                let mut kept = Vec::new();
                for index in 0..list.len() {
                    self.enter(turn, &list, index)?;
                    if turn.quantifier == Quantifier::Filter {
                        if self.truth(turn.body)? {
                            kept.push(list.get(index)?);
                        }
                        continue;
                    }
                    let wanted = match turn.condition {
                        Some(condition) => self.truth(condition)?,
                        None => true,
                    };
                    if wanted {
                        kept.push(self.value(turn.body)?);
                    }
                }
                Ok(Value::List(List::Built(kept.into())))
            }
        }
    }

    /// `all` and `exists`: an item that decides does so whether or not another one failed.
    fn until(&mut self, turn: &'v Loop, list: &List<'v>, deciding: bool) -> Evaluated<'v> {
        let mut failed = None;
        for index in 0..list.len() {
            let outcome = match self.enter(turn, list, index) {
                Ok(()) => self.truth(turn.body),
                Err(failure) => Err(failure),
            };
            match outcome {
                Ok(value) if value == deciding => return Ok(Value::Bool(deciding)),
                Ok(_) => {}
                Err(Failure::BudgetExhausted) => return Err(Failure::BudgetExhausted),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Value::Bool(!deciding)), Err)
    }

    /// Goes on to an item.
    fn enter(&mut self, turn: &Loop, list: &List<'v>, index: usize) -> Result<(), Failure> {
        self.budget.spend(1)?;
        let item = list.get(index)?;
        if let Some(slot) = self.items.get_mut(usize::from(turn.slot)) {
            *slot = item;
        }
        Ok(())
    }
}
