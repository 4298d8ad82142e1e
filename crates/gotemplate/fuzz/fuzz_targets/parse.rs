//! Any bytes are lexed and parsed as a template, or refused.
//!
//! `cargo xtask fuzz gotemplate/parse`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_gotemplate::{Functions, Profile, Templates};

fuzz_target!(|bytes: &[u8]| {
    for profile in [Profile::V3, Profile::V4] {
        let mut functions = Functions::builtins();
        plimsoll_gotemplate::functions::register(&mut functions, profile);
        let mut templates = Templates::new(functions);
        let _ = templates.parse("fuzz", bytes);
    }
});
