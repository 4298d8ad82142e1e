//! Semantic versions and version constraints as Helm understands them.
//!
//! Turns texts such as `v1.27.3-eks.1` and `>=1.25.0-0 <2` into values that compare and check. Versions are read
//! loosely (`1.2` is `1.2.0`), a pre-release satisfies only constraints that name one, and the error texts are the
//! library's own. Not here: strict parsing, the reasons why a constraint fails, and the SQL and JSON conversions.
//!
//! Upstream: Masterminds/semver v3.5.0.

mod constraint;
mod plain;
mod version;

pub use constraint::{ConstraintError, Constraints};
pub use version::{Part, Version, VersionError};
