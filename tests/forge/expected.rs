//! Texts as they are expected, beside the reports that they are made of. `UPDATE_EXPECTED=1` accepts what came out.

use std::path::Path;

#[track_caller]
pub(crate) fn assert(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forge/reports").join(name);
    let update = std::env::var_os("UPDATE_EXPECTED").is_some_and(|value| value == "1");
    assert!(!(update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    if update {
        std::fs::write(&path, got).expect("the text can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(expected, got, "{name}");
}
