//! Nonces of inbound sign-ins in the store: each signs in once, at whatever replica.

use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::{Value, cmd};

use super::fault::StoreFault;
use super::{Operation, Store};

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
        let milliseconds = u64::try_from(lives.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut command = cmd("SET");
        command
            .arg(self.key(&key))
            .arg("1")
            .arg("NX")
            .arg("PX")
            .arg(milliseconds);
        match self.command(Operation::Nonce, &command).await?.pop() {
            Some(Value::Okay) => Ok(true),
            Some(Value::Nil) => Ok(false),
            _ => Err(StoreFault::Error),
        }
    }
}
