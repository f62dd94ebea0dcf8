//! Providers whose certificate is not to be trusted, or that speak no TLS at all.

use std::path::PathBuf;
use std::sync::Arc;

use bearergate_testkit::{Endpoint, Provider};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::line::{Fault, Line};
use crate::validation::scene::{Scene, changed, document};

/// An authority that issues certificates.
type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(parameters, key).expect("a certificate")
}

/// What a certificate says.
struct Certificate {
    host: &'static str,
    years: (i32, i32),
    /// Whose it is; by nobody, it signs itself.
    issuer: Option<Arc<Authority>>,
}

impl Certificate {
    /// A TLS end in front of `target`; its port.
    async fn serve(self, target: String) -> u16 {
        let mut parameters = CertificateParams::new([self.host.to_owned()]).expect("a good name");
        parameters.not_before = date_time_ymd(self.years.0, 1, 1);
        parameters.not_after = date_time_ymd(self.years.1, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = match &self.issuer {
            Some(issuer) => parameters.signed_by(&key, issuer),
            None => parameters.self_signed(&key),
        };
        let chain = vec![certificate.expect("a certificate").der().clone()];
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("a private key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .expect("a key and its certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), target.clone());
                tokio::spawn(async move {
                    // Whoever finds no trust ends the handshake.
                    let mut stream = acceptor.accept(stream).await?;
                    let mut other = TcpStream::connect(target).await?;
                    copy_bidirectional(&mut stream, &mut other).await
                });
            }
        });
        port
    }
}

/// The gate that trusts `authority`, and whose provider has its keys at this port by HTTPS.
fn gate(provider: Provider, port: u16, authority: &Authority) -> (Scene, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let trusted: PathBuf = directory.path().join("trusted.pem");
    std::fs::write(&trusted, authority.pem()).expect("it can be written");
    let (_, path) = provider
        .keys_url()
        .split_once("/contoso")
        .map_or_else(Default::default, |(one, path)| {
            (one.to_owned(), path.to_owned())
        });
    let jwks_uri = format!("https://localhost:{port}/contoso{path}");
    let settings = changed(provider.settings(), &json!({ "jwks_uri": jwks_uri }));
    let document = document(&json!({}), &[settings]);
    let variables = [("SSL_CERT_FILE", trusted.as_path())];
    let scene = Scene::in_environment(provider, &document, &[], &variables);
    (scene, directory)
}

#[tokio::test]
async fn keys_come_from_nobody_whose_certificate_is_not_good() {
    let trusted = Arc::new(authority());
    let foreign = Arc::new(authority());
    let of = |host, years, issuer| Certificate {
        host,
        years,
        issuer,
    };
    let cases = [
        (
            "good",
            of("localhost", (2020, 2090), Some(Arc::clone(&trusted))),
            true,
        ),
        (
            "expired",
            of("localhost", (2020, 2021), Some(Arc::clone(&trusted))),
            false,
        ),
        (
            "not yet valid",
            of("localhost", (2080, 2090), Some(Arc::clone(&trusted))),
            false,
        ),
        (
            "of another host",
            of("idp.example.com", (2020, 2090), Some(Arc::clone(&trusted))),
            false,
        ),
        (
            "of a foreign authority",
            of("localhost", (2020, 2090), Some(foreign)),
            false,
        ),
        (
            "signed by itself",
            of("localhost", (2020, 2090), None),
            false,
        ),
    ];
    for (name, certificate, is_good) in cases {
        let provider = Provider::start().await;
        let target = provider.base().trim_start_matches("http://").to_owned();
        let port = certificate.serve(target).await;
        let (scene, _directory) = gate(provider, port, &trusted);
        let answer = scene.token(&scene.provider.good_token()).await;
        let status = if is_good { 200 } else { 503 };
        assert_eq!(answer.status.as_u16(), status, "{name}: {answer:?}");
        assert_eq!(
            scene.provider.requests(Endpoint::Keys) > 0,
            is_good,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_or_nothing_at_all_gives_no_keys() {
    for fault in [None, Some(Fault::Silent), Some(Fault::Closed)] {
        let provider = Provider::start().await;
        let target = provider.base().trim_start_matches("http://").to_owned();
        let line = Line::to(&target, fault);
        let (scene, _directory) = gate(provider, line.address().port(), &authority());
        let answer = scene.token(&scene.provider.good_token()).await;
        answer.refused(503, "provider_unavailable");
        assert_eq!(scene.provider.requests(Endpoint::Keys), 0);
    }
}
