//! Keys and certificates of charts. Whatever is made here is another on every run.

use std::cell::OnceCell;
use std::net::IpAddr;

use crate::crypto::{Certificate, Issuer, KeyKind, PrivateKey, Request, decode_pem};
use crate::encoding::base64_decode;
use crate::types::{INT, LIST, STRING};
use crate::{Call, Error, Function, GoType, Kind, List, Signature, TaintFlow, Value};

use super::arguments::{bytes, integer, text};
use super::certificate_object::{
    CertificateObject, CertificatePair, KEY_BITS, LaterCertificate, LaterIssuer,
};
use super::text::printed;

/// The type of what these functions return.
pub(super) const CERTIFICATE: &GoType = &GoType::named("sprig.certificate", Kind::Struct, None);

/// The size of the RSA keys of `genPrivateKey`.
const LARGE_KEY_BITS: usize = 4096;

pub(super) fn functions() -> Vec<Function> {
    let source = |name, signature, body: super::lists::Body| {
        Function::new(name, signature, body).with_taint(TaintFlow::Source)
    };
    vec![
        source("genPrivateKey", Signature::new(&[STRING], STRING), |call, arguments| {
            Ok(Value::from(private_key(call, bytes(&arguments[0]))?))
        }),
        Function::new("buildCustomCert", Signature::new(&[STRING, STRING], CERTIFICATE), |_, arguments| {
            custom_certificate(bytes(&arguments[0]), bytes(&arguments[1]))
        }),
        source("genCA", Signature::new(&[STRING, INT], CERTIFICATE), |call, arguments| {
            put_off(call, authority(arguments), LaterIssuer::Itself)
        }),
        source("genCAWithKey", Signature::new(&[STRING, INT, STRING], CERTIFICATE), |call, arguments| {
            let key = given_key(&arguments[2])?;
            finish(call, &authority(arguments), &key, &Issuer::Itself)
        }),
        source(
            "genSelfSignedCert",
            Signature::new(&[STRING, LIST, LIST, INT], CERTIFICATE),
            |call, arguments| put_off(call, server(arguments)?, LaterIssuer::Itself),
        ),
        source(
            "genSelfSignedCertWithKey",
            Signature::new(&[STRING, LIST, LIST, INT, STRING], CERTIFICATE),
            |call, arguments| {
                let key = given_key(&arguments[4])?;
                finish(call, &server(arguments)?, &key, &Issuer::Itself)
            },
        ),
        source(
            "genSignedCert",
            Signature::new(&[STRING, LIST, LIST, INT, CERTIFICATE], CERTIFICATE),
            |call, arguments| match later_issuer(&arguments[4]) {
                Some(issuer) => put_off(call, server(arguments)?, issuer),
                None => {
                    let key = new_key(call)?;
                    signed(call, arguments, &key)
                }
            },
        ),
        source(
            "genSignedCertWithKey",
            Signature::new(&[STRING, LIST, LIST, INT, CERTIFICATE, STRING], CERTIFICATE),
            |call, arguments| {
                let key = given_key(&arguments[5])?;
                signed(call, arguments, &key)
            },
        ),
    ]
}

fn failure(prefix: &str, reason: &str) -> Error {
    Error::message(format!("{prefix}: {reason}"))
}

/// The steps that making a key takes, whatever the size of the arguments: a large one takes up to a second, one on a curve less
/// than a millisecond.
fn price(kind: KeyKind) -> u64 {
    match kind {
        KeyKind::Rsa(LARGE_KEY_BITS) | KeyKind::Dsa => 500_000,
        KeyKind::Rsa(_) => 100_000,
        KeyKind::Ecdsa | KeyKind::Ed25519 => 20_000,
    }
}

fn new_key(call: &mut Call<'_>) -> Result<PrivateKey, Error> {
    call.runtime.spend(price(KeyKind::Rsa(KEY_BITS)))?;
    PrivateKey::generate(KeyKind::Rsa(KEY_BITS), call.environment())
        .map_err(|reason| failure("error generating rsa key", &reason))
}

fn given_key(value: &Value) -> Result<PrivateKey, Error> {
    PrivateKey::from_pem(bytes(value)).map_err(|reason| failure("parsing private key", &reason))
}

/// A key as a PEM block; what cannot be made is said in the result.
fn private_key(call: &mut Call<'_>, kind: &[u8]) -> Result<String, Error> {
    let kind = match kind {
        b"" | b"rsa" => KeyKind::Rsa(LARGE_KEY_BITS),
        b"dsa" => KeyKind::Dsa,
        b"ecdsa" => KeyKind::Ecdsa,
        b"ed25519" => KeyKind::Ed25519,
        other => return Ok(format!("Unknown type {}", String::from_utf8_lossy(other))),
    };
    call.runtime.spend(price(kind))?;
    let key = PrivateKey::generate(kind, call.environment()).and_then(|key| key.to_pem());
    Ok(key.unwrap_or_else(|reason| format!("failed to generate private key: {reason}")))
}

fn custom_certificate(certificate: &[u8], key: &[u8]) -> Result<Value, Error> {
    let certificate =
        base64_decode(certificate).map_err(|_| Error::message("unable to decode base64 certificate"))?;
    let key = base64_decode(key).map_err(|_| Error::message("unable to decode base64 private key"))?;
    parse_certificate(&certificate, "decodedCert.Bytes")?;
    PrivateKey::from_pem(&key).map_err(|reason| failure("error parsing private key", &reason))?;
    let pair = CertificatePair { certificate: certificate.into(), key: key.into() };
    Ok(Value::from_object(CertificateObject::Made(pair)))
}

fn parse_certificate(certificate: &[u8], variable: &str) -> Result<Certificate, Error> {
    let (_, contents) =
        decode_pem(certificate).ok_or_else(|| Error::message("unable to decode certificate"))?;
    Certificate::parse(&contents).ok_or_else(|| {
        let prefix = format!("error parsing certificate: {variable}");
        failure(&prefix, "x509: malformed certificate")
    })
}

fn addresses(value: &Value) -> Result<Vec<IpAddr>, Error> {
    let items = value.list().map(List::items).unwrap_or_default();
    let address = |item: &Value| match item.string() {
        Some(address) => address
            .as_str()
            .and_then(|address| address.parse().ok())
            .ok_or_else(|| failure("error parsing ip", &address.to_text())),
        None => Err(failure("error parsing ip", &not_a_string(item)?)),
    };
    items.iter().map(address).collect()
}

fn host_names(value: &Value) -> Result<Vec<String>, Error> {
    let items = value.list().map(List::items).unwrap_or_default();
    let name = |item: &Value| match item.string() {
        Some(name) => Ok(name.to_text().into_owned()),
        None => Err(failure("error processing alternate dns name", &not_a_string(item)?)),
    };
    items.iter().map(name).collect()
}

fn not_a_string(item: &Value) -> Result<String, Error> {
    Ok(format!("{} is not a string", String::from_utf8_lossy(&printed(item)?)))
}

fn finish(call: &Call<'_>, request: &Request, key: &PrivateKey, issuer: &Issuer<'_>) -> Result<Value, Error> {
    let pair = CertificatePair::create(request, key, issuer, call.environment()).map_err(Error::message)?;
    Ok(Value::from_object(CertificateObject::Made(pair)))
}

/// A certificate with a new key of its own, which is made once somebody looks at it. What could fail is tried at once.
fn put_off(call: &mut Call<'_>, request: Request, issuer: LaterIssuer) -> Result<Value, Error> {
    call.runtime.spend(price(KeyKind::Rsa(KEY_BITS)))?;
    request.check().map_err(|reason| failure("error creating certificate", &reason))?;
    let later = LaterCertificate::new(request, issuer, call.environment());
    Ok(Value::from_object(CertificateObject::Later(Box::new(later), OnceCell::new())))
}

/// The issuer that a certificate is, where all of it was made here, so that signing with it cannot fail.
fn later_issuer(value: &Value) -> Option<LaterIssuer> {
    let object = value.object()?.as_any().downcast_ref::<CertificateObject>()?;
    matches!(object, CertificateObject::Later(..)).then(|| LaterIssuer::Other(value.clone()))
}

/// What `genCA` and its sister ask for.
fn authority(arguments: &[Value]) -> Request {
    Request {
        common_name: text(&arguments[0]).into_owned(),
        addresses: Vec::new(),
        host_names: Vec::new(),
        days: integer(&arguments[1]),
        is_authority: true,
    }
}

/// What the other functions ask for.
fn server(arguments: &[Value]) -> Result<Request, Error> {
    Ok(Request {
        common_name: text(&arguments[0]).into_owned(),
        addresses: addresses(&arguments[1])?,
        host_names: host_names(&arguments[2])?,
        days: integer(&arguments[3]),
        is_authority: false,
    })
}

fn signed(call: &Call<'_>, arguments: &[Value], key: &PrivateKey) -> Result<Value, Error> {
    let object = arguments[4].object().and_then(|object| object.as_any().downcast_ref::<CertificateObject>());
    let pair = object.and_then(|object| object.pair().ok());
    let (certificate, signer) =
        pair.map(|pair| (pair.certificate.as_bytes(), pair.key.as_bytes())).unwrap_or_default();
    let certificate = parse_certificate(certificate, "decodedSignerCert.Bytes")?;
    let signer =
        PrivateKey::from_pem(signer).map_err(|reason| failure("error parsing private key", &reason))?;
    finish(call, &server(arguments)?, key, &Issuer::Other(&certificate, &signer))
}
