//! Development tasks: `cargo xtask test` is the one command that sets up and runs every test.

fn main() {}
