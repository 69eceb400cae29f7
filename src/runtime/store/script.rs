//! Programs that the store runs as one step (Lua), by their digest: one that it does not have is sent along, and tried again.

use redis::{Cmd, ErrorKind, RedisResult, Script, ServerErrorKind, Value, cmd};

use super::connection::Connection;

/// One program. The text is sent once to each node.
#[derive(Debug)]
pub(super) struct StoreScript {
    text: &'static str,
    script: Script,
}

/// One call of a program.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// What is called.
    pub(super) script: &'a StoreScript,
    /// The keys that it touches, all with one hash tag.
    pub(super) keys: Vec<String>,
    /// What it is told.
    pub(super) arguments: Vec<Vec<u8>>,
}

impl StoreScript {
    pub(super) fn new(text: &'static str) -> Self {
        Self {
            text,
            script: Script::new(text),
        }
    }
}

impl Call<'_> {
    fn by_digest(&self) -> Cmd {
        self.command("EVALSHA", self.script.script.get_hash())
    }

    fn by_text(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, name: &str, program: &str) -> Cmd {
        let mut command = cmd(name);
        command.arg(program).arg(self.keys.len());
        for key in &self.keys {
            command.arg(key.as_str());
        }
        for argument in &self.arguments {
            command.arg(argument.as_slice());
        }
        command
    }
}

/// Runs them all in one round trip; a second one where the store does not have a program yet.
///
/// # Errors
///
/// Nothing can be said of any of them.
pub(super) async fn run(
    connection: &mut Connection,
    calls: &[Call<'_>],
) -> RedisResult<Vec<RedisResult<Value>>> {
    let commands: Vec<_> = calls.iter().map(Call::by_digest).collect();
    let mut outcomes = connection.send(&commands).await?;
    let unknown = |outcome: &RedisResult<Value>| {
        let kind = outcome.as_ref().err().map(redis::RedisError::kind);
        kind == Some(ErrorKind::Server(ServerErrorKind::NoScript))
    };
    let missing: Vec<usize> = (0..outcomes.len())
        .filter(|at| outcomes.get(*at).is_some_and(unknown))
        .collect();
    if missing.is_empty() {
        return Ok(outcomes);
    }
    // One that is unknown did nothing, so it is not done twice.
    let commands: Vec<_> = missing
        .iter()
        .filter_map(|at| calls.get(*at).map(Call::by_text))
        .collect();
    let again = connection.send(&commands).await?;
    for (at, outcome) in missing.into_iter().zip(again) {
        if let Some(place) = outcomes.get_mut(at) {
            *place = outcome;
        }
    }
    Ok(outcomes)
}
