//! Go `text/template` (as of Go 1.26): parsing and executing template sets over Go-like values.
//!
//! Turns template texts and a [`Value`] into bytes, with Go's output, Go's errors and Go's limits. The functions of sprig
//! and Helm live beside the engine; charts, files and releases do not. It deliberately does no IO: clock, randomness,
//! time zone and cluster look-ups come from the caller's [`Environment`].

mod builtins;
mod call;
mod character;
mod encoding;
mod environment;
mod error;
mod executor;
mod function;
pub mod functions;
mod go_string;
mod go_type;
mod json;
mod list;
mod map;
pub mod number;
mod object;
pub mod printing;
mod profile;
pub mod quote;
pub mod regex;
pub mod semver;
mod syntax;
mod taint;
mod templates;
mod toml;
pub mod types;
pub mod unicode;
mod value;

pub use call::{Body, Call, Runtime};
pub use environment::{Environment, FixedEnvironment};
pub use error::{Error, ExecutionError, Limit, Location, ParseError};
pub use function::{Function, Functions, Signature, TaintFlow};
pub use go_string::GoString;
pub use go_type::{GoType, Kind};
pub use list::List;
pub use map::{Entries, Map};
pub use object::{Member, Object};
pub use profile::Profile;
pub use taint::{TaintId, TaintOrigin, Taints};

pub use executor::{Executor, Limits, MissingKey, Output, Settings, TaintedRange};
pub use syntax::lexer::Delimiters;
pub use templates::Templates;
pub use value::{Data, Value};
