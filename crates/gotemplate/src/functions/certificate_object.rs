//! A certificate with its key, as templates see it.
//!
//! One with a new key is made when it is first looked at: charts ask for many that they never write, and finding a key takes
//! longer than all else that a chart does. What it needs of the outside world is set aside when it is asked for, so that it
//! says the same whenever it is made.

use std::any::Any;
use std::cell::OnceCell;

use crate::crypto::{Certificate, Issuer, KeyKind, PrivateKey, Request, SetAside, decode_pem};
use crate::{Environment, GoString, GoType, Member, Object, Value};

use super::certificates::CERTIFICATE;

/// The size of the RSA keys of certificates.
pub(super) const KEY_BITS: usize = 2048;

/// A certificate and its key as PEM blocks.
#[derive(Debug)]
pub(super) struct CertificatePair {
    pub(super) certificate: GoString,
    pub(super) key: GoString,
}

impl CertificatePair {
    /// Makes a certificate for a key, or says in sprig's words why it cannot.
    pub(super) fn create(
        request: &Request,
        key: &PrivateKey,
        issuer: &Issuer<'_>,
        environment: &dyn Environment,
    ) -> Result<CertificatePair, String> {
        let certificate = Certificate::create(request, key, issuer, environment)
            .map_err(|reason| format!("error creating certificate: {reason}"))?;
        let key = key.to_pem().map_err(|reason| format!("error pem-encoding key: {reason}"))?;
        Ok(CertificatePair { certificate: certificate.into(), key: key.into() })
    }
}

/// Who signs a certificate that is made later.
#[derive(Debug)]
pub(super) enum LaterIssuer {
    /// The subject itself.
    Itself,
    /// A [`CertificateObject`], which is made later, too.
    Other(Value),
}

/// What a certificate is made from once somebody looks at it.
#[derive(Debug)]
pub(super) struct LaterCertificate {
    request: Request,
    issuer: LaterIssuer,
    environment: SetAside,
}

impl LaterCertificate {
    /// Sets aside what the certificate needs of the outside world.
    pub(super) fn new(request: Request, issuer: LaterIssuer, environment: &dyn Environment) -> Self {
        LaterCertificate { request, issuer, environment: SetAside::from(environment) }
    }

    fn make(&self) -> Result<CertificatePair, String> {
        let key = PrivateKey::generate(KeyKind::Rsa(KEY_BITS), &self.environment)
            .map_err(|reason| format!("error generating rsa key: {reason}"))?;
        let LaterIssuer::Other(issuer) = &self.issuer else {
            return CertificatePair::create(&self.request, &key, &Issuer::Itself, &self.environment);
        };
        let issuer = issuer.object().and_then(|object| object.as_any().downcast_ref::<CertificateObject>());
        let issuer = issuer.ok_or("unable to decode certificate")?.pair()?;
        let certificate = decode_pem(issuer.certificate.as_bytes())
            .and_then(|(_, contents)| Certificate::parse(&contents))
            .ok_or("unable to decode certificate")?;
        let signer = PrivateKey::from_pem(issuer.key.as_bytes())
            .map_err(|reason| format!("error parsing private key: {reason}"))?;
        let issuer = Issuer::Other(&certificate, &signer);
        CertificatePair::create(&self.request, &key, &issuer, &self.environment)
    }
}

/// A certificate with its key.
#[derive(Debug)]
pub(super) enum CertificateObject {
    /// One that is there.
    Made(CertificatePair),
    /// One that is made when it is first looked at.
    Later(Box<LaterCertificate>, OnceCell<Result<CertificatePair, String>>),
}

impl CertificateObject {
    /// The certificate and its key, or why they cannot be made.
    pub(super) fn pair(&self) -> Result<&CertificatePair, String> {
        match self {
            CertificateObject::Made(pair) => Ok(pair),
            CertificateObject::Later(later, made) => {
                made.get_or_init(|| later.make()).as_ref().map_err(Clone::clone)
            }
        }
    }
}

impl Object for CertificateObject {
    fn go_type(&self) -> &'static GoType {
        CERTIFICATE
    }

    fn member(&self, name: &str) -> Option<Member> {
        let field: fn(&CertificatePair) -> &GoString = match name {
            "Cert" => |pair| &pair.certificate,
            "Key" => |pair| &pair.key,
            _ => return None,
        };
        self.pair().ok().map(|pair| Member::Field(Value::from(field(pair).clone())))
    }

    fn text(&self) -> GoString {
        match self.pair() {
            Ok(pair) => {
                GoString::from([b"{", pair.certificate.as_bytes(), b" ", pair.key.as_bytes(), b"}"].concat())
            }
            Err(reason) => GoString::from(format!("%!v(PANIC={reason})")),
        }
    }

    fn plain(&self) -> Option<Value> {
        let pair = self.pair().ok()?;
        let fields = [("Cert", &pair.certificate), ("Key", &pair.key)];
        let entry = |(name, field): (&str, &GoString)| (GoString::from(name), Value::from(field.clone()));
        Some(Value::from(fields.into_iter().map(entry).collect::<crate::Map>()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
