//! Private keys: making, reading, writing and signing.

use ed25519_dalek::Signer as _;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use rsa::signature::SignatureEncoding as _;

use crate::Environment;

use super::der;
use super::pem;
use super::randomness::Randomness;

/// What kind of key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// RSA of that many bits.
    Rsa(usize),
    /// DSA with 2048 and 256 bits.
    Dsa,
    /// ECDSA on P-256.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

/// A private key.
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
    /// A DSA key as the sequence of its numbers, which is all that is ever done with it.
    Dsa(Vec<u8>),
}

/// What is before the seed of an Ed25519 key in PKCS #8.
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What is before the bytes of an Ed25519 public key.
const ED25519_PUBLIC_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl PrivateKey {
    /// Makes a key.
    pub(crate) fn generate(kind: KeyKind, environment: &dyn Environment) -> Result<Self, String> {
        let mut randomness = Randomness(environment);
        match kind {
            KeyKind::Rsa(bits) => rsa::PrivateKey::new(&mut randomness, bits)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| error.to_string()),
            KeyKind::Dsa => generate_dsa(&mut randomness).ok_or_else(|| "no key found".to_owned()),
            KeyKind::Ecdsa => loop {
                let mut bytes = [0; 32];
                environment.fill_random(&mut bytes);
                if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                    return Ok(Self::P256(key));
                }
            },
            KeyKind::Ed25519 => {
                let mut seed = [0; 32];
                environment.fill_random(&mut seed);
                Ok(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
            }
        }
    }

    /// Reads a key from a PEM block, or says in sprig's words why it cannot.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, String> {
        let (label, contents) = pem::decode(text).ok_or("no PEM data in input")?;
        if label == "PRIVATE KEY" {
            return Self::from_pkcs8(&contents)
                .ok_or_else(|| "decoding PEM as PKCS#8: x509: failed to parse private key".to_owned());
        }
        let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {label}"));
        };
        match kind {
            "RSA" => {
                rsa::PrivateKey::from_pkcs1_der(&contents).map(|key| Self::Rsa(Box::new(key))).map_err(|_| {
                    "parsing RSA private key from PEM: x509: failed to parse private key".to_owned()
                })
            }
            "EC" => elliptic(&contents).ok_or_else(|| {
                "parsing EC private key from PEM: x509: failed to parse EC private key".to_owned()
            }),
            "DSA" => dsa_numbers(&contents)
                .map(Self::Dsa)
                .ok_or_else(|| "parsing DSA private key from PEM: asn1: structure error".to_owned()),
            _ => Err(format!("invalid private key type {label}")),
        }
    }

    fn from_pkcs8(contents: &[u8]) -> Option<Self> {
        if let Some(seed) = contents.strip_prefix(&ED25519_PREFIX) {
            let seed = seed.get(..32)?.try_into().ok()?;
            return Some(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)));
        }
        if let Ok(key) = rsa::PrivateKey::from_pkcs8_der(contents) {
            return Some(Self::Rsa(Box::new(key)));
        }
        if let Ok(key) = p256::SecretKey::from_pkcs8_der(contents) {
            return Some(Self::P256(key));
        }
        p384::SecretKey::from_pkcs8_der(contents).ok().map(Self::P384)
    }

    /// The key as a PEM block in its traditional form.
    pub(crate) fn to_pem(&self) -> Result<String, String> {
        let fault = |_| "the key cannot be encoded".to_owned();
        Ok(match self {
            Self::Rsa(key) => pem::encode(
                "RSA PRIVATE KEY",
                key.to_pkcs1_der().map_err(|error| error.to_string())?.as_bytes(),
            ),
            Self::P256(key) => pem::encode("EC PRIVATE KEY", &key.to_sec1_der().map_err(fault)?),
            Self::P384(key) => {
                pem::encode("EC PRIVATE KEY", &key.to_sec1_der().map_err(|error| error.to_string())?)
            }
            Self::Ed25519(key) => {
                pem::encode("PRIVATE KEY", &[&ED25519_PREFIX[..], &key.to_bytes()].concat())
            }
            Self::Dsa(numbers) => pem::encode("DSA PRIVATE KEY", numbers),
        })
    }

    /// The public key with its algorithm, as certificates hold it.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => key
                .to_public_key()
                .to_public_key_der()
                .map(|der| der.as_bytes().to_vec())
                .map_err(|error| error.to_string()),
            Self::P256(key) => key
                .public_key()
                .to_public_key_der()
                .map(|der| der.as_bytes().to_vec())
                .map_err(|error| error.to_string()),
            Self::P384(key) => key
                .public_key()
                .to_public_key_der()
                .map(|der| der.as_bytes().to_vec())
                .map_err(|error| error.to_string()),
            Self::Ed25519(key) => Ok([&ED25519_PUBLIC_PREFIX[..], key.verifying_key().as_bytes()].concat()),
            Self::Dsa(_) => Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
        }
    }

    /// The identifier of the algorithm that the key signs with.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, String> {
        let identifier: &[u8] = match self {
            Self::Rsa(_) => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
            Self::P256(_) => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
            Self::P384(_) => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
            Self::Ed25519(_) => &[0x2b, 0x65, 0x70],
            Self::Dsa(_) => {
                return Err("x509: certificate private key does not implement crypto.Signer".to_owned());
            }
        };
        let identifier = der::element(der::OBJECT_IDENTIFIER, identifier);
        Ok(match self {
            Self::Rsa(_) => der::sequence(&[&identifier, &der::element(der::NULL, &[])]),
            _ => der::sequence(&[&identifier]),
        })
    }

    /// Signs a text.
    pub(super) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Self::Rsa(key) => {
                let key = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(key.as_ref().clone());
                let signature = key.try_sign(text).map_err(|error| error.to_string())?;
                Ok(signature.to_vec())
            }
            Self::P256(key) => {
                let key = p256::ecdsa::SigningKey::from(key);
                let signature: p256::ecdsa::Signature =
                    key.try_sign(text).map_err(|error| error.to_string())?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::P384(key) => {
                let key = p384::ecdsa::SigningKey::from(key);
                let signature: p384::ecdsa::Signature =
                    key.try_sign(text).map_err(|error| error.to_string())?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::Ed25519(key) => Ok(key.sign(text).to_bytes().to_vec()),
            Self::Dsa(_) => Err("x509: certificate private key does not implement crypto.Signer".to_owned()),
        }
    }
}

/// A key on one of the curves, in the form of SEC 1.
fn elliptic(contents: &[u8]) -> Option<PrivateKey> {
    if let Ok(key) = p256::SecretKey::from_sec1_der(contents) {
        return Some(PrivateKey::P256(key));
    }
    p384::SecretKey::from_sec1_der(contents).ok().map(PrivateKey::P384)
}

/// Checks that a text is a version and the five numbers of a DSA key.
fn dsa_numbers(contents: &[u8]) -> Option<Vec<u8>> {
    let outer = der::read(contents)?;
    let numbers = der::elements(outer.contents)?;
    let are_numbers = numbers.len() == 6 && numbers.iter().all(|number| number.tag == der::INTEGER);
    (outer.tag == der::SEQUENCE && are_numbers).then(|| outer.whole.to_vec())
}

fn generate_dsa(randomness: &mut Randomness<'_>) -> Option<PrivateKey> {
    let components =
        dsa::Components::try_generate_from_rng_with_key_size(randomness, dsa::KeySize::DSA_2048_256).ok()?;
    let key = dsa::SigningKey::try_generate_from_rng_with_components(randomness, components).ok()?;
    let public = key.verifying_key();
    let components = public.components();
    let numbers = [components.p().to_be_bytes(), components.q().to_be_bytes(), components.g().to_be_bytes()];
    let mut contents = der::unsigned(&[]);
    for number in numbers.iter().chain([&public.y().to_be_bytes(), &key.x().to_be_bytes()]) {
        contents.extend(der::unsigned(number));
    }
    Some(PrivateKey::Dsa(der::element(der::SEQUENCE, &contents)))
}
