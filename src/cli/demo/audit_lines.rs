//! The audit lines of the demo: kept in memory, or in a file that stays when the demo has ended.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::json::Value;
use crate::runtime::audit_log::Written;

/// How long a line may take to get into the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at the file.
const PAUSE: Duration = Duration::from_millis(20);

/// Where they are.
#[derive(Debug)]
pub enum AuditLines {
    /// In memory; there as soon as the request is answered.
    Memory(Written),
    /// In this file; there a moment later.
    File(PathBuf),
}

impl AuditLines {
    /// The line of a request; `Null` where there is none.
    pub async fn of(&self, request_id: &str) -> Value {
        let Self::File(path) = self else {
            return self.find(request_id).unwrap_or_default();
        };
        let looking = async {
            loop {
                if let Some(line) = self.find(request_id) {
                    return line;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.unwrap_or_else(|_| {
            tracing::warn!(path = %path.display(), "no audit line of a request");
            Value::Null
        })
    }

    fn find(&self, request_id: &str) -> Option<Value> {
        let lines = match self {
            Self::Memory(written) => written.lines(),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).ok()?;
                text.lines().map(str::to_owned).collect()
            }
        };
        // The newest are asked for.
        let mut read = lines.iter().rev().filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["request_id"] == request_id).then_some(line)
        });
        read.next()
    }
}
