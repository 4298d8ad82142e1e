//! The Git half, tried on real repositories and judged by the real `git`.

mod commits;
mod faults;
mod reading;
mod refusals;
mod signatures;
mod speed;
mod support;
mod surroundings;
