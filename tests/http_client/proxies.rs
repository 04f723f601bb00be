//! What goes through a proxy, what goes directly, and what does not go at all.

use laredo::http_client::{Cause, Failure, HttpSettings, Proxies};
use rstest::rstest;
use tempfile::NamedTempFile;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

use crate::support::*;
use crate::tls::{Authority, some_ca_file};

/// A proxy that notes what it is asked for and refuses it.
struct Trap {
    peer: Peer,
    requests: mpsc::UnboundedReceiver<String>,
    ca_file: NamedTempFile,
}

impl Trap {
    async fn set() -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let peer = Peer::start(move |mut stream| {
            let sender = sender.clone();
            async move {
                if let Some(request) = read_request(&mut stream).await {
                    let _ = sender.send(request.lines().next().unwrap_or_default().to_owned());
                }
                let _ = stream.write_all(answer("403 No", "", "").as_bytes()).await;
            }
        })
        .await;
        Self {
            peer,
            requests,
            ca_file: some_ca_file(),
        }
    }

    /// Everything through the trap but what `no_proxy` says.
    fn settings(&self, no_proxy: &str) -> HttpSettings {
        HttpSettings {
            proxies: Proxies {
                https: Some(self.peer.url.clone()),
                http: Some(self.peer.url.clone()),
                no_proxy: Some(no_proxy.to_owned()),
            },
            ca_file: Some(self.ca_file.path().to_owned()),
            plain_http_hosts: vec!["mock.invalid".to_owned(), unresolvable("provider.invalid")],
            ..settings()
        }
    }

    async fn first_request(&mut self) -> String {
        self.requests.recv().await.expect("request")
    }
}

fn url(text: &str) -> Url {
    text.parse().expect("URL")
}

#[tokio::test]
async fn s8_https_to_any_other_name_goes_through_the_proxy() {
    let mut trap = Trap::set().await;

    let failure = get_with(trap.settings(""), &url("https://provider.invalid/token")).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::ProxyRefused));
    let request = trap.first_request().await;
    assert_eq!(request, "CONNECT provider.invalid:443 HTTP/1.1");
}

#[tokio::test]
async fn s8_plain_http_to_a_listed_name_goes_through_the_proxy() {
    let mut trap = Trap::set().await;

    let answer = get_with(trap.settings(""), &url("http://mock.invalid/token")).await;

    assert_eq!(answer.expect("answer").status, 403);
    let request = trap.first_request().await;
    assert_eq!(request, "GET http://mock.invalid/token HTTP/1.1");
}

#[rstest]
#[tokio::test]
async fn s8_loopback_is_never_proxied(
    #[values("http", "https")] scheme: &str,
    #[values(
        "127.0.0.1",
        "127.1.2.3",
        "[::1]",
        "localhost",
        "*.localhost",
        "LOCALHOST"
    )]
    host: &str,
) {
    let trap = Trap::set().await;
    let provider = Peer::start(|stream| async { drop(stream) }).await;
    let port = provider.url.port().expect("port");
    // Too long a label for a question to leave the machine.
    let host = host.replace('*', &"x".repeat(64));
    let url = url(&format!("{scheme}://{host}:{port}/token"));

    let _ = client(trap.settings("provider.invalid"))
        .get(&url, LONG)
        .await;

    assert_eq!(trap.peer.connections(), 0);
}

#[rstest]
#[case("provider.invalid")]
#[case("PROVIDER.invalid")]
#[case(".invalid")]
#[case("invalid")]
#[case("other.example, provider.invalid")]
#[case("*")]
#[tokio::test]
async fn s8_no_proxy_names_go_directly(#[case] no_proxy: &str) {
    let trap = Trap::set().await;
    let endpoint = format!("http://{}/token", unresolvable("provider.invalid"));

    let failure = get_with(trap.settings(no_proxy), &url(&endpoint)).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::NameNotResolved));
    assert_eq!(trap.peer.connections(), 0);
}

#[rstest]
#[case("https://xprovider.invalid/", "provider.invalid", true)]
#[case("https://provider.invalid.example/", "provider.invalid", true)]
#[case("https://0.0.0.0:1/", "0.0.0.1", true)]
#[case("https://0.0.0.0:1/", "0.0.0.0", false)]
#[case("https://0.0.0.0:1/", "0.0.0.0/24", false)]
#[tokio::test]
async fn s8_no_proxy_matches_whole_labels_addresses_and_networks(
    #[case] endpoint: &str,
    #[case] no_proxy: &str,
    #[case] proxied: bool,
) {
    let trap = Trap::set().await;

    let _ = get_with(trap.settings(no_proxy), &url(endpoint)).await;

    assert_eq!(trap.peer.connections() > 0, proxied);
}

#[tokio::test]
async fn s8_the_providers_certificate_is_verified_through_the_proxys_tunnel() {
    let authority = Authority::new();
    let provider = authority.peer("provider.invalid", |_| {}).await;
    let port = provider.url.port().expect("port");
    let proxy = Peer::start(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await;
        let provider = TcpStream::connect(("127.0.0.1", port)).await;
        let _ = copy_bidirectional(&mut stream, &mut provider.expect("provider")).await;
    })
    .await;
    let settings = HttpSettings {
        proxies: Proxies {
            https: Some(proxy.url.clone()),
            ..Proxies::default()
        },
        ca_file: Some(authority.file.path().to_owned()),
        ..settings()
    };

    let right = get_with(settings.clone(), &url("https://provider.invalid/token")).await;
    let wrong = get_with(settings, &url("https://other.invalid/token")).await;

    assert_eq!(right.expect("answer").status, 200);
    let name = Failure::Unreachable(Cause::CertificateName);
    assert_eq!(wrong.expect_err("failure"), name);
}

#[tokio::test]
async fn s8_a_proxy_that_is_down_is_named_as_the_cause() {
    let trap = Trap::set().await;
    let mut settings = trap.settings("");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let address = listener.local_addr().expect("address");
    drop(listener);
    settings.proxies.https = Some(url(&format!("http://{address}")));

    let failure = get_with(settings, &url("https://provider.invalid/token")).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::ProxyUnreachable));
}

#[tokio::test]
async fn s10_plain_http_to_a_name_not_listed_goes_nowhere_not_even_to_the_proxy() {
    let trap = Trap::set().await;
    let endpoint = format!("http://{}/token", unresolvable("invalid"));

    let failure = get_with(trap.settings(""), &url(&endpoint)).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::NameNotResolved));
    assert_eq!(trap.peer.connections(), 0);
}

#[rstest]
#[case("http://192.0.2.7/token")]
#[case("http://[2001:db8::7]/token")]
#[tokio::test]
async fn s10_plain_http_to_an_address_that_is_not_loopback_is_refused(#[case] endpoint: &str) {
    let failure = get(&url(endpoint)).await.expect_err("failure");

    assert_eq!(failure, Failure::Unreachable(Cause::PlainHttp));
}

#[tokio::test]
async fn s10_plain_http_to_localhost_works() {
    let peer = Peer::answering(answer("200 OK", "", "{}")).await;
    let port = peer.url.port().expect("port");

    let answer = get(&url(&format!("http://localhost:{port}/token"))).await;

    assert_eq!(answer.expect("answer").status, 200);
}
