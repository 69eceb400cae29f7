//! Upstream tokens in the store: who signs in for all replicas, and what that brought.
//!
//! One replica at a time has the *turn* for a user. A turn ends by itself, so that a replica that dies holds up nobody; and it has a
//! number, its *fence*: one that comes back after its turn was over, and another replica's had begun, can not put its older token over
//! the newer one. A token is encrypted, and bound to the key that it is kept under.

use std::time::Duration;

use data_encoding::HEXLOWER;
use redis::{Value, from_redis_value};

use super::fault::StoreFault;
use super::script::Call;
use super::{Operation, Store, random_text};
use crate::model::secret::Secret;

/// The form of what is encrypted.
const FORM: u8 = 2;

/// Whose token: of which account, for which user. Says nothing of either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedTokenName(String);

/// A token that some replica put there.
#[derive(Debug, Clone)]
pub struct SharedToken {
    /// The token.
    pub secret: Secret,
    /// How long it still lives: by the store's clock, and no longer than by this replica's.
    pub lives: Duration,
    /// How long before its end it is to be renewed.
    pub renewed_before: Duration,
    /// As it is in the store: to say which one was seen.
    sealed: Vec<u8>,
}

/// The turn to sign in.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Its number; later ones have higher ones.
    fence: u64,
    /// Who has it.
    name: String,
}

/// What there is for somebody who needs a token.
#[derive(Debug)]
pub enum Shared {
    /// Another token than the one seen.
    Token(SharedToken),
    /// The turn to sign in.
    Turn(Turn),
    /// Somebody else has the turn.
    Wait,
}

impl Store {
    /// The name of a token; `parts` say whose it is.
    pub fn token_name(&self, parts: &[&[u8]]) -> SharedTokenName {
        let hash = HEXLOWER.encode(&self.0.seal.name(parts)[..16]);
        SharedTokenName(self.key(&format!(":token:{{{hash}}}")))
    }

    /// A token, or the turn to fetch one, for `lasts`. One that was `seen` already is not told again. What cannot be decrypted, since
    /// another replica has another key, is as good as none.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn token_or_turn(
        &self,
        name: &SharedTokenName,
        seen: Option<&SharedToken>,
        lasts: Duration,
    ) -> Result<Shared, StoreFault> {
        let seen = seen.map_or_else(Vec::new, |token| token.sealed.clone());
        match self.token_or_turn_once(name, seen, lasts).await? {
            Found::Sealed(sealed, lives) => {
                if let Some(token) = self.unsealed(name, &sealed, lives) {
                    return Ok(Shared::Token(token));
                }
                // Seen, and of no use.
                match self.token_or_turn_once(name, sealed, lasts).await? {
                    Found::Sealed(sealed, lives) => Ok(self
                        .unsealed(name, &sealed, lives)
                        .map_or(Shared::Wait, Shared::Token)),
                    Found::Turn(turn) => Ok(Shared::Turn(turn)),
                    Found::Wait => Ok(Shared::Wait),
                }
            }
            Found::Turn(turn) => Ok(Shared::Turn(turn)),
            Found::Wait => Ok(Shared::Wait),
        }
    }

    async fn token_or_turn_once(
        &self,
        name: &SharedTokenName,
        seen: Vec<u8>,
        lasts: Duration,
    ) -> Result<Found, StoreFault> {
        let own = random_text()?;
        let call = Call {
            script: &self.0.programs.begin_sign_in,
            keys: name.keys(),
            arguments: vec![seen, own.clone().into_bytes(), milliseconds(lasts)],
        };
        match self.call(Operation::Token, call).await {
            Ok(answer) => found(answer, own),
            Err(fault) => {
                // It may have given us the turn all the same, which nobody would take.
                let (store, name) = (self.clone(), name.clone());
                let turn = Turn {
                    fence: 0,
                    name: own,
                };
                tokio::spawn(async move { store.leave(&name, turn).await });
                Err(fault)
            }
        }
    }

    /// Puts a token there that was fetched in a turn, and ends the turn; whether it was put there, since another turn may have begun.
    ///
    /// # Errors
    ///
    /// The store fails; the turn ends by itself.
    pub async fn publish(
        &self,
        name: &SharedTokenName,
        turn: Turn,
        secret: &Secret,
        (lives, renewed_before): (Duration, Duration),
    ) -> Result<bool, StoreFault> {
        let mut contents = vec![FORM];
        let ends = self.0.clock.unix().saturating_add(lives);
        for time in [renewed_before, ends] {
            let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            contents.extend_from_slice(&milliseconds.to_be_bytes());
        }
        contents.extend_from_slice(secret.expose().as_bytes());
        let sealed = self
            .0
            .seal
            .close(&name.0, contents)
            .ok_or(StoreFault::Error)?;
        let call = Call {
            script: &self.0.programs.publish,
            keys: name.keys(),
            arguments: vec![
                sealed,
                milliseconds(lives),
                turn.fence.to_string().into_bytes(),
                turn.name.into_bytes(),
            ],
        };
        let answer = self.call(Operation::Token, call).await?;
        Ok(answer == Value::Int(1))
    }

    /// Ends a turn that brought no token.
    ///
    /// # Errors
    ///
    /// The store fails; the turn ends by itself.
    pub async fn leave(&self, name: &SharedTokenName, turn: Turn) -> Result<(), StoreFault> {
        let [_, lock, _] = name.three_keys();
        let call = Call {
            script: &self.0.programs.leave,
            keys: vec![lock],
            arguments: vec![turn.name.into_bytes()],
        };
        self.call(Operation::Token, call).await.map(drop)
    }

    fn unsealed(
        &self,
        name: &SharedTokenName,
        sealed: &[u8],
        lives: Duration,
    ) -> Option<SharedToken> {
        let contents = self.0.seal.open(&name.0, sealed)?;
        let (form, rest) = contents.split_first()?;
        let (before, rest) = rest.split_first_chunk::<8>()?;
        let (ends, text) = rest.split_first_chunk::<8>()?;
        let text = std::str::from_utf8(text).ok().filter(|_| *form == FORM)?;
        let time = |bytes| Duration::from_millis(u64::from_be_bytes(bytes));
        // Whoever can write to the store could keep a token there beyond its end.
        let left = time(*ends).saturating_sub(self.0.clock.unix());
        Some(SharedToken {
            secret: Secret::from(text),
            lives: lives.min(left),
            renewed_before: time(*before),
            sealed: sealed.to_vec(),
        })
    }
}

/// What the store says, before anything is decrypted.
enum Found {
    Sealed(Vec<u8>, Duration),
    Turn(Turn),
    Wait,
}

fn found(answer: Value, name: String) -> Result<Found, StoreFault> {
    let Value::Array(mut parts) = answer else {
        return Err(StoreFault::Error);
    };
    let rest = parts.split_off(parts.len().min(1));
    match (parts.pop(), rest.len()) {
        (Some(Value::Int(1)), 2) => {
            let (sealed, lives): (Vec<u8>, i64) =
                from_redis_value(Value::Array(rest)).map_err(|_| StoreFault::Error)?;
            let lives = u64::try_from(lives).unwrap_or_default();
            Ok(Found::Sealed(sealed, Duration::from_millis(lives)))
        }
        (Some(Value::Int(2)), 1) => {
            let (fence,): (i64,) =
                from_redis_value(Value::Array(rest)).map_err(|_| StoreFault::Error)?;
            let fence = u64::try_from(fence).map_err(|_| StoreFault::Error)?;
            Ok(Found::Turn(Turn { fence, name }))
        }
        (Some(Value::Int(3)), 0) => Ok(Found::Wait),
        _ => Err(StoreFault::Error),
    }
}

fn milliseconds(duration: Duration) -> Vec<u8> {
    duration.as_millis().max(1).to_string().into_bytes()
}

impl SharedTokenName {
    fn keys(&self) -> Vec<String> {
        self.three_keys().into()
    }

    /// Of the token, of the lock, of the fence.
    fn three_keys(&self) -> [String; 3] {
        let name = &self.0;
        [
            name.clone(),
            format!("{name}:lock"),
            format!("{name}:fence"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_another_form_are_faults() {
        let list = |parts: Vec<Value>| found(Value::Array(parts), "me".to_owned());
        let sealed = || Value::BulkString(vec![7]);
        assert!(matches!(list(vec![Value::Int(3)]), Ok(Found::Wait)));
        assert!(
            matches!(list(vec![Value::Int(2), Value::Int(9)]), Ok(Found::Turn(turn)) if turn.fence == 9)
        );
        let token = list(vec![Value::Int(1), sealed(), Value::Int(50)]);
        assert!(matches!(token, Ok(Found::Sealed(_, lives)) if lives == Duration::from_millis(50)));
        for wrong in [
            vec![],
            vec![Value::Int(4)],
            vec![Value::Int(1), sealed()],
            vec![Value::Int(2), Value::Int(-1)],
            vec![Value::Int(3), Value::Int(1)],
        ] {
            assert_eq!(list(wrong).err(), Some(StoreFault::Error));
        }
        assert_eq!(
            found(Value::Nil, String::new()).err(),
            Some(StoreFault::Error)
        );
    }
}
