//! Introspection: a token seen before, tokens never seen, and good tokens while forged ones come in a flood.

mod bare;
mod flood;
pub(crate) mod keys;
mod latency;
pub(crate) mod tokens;

use std::process::Command;
use std::sync::atomic::Ordering;

pub(crate) use bare::{ANSWERER, VERIFIER, serve_answerer, serve_verifier};
pub(crate) use flood::measure as measure_flood;
use keys::KeysEndpoint;
use tokens::Signer;

use crate::bare as token_bare;
use crate::server::{Process, await_port, free_port, spawn, this_binary};
use crate::statistics::{compare, median};
use crate::throughput::load;

/// So many that a cache of the smallest size holds no more than some per cent of them.
const TOKENS_NEVER_SEEN: usize = 10_000;
const SMALLEST_CACHE: &str = "1048576";
const DEFAULT_CACHE: &str = "16777216";
const CONNECTIONS: u32 = 16;
const ROUNDS: usize = 9;
const SECONDS: u32 = 3;

/// The daemon, on the given cores, with its keys from `keys` and no provider else.
fn daemon(cores: &str, keys: &KeysEndpoint, cache: &str) -> (Process, u16) {
    let port = free_port();
    let mut command = Command::new("taskset");
    command
        .args(["--cpu-list", cores, &crate::server::laredo_binary()])
        .env_clear()
        .envs([
            ("BIND_ADDRESS", format!("127.0.0.1:{port}")),
            ("PROBE_BIND_ADDRESS", "127.0.0.1:0".to_owned()),
            ("LAREDO_CACHE_MAX_BYTES", cache.to_owned()),
            ("AZURE_APP_CLIENT_ID", tokens::AUDIENCE.to_owned()),
            ("AZURE_APP_CLIENT_AUTH", "none".to_owned()),
            ("AZURE_OPENID_CONFIG_ISSUER", tokens::ISSUER.to_owned()),
            ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", keys.url()),
            ("AZURE_OPENID_CONFIG_JWKS_URI", keys.url()),
        ]);
    let process = spawn(&mut command);
    await_port(port);
    keys.await_fetch();
    (process, port)
}

/// One of the bench's own handlers, on the given cores.
fn handler(cores: &str, mode: &str, jwks: &str) -> (Process, u16) {
    let port = free_port();
    let this = this_binary(mode, port);
    let mut command = Command::new("taskset");
    command
        .args(["--cpu-list", cores])
        .arg(this.get_program())
        .arg(mode)
        .env(token_bare::PORT, port.to_string())
        .env(bare::JWKS, jwks);
    let process = spawn(&mut command);
    await_port(port);
    (process, port)
}

/// A token that was verified before, against a handler that reads the request and answers as many bytes.
pub(crate) fn measure_seen() {
    let signer = Signer::new();
    let keys = KeysEndpoint::start(signer.jwks());
    let script = tokens::script(&[signer.token(0)]);
    let (_laredo, ours) = daemon("0", &keys, DEFAULT_CACHE);
    let (_bare, theirs) = handler("0", ANSWERER, &signer.jwks());
    let rate = |port| load(port, CONNECTIONS, SECONDS, &script);
    compare("answers/s", ROUNDS, || rate(ours), || rate(theirs));
}

/// Tokens that were never verified before, against a handler that does nothing but verify them with jsonwebtoken, and
/// against verification alone, without any HTTP.
pub(crate) fn measure_unseen() {
    let signer = Signer::new();
    let keys = KeysEndpoint::start(signer.jwks());
    let tokens: Vec<_> = (0..TOKENS_NEVER_SEEN).map(|n| signer.token(n)).collect();
    let script = tokens::script(&tokens);
    let (_bare, theirs) = handler("0", VERIFIER, &signer.jwks());
    let (laredo, ours) = daemon("0", &keys, SMALLEST_CACHE);
    let rate = |port| load(port, CONNECTIONS, SECONDS, &script);
    compare("verdicts/s", ROUNDS, || rate(ours), || rate(theirs));
    println!(
        "  signatures alone {:7.0} /s on one core",
        signer.verifications_per_second()
    );
    drop(laredo);

    println!("  with both cores, which wrk shares");
    let (one, of_one) = daemon("0", &keys, SMALLEST_CACHE);
    let (two, of_two) = daemon("0,1", &keys, SMALLEST_CACHE);
    compare("verdicts/s", ROUNDS, || rate(of_two), || rate(of_one));
    drop((one, two));
}

/// How many of the calls for keys fell into the flood.
fn fetches(keys: &KeysEndpoint) -> usize {
    keys.calls.load(Ordering::SeqCst)
}

fn median_of(values: &[f64]) -> f64 {
    median(values.to_vec())
}
