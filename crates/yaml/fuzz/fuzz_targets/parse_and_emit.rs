//! Any bytes are read or refused in every dialect, and what is read can be written, converted and read again without a panic.
//!
//! `cargo xtask fuzz yaml/parse_and_emit`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, Node, Numbers, emit_documents, emit_value, parse, parse_each, parse_one,
};

fuzz_target!(|bytes: &[u8]| {
    let budget = Budget { depth: 200, nodes: 100_000, aliases: 10_000, ..Budget::DEFAULT };
    for dialect in [Dialect::Helm, Dialect::Kustomize, Dialect::Yaml12] {
        let Ok(documents) = parse(bytes, dialect, &budget) else {
            let _ = parse_each(bytes, dialect, &budget);
            continue;
        };
        let _ = parse(emit_documents(&documents, &EmitOptions::KYAML), dialect, &budget);
        for document in &documents {
            let Ok(value) = document.root.to_value(dialect, Numbers::AsWritten) else { continue };
            let _ = Node::from_value(&value);
            if let Ok(text) = emit_value(&value) {
                let _ = parse_one(text, Dialect::Helm, &budget);
            }
        }
    }
});
