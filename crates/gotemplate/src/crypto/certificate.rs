//! X.509 certificates: what sprig asks for, signed.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use crate::Environment;
use crate::date::{Time, Zone};

use super::{PrivateKey, der, pem};

/// What a certificate shall say.
#[derive(Debug)]
pub(crate) struct Request {
    /// The common name of its subject; empty for no name at all.
    pub(crate) common_name: String,
    /// Addresses that it is good for.
    pub(crate) addresses: Vec<IpAddr>,
    /// Host names that it is good for.
    pub(crate) host_names: Vec<String>,
    /// Days until it expires.
    pub(crate) days: i64,
    /// Whether it may sign others.
    pub(crate) is_authority: bool,
}

impl Request {
    /// Says in Go's words why no certificate can say this, if none can.
    pub(crate) fn check(&self) -> Result<(), String> {
        alternative_names(self).map(drop)
    }
}

/// Who signs.
pub(crate) enum Issuer<'i> {
    /// The subject itself.
    Itself,
    /// Another certificate with its key.
    Other(&'i Certificate, &'i PrivateKey),
}

/// A certificate that was read, as far as signing with it needs.
pub(crate) struct Certificate {
    subject: Vec<u8>,
    public_key: Vec<u8>,
    key_identifier: Option<Vec<u8>>,
}

const KEY_IDENTIFIER: [u8; 3] = [0x55, 0x1d, 0x0e];
const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
const AUTHORITY_KEY_IDENTIFIER: [u8; 3] = [0x55, 0x1d, 0x23];
const EXTENDED_KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x25];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const SERVER_AUTHENTICATION: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const CLIENT_AUTHENTICATION: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

impl Certificate {
    /// Reads a certificate; nothing if it is malformed.
    pub(crate) fn parse(contents: &[u8]) -> Option<Self> {
        let outer =
            der::read(contents).filter(|outer| outer.tag == der::SEQUENCE && outer.rest.is_empty())?;
        let signed = der::read(outer.contents).filter(|signed| signed.tag == der::SEQUENCE)?;
        let fields = der::elements(signed.contents)?;
        // The version is left out in the first version.
        let skipped = usize::from(fields.first()?.tag == 0xA0);
        let subject = fields.get(skipped + 4)?.whole.to_vec();
        let public_key = fields.get(skipped + 5)?.whole.to_vec();
        let mut key_identifier = None;
        if let Some(extensions) = fields.iter().find(|field| field.tag == 0xA3) {
            for extension in der::elements(der::read(extensions.contents)?.contents)? {
                let parts = der::elements(extension.contents)?;
                if parts.first()?.contents == KEY_IDENTIFIER {
                    key_identifier = Some(der::read(parts.last()?.contents)?.contents.to_vec());
                }
            }
        }
        Some(Self { subject, public_key, key_identifier })
    }

    /// Makes a certificate for a key and returns it as a PEM block.
    pub(crate) fn create(
        request: &Request,
        key: &PrivateKey,
        issuer: &Issuer<'_>,
        environment: &dyn Environment,
    ) -> Result<String, String> {
        let subject = name(&request.common_name);
        let signer = match issuer {
            Issuer::Itself => key,
            Issuer::Other(_, key) => key,
        };
        let algorithm = signer.signature_algorithm()?;
        let public_key = key.public_key()?;
        let (issuer_name, authority) = match issuer {
            Issuer::Itself => (subject.clone(), None),
            Issuer::Other(certificate, signer) => {
                if signer.public_key()? != certificate.public_key {
                    return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
                }
                let authority = certificate.key_identifier.clone();
                (certificate.subject.clone(), authority.filter(|_| certificate.subject != subject))
            }
        };
        let extensions = extensions(request, &public_key, authority.as_deref(), &subject)?;
        let signed = der::sequence(&[
            &der::element(0xA0, &der::element(der::INTEGER, &[2])),
            &serial_number(environment),
            &algorithm,
            &issuer_name,
            &validity(request.days, environment),
            &subject,
            &public_key,
            &der::element(0xA3, &der::element(der::SEQUENCE, &extensions)),
        ]);
        let signature = [&[0][..], &signer.sign(&signed)?].concat();
        let whole = der::sequence(&[&signed, &algorithm, &der::element(der::BIT_STRING, &signature)]);
        Ok(pem::encode("CERTIFICATE", &whole))
    }
}

/// A name with nothing but the common name.
fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return der::sequence(&[]);
    }
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if common_name.bytes().all(printable) { der::PRINTABLE_STRING } else { der::UTF8_STRING };
    let attribute = der::sequence(&[
        &der::element(der::OBJECT_IDENTIFIER, &COMMON_NAME),
        &der::element(tag, common_name.as_bytes()),
    ]);
    der::sequence(&[&der::element(der::SET, &attribute)])
}

fn serial_number(environment: &dyn Environment) -> Vec<u8> {
    let mut bytes = [0; 16];
    environment.fill_random(&mut bytes);
    der::unsigned(&bytes)
}

fn validity(days: i64, environment: &dyn Environment) -> Vec<u8> {
    let start = Time::from_nanoseconds(environment.now(), Zone::Utc);
    // Go counts in 64 bits of nanoseconds and lets them overflow.
    let end = start.add(days.wrapping_mul(86_400_000_000_000));
    der::sequence(&[&point_in_time(&start), &point_in_time(&end)])
}

fn point_in_time(time: &Time) -> Vec<u8> {
    if (1950..2050).contains(&time.year()) {
        der::element(der::UTC_TIME, &time.format(b"060102150405Z"))
    } else {
        der::element(der::GENERALIZED_TIME, &time.format(b"20060102150405Z"))
    }
}

fn extension(identifier: &[u8], is_critical: bool, contents: &[u8]) -> Vec<u8> {
    let critical = if is_critical { der::element(der::BOOLEAN, &[0xFF]) } else { Vec::new() };
    der::sequence(&[
        &der::element(der::OBJECT_IDENTIFIER, identifier),
        &critical,
        &der::element(der::OCTET_STRING, contents),
    ])
}

fn extensions(
    request: &Request,
    public_key: &[u8],
    authority: Option<&[u8]>,
    subject: &[u8],
) -> Result<Vec<u8>, String> {
    let mut extensions = Vec::new();
    // Digital signature and key encipherment, and certificate signing for authorities; unused bits come first.
    let usage: [u8; 2] = if request.is_authority { [2, 0xA4] } else { [5, 0xA0] };
    extensions.extend(extension(&KEY_USAGE, true, &der::element(der::BIT_STRING, &usage)));
    let purposes = der::sequence(&[
        &der::element(der::OBJECT_IDENTIFIER, &SERVER_AUTHENTICATION),
        &der::element(der::OBJECT_IDENTIFIER, &CLIENT_AUTHENTICATION),
    ]);
    extensions.extend(extension(&EXTENDED_KEY_USAGE, false, &purposes));
    let constraints = if request.is_authority { der::element(der::BOOLEAN, &[0xFF]) } else { Vec::new() };
    extensions.extend(extension(&BASIC_CONSTRAINTS, true, &der::element(der::SEQUENCE, &constraints)));
    if request.is_authority {
        let identifier = key_identifier(public_key).ok_or("x509: malformed public key")?;
        extensions.extend(extension(&KEY_IDENTIFIER, false, &der::element(der::OCTET_STRING, &identifier)));
    }
    if let Some(identifier) = authority {
        let contents = der::sequence(&[&der::element(0x80, identifier)]);
        extensions.extend(extension(&AUTHORITY_KEY_IDENTIFIER, false, &contents));
    }
    if !request.host_names.is_empty() || !request.addresses.is_empty() {
        let contents = der::element(der::SEQUENCE, &alternative_names(request)?);
        let is_nameless = subject.len() == 2;
        extensions.extend(extension(&ALTERNATIVE_NAMES, is_nameless, &contents));
    }
    Ok(extensions)
}

fn alternative_names(request: &Request) -> Result<Vec<u8>, String> {
    let mut names = Vec::new();
    for name in &request.host_names {
        if !name.is_ascii() {
            let quoted = crate::quote::quote(name.as_bytes());
            return Err(format!("x509: {quoted} cannot be encoded as an IA5String"));
        }
        names.extend(der::element(0x82, name.as_bytes()));
    }
    for address in &request.addresses {
        names.extend(match address.to_canonical() {
            IpAddr::V4(address) => der::element(0x87, &address.octets()),
            IpAddr::V6(address) => der::element(0x87, &address.octets()),
        });
    }
    Ok(names)
}

/// The first 160 bits of the hash of the bare public key, as Go makes it since 1.25.
fn key_identifier(public_key: &[u8]) -> Option<Vec<u8>> {
    let fields = der::elements(der::read(public_key)?.contents)?;
    let bits = fields.get(1)?.contents.get(1..)?;
    Sha256::digest(bits).get(..20).map(<[u8]>::to_vec)
}
