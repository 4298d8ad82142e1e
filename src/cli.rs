//! The command line: what clap parses, and how its errors become ours.
//!
//! Parsing collects plain values and does nothing else. Each command's arguments stand in its own file under
//! [`crate::commands`]; drop-in commands take their arguments raw and are only listed here. Every flag gets an environment
//! variable `PLIMSOLL_<FLAG>` by one rule, so that no command can forget it.

use std::ffi::OsString;

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    self, check, completions, crossplane, diff, explain, fetch, init, lint, man, pr, render, report, schema,
    snapshot, version,
};
use crate::exit::ExitStatus;
use crate::terminal::{ColorChoice, Terminal};

/// Renders Helm charts, kustomizations, Jinja templates and Crossplane claims into plain YAML, commits it to an
/// environments repository, and checks that the live systems are what the repository says.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, propagate_version = true, after_help = EXAMPLES, after_long_help = LONG_AFTER_HELP)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: CommandArguments,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Say more on standard error; twice for still more.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
    /// When to colour text; NO_COLOR is obeyed.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub color: ColorChoice,
}

/// The commands, with what follows each.
#[derive(Debug, Subcommand)]
pub enum CommandArguments {
    /// Start an environments repository with one working environment
    Init(init::Arguments),
    /// Render environments, write what changed, and commit it
    Render(render::Arguments),
    /// Crossplane offline: what claims become, and stand-ins for Crossplane's own commands
    Crossplane(crossplane::Arguments),
    /// Compare what Git says with the live clusters and AWS
    Check(check::Arguments),
    /// Show what a change of the inputs does to the rendered environments
    Diff(diff::Arguments),
    /// Download and pin what environments take from elsewhere: charts and remote bases
    Fetch(fetch::Arguments),
    /// Read what lives once, to compare it elsewhere without credentials
    Snapshot(snapshot::Arguments),
    /// Tell pull requests what they change
    Pr(pr::Arguments),
    /// What becomes of the reports of checks
    Report(report::Arguments),
    /// Look for mistakes across layers and clusters
    Lint(lint::Arguments),
    /// Explain what a diagnostic's code means and how to mend it
    Explain(explain::Arguments),
    /// Print a published JSON Schema
    Schema(schema::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
    /// Write the manual pages
    Man(man::Arguments),
    /// Print the version
    Version(version::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  plimsoll render --env dev && git push  render an environment, commit it, publish it
  plimsoll render --all --check          whether Git has what the inputs say
  plimsoll check --env dev               whether the live systems are what Git says
  plimsoll diff --env dev                what this branch changes, resource by resource
  plimsoll explain config::unknown-key   what a diagnostic means, and how to mend it
  plimsoll version -o json               the version, for machines

Run `plimsoll COMMAND --help` for the examples of a command, `plimsoll --help` for the exit statuses.";

const LONG_AFTER_HELP: &str = "\
Examples:
  plimsoll render --env dev && git push  render an environment, commit it, publish it
  plimsoll render --all --check          whether Git has what the inputs say
  plimsoll check --env dev               whether the live systems are what Git says
  plimsoll diff --env dev                what this branch changes, resource by resource
  plimsoll explain config::unknown-key   what a diagnostic means, and how to mend it
  plimsoll version -o json               the version, for machines

Exit status:
  0   clean; `render` also after writing
  1   could not run
  2   drift, stale, findings of severity error, or differences
  3   incomplete: part could not be read and nothing else was found
  4   refused by policy: a plaintext secret would be written, or a value is random
  64  wrong usage
  Where several hold: 1, then 4, then 2, then 3.

Environment:
  Every flag can be given as PLIMSOLL_<FLAG>: PLIMSOLL_COLOR=never is --color never.
  A flag on the command line comes before its variable. NO_COLOR turns colour off.";

/// The whole grammar of the command line, as parsing, completions and manual pages use it.
#[must_use]
pub fn grammar() -> Command {
    commands::DROP_INS.iter().fold(with_variables(Cli::command()), |grammar, drop_in| {
        let leaf = |word: &'static str| {
            let arguments =
                Arg::new("arguments").num_args(0..).allow_hyphen_values(true).trailing_var_arg(true);
            Command::new(word).about(drop_in.about).disable_help_flag(true).arg(arguments)
        };
        match *drop_in.words {
            [word] => grammar.subcommand(leaf(word)),
            [group, word] if grammar.find_subcommand(group).is_some() => {
                grammar.mut_subcommand(group, |command| command.subcommand(leaf(word)))
            }
            [group, word] => grammar.subcommand(
                Command::new(group)
                    .about(format!("Stand-ins for commands of `{group}`"))
                    .subcommand_required(true)
                    .arg_required_else_help(true)
                    .subcommand(leaf(word)),
            ),
            _ => grammar,
        }
    })
}

/// Reads the arguments. What clap has to say instead (help, version, an error) is printed, and its status given back.
pub fn parse(arguments: Vec<OsString>, terminal: &mut Terminal) -> Result<Cli, ExitStatus> {
    let program = std::iter::once(OsString::from("plimsoll"));
    let parsed = grammar()
        .try_get_matches_from(program.chain(arguments))
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => {
            terminal.set_color(cli.global.color);
            terminal.set_verbosity(cli.global.verbose);
            Ok(cli)
        }
        Err(error) => Err(tell(&error, terminal)),
    }
}

fn tell(error: &clap::Error, terminal: &mut Terminal) -> ExitStatus {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = if terminal.colors_data() { text.ansi().to_string() } else { text.to_string() };
            terminal.data(&text);
            match terminal.write_failure() {
                None => ExitStatus::Clean,
                Some(_) => ExitStatus::Failed,
            }
        }
        _ => {
            let text = if terminal.colors_messages() { text.ansi().to_string() } else { text.to_string() };
            terminal.message_text(&text);
            ExitStatus::Usage
        }
    }
}

/// Gives every flag its environment variable. A switch is turned on by `true`, `1`, `yes`, `on` and off by their
/// opposites; a repeatable flag takes a list with commas.
fn with_variables(command: Command) -> Command {
    command
        .mut_args(|argument| {
            let Some(long) = argument.get_long() else { return argument };
            if matches!(argument.get_action(), ArgAction::Help | ArgAction::Version) {
                return argument;
            }
            let variable = format!("PLIMSOLL_{}", long.to_uppercase().replace('-', "_"));
            let argument = argument.env(variable).hide_env_values(true);
            match argument.get_action() {
                ArgAction::SetTrue | ArgAction::SetFalse => argument.value_parser(BoolishValueParser::new()),
                ArgAction::Append => argument.value_delimiter(','),
                _ => argument,
            }
        })
        .mut_subcommands(with_variables)
}

#[cfg(test)]
mod tests {
    use super::{Command, grammar};

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    #[test]
    fn every_flag_has_its_variable_and_every_command_teaches() {
        fn visit(command: &Command, drop_ins: &[&str]) {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                let Some(long) = argument.get_long().filter(|_| !["help", "version"].contains(&id)) else {
                    continue;
                };
                let expected = format!("PLIMSOLL_{}", long.to_uppercase().replace('-', "_"));
                assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(expected.as_str()));
                assert!(argument.get_help().is_some(), "--{long} of {} has no help", command.get_name());
            }
            for sub in command.get_subcommands() {
                let name = sub.get_name();
                assert!(sub.get_about().is_some(), "{name} does not say what it does");
                let teaches = sub.get_after_help().is_some_and(|text| text.to_string().contains("Examples:"));
                assert!(
                    teaches || drop_ins.contains(&name) || sub.has_subcommands(),
                    "{name} has no examples"
                );
                visit(sub, drop_ins);
            }
        }
        let drop_ins: Vec<&str> =
            crate::commands::DROP_INS.iter().filter_map(|drop_in| drop_in.words.last().copied()).collect();
        visit(&grammar(), &drop_ins);
    }
}
