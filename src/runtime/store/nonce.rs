//! Nonces of inbound sign-ins in the store: each signs in once, at whatever replica.

use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::Value;

use super::fault::StoreFault;
use super::script::Call;
use super::{Operation, Store, random_text};

/// How far the clocks of gateways may differ: whose is behind would take a nonce that another one has forgotten.
const SKEW: Duration = Duration::from_mins(5);

impl Store {
    /// Spends a nonce, known by its digest, for so long; whether nobody had spent it.
    ///
    /// # Errors
    ///
    /// The store fails. It may have been spent all the same.
    pub async fn spend(&self, nonce: &[u8; 16], lives: Duration) -> Result<bool, StoreFault> {
        let mut key = String::from(":nonce:{");
        HEXLOWER.encode_append(nonce, &mut key);
        key.push('}');
        let lives = lives.saturating_add(SKEW).as_millis().to_string();
        let call = Call {
            script: &self.0.programs.spend,
            keys: vec![self.key(&key)],
            arguments: vec![random_text()?.into_bytes(), lives.into_bytes()],
        };
        match self.call(Operation::Nonce, call).await? {
            Value::Int(1) => Ok(true),
            Value::Int(0) => Ok(false),
            _ => Err(StoreFault::Error),
        }
    }
}
