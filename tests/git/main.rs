//! The Git half, tried on real repositories and judged by the real `git`.

mod commits;
mod faults;
mod refusals;
mod support;
