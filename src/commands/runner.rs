//! The runner of a workflow, as its variables describe it: where outputs and summaries go, and the address of the run.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The runner; outside of a workflow nothing of it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runner {
    /// Whether a workflow runs at all: then commands on standard output are read.
    pub is_workflow: bool,
    output: Option<PathBuf>,
    summary: Option<PathBuf>,
    /// The address of the run.
    pub run: Option<String>,
    /// The address of the API.
    pub api: Option<String>,
}

impl Runner {
    /// The runner of this process.
    #[must_use]
    pub fn of_environment() -> Runner {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let run =
            variable("GITHUB_SERVER_URL").zip(variable("GITHUB_REPOSITORY")).zip(variable("GITHUB_RUN_ID"));
        Runner {
            is_workflow: variable("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            output: variable("GITHUB_OUTPUT").map(PathBuf::from),
            summary: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            run: run.map(|((server, repository), run)| format!("{server}/{repository}/actions/runs/{run}")),
            api: variable("GITHUB_API_URL"),
        }
    }

    /// Adds step outputs.
    pub fn add_outputs(&self, text: &str) -> Result<(), Diagnostics> {
        append(self.output.as_ref(), text)
    }

    /// Adds to the job's summary.
    pub fn add_summary(&self, text: &str) -> Result<(), Diagnostics> {
        append(self.summary.as_ref(), text)
    }
}

fn append(path: Option<&PathBuf>, text: &str) -> Result<(), Diagnostics> {
    let Some(path) = path else { return Ok(()) };
    let written = OpenOptions::new().create(true).append(true).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        Diagnostic::error(Code::new("output::write"), format!("could not write `{}`", path.display()))
            .with_cause(error.to_string())
            .into()
    })
}
