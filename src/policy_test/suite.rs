//! The tests that some paths hold, ready to be run: case files are read, and the packs compiled, once for each combination of packs
//! and what a file says of them.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::find::{self, Found};
use super::test::Test;
use crate::explain::Explainer;
use crate::model::problem::Problem;
use crate::policy::Pack;
use crate::policy::cases::{self, CaseFile, KnownPack, MAX_BYTES, Setup, Surroundings};
use crate::policy::coverage::Coverage;
use crate::runtime::packs;
use crate::runtime::packs_alone::PacksAlone;

/// The tests of some packs.
#[derive(Debug)]
pub struct Suite {
    packs: Vec<PackSuite>,
    problems: Vec<Problem>,
}

/// The tests of one pack.
#[derive(Debug)]
pub struct PackSuite {
    /// The name of its folder.
    pub name: String,
    /// Its case files, sorted.
    pub files: Vec<FileSuite>,
    /// Whether these are all that it has.
    pub whole: bool,
    pack: Option<Pack>,
    /// What is wrong with the pack itself.
    problems: Vec<Problem>,
}

/// The tests of one file.
#[derive(Debug)]
pub struct FileSuite {
    /// The file.
    pub file: String,
    /// Its tests, or everything that is wrong with it and with the packs that it is about.
    pub tests: Result<Vec<Test>, Vec<Problem>>,
}

impl Suite {
    /// Reads what is at some paths: folders of packs, folders of a pack, case files.
    pub fn load(paths: &[PathBuf]) -> Self {
        let (found, problems) = find::packs(paths);
        let bench = match PacksAlone::new() {
            Ok(bench) => bench,
            Err(problems) => {
                return Self {
                    packs: Vec::new(),
                    problems,
                };
            }
        };
        let mut loading = Loading {
            bench,
            compiled: Vec::new(),
        };
        Self {
            packs: found.into_iter().map(|found| loading.pack(found)).collect(),
            problems,
        }
    }

    /// The packs, in the order of the paths.
    pub fn packs(&self) -> &[PackSuite] {
        &self.packs
    }

    /// Everything that is wrong with paths, packs and case files, each once.
    pub fn problems(&self) -> Vec<Problem> {
        let of_packs = self.packs.iter().flat_map(|pack| &pack.problems);
        let files = self.packs.iter().flat_map(|pack| &pack.files);
        let of_files = files.filter_map(|file| file.tests.as_ref().err()).flatten();
        let mut all: Vec<Problem> = Vec::new();
        for problem in self.problems.iter().chain(of_packs).chain(of_files) {
            if !all.contains(problem) {
                all.push(problem.clone());
            }
        }
        all
    }
}

impl PackSuite {
    /// Its tests that could be read, in order.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        let readable = self
            .files
            .iter()
            .filter_map(|file| file.tests.as_ref().ok());
        readable.flatten()
    }

    /// A coverage to be filled; `None` where not all of its cases are here, or its rules cannot be read.
    pub fn coverage(&self) -> Option<Coverage> {
        let pack = self.pack.as_ref().filter(|_| self.whole)?;
        Some(Coverage::of(pack))
    }
}

type Compiled = Result<Arc<Explainer>, Vec<Problem>>;

struct Loading {
    bench: PacksAlone,
    /// What was compiled so far: for which directory, and how.
    compiled: Vec<(PathBuf, Setup, Compiled)>,
}

impl Loading {
    fn pack(&mut self, found: Found) -> PackSuite {
        let known: Vec<KnownPack> = packs::folders(&found.directory)
            .into_iter()
            .map(|folder| {
                let (pack, problems) = packs::read_one(&found.directory, &folder);
                let pack = pack.filter(|_| problems.is_empty());
                let ids = |pack: Pack| pack.rule_ids().map(Into::into).collect();
                KnownPack {
                    folder,
                    rules: pack.map(ids),
                }
            })
            .collect();
        let (pack, problems) = packs::read_one(&found.directory, &found.folder);
        let files = found.files.iter().map(|path| FileSuite {
            file: path.display().to_string(),
            tests: self.file(path, &found, &known),
        });
        PackSuite {
            files: files.collect(),
            whole: found.whole,
            name: found.folder,
            pack: pack.filter(|_| problems.is_empty()),
            problems,
        }
    }

    fn file(
        &mut self,
        path: &Path,
        found: &Found,
        known: &[KnownPack],
    ) -> Result<Vec<Test>, Vec<Problem>> {
        let file = path.display().to_string();
        let text = text(path).map_err(|what| vec![Problem::of_file(&file, what)])?;
        let operations = self.bench.contract().governed_names();
        let surroundings = Surroundings {
            pack: &found.folder,
            packs: known,
            operations: &operations,
        };
        let CaseFile { setup, cases } = cases::read(&file, &text, &surroundings)?;
        let explainer = self.explainer(&file, &found.directory, setup)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let test = |case| Test::new(&found.folder, &stem, &file, case, Arc::clone(&explainer));
        Ok(cases.into_iter().map(test).collect())
    }

    fn explainer(&mut self, file: &str, directory: &Path, setup: Setup) -> Compiled {
        let mut before = self.compiled.iter();
        let known = before.find(|(place, other, _)| place == directory && *other == setup);
        let compiled = if let Some((_, _, compiled)) = known {
            compiled.clone()
        } else {
            let compiled = self.compile(directory, &setup);
            let entry = (directory.to_owned(), setup, compiled.clone());
            self.compiled.push(entry);
            compiled
        };
        // What the file says of rules is told as if a configuration said it.
        compiled.map_err(|mut problems| {
            for problem in problems.iter_mut().filter(|p| p.file == "configuration") {
                file.clone_into(&mut problem.file);
            }
            problems
        })
    }

    fn compile(&self, directory: &Path, setup: &Setup) -> Compiled {
        let snapshot = self.bench.compile(directory, setup)?;
        let explainer = Explainer::new(Arc::new(snapshot))
            .map_err(|fault| vec![Problem::of_file("packs", fault.to_string())])?;
        Ok(Arc::new(explainer))
    }
}

/// A file's text; one byte more than a case file may have is enough to know that it is too large.
fn text(path: &Path) -> Result<String, String> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_string(&mut text))
        .map_err(|fault| format!("cannot be read: {fault}"))?;
    Ok(text)
}
