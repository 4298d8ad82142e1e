//! Regular expressions of charts. A pattern is compiled once per thread as long as it stays in a small cache.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::quote::quote;
use crate::regex::{Regex, quote_meta};
use crate::types::{BOOL, INT, STRING, STRINGS};
use crate::{Call, Error, Function, GoString, List, Signature, Value};

use super::arguments::{bytes, integer};
use super::lists::Body;

/// Patterns kept; past that the cache starts anew.
const CACHE_SIZE: usize = 128;

thread_local! {
    static COMPILED: RefCell<HashMap<GoString, Regex>> = RefCell::default();
}

pub(super) fn functions() -> Vec<Function> {
    let test = Signature::new(&[STRING, STRING], BOOL);
    let find = Signature::new(&[STRING, STRING], STRING);
    let replace = Signature::new(&[STRING, STRING, STRING], STRING);
    let several = Signature::new(&[STRING, STRING, INT], STRINGS);
    let mut functions = vec![
        Function::new("regexMatch", test, |_, arguments| {
            // A bad pattern matches nothing.
            Ok(Value::from(compile(&arguments[0]).is_ok_and(|regex| regex.is_match(bytes(&arguments[1])))))
        }),
        Function::new("mustRegexMatch", test, |_, arguments| {
            let regex = compile(&arguments[0]).map_err(|error| Error::message(error.to_string()))?;
            Ok(Value::from(regex.is_match(bytes(&arguments[1]))))
        }),
        Function::new("regexQuoteMeta", Signature::new(&[STRING], STRING), |_, arguments| {
            Ok(Value::from(quote_meta(bytes(&arguments[0]))))
        }),
    ];
    let table: [([&'static str; 2], Signature, Body); 5] = [
        (["regexFind", "mustRegexFind"], find, |call, arguments| {
            let regex = compile_or_panic(call, &arguments[0])?;
            Ok(Value::from(regex.find(bytes(&arguments[1])).unwrap_or_default()))
        }),
        (["regexFindAll", "mustRegexFindAll"], several, |call, arguments| {
            let regex = compile_or_panic(call, &arguments[0])?;
            let limit = usize::try_from(integer(&arguments[2])).ok();
            let found = regex.find_all(bytes(&arguments[1]), limit);
            Ok(Value::from(if found.is_empty() { List::nil(STRINGS) } else { List::of_strings(found) }))
        }),
        (["regexReplaceAll", "mustRegexReplaceAll"], replace, |call, arguments| {
            let regex = compile_or_panic(call, &arguments[0])?;
            pay_for_replacing(call, arguments)?;
            Ok(Value::from(regex.replace_all(bytes(&arguments[1]), bytes(&arguments[2]))))
        }),
        (["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"], replace, |call, arguments| {
            let regex = compile_or_panic(call, &arguments[0])?;
            pay_for_replacing(call, arguments)?;
            Ok(Value::from(regex.replace_all_literal(bytes(&arguments[1]), bytes(&arguments[2]))))
        }),
        (["regexSplit", "mustRegexSplit"], several, |call, arguments| {
            let regex = compile_or_panic(call, &arguments[0])?;
            let limit = usize::try_from(integer(&arguments[2])).ok();
            Ok(Value::from(match regex.split(bytes(&arguments[1]), limit) {
                Some(pieces) => List::of_strings(pieces),
                None => List::nil(STRINGS),
            }))
        }),
    ];
    for (names, signature, body) in table {
        functions.extend(names.map(|name| Function::new(name, signature, body)));
    }
    functions
}

fn compile(pattern: &Value) -> Result<Regex, crate::regex::SyntaxError> {
    let pattern = pattern.string().cloned().unwrap_or_default();
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(regex) = compiled.get(&pattern) {
            return Ok(regex.clone());
        }
        let regex = Regex::new(pattern.as_bytes())?;
        if compiled.len() >= CACHE_SIZE {
            compiled.clear();
        }
        compiled.insert(pattern, regex.clone());
        Ok(regex)
    })
}

/// The `must` functions return the error; the others let Go panic with the pattern in backquotes before it.
fn compile_or_panic(call: &Call<'_>, pattern: &Value) -> Result<Regex, Error> {
    compile(pattern).map_err(|error| {
        if call.name.starts_with("must") {
            return Error::message(error.to_string());
        }
        let quoted = quote_pattern(bytes(pattern));
        Error::message(format!("regexp: Compile({quoted}): {error}"))
    })
}

/// In backquotes, unless the pattern has a character which cannot stand there.
fn quote_pattern(pattern: &[u8]) -> String {
    let fits = |character: char| match character {
        '\t' => true,
        '`' | '\u{7f}' | '\u{feff}' => false,
        other => other >= ' ',
    };
    match std::str::from_utf8(pattern) {
        Ok(text) if text.chars().all(fits) => format!("`{text}`"),
        _ => quote(pattern),
    }
}

fn pay_for_replacing(call: &mut Call<'_>, arguments: &[Value]) -> Result<(), Error> {
    let (text, replacement) = (bytes(&arguments[1]).len() as u64, bytes(&arguments[2]).len() as u64);
    call.runtime.spend(text.saturating_add(1).saturating_mul(replacement.saturating_add(1)) / 64)
}
