//! Values made from the caller's randomness, each with taint.

use base64::Engine as _;

use crate::types::{INT, STRING};
use crate::unicode::characters;
use crate::{Call, Environment, Error, Function, Signature, TaintFlow, Value};

use super::arguments::{bytes, impossible_length, integer};

pub(super) fn functions() -> Vec<Function> {
    let counted = Signature::new(&[INT], STRING);
    let from_alphabet = |name, alphabet: fn() -> Vec<u8>| {
        Function::new(name, counted, move |call, arguments| {
            random_text(call, integer(&arguments[0]), &alphabet())
        })
    };
    let functions = vec![
        from_alphabet("randAlphaNum", || (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z').collect()),
        from_alphabet("randAlpha", || (b'A'..=b'Z').chain(b'a'..=b'z').collect()),
        from_alphabet("randNumeric", || (b'0'..=b'9').collect()),
        from_alphabet("randAscii", || (b' '..=b'~').collect()),
        Function::new("randBytes", counted, |call, arguments| {
            let count = usize::try_from(integer(&arguments[0])).map_err(|_| impossible_length())?;
            call.runtime.spend(count as u64)?;
            let mut random = vec![0; count];
            call.environment().fill_random(&mut random);
            Ok(Value::from(base64::engine::general_purpose::STANDARD.encode(random)))
        }),
        Function::new("randInt", Signature::new(&[INT, INT], INT), |call, arguments| {
            let (low, high) = (integer(&arguments[0]), integer(&arguments[1]));
            let range = u64::try_from(high.wrapping_sub(low)).ok().filter(|&range| range > 0);
            let range = range.ok_or_else(|| Error::message("invalid argument to Intn"))?;
            let number = below(call.environment(), range);
            Ok(Value::from(crate::Data::Int(low.wrapping_add(number as i64))))
        }),
        Function::new("shuffle", Signature::new(&[STRING], STRING), |call, arguments| {
            let mut shuffled: Vec<char> = characters(bytes(&arguments[0])).collect();
            for index in (1..shuffled.len()).rev() {
                let other = below(call.environment(), index as u64 + 1);
                shuffled.swap(index, usize::try_from(other).unwrap_or(index));
            }
            Ok(Value::from(shuffled.into_iter().collect::<String>()))
        }),
        Function::new("uuidv4", Signature::new(&[], STRING), |call, _| {
            let mut random = [0; 16];
            call.environment().fill_random(&mut random);
            random[6] = (random[6] & 0x0F) | 0x40;
            random[8] = (random[8] & 0x3F) | 0x80;
            let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
            let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            Ok(Value::from(parts.join("-")))
        }),
    ];
    functions.into_iter().map(|function| function.with_taint(TaintFlow::Source)).collect()
}

/// A negative count gives nothing, as upstream swallows its error.
fn random_text(call: &mut Call<'_>, count: i64, alphabet: &[u8]) -> Result<Value, Error> {
    let count = usize::try_from(count).unwrap_or_default();
    call.runtime.spend(count as u64)?;
    let environment = call.environment();
    let text: Vec<u8> = (0..count)
        .filter_map(|_| {
            alphabet.get(usize::try_from(below(environment, alphabet.len() as u64)).ok()?).copied()
        })
        .collect();
    Ok(Value::from(text))
}

/// A number below a bound, every one as likely as any other.
pub(super) fn below(environment: &dyn Environment, bound: u64) -> u64 {
    if bound.is_power_of_two() {
        return random_number(environment) & (bound - 1);
    }
    let usable = u64::MAX - u64::MAX % bound.max(1);
    loop {
        let number = random_number(environment);
        if number < usable {
            return number % bound;
        }
    }
}

fn random_number(environment: &dyn Environment) -> u64 {
    let mut random = [0; 8];
    environment.fill_random(&mut random);
    u64::from_le_bytes(random)
}
