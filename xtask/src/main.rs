//! Development tasks: `cargo xtask test` sets up and runs every test, `cargo xtask bench` measures.
//!
//! Holds nothing that the product needs. Each task is a file; what the tasks share is the provisioning of peers, the real
//! programs that ours is compared with.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod aws_tables;
mod bench;
mod cargo;
mod conformance;
mod defaults;
mod fuzz;
mod kubernetes_types;
mod outcome;
mod peers;
mod properties;
mod provision;
mod soak;
mod test;

/// Development tasks of Plimsoll.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test; set up the real programs that some of them compare with.
    Test(test::Arguments),
    /// Compare with recorded or real programs over the corpora.
    Conformance(conformance::Arguments),
    /// Measure speed and memory side by side with the real programs.
    Bench(bench::Arguments),
    /// Write the table of Kubernetes' Go types
    KubernetesTypes,
    /// Make the tables of AWS operations out of AWS's published service models.
    AwsTables(aws_tables::Arguments),
    /// Make and verify the tables of crates/drift on a real API server.
    Defaults(defaults::Arguments),
    /// Build random kustomizations with ours and with the real program, and compare the bytes.
    Properties(properties::Arguments),
    /// Check many times in a row against a server that fails at random.
    Soak(soak::Arguments),
    /// Feed the engines inputs that nobody would write.
    Fuzz(fuzz::Arguments),
    /// Set up the real programs and print where they are.
    Provision(peers::Parts),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test(arguments) => test::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::KubernetesTypes => kubernetes_types::write(),
        Task::AwsTables(arguments) => aws_tables::run(&arguments),
        Task::Defaults(arguments) => defaults::run(&arguments),
        Task::Properties(arguments) => properties::run(&arguments),
        Task::Soak(arguments) => soak::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Provision(parts) => provision::print_all(&parts),
    };
    match result {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            outcome::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
