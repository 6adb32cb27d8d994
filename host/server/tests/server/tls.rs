//! TLS: the certificate that the configuration names.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anchorhold_server::{Config, Server, TlsConfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::running::{NOW, Running};

fn files(folder: &Path) -> (TlsConfig, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let tls = TlsConfig { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    fs::write(&tls.certificate, made.cert.pem()).unwrap();
    fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    (tls, made.cert.der().clone())
}

fn config(folder: &TempDir, listen: &str, tls: TlsConfig) -> Config {
    let database = folder.path().join("server.db");
    Config { tls: Some(tls), ..Config::new(listen.parse().unwrap(), database) }
}

#[tokio::test]
async fn with_a_certificate_it_serves_over_tls_wherever_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, certificate) = files(folder.path());
    let config = config(&folder, "0.0.0.0:0", tls);
    let running = Running::with(folder, config, NOW).await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", running.address.port())).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let mut stream = connector.connect(name, stream).await.unwrap();
    let request = "POST /v1/sign-in/challenge HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#""origin":"https://0.0.0.0:"#), "{answer}");

    // What is not TLS gets no answer of HTTP, and holds up nobody.
    let mut plain = TcpStream::connect(("127.0.0.1", running.address.port())).await.unwrap();
    plain.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    running.stop().await;
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (good, _) = files(folder.path());
    let text = folder.path().join("text");
    fs::write(&text, "text").unwrap();
    let none = folder.path().join("none");
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let (other, _) = files(&other);
    for (tls, name, problem) in [
        (TlsConfig { certificate: none.clone(), ..good.clone() }, "none", "has no certificate"),
        (TlsConfig { certificate: text.clone(), ..good.clone() }, "text", "has no certificate"),
        (TlsConfig { key: none, ..good.clone() }, "none", "has no private key"),
        (TlsConfig { key: text, ..good.clone() }, "text", "has no private key"),
        (TlsConfig { key: other.key, ..good.clone() }, "key.pem", "is not the certificate's"),
    ] {
        let started = Server::start(config(&folder, "127.0.0.1:0", tls)).await;
        let error = started.unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(problem), "{error}");
    }
}

#[test]
fn paths_are_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    let text = "listen = \"0.0.0.0:8443\"\nlost_after = 5\n\
                [tls]\ncertificate = \"cert.pem\"\nkey = \"/etc/key.pem\"\n";
    fs::write(&path, text).unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.lost_after, 5);
    let tls = config.tls.unwrap();
    assert_eq!(tls.certificate, folder.path().join("cert.pem"));
    assert_eq!(tls.key, Path::new("/etc/key.pem"));
}
