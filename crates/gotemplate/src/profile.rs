//! Which Helm a template is rendered as.
//!
//! The language is the same in both; some functions, type names and error texts are not.

/// The Helm major version whose behaviour is reproduced.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Profile {
    /// Helm 3.21.4.
    V3,
    /// Helm 4.2.4.
    #[default]
    V4,
}
