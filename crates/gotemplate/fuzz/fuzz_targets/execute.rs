//! Any template that can be parsed runs to its end, to an error, or to a limit, with every function of both profiles.
//!
//! `cargo xtask fuzz gotemplate/execute`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_gotemplate::{
    Executor, FixedEnvironment, Functions, Limits, Profile, Settings, Templates, Value,
};

/// Enough for every function, and little enough for many runs a second.
const LIMITS: Limits = Limits { steps: 100_000, bytes: 1 << 20, depth: 100 };

fuzz_target!(|bytes: &[u8]| {
    let environment = FixedEnvironment::at(0);
    for profile in [Profile::V3, Profile::V4] {
        let mut functions = Functions::builtins();
        plimsoll_gotemplate::functions::register(&mut functions, profile);
        let mut templates = Templates::new(functions);
        if templates.parse("fuzz", bytes).is_err() {
            continue;
        }
        let mut settings = Settings::new(&environment, profile);
        settings.limits = LIMITS;
        let _ = Executor::new(&templates, settings).execute("fuzz", &Value::NIL);
    }
});
