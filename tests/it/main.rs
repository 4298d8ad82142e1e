//! How the program behaves on the command line: status, standard output and standard error together.
//!
//! One binary for all commands. `support` holds what the tests share: temporary repositories and the outputs of a run.

mod aws;
mod canary;
mod check;
mod commands;
mod completions;
mod config;
mod diff;
mod diff_corpus;
mod eks;
mod expand;
mod fetch;
mod helm_bombs;
mod helm_chart;
mod helm_template;
mod html_reports;
mod init;
mod lint;
mod lint_corpus;
mod readme;
mod readme_shown;
mod render;
mod render_corpus;
mod snapshot;
mod support;
mod webhook;
