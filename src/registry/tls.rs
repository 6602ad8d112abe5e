//! Root certificates, and errors of TLS certificates.

use crate::error::{Error, Kind, Result, ResultExt};
use std::path::Path;

/// Loads the certificates of a PEM file.
pub(super) fn load_roots(ca: &Path) -> Result<Vec<reqwest::Certificate>> {
    let name = ca.display();
    let bytes =
        std::fs::read(ca).context(Kind::Usage, format!("the root certificates in {name} cannot be read"))?;
    let roots = reqwest::Certificate::from_pem_bundle(&bytes);
    let roots = roots.context(Kind::Usage, format!("{name} is not a PEM file with certificates"))?;
    if roots.is_empty() {
        return Err(Error::usage(format!("{name} contains no certificate")));
    }
    Ok(roots)
}

/// Whether an error is, or was caused by, a TLS certificate that is not trusted.
pub(super) fn is_certificate_error(error: &(dyn std::error::Error + 'static)) -> bool {
    use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(InvalidCertificate(_) | NoCertificatesPresented) = error.downcast_ref() {
            return true;
        }
        // The `source` of an I/O error skips the error that it wraps.
        let io: Option<&std::io::Error> = error.downcast_ref();
        next = match io.and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_certificate_error;
    use std::io;

    #[test]
    fn certificate_errors_are_found_below_other_errors() {
        let invalid = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let nested = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, invalid));
        assert!(is_certificate_error(&nested));
        let other = io::Error::other(rustls::Error::HandshakeNotComplete);
        assert!(!is_certificate_error(&other));
        assert!(!is_certificate_error(&io::Error::from(io::ErrorKind::ConnectionReset)));
    }
}
