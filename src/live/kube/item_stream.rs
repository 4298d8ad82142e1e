//! A page of a list, item by item: each item is parsed, handed on and dropped before the next, so that a page never lies in
//! memory as a tree.
//!
//! A page is looked through to its last byte before its first item is handed on: one that breaks off, or something else that
//! is JSON, hands nothing on.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What a page says beside its items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Where the list goes on.
    pub(super) next: Option<String>,
}

/// Reads a page and hands each item on.
pub(super) fn read_page(bytes: &[u8], each: &mut dyn FnMut(Value)) -> Result<Page, serde_json::Error> {
    let outline: Outline = serde_json::from_slice(bytes)?;
    if !outline.kind.ends_with("List") {
        return Err(serde_json::Error::custom("no list"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    ListSeed { each }.deserialize(&mut deserializer)?;
    Ok(Page { next: outline.metadata.next.filter(|next| !next.is_empty()) })
}

/// A list, without its items.
#[derive(Deserialize)]
struct Outline {
    kind: String,
    metadata: OutlineMetadata,
}

#[derive(Deserialize)]
struct OutlineMetadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

struct ListSeed<'e> {
    each: &'e mut dyn FnMut(Value),
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of the Kubernetes API")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "items" {
                map.next_value_seed(ItemsSeed { each: &mut *self.each })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct ItemsSeed<'e> {
    each: &'e mut dyn FnMut(Value),
}

impl<'de> DeserializeSeed<'de> for ItemsSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemsSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the items of a list")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Value>()? {
            (self.each)(item);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<(Vec<String>, Option<String>), String> {
        let mut names = Vec::new();
        let mut each = |item: Value| names.push(item["name"].as_str().unwrap_or_default().to_owned());
        let page = read_page(text.as_bytes(), &mut each).map_err(|error| error.to_string())?;
        Ok((names, page.next))
    }

    #[test]
    fn items_are_handed_on_and_the_end_is_told() {
        let page = r#"{"kind":"PodList","metadata":{"continue":"x"},"items":[{"name":"a"},{"name":"b"}]}"#;
        assert_eq!(names(page), Ok((vec!["a".to_owned(), "b".to_owned()], Some("x".to_owned()))));
        let last = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"continue":""},"items":null}"#;
        assert_eq!(names(last), Ok((Vec::new(), None)));
    }

    #[test]
    fn what_is_no_whole_list_is_an_error() {
        for text in [
            "",
            "{}",
            "<html></html>",
            r#"{"kind":"Status","metadata":{}}"#,
            r#"{"kind":"PodList","metadata":{},"items":[{"name":"a"}"#,
            r#"{"kind":"PodList","items":[]}"#,
            r#"{"kind":"PodList","metadata":{},"items":[]} more"#,
        ] {
            let mut handed_on = 0;
            assert!(read_page(text.as_bytes(), &mut |_| handed_on += 1).is_err(), "{text}");
            assert_eq!(handed_on, 0, "{text}");
        }
    }
}
