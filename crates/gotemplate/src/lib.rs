//! Go `text/template` (as of Go 1.26): parsing and executing template sets over Go-like values.
//!
//! Turns template texts and a [`Value`] into bytes, with Go's output, Go's errors and Go's limits. The functions of sprig
//! and Helm live beside the engine; charts, files and releases do not. It deliberately does no IO: clock, randomness,
//! time zone and cluster look-ups come from the caller's [`Environment`].
//!
//! ```
//! use plimsoll_gotemplate::{Executor, FixedEnvironment, Functions, Profile, Settings, Templates, Value};
//!
//! let mut templates = Templates::new(Functions::builtins());
//! templates.parse("greeting", "hello {{ .name }}{{ if gt .count 1.0 }}s{{ end }}")?;
//! let data = Value::from(serde_json::json!({"name": "template", "count": 2}));
//! let environment = FixedEnvironment::default();
//! let mut executor = Executor::new(&templates, Settings::new(&environment, Profile::V4));
//! assert_eq!(executor.execute("greeting", &data)?.bytes, b"hello templates");
//! # Ok::<(), plimsoll_gotemplate::Error>(())
//! ```

mod alternatives;
mod builtins;
mod call;
pub mod checksum;
mod crypto;
pub mod date;
pub mod encoding;
mod environment;
mod error;
mod executor;
mod function;
pub mod functions;
mod go_string;
mod go_type;
mod json;
pub mod letter_case;
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
mod weight;

pub use call::{Body, Call, Runtime};
pub use environment::{Environment, FixedEnvironment};
pub use error::{Error, ExecutionError, Limit, Location, ParseError};
pub use executor::{Executor, Limits, MissingKey, Output, Settings, TaintedRange};
pub use function::{Function, Functions, Signature, TaintFlow};
pub use go_string::GoString;
pub use go_type::{GoType, Kind};
pub use list::List;
pub use map::{Entries, Map};
pub use object::{Member, Object};
pub use profile::Profile;
pub use syntax::lexer::Delimiters;
pub use taint::{TaintId, TaintOrigin, Taints};
pub use templates::{NamedText, Templates};
pub use value::{Data, Value};
