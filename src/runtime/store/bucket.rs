//! Buckets of quotas in the store.

use std::time::Duration;

use redis::{Value, from_redis_value};

use super::fault::StoreFault;
use super::script::Call;
use super::{Operation, Store};

/// One bucket, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// Its name, unique among all that share a prefix. In a cluster, what is between braces chooses the node.
    pub name: String,
    /// The time in which one request is earned.
    pub interval: Duration,
    /// Requests of a full bucket.
    pub burst: u32,
    /// Requests that were let through meanwhile without asking.
    pub owed: u32,
}

/// How a bucket stands after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How long to wait for the next request; zero if this one was let through.
    pub wait: Duration,
    /// When the bucket is full again.
    pub full_in: Duration,
}

impl Store {
    /// Takes one request out of each bucket that has one, in one round trip. Each has an outcome of its own, since they can be on
    /// different nodes; after a [`StoreFault::Timeout`] it may have been charged all the same.
    pub async fn take(&self, buckets: &[Take]) -> Vec<Result<Taken, StoreFault>> {
        let calls: Vec<_> = buckets.iter().map(|bucket| self.taking(bucket)).collect();
        match self.call_all(Operation::Quota, &calls).await {
            Ok(answers) => {
                let outcome = |answer: Result<Value, _>| answer.and_then(taken);
                answers.into_iter().map(outcome).collect()
            }
            Err(fault) => buckets.iter().map(|_| Err(fault)).collect(),
        }
    }

    fn taking(&self, bucket: &Take) -> Call<'_> {
        let numbers = [
            microseconds(bucket.interval),
            u64::from(bucket.burst),
            u64::from(bucket.owed),
        ];
        let written = |number: u64| itoa::Buffer::new().format(number).as_bytes().to_vec();
        Call {
            script: &self.0.programs.take,
            keys: vec![self.key(&bucket.name)],
            arguments: numbers.into_iter().map(written).collect(),
        }
    }
}

/// Rounded up, so that the store never lets through more than the quota says. Its numbers are exact to 2^53 microseconds (285 years).
pub(in crate::runtime) fn microseconds(interval: Duration) -> u64 {
    let whole = u64::try_from(interval.as_micros()).unwrap_or(u64::MAX);
    whole + u64::from(!interval.subsec_nanos().is_multiple_of(1000))
}

fn taken(value: Value) -> Result<Taken, StoreFault> {
    // Signed, since a negative number would else be read as a large one.
    let (wait, full_in): (i64, i64) = from_redis_value(value).map_err(|_| StoreFault::Error)?;
    let time = |number| {
        let whole = u64::try_from(number).map_err(|_| StoreFault::Error)?;
        Ok::<_, StoreFault>(Duration::from_micros(whole))
    };
    Ok(Taken {
        wait: time(wait)?,
        full_in: time(full_in)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_never_earns_requests_faster_than_the_quota() {
        let cases = [
            (60_000_000_000, 60_000_000),
            (8_571_428_571, 8_571_429),
            (1_000, 1),
            (1_001, 2),
        ];
        for (nanoseconds, expected) in cases {
            assert_eq!(microseconds(Duration::from_nanos(nanoseconds)), expected);
        }
    }

    #[test]
    fn an_answer_of_another_form_is_a_fault() {
        let good = Value::Array(vec![Value::Int(5), Value::Int(7)]);
        let expected = Taken {
            wait: Duration::from_micros(5),
            full_in: Duration::from_micros(7),
        };
        assert_eq!(taken(good), Ok(expected));
        for wrong in [
            Value::Nil,
            Value::Int(1),
            Value::Array(vec![Value::Int(-1), Value::Int(7)]),
        ] {
            assert_eq!(taken(wrong), Err(StoreFault::Error));
        }
    }
}
