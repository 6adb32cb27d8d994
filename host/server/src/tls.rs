//! Sets TLS up from the files that the configuration names.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{ConfigError, TlsConfig};

/// Reads the certificate and its key.
pub(crate) fn acceptor(config: &TlsConfig) -> Result<TlsAcceptor, ConfigError> {
    let problem = |path: &Path, problem: String| ConfigError::Tls { path: path.into(), problem };
    let chain = CertificateDer::pem_file_iter(&config.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| problem(&config.certificate, format!("has no certificate: {error}")))?;
    if chain.is_empty() {
        return Err(problem(&config.certificate, "has no certificate in PEM".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&config.key)
        .map_err(|error| problem(&config.key, format!("has no private key: {error}")))?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| problem(&config.certificate, format!("cannot be used: {error}")))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| problem(&config.key, format!("is not the certificate's: {error}")))?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}
