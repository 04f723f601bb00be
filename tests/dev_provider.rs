//! The built-in identity provider, from outside: over sockets on loopback.
#![cfg(feature = "dev")]
#![allow(
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use laredo::dev::{Fault, IdentityProvider, Options, SigningKey};
use laredo::secret::Secret;
use scripted::{ScriptedPeer, Step};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

const SCOPE: &str = "api://cluster.namespace.app/.default";
const FORM: &str = "application/x-www-form-urlencoded";

/// Far more than any answer takes on loopback, so that a broken test ends.
const LONG: Duration = Duration::from_secs(30);

fn signing_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    Arc::clone(KEY.get_or_init(|| SigningKey::generate().unwrap()))
}

async fn provider() -> IdentityProvider {
    let options = Options {
        signing_key: Some(signing_key()),
        ..Options::default()
    };
    IdentityProvider::start(options).await.unwrap()
}

/// What came back until the connection ended.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn headers(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
}

async fn send(method: &str, url: &str, media_type: &str, body: &str) -> std::io::Result<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    let reading = stream.read_to_string(&mut answer);
    tokio::time::timeout(LONG, reading).await.unwrap()?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    Ok(Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

async fn get(url: &str) -> Answer {
    send("GET", url, "text/plain", "").await.unwrap()
}

fn good_form(provider: &IdentityProvider) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", provider.client_id().to_owned()),
        (
            "client_secret",
            provider.client_secret().unwrap().expose().to_owned(),
        ),
        ("scope", SCOPE.to_owned()),
    ]
}

/// The good form, but for one field; empty text leaves it out.
fn form_with(provider: &IdentityProvider, name: &str, value: &str) -> String {
    let mut form = good_form(provider);
    form.retain(|(field, _)| *field != name);
    let changed = (!value.is_empty()).then_some((name, value.to_owned()));
    let fields: Vec<_> = form.into_iter().chain(changed).collect();
    serde_urlencoded::to_string(fields).unwrap()
}

async fn token_call(provider: &IdentityProvider, form: &str) -> std::io::Result<Answer> {
    send("POST", provider.token_endpoint(), FORM, form).await
}

async fn good_call(provider: &IdentityProvider) -> std::io::Result<Answer> {
    let form = serde_urlencoded::to_string(good_form(provider)).unwrap();
    token_call(provider, &form).await
}

/// A good call's answer while the fault is on.
async fn answer_with(fault: Fault) -> Answer {
    let provider = provider().await;
    provider.faults().set([fault]).unwrap();
    good_call(&provider).await.unwrap()
}

#[tokio::test]
async fn a_token_can_be_checked_with_the_published_keys() {
    let provider = provider().await;
    let metadata = get(provider.metadata_url()).await.json();

    let answer = good_call(&provider).await.unwrap().json();

    let keys_url = metadata["jwks_uri"].as_str().unwrap();
    let keys: JwkSet = serde_json::from_str(&get(keys_url).await.body).unwrap();
    let token = answer["access_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["api://cluster.namespace.app"]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    validation.validate_nbf = true;
    let decoding_key = DecodingKey::from_jwk(key).unwrap();
    let claims = jsonwebtoken::decode::<Value>(token, &decoding_key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["azp"], provider.client_id());
    assert_eq!(claims["tid"], provider.tenant_id());
    assert_eq!(claims["roles"], json!(["access_as_application"]));
    assert_eq!(claims["ver"], "2.0");
    assert_eq!(claims["azpacr"], "1");
}

#[tokio::test]
async fn a_token_answer_looks_like_entras() {
    let provider = provider().await;

    let answer = good_call(&provider).await.unwrap();

    let mut body = answer.json();
    body["access_token"].take();
    assert_eq!(answer.status, 200);
    assert_eq!(
        body,
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": null})
    );
    assert_eq!(
        answer.headers("content-type"),
        ["application/json; charset=utf-8"]
    );
}

#[tokio::test]
async fn no_two_tokens_are_alike() {
    let provider = provider().await;

    let first = good_call(&provider).await.unwrap().json();
    let second = good_call(&provider).await.unwrap().json();

    assert_ne!(first["access_token"], second["access_token"]);
}

#[tokio::test]
async fn a_provider_without_a_key_makes_one() {
    let provider = IdentityProvider::start(Options::default()).await.unwrap();

    let answer = good_call(&provider).await.unwrap();

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn keys_name_their_issuer_and_no_algorithm() {
    let provider = provider().await;

    let keys = get(provider.jwks_uri()).await.json();

    assert_eq!(keys["keys"][0]["issuer"], provider.issuer());
    assert_eq!(keys["keys"][0]["use"], "sig");
    assert_eq!(keys["keys"][0].get("alg"), None);
}

#[tokio::test]
async fn metadata_name_every_endpoint() {
    let provider = provider().await;

    let metadata = get(provider.metadata_url()).await.json();

    assert_eq!(metadata["issuer"], provider.issuer());
    assert_eq!(metadata["token_endpoint"], provider.token_endpoint());
    assert_eq!(metadata["jwks_uri"], provider.jwks_uri());
    assert_eq!(
        metadata["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
}

#[tokio::test]
async fn a_refusal_has_every_member_of_entras() {
    let provider = provider().await;
    let form = form_with(&provider, "client_secret", "wrong");

    let answer = token_call(&provider, &form).await.unwrap();

    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let description = text("error_description");
    assert_eq!(answer.status, 401);
    assert_eq!(body["error_codes"], json!([7_000_215]));
    assert_eq!(
        body["error_uri"],
        "https://login.microsoftonline.com/error?code=7000215"
    );
    assert!(description.starts_with("AADSTS7000215: Invalid client secret provided. "));
    assert!(description.ends_with(&format!(
        " Trace ID: {} Correlation ID: {} Timestamp: {}",
        text("trace_id"),
        text("correlation_id"),
        text("timestamp")
    )));
}

#[tokio::test]
async fn a_bad_call_is_refused_with_entras_code() {
    let provider = provider().await;
    let cases = [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_216),
        ("client_id", "other", 400, "unauthorized_client", 700_016),
        ("client_id", "", 400, "invalid_request", 90014),
        ("scope", "api://a/read", 400, "invalid_scope", 1_002_012),
        (
            "scope",
            "a/.default b/.default",
            400,
            "invalid_scope",
            1_002_012,
        ),
        ("scope", "", 400, "invalid_request", 90014),
        ("grant_type", "", 400, "invalid_request", 90014),
        (
            "grant_type",
            "password",
            400,
            "unsupported_grant_type",
            70003,
        ),
    ];

    for (field, value, status, error, code) in cases {
        let form = form_with(&provider, field, value);
        let answer = token_call(&provider, &form).await.unwrap();

        let case = format!("{field}={value}");
        assert_eq!(answer.status, status, "{case}");
        assert_eq!(answer.json()["error"], error, "{case}");
        assert_eq!(answer.json()["error_codes"], json!([code]), "{case}");
    }
}

#[tokio::test]
async fn another_tenant_is_unknown() {
    let provider = provider().await;
    let form = serde_urlencoded::to_string(good_form(&provider)).unwrap();
    let url = format!("{}/other/oauth2/v2.0/token", provider.base_url());

    let answer = send("POST", &url, FORM, &form).await.unwrap();

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "invalid_request");
    assert_eq!(answer.json()["error_codes"], json!([90002]));
}

#[tokio::test]
async fn what_is_not_called_a_form_is_not_read() {
    let provider = provider().await;
    let form = serde_urlencoded::to_string(good_form(&provider)).unwrap();

    let answer = send("POST", provider.token_endpoint(), "application/json", &form)
        .await
        .unwrap();

    assert_eq!(answer.json()["error_codes"], json!([90014]));
}

#[tokio::test]
async fn a_rotated_secret_is_taken_and_the_old_one_refused() {
    let provider = provider().await;
    let old = form_with(&provider, "", "");

    provider.accept_secrets(vec![Secret::from("new".to_owned())]);

    let new = form_with(&provider, "client_secret", "new");
    assert_eq!(token_call(&provider, &new).await.unwrap().status, 200);
    assert_eq!(token_call(&provider, &old).await.unwrap().status, 401);
}

#[tokio::test]
async fn the_secret_is_made_at_random() {
    let (one, other) = (provider().await, provider().await);

    assert_ne!(one.client_secret(), other.client_secret());
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = Options {
        address: ([0, 0, 0, 0], 0).into(),
        ..Options::default()
    };

    assert!(IdentityProvider::start(options).await.is_err());
}

#[tokio::test]
async fn a_stopped_provider_refuses_connections_until_it_is_restarted() {
    let provider = provider().await;
    good_call(&provider).await.unwrap();

    provider.stop().await;
    let refused = good_call(&provider).await.err().unwrap();
    provider.restart().await.unwrap();

    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(good_call(&provider).await.unwrap().status, 200);
}

#[tokio::test]
async fn stopping_cuts_calls_that_wait() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.stop().await;
    });

    assert!(answer.is_err());
}

#[tokio::test]
async fn calls_wait_at_a_closed_gate() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (first, second, ()) = tokio::join!(good_call(&provider), good_call(&provider), async {
        provider.calls().wait_for(2).await;
        provider.calls().open_gate();
    });

    assert_eq!((first.unwrap().status, second.unwrap().status), (200, 200));
    assert_eq!(provider.calls().peak(), 2);
}

#[tokio::test]
async fn a_later_call_can_be_let_through_first() {
    let provider = Arc::new(provider().await);
    provider.calls().close_gate();
    let earlier = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { good_call(&provider).await }
    });
    provider.calls().wait_for(1).await;

    provider.calls().let_through(2);
    let later = good_call(&provider).await.unwrap();

    assert_eq!(later.status, 200);
    assert!(!earlier.is_finished());
}

#[tokio::test]
async fn calls_that_passed_an_open_gate_are_not_held_by_its_closing() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.calls().open_gate();
        provider.calls().close_gate();
    });

    assert_eq!(answer.unwrap().status, 200);
}

#[tokio::test]
async fn a_call_whose_client_goes_away_is_no_longer_under_way() {
    let provider = provider().await;
    provider.calls().close_gate();
    let call = good_call(&provider);

    tokio::select! {
        _ = call => {}
        () = provider.calls().wait_for(1) => {}
    }

    let ended = provider.calls().wait_until_under_way(0);
    tokio::time::timeout(LONG, ended).await.unwrap();
}

#[tokio::test]
async fn calls_are_recorded_with_their_fields() {
    let provider = provider().await;

    good_call(&provider).await.unwrap();
    get(provider.jwks_uri()).await;
    get(provider.metadata_url()).await;

    let calls = provider.calls().all();
    let secret = provider.client_secret().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("scope"), Some(SCOPE));
    assert_eq!(calls[0].field("client_secret"), Some(secret.expose()));
    assert_eq!(provider.calls().keys_count(), 1);
    assert_eq!(provider.calls().metadata_count(), 1);
    assert!(!format!("{:?}", calls[0]).contains(secret.expose()));
}

#[tokio::test]
async fn outage_closes_the_connection_without_an_answer() {
    let provider = provider().await;
    let outage = Fault {
        outage: true,
        ..Fault::default()
    };

    provider.faults().set([outage]).unwrap();

    assert!(good_call(&provider).await.is_err());
    assert_eq!(provider.calls().count(), 1);
}

#[tokio::test]
async fn hang_keeps_the_caller_waiting() {
    let provider = provider().await;
    let hang = Fault {
        hang: true,
        ..Fault::default()
    };
    provider.faults().set([hang]).unwrap();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.stop().await;
    });

    assert!(answer.is_err());
}

#[tokio::test]
async fn delay_comes_before_the_answer() {
    let begun = tokio::time::Instant::now();

    let answer = answer_with(Fault {
        delay: Some(50),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_status_alone_comes_with_entras_error() {
    let answer = answer_with(Fault {
        status: Some(503),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn status_headers_and_body_are_sent_as_given() {
    let answer = answer_with(Fault {
        status: Some(502),
        headers: Some("Retry-After: 1\nRetry-After: 2".to_owned()),
        body: Some("<html>".to_owned()),
        content_type: Some("text/html".to_owned()),
        ..Fault::default()
    })
    .await;

    assert_eq!((answer.status, answer.body.as_str()), (502, "<html>"));
    assert_eq!(answer.headers("retry-after"), ["1", "2"]);
    assert_eq!(answer.headers("content-type"), ["text/html"]);
}

#[tokio::test]
async fn a_content_type_can_be_left_out() {
    let answer = answer_with(Fault {
        content_type: Some(String::new()),
        ..Fault::default()
    })
    .await;

    assert!(answer.headers("content-type").is_empty());
}

#[tokio::test]
async fn throttle_is_429_with_the_given_time() {
    let answer = answer_with(Fault {
        throttle: Some("7".to_owned()),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 429);
    assert_eq!(answer.headers("retry-after"), ["7"]);
}

#[tokio::test]
async fn redirect_points_elsewhere() {
    let answer = answer_with(Fault {
        redirect: Some("http://127.0.0.1:1/".to_owned()),
        status: Some(307),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers("location"), ["http://127.0.0.1:1/"]);
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn truncate_sends_half_of_what_it_announced() {
    let answer = answer_with(Fault {
        body: Some("0123456789".to_owned()),
        truncate: true,
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.headers("content-length"), ["10"]);
    assert_eq!(answer.body, "01234");
}

#[tokio::test]
async fn members_are_sent_as_the_given_json_text() {
    let answer = answer_with(Fault {
        expires_in: Some("1e400".to_owned()),
        token_type: Some(r#""DPoP""#.to_owned()),
        refresh_in: Some("-1".to_owned()),
        access_token: Some(String::new()),
        ..Fault::default()
    })
    .await;

    assert_eq!(
        answer.body,
        r#"{"ext_expires_in":3599,"token_type":"DPoP","expires_in":1e400,"refresh_in":-1}"#
    );
}

#[tokio::test]
async fn faults_are_turned_on_by_form_shown_and_turned_off() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());

    let on = send("POST", &url, FORM, "status=503&outage=true&times=2")
        .await
        .unwrap();
    let shown = get(&url).await;
    let off = send("DELETE", &url, "text/plain", "").await.unwrap();

    assert_eq!(
        on.json(),
        json!([{"status": 503, "outage": true, "times": 2}])
    );
    assert_eq!(shown.json(), on.json());
    assert_eq!(off.json(), json!([]));
    assert_eq!(good_call(&provider).await.unwrap().status, 200);
}

#[tokio::test]
async fn faults_are_turned_on_by_json() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());
    let fault = r#"{"expires_in": "\"60\"", "every": 2}"#;

    send("POST", &url, "application/json", fault).await.unwrap();

    let mut lifetimes = Vec::new();
    for _ in 0..2 {
        let answer = good_call(&provider).await.unwrap().json();
        lifetimes.push(answer["expires_in"].clone());
    }
    assert_eq!(lifetimes, [json!(3599), json!("60")]);
}

#[tokio::test]
async fn an_unknown_fault_is_refused_by_name() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());

    let answer = send("POST", &url, FORM, "outrage=true").await.unwrap();

    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("outrage"));
    assert!(provider.faults().on().is_empty());
}

#[tokio::test]
async fn a_scripted_peer_records_and_answers() {
    let signal = Arc::new(Notify::new());
    let script = vec![
        Step::text("HTTP/1.1 200 OK\r\n"),
        Step::WaitFor(Arc::clone(&signal)),
        Step::text("\r\nhello"),
        Step::Close,
    ];
    let peer = ScriptedPeer::start(script).await;
    let url = format!("{}/path", peer.base_url());

    let (answer, ()) = tokio::join!(send("POST", &url, FORM, "a=b"), async {
        peer.wait_for_requests(1).await;
        signal.notify_one();
    });

    let seen = peer.seen();
    assert_eq!(answer.unwrap().body, "hello");
    assert_eq!(seen.connections, 1);
    assert!(seen.requests[0].starts_with(b"POST /path HTTP/1.1\r\n"));
    assert!(seen.requests[0].ends_with(b"\r\n\r\na=b"));
}

#[tokio::test]
async fn a_scripted_peer_resets() {
    let peer = ScriptedPeer::start(vec![Step::Reset]).await;
    let url = format!("{}/", peer.base_url());

    let failed = send("GET", &url, "text/plain", "").await.err().unwrap();

    assert_eq!(failed.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_scripted_peer_tells_connections_apart() {
    let peer = ScriptedPeer::start_with(|number| match number {
        1 => vec![Step::Close],
        _ => Step::dribble(b"HTTP/1.1 204 No Content\r\n\r\n", Duration::ZERO),
    })
    .await;
    let url = format!("{}/", peer.base_url());

    let first = send("GET", &url, "text/plain", "").await;
    let second = send("GET", &url, "text/plain", "").await;

    assert!(first.is_err());
    assert_eq!(second.unwrap().status, 204);
}
