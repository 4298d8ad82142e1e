//! Values on their way through an expression.

use crate::Value;

/// A value and whether it came out of an interface, as elements of maps and slices do.
///
/// Go's reflection tells a nil interface (`is_interface` with no value) from no value at all, and names the type of
/// what an interface holds `interface {}` until a pipeline takes it out.
#[derive(Clone, Debug, Default)]
pub(super) struct Operand {
    pub(super) value: Value,
    pub(super) is_interface: bool,
}

impl Operand {
    /// No value at all.
    pub(super) const INVALID: Self = Self { value: Value::NIL, is_interface: false };

    pub(super) fn plain(value: Value) -> Self {
        Self { value, is_interface: false }
    }

    pub(super) fn interface(value: Value) -> Self {
        Self { value, is_interface: true }
    }

    /// Returns what the interface holds.
    pub(super) fn unwrapped(self) -> Self {
        Self { is_interface: false, ..self }
    }

    /// Returns the name of the type as far as it is known without looking into interfaces.
    pub(super) fn type_name(&self) -> &'static str {
        if self.is_interface { "interface {}" } else { self.value.type_name() }
    }
}
