//! Where something is published: the repository on the forge, its API, and who writes.

use crate::commands::runner::Runner;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::forge::{Client, GitHub, RepositoryName, SystemClock};

/// The public API.
const PUBLIC_API: &str = "https://api.github.com";

/// Where something is published.
#[derive(Debug, Clone, clap::Args)]
pub struct ForgeTarget {
    /// The repository on GitHub.
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: RepositoryName,
    /// The address of the API; in a workflow that of its server, else https://api.github.com.
    #[arg(long, value_name = "URL")]
    pub github_api: Option<String>,
    /// The account that writes, whose texts alone are edited; else the token's own, asked by GraphQL.
    #[arg(long, value_name = "LOGIN")]
    pub author: Option<String>,
}

impl ForgeTarget {
    /// The API, with the token of `GITHUB_TOKEN`.
    pub fn connect(&self, runner: &Runner) -> Result<GitHub<Client, SystemClock>, Diagnostics> {
        let token = std::env::var("GITHUB_TOKEN").ok().filter(|token| !token.is_empty());
        let Some(token) = token else {
            return Err(Diagnostic::error(Code::new("forge::token"), "`GITHUB_TOKEN` is not set")
                .with_help("in a workflow: `env: {GITHUB_TOKEN: ${{ github.token }}}`")
                .into());
        };
        let address = self.github_api.as_deref().or(runner.api.as_deref()).unwrap_or(PUBLIC_API);
        let client =
            Client::connect(address, &token).map_err(|error| Diagnostics::from(error.diagnostic()))?;
        Ok(GitHub::new(client, SystemClock::starting_now()))
    }
}
