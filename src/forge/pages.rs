//! Lists that come in pages: all of them, each item once, or an error; never a part that looks like the whole.
//!
//! The lists read here are sorted by creation, so new items only come at the end. An item that stands on two pages therefore
//! means that a page was answered with another's content, and that one may be missing: the list is read again.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::exchange::{Exchange, Request};
use super::github::{GitHub, decode, unexpected};
use super::{Clock, ForgeError};

/// Most pages of one list.
const PAGES: u32 = 300;

/// How often a list is read until no item comes twice.
const READINGS: u32 = 6;

/// What is listed, and told apart by its number.
pub(super) trait Listed: DeserializeOwned {
    fn number(&self) -> u64;
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// Reads every page of a list; `path` has a query already.
    pub(super) fn read_all<T: Listed>(&self, action: &str, path: &str) -> Result<Vec<T>, ForgeError> {
        for reading in 0..READINGS {
            if reading > 0 {
                self.wait(action, Duration::from_secs(1))?;
            }
            if let Some(items) = self.read_once(action, path)? {
                return Ok(items);
            }
        }
        Err(unexpected(action, "its pages repeat each other"))
    }

    /// One reading of a list; none where an item came twice.
    fn read_once<T: Listed>(&self, action: &str, path: &str) -> Result<Option<Vec<T>>, ForgeError> {
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        for page in 1..=PAGES {
            let response = self.call(action, &Request::get(format!("{path}&per_page=100&page={page}")))?;
            let more = response.has_next_page;
            for item in decode::<Vec<T>>(action, response.body)? {
                if !seen.insert(item.number()) {
                    return Ok(None);
                }
                items.push(item);
            }
            if !more {
                return Ok(Some(items));
            }
        }
        Err(unexpected(action, "it has too many pages"))
    }
}
