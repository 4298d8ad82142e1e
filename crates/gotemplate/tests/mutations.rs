//! Templates with random damage: whatever happens is a text or an error, never a panic.
//!
//! The damage is the same on every run. `MUTATIONS` sets how many texts are made of each case.

use std::path::Path;

use plimsoll_gotemplate::{
    Executor, FixedEnvironment, Functions, Limits, Map, Profile, Settings, Templates, Value, functions,
};

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).expect("smaller than a usize")
    }
}

fn damaged(text: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(text.len() + 1);
        match numbers.below(5) {
            0 => text.insert(at, u8::try_from(numbers.below(256)).expect("a byte")),
            1 if at < text.len() => {
                text.remove(at);
            }
            2 if at < text.len() => text[at] = u8::try_from(numbers.below(256)).expect("a byte"),
            3 => {
                let start = numbers.below(other.len());
                let end = (start + numbers.below(24)).min(other.len());
                text.splice(at..at, other[start..end].iter().copied());
            }
            _ => text.truncate(at),
        }
    }
    text
}

#[test]
fn damaged_templates_never_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("there are cases")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("the case file is text");
        for block in text.split("== ").skip(1) {
            let template = block.split("\n-- ").next().and_then(|block| block.split_once('\n'));
            texts.extend(template.map(|(_, template)| template.as_bytes().to_vec()));
        }
    }
    let mut known = Functions::builtins();
    functions::register(&mut known, Profile::V4);
    let values =
        serde_json::json!({"s": "text", "n": 42, "m": {"a": "x"}, "l": [1, "two", null], "nil": null});
    let values = Value::from(values);
    let environment = FixedEnvironment::default();
    let settings = Settings::new(&environment, Profile::V4);
    let limits = Limits { steps: 20_000, bytes: 1 << 20, depth: 100 };
    let rounds = std::env::var("MUTATIONS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let mut numbers = Numbers(1);
    for round in 0..rounds {
        for (index, text) in texts.iter().enumerate() {
            let other = &texts[(index * 7 + round * 13) % texts.len()];
            let text = damaged(text, other, &mut numbers);
            let mut templates = Templates::new(known.clone());
            if templates.parse("t", text).is_ok() {
                let mut executor = Executor::new(&templates, Settings { limits, ..settings });
                let root = values
                    .map()
                    .map(|map| map.entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect());
                let _ = executor.execute("t", &Value::from(root.unwrap_or_else(Map::new)));
            }
        }
    }
}
