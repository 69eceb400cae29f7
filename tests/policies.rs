//! The cases of the packs in `policies/`, each a test of its own: `cargo test --test policies baseline`. One more for each pack holds
//! its cases to cover every branch of its rules.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use meeting_gateway::cli::policy::test::text;
use meeting_gateway::model::problem::Problem;
use meeting_gateway::policy_test::{Demands, Suite};

fn main() -> ExitCode {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let suite = Arc::new(Suite::load(&[policies.into()]));
    let readable = readable(&suite.problems());
    let mut trials = vec![Trial::test("every pack and case can be read", || readable)];
    for (at, pack) in suite.packs().iter().enumerate() {
        for (index, test) in pack.tests().enumerate() {
            let suite = Arc::clone(&suite);
            let run = move || passes(&suite, at, index);
            trials.push(Trial::test(test.name(), run));
        }
        let suite = Arc::clone(&suite);
        let covered = move || is_covered(&suite, at);
        trials.push(Trial::test(format!("{}::coverage", pack.name), covered));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn readable(problems: &[Problem]) -> Result<(), Failed> {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(lines.join("\n").into())
    }
}

fn passes(suite: &Suite, pack: usize, index: usize) -> Result<(), Failed> {
    let pack = suite.packs().get(pack).ok_or("the pack is gone")?;
    let test = pack.tests().nth(index).ok_or("the test is gone")?;
    match test.run().failure {
        None => Ok(()),
        Some(failure) => {
            let (file, line) = (test.file(), test.position().line);
            Err(format!("{file}:{line}\n{}", text::told(&failure)).into())
        }
    }
}

fn is_covered(suite: &Suite, pack: usize) -> Result<(), Failed> {
    let pack = suite.packs().get(pack).ok_or("the pack is gone")?;
    let demands = Demands {
        tests: true,
        coverage: true,
    };
    match pack.run(None).unmet(demands).first() {
        None => Ok(()),
        Some(unmet) => Err(unmet.what.clone().into()),
    }
}
