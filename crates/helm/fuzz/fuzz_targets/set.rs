//! Any text is read as `--set`, `--set-string`, `--set-json` and `--set-literal`, one after the other over the same values.
//!
//! `cargo xtask fuzz helm/set`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_gotemplate::Profile;
use plimsoll_helm::{Typing, set, set_literal};
use serde_json::Map;

fuzz_target!(|text: &str| {
    for profile in [Profile::V3, Profile::V4] {
        let mut values = Map::new();
        for typing in [Typing::Typed, Typing::Text, Typing::Json] {
            let _ = set(text, &typing, profile, &mut values);
        }
        let _ = set_literal(text, profile, &mut values);
    }
});
