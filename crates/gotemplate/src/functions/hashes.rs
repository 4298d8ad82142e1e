//! Checksums and encodings of texts.

use base64::Engine as _;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::checksum::{adler32, hexadecimal};
use crate::types::STRING;
use crate::{Function, Signature, Value};

use super::arguments::{Conversion, bytes};
use crate::encoding::{base32, base64_decode};

const TEXT: Signature = Signature::new(&[STRING], STRING);

pub(super) fn functions() -> Vec<Function> {
    let conversions: [(&'static str, Conversion); 8] = [
        ("sha1sum", |text| hexadecimal(&Sha1::digest(text))),
        ("sha256sum", |text| hexadecimal(&Sha256::digest(text))),
        ("sha512sum", |text| hexadecimal(&Sha512::digest(text))),
        ("adler32sum", |text| adler32(text).to_string().into_bytes()),
        ("b64enc", |text| base64::engine::general_purpose::STANDARD.encode(text).into_bytes()),
        ("b64dec", |text| base64_decode(text).unwrap_or_else(|error| error.to_string().into_bytes())),
        ("b32enc", |text| base32::encode(text).into_bytes()),
        ("b32dec", |text| base32::decode(text).unwrap_or_else(|error| error.to_string().into_bytes())),
    ];
    conversions
        .into_iter()
        .map(|(name, convert)| {
            Function::new(name, TEXT, move |_, arguments| Ok(Value::from(convert(bytes(&arguments[0])))))
        })
        .collect()
}
