//! Plimsoll renders environments into plain YAML, commits them, and checks that the live systems are what Git says.

fn main() {}
