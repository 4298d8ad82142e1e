//! Passwords: hashed, derived, and used to encrypt.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use base64::Engine as _;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::encoding::base64_decode;
use crate::types::STRING;
use crate::{Call, Error, Function, GoType, Kind, Signature, TaintFlow, Value};

use super::arguments::bytes;

/// `uint32`, the type of the counter of `derivePassword`.
const UINT32: &GoType = &GoType::named("uint32", Kind::Uint64, None);

const BLOCK: usize = 16;

pub(super) fn functions() -> Vec<Function> {
    let two = Signature::new(&[STRING, STRING], STRING);
    vec![
        Function::new("bcrypt", Signature::new(&[STRING], STRING), |call, arguments| {
            Ok(Value::from(bcrypt_hash(call, bytes(&arguments[0]))?))
        })
        .with_taint(TaintFlow::Source),
        Function::new("htpasswd", two, |call, arguments| {
            let user = bytes(&arguments[0]);
            if user.contains(&b':') {
                return Ok(Value::from([b"invalid username: ", user].concat()));
            }
            let hash = bcrypt_hash(call, bytes(&arguments[1]))?;
            Ok(Value::from([user, b":", hash.as_bytes()].concat()))
        })
        .with_taint(TaintFlow::Source),
        Function::new(
            "derivePassword",
            Signature::new(&[UINT32, STRING, STRING, STRING, STRING], STRING),
            |call, arguments| {
                // Go keeps the low bits of a constant that does not fit.
                let counter = arguments[0].unsigned().unwrap_or_default() as u32;
                // One derivation costs as much as some ten thousand steps.
                call.runtime.spend(10_000)?;
                let [kind, password, user, site] = [1, 2, 3, 4].map(|index| bytes(&arguments[index]));
                Ok(Value::from(derive_password(counter, kind, password, user, site)))
            },
        ),
        Function::new("encryptAES", two, |call, arguments| {
            Ok(Value::from(encrypt(call, bytes(&arguments[0]), bytes(&arguments[1]))))
        })
        .with_taint(TaintFlow::Source),
        Function::new("decryptAES", two, |_, arguments| {
            decrypt(bytes(&arguments[0]), bytes(&arguments[1])).map(Value::from)
        }),
    ]
}

/// A hash of cost 10, as Go writes it; the error is a result as well.
fn bcrypt_hash(call: &mut Call<'_>, password: &[u8]) -> Result<String, Error> {
    // It is made to take long: some fifty milliseconds.
    call.runtime.spend(50_000)?;
    const COST: u32 = 10;
    const LONGEST: usize = 72;
    if password.len() > LONGEST {
        return Ok(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned()
        );
    }
    let mut salt = [0; 16];
    call.environment().fill_random(&mut salt);
    Ok(match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(hash) => hash.format_for_version(bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    })
}

/// The templates of a kind of password; each letter stands for a set of characters.
fn password_templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn template_characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm: always the same password for the same arguments.
fn derive_password(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> Vec<u8> {
    const NAMESPACE: &[u8] = b"com.lyndir.masterpassword";
    let Some(templates) = password_templates(kind) else {
        return [b"cannot find password template ", kind].concat();
    };
    let length = |text: &[u8]| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let salt = [NAMESPACE, &length(user), user].concat();
    let parameters = scrypt::Params::new(15, 8, 2).expect("the algorithm's own parameters are valid");
    let mut key = [0; 64];
    scrypt::scrypt(password, &salt, &parameters, &mut key).expect("64 bytes are a valid length");
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key).expect("every length is valid");
    mac.update(&[NAMESPACE, &length(site), site, &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let mut numbers = seed.iter().map(|&byte| usize::from(byte));
    let first = numbers.next().unwrap_or_default();
    let template = templates.get(first % templates.len()).copied().unwrap_or_default();
    template
        .bytes()
        .zip(numbers)
        .filter_map(|(letter, number)| {
            let characters = template_characters(letter);
            characters.get(number % characters.len()).copied()
        })
        .collect()
}

/// AES-256 with the password's first 32 bytes as key.
fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&Array::from(key))
}

/// CBC with a random first block and padding after PKCS #7, in Base64.
fn encrypt(call: &Call<'_>, password: &[u8], text: &[u8]) -> String {
    if text.is_empty() {
        return String::new();
    }
    let cipher = cipher(password);
    let mut previous = [0; BLOCK];
    call.environment().fill_random(&mut previous);
    let mut output = previous.to_vec();
    let padding = BLOCK - text.len() % BLOCK;
    let mut padded = text.to_vec();
    padded.resize(text.len() + padding, u8::try_from(padding).unwrap_or_default());
    for chunk in padded.chunks_exact(BLOCK) {
        let mut block = [0; BLOCK];
        for (target, (one, other)) in block.iter_mut().zip(chunk.iter().zip(previous)) {
            *target = one ^ other;
        }
        let mut encrypted = Array::from(block);
        cipher.encrypt_block(&mut encrypted);
        previous = encrypted.into();
        output.extend_from_slice(&previous);
    }
    base64::engine::general_purpose::STANDARD.encode(output)
}

/// The way back. Upstream checks neither lengths nor padding, so what does not fit is Go's error about a slice.
fn decrypt(password: &[u8], text: &[u8]) -> Result<Vec<u8>, Error> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let encrypted = base64_decode(text).map_err(|error| Error::message(error.to_string()))?;
    let Some((first, blocks)) = encrypted.split_at_checked(BLOCK) else {
        let capacity = text.len() / 4 * 3;
        let message = format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {capacity}");
        return Err(Error::message(message));
    };
    if !blocks.len().is_multiple_of(BLOCK) {
        return Err(Error::message("crypto/cipher: input not full blocks"));
    }
    let cipher = cipher(password);
    let mut previous = first;
    let mut output = Vec::with_capacity(blocks.len());
    for chunk in blocks.chunks_exact(BLOCK) {
        let mut block = [0; BLOCK];
        block.copy_from_slice(chunk);
        let mut decrypted = Array::from(block);
        cipher.decrypt_block(&mut decrypted);
        output.extend(decrypted.iter().zip(previous).map(|(one, other)| one ^ other));
        previous = chunk;
    }
    let Some(&padding) = output.last() else {
        return Err(Error::message("runtime error: index out of range [-1]"));
    };
    match output.len().checked_sub(padding.into()) {
        Some(length) => output.truncate(length),
        None => {
            let beyond = usize::from(padding) - output.len();
            return Err(Error::message(format!("runtime error: slice bounds out of range [:-{beyond}]")));
        }
    }
    Ok(output)
}
