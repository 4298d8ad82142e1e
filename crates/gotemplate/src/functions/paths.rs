//! Slash-separated paths. On the systems that Helm's answers are taken from, both families of functions agree.

use crate::types::{BOOL, STRING};
use crate::{Function, Signature, Value};

use super::arguments::{Conversion, bytes};

pub(super) fn functions() -> Vec<Function> {
    let text = Signature::new(&[STRING], STRING);
    let conversions: [([&'static str; 2], Conversion); 4] = [
        (["base", "osBase"], base),
        (["dir", "osDir"], directory),
        (["clean", "osClean"], clean),
        (["ext", "osExt"], extension),
    ];
    let mut functions = Vec::new();
    for (names, convert) in conversions {
        functions.extend(names.map(|name| {
            Function::new(name, text, move |_, arguments| Ok(Value::from(convert(bytes(&arguments[0])))))
        }));
    }
    functions.extend(["isAbs", "osIsAbs"].map(|name| {
        Function::new(name, Signature::new(&[STRING], BOOL), |_, arguments| {
            Ok(Value::from(bytes(&arguments[0]).starts_with(b"/")))
        })
    }));
    functions
}

/// The last element; of no path it is a dot, of nothing but slashes a slash.
fn base(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |position| position + 1);
    let last = path[..end].rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if last.is_empty() { b"/".to_vec() } else { last.to_vec() }
}

fn directory(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|&byte| byte == b'/').map_or(0, |position| position + 1);
    clean(&path[..end])
}

fn extension(path: &[u8]) -> Vec<u8> {
    let last = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    last.iter().rposition(|&byte| byte == b'.').map_or_else(Vec::new, |position| last[position..].to_vec())
}

/// The shortest path of the same meaning, found without looking at files.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match kept.last() {
                Some(last) if *last != b"..".as_slice() => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(element),
            },
            _ => kept.push(element),
        }
    }
    let mut cleaned = if rooted { b"/".to_vec() } else { Vec::new() };
    cleaned.extend(kept.join(&b'/'));
    if cleaned.is_empty() { b".".to_vec() } else { cleaned }
}
