//! No secret, and no word of a stranger, gets to where it does not belong (S1, S16, S20, S21).

use std::net::SocketAddr;
use std::rc::Rc;

use laredo::dev::{Fault, Played};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout;

use crate::client::{self, LONG, provider};
use crate::hostile::{self, Hostile};
use crate::marker::Marker;
use crate::program::{Daemon, command, run};
use crate::strangers;

const LOUD: [(&str, &str); 2] = [("BIND_ADDRESS", "127.0.0.1:0"), ("RUST_LOG", "trace")];

/// A daemon that logs all it can, whose secret is the marker and whose provider is hostile.
async fn loud(marker: &Marker, peer: &Hostile, more: &[(&str, &str)]) -> Daemon {
    let endpoint = format!("http://{}/{}", peer.address, marker.text());
    let client_id = format!("id-{}", marker.text());
    let mut variables = vec![
        ("AZURE_APP_CLIENT_ID", &*client_id),
        ("AZURE_APP_CLIENT_SECRET", marker.text()),
        ("AZURE_APP_NEXT_CLIENT_SECRET", marker.text()),
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", &endpoint),
    ];
    variables.extend(LOUD);
    variables.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    variables.extend_from_slice(more);
    Daemon::of(command(&[], &variables)).await
}

/// Everything that comes back on a connection.
async fn exchange(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let write = async {
        // The daemon may have answered and closed before it has read everything.
        let _ = writing.write_all(request.as_bytes()).await;
        let _ = writing.shutdown().await;
    };
    let read = async {
        let _ = reading.read_to_end(&mut answer).await;
    };
    timeout(LONG, async { tokio::join!(write, read) })
        .await
        .unwrap();
    answer
}

async fn assert_private(marker: &Marker, mut daemon: Daemon) {
    marker.assert_absent("/metrics", daemon.metrics().await.as_bytes());
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().await;
    let log = daemon.log().line_with("Laredo stops").await + &daemon.log().text();
    marker.assert_absent("the log", log.as_bytes());
    marker.assert_absent("standard error", daemon.complaints().as_bytes());
}

#[rstest]
#[tokio::test]
async fn s1_no_wrong_request_is_repeated_anywhere(
    #[values("true", "false")] refuse_forwarded: &str,
) {
    let marker = Marker::random();
    let peer = Hostile::start(marker.text()).await;
    let more = [("LAREDO_REFUSE_FORWARDED", refuse_forwarded)];
    let daemon = loud(&marker, &peer, &more).await;

    for request in strangers::requests(marker.text()) {
        let answer = exchange(daemon.api, &request).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.starts_with("HTTP/1.1 200"), "{request}");
        assert!(!text.starts_with("HTTP/1.1 5"), "{request}: {text}");
        marker.assert_absent(&request, &answer);
        exchange(daemon.operations, &request).await;
    }

    assert_private(&marker, daemon).await;
}

#[tokio::test]
async fn s1_s16_nothing_that_a_provider_says_gets_further_than_to_the_caller() {
    let marker = Marker::random();
    let peer = Hostile::start(marker.text()).await;
    let daemon = loud(&marker, &peer, &[]).await;

    for number in 0..hostile::count() {
        let target = format!("api://{}/fault-{number}", marker.text());
        let body = json!({
            "identity_provider": "azuread",
            "target": target,
            "resource": marker.text(),
            "authorization_details": [{"type": marker.text()}],
            "unknown": marker.text(),
        });
        for skip_cache in [false, true] {
            let mut body = body.clone();
            body["skip_cache"] = skip_cache.into();
            let answer = daemon.post(&body).await.unwrap();
            assert_eq!(
                answer.status == 200,
                number == 0,
                "{number}: {}",
                answer.body
            );
            marker.assert_absent(&target, answer.head.as_bytes());
            let rest = without_what_callers_get(answer.status, answer.json());
            marker.assert_absent(&target, rest.to_string().as_bytes());
        }
    }

    assert_private(&marker, daemon).await;
}

/// The token, and the provider's own words in a refusal, are for the caller (contract §3).
fn without_what_callers_get(status: u16, mut answer: Value) -> Value {
    let members = answer.as_object_mut().unwrap();
    match status {
        200 => drop(members.remove("access_token")),
        400..=499 => ["error", "error_description", "suberror", "trace_id"]
            .iter()
            .for_each(|name| drop(members.remove(*name))),
        503 if members["error"] == "temporarily_unavailable" => {
            drop(members.remove("error_description"));
        }
        _ => {}
    }
    answer
}

#[rstest]
#[case::entra("entra_id", Played::EntraId, "api://a.b.c/.default")]
#[case::tokenx("tokenx", Played::IdPorten, "a:b:c")]
#[case::generic("generic", Played::Generic, "a")]
#[tokio::test]
async fn s1_no_users_token_shows_anywhere(
    #[case] name: &str,
    #[case] issuer: Played,
    #[case] target: &str,
) {
    let provider = provider().await;
    let values = provider.variables();
    let mut variables: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.expose()))
        .collect();
    variables.extend(LOUD);
    let daemon = Daemon::of(command(&[], &variables)).await;
    let user_token = provider.user_token(issuer, &json!({"sub": "alice"})).await;
    let user_token = user_token.unwrap();
    let marker = Marker::of(user_token.split('.').next_back().unwrap().to_owned());
    let url = format!("http://{}/api/v1/token/exchange", daemon.api);
    let forged = format!("{}.{user_token}", marker.text());
    let outage = Fault {
        outage: true,
        ..Fault::default()
    };

    // Twice with a token, then with one that is refused, then with nobody there.
    let mut statuses = Vec::new();
    for (token, skip_cache) in [(&user_token, false), (&user_token, true), (&forged, false)] {
        let body = json!({
            "identity_provider": name,
            "target": target,
            "user_token": token,
            "skip_cache": skip_cache,
        });
        let body = body.to_string();
        for broken in [false, true] {
            let faults = broken.then(|| outage.clone());
            provider.faults().set(faults).unwrap();
            let sent = client::send("POST", &url, "application/json", &body);
            let answer = sent.await.unwrap();
            marker.assert_absent("the answer", answer.body.as_bytes());
            statuses.push(answer.status);
        }
    }

    assert_eq!(statuses[0..4], [200, 200, 200, 503]);
    assert_eq!(statuses[4], 400);
    assert_private(&marker, daemon).await;
}

#[tokio::test]
async fn s1_hostile_metadata_shows_nowhere() {
    let marker = Rc::new(Marker::random());
    let peer = Rc::new(Hostile::start(marker.text()).await);
    let (local, mut all) = (LocalSet::new(), JoinSet::new());
    for number in 0..hostile::count() {
        let (marker, peer) = (Rc::clone(&marker), Rc::clone(&peer));
        all.spawn_local_on(hostile_metadata(number, marker, peer), &local);
    }

    let outcomes = local.run_until(all.join_all()).await;

    assert_eq!(outcomes.len(), hostile::count());
}

async fn hostile_metadata(number: usize, marker: Rc<Marker>, peer: Rc<Hostile>) {
    let url = format!("http://{}/fault-{number}/{}", peer.address, marker.text());
    let more = [
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", ""),
        ("AZURE_APP_WELL_KNOWN_URL", &*url),
        ("AZURE_OPENID_CONFIG_ISSUER", "https://login.test/"),
    ];
    let daemon = loud(&marker, &peer, &more).await;

    let answer = daemon.ask(marker.text()).await.unwrap();

    assert_eq!(answer.status, 503, "{}", answer.body);
    marker.assert_absent("the answer", answer.body.as_bytes());
    assert_private(&marker, daemon).await;
}

#[tokio::test]
async fn s1_the_credentials_of_a_proxy_show_nowhere() {
    let marker = Marker::random();
    let peer = Hostile::start(marker.text()).await;
    let text = marker.text();
    let proxy = format!("http://{text}:{text}@{}", peer.address);
    let more = [
        (
            "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
            "https://login.test/token",
        ),
        ("HTTPS_PROXY", &*proxy),
    ];
    let daemon = loud(&marker, &peer, &more).await;

    let answer = daemon.ask(text).await.unwrap();

    assert_eq!(answer.status, 503, "{}", answer.body);
    marker.assert_absent("the answer", answer.body.as_bytes());
    assert_private(&marker, daemon).await;
}

#[tokio::test]
async fn s1_s20_commands_that_fail_repeat_no_secret() {
    let marker = Marker::random();
    let peer = Hostile::start(marker.text()).await;
    let endpoint = format!("http://{}/token", peer.address);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(marker.text());
    std::fs::write(&file, format!("{0}\n{0}", marker.text())).unwrap();
    let (text, file) = (marker.text(), file.to_str().unwrap());
    let proxy = format!("ftp://{text}:{text}@{text}");
    let good = [
        ("AZURE_APP_CLIENT_ID", "id"),
        ("AZURE_APP_CLIENT_SECRET", text),
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", &endpoint),
    ];
    let wrong = [
        ("AZURE_APP_NEXT_CLIENT_SECRET_FILE", file),
        ("AZURE_APP_JWK", text),
        ("AZURE_APP_NEXT_JWK_FILE", file),
        ("AZURE_APP_CERTIFICATE", text),
        ("AZURE_APP_CERTIFICATE_KEY_FILE", file),
        ("AZURE_FEDERATED_TOKEN_FILE", file),
        ("HTTPS_PROXY", &proxy),
        ("BIND_ADDRESS", text),
        ("RUST_LOG", text),
        ("NAIS_TOKEN_ENDPOINT", &proxy),
        ("LAREDO_PREFETCH", text),
    ];

    for command in ["serve", "check", "healthcheck"] {
        let outcome = run(&[command], &[&good[..], &wrong[..]].concat()).await;

        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        marker.assert_absent(command, format!("{outcome:?}").as_bytes());
    }

    // The first answer is a token.
    let outcome = run(&["check", "--target", "fault-0"], &good).await;
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    marker.assert_absent("check", format!("{outcome:?}").as_bytes());
}

#[tokio::test]
async fn s21_no_request_adds_a_series() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let url = format!("http://{}/api/v1/token", daemon.api);
    let ask = async |number: usize| {
        let wrong = [
            format!("identity_provider=azuread&target=api://{number}/.default"),
            format!("identity_provider=eyJ{number}&target=x"),
            format!("identity_provider=tokenx&target={number}"),
        ];
        for body in wrong {
            client::send("POST", &url, client::FORM, &body)
                .await
                .unwrap();
        }
        client::get(&format!("http://{}/{number}", daemon.api)).await;
    };
    let series = async || {
        let text = daemon.metrics().await;
        text.lines().filter(|line| !line.starts_with('#')).count()
    };
    ask(0).await;
    let before = series().await;

    for number in 1..500 {
        ask(number).await;
    }

    assert_eq!(series().await, before);
}
