//! Values of AWS and of Git: where they are in an item, and when two spellings are the same.

mod form;
mod path;
mod policy;
mod tags;

pub(crate) use form::{Names, canonical, is_alias, same, text_of};
pub(crate) use path::{all_at, first_at, text_at};
pub(crate) use policy::decode as decode_policy;
pub(crate) use tags::tags_of;
