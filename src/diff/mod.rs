//! Two renders of an environment into what changes between them.
//!
//! [`resources`] pairs the resources of both sides and compares each pair by the engine of `plimsoll-diff`; [`secrecy`] says
//! what must not be shown of it; [`groups`] folds what is the same in many. A function of two rendered environments: nothing
//! here reads Git or renders.

mod groups;
mod item;
mod managed;
mod resources;
mod secrecy;

pub use groups::fold;
pub use item::{ManagedResource, RenderedSide};
pub use managed::managed;
pub use resources::compare_layers;
