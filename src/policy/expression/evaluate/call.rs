//! Calls of functions.

use regex::Regex;

use super::super::check::pattern_steps;
use super::super::failure::Failure;
use super::super::function::{Part, Run, Steps, calendar};
use super::super::program::{OpId, Zone};
use super::super::value::Value;
use super::{Evaluated, MAX_ARGUMENTS, Machine};

impl<'v> Machine<'v, '_> {
    pub(super) fn call(&mut self, run: Run, steps: Steps, arguments: &[OpId]) -> Evaluated<'v> {
        let mut values = [const { Value::Null }; MAX_ARGUMENTS];
        let mut lengths = [0; MAX_ARGUMENTS];
        let mut given = 0;
        for ((argument, value), length) in arguments.iter().zip(&mut values).zip(&mut lengths) {
            *value = self.value(*argument)?;
            *length = value.length();
            given += 1;
        }
        self.budget
            .spend(steps(lengths.get(..given).unwrap_or_default()))?;
        run(values.get(..given).unwrap_or_default(), self.budget)
    }

    pub(super) fn matches(&mut self, text: OpId, regex: &Regex) -> Evaluated<'v> {
        let text = self.value(text)?;
        self.budget
            .spend(pattern_steps(text.length(), regex.as_str()))?;
        Ok(Value::Bool(regex.is_match(text.as_text()?)))
    }

    pub(super) fn calendar(&mut self, part: Part, time: OpId, zone: &Zone) -> Evaluated<'v> {
        let Value::Timestamp(time) = self.value(time)? else {
            return Err(Failure::NotOfType("timestamp"));
        };
        self.budget.spend(10)?;
        Ok(Value::Int(match zone {
            Zone::Known(zone) => part.of(time, zone),
            Zone::Named(name) => {
                let name = self.value(*name)?;
                part.of(time, &calendar::zone(name.as_text()?)?)
            }
        }))
    }
}
