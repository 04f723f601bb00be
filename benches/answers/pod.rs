//! What a pod has to allow for: memory from idle to all limits at once, and time on a core. All providers are behind TLS.

mod process;
mod provider;

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use process::{Group, Memory, time_on_core};
use provider::{CA_FILE, HELD, HELD_FOR};
pub(crate) use provider::{MODE as TLS_PROVIDER, serve as serve_tls_provider};

use crate::client::{self, exchange};
use crate::introspection::keys::KeysEndpoint;
use crate::introspection::tokens::{self, Signer};
use crate::server::{Process, await_port, free_port, laredo_binary, spawn, this_binary};
use crate::throughput::load_tokens;

const NAMES: [&str; 5] = ["entra_id", "a", "b", "c", "d"];
const CALLS_AT_ONCE: usize = 64;
const CONNECTIONS: usize = 1024;
const BODY: usize = 64 * 1024;
/// More than fit into each cache.
const TOKENS: usize = 6_000;
const SETTLING: Duration = Duration::from_secs(2);
const RATE_TIME: Duration = Duration::from_secs(60);

struct Pod {
    laredo: Process,
    port: u16,
    group: Group,
    signer: Signer,
    _provider: Process,
}

/// Time on a core: at the start, idle, and by cached answers.
pub(crate) fn measure_cpu() {
    let pod = Pod::start();
    std::thread::sleep(SETTLING);
    let start = time_on_core(pod.laredo.0.id());
    println!("  start: {:.1} ms on a core", start.as_secs_f64() * 1000.0);
    pod.share("idle", || std::thread::sleep(RATE_TIME));
    client::ask(pod.port, 1);
    for per_second in [10, 100] {
        let when = format!("{per_second} cached answers a second");
        pod.share(&when, || pod.ask_at(per_second));
    }
}

/// Memory, from idle to all limits at once.
pub(crate) fn measure_memory() {
    let pod = Pod::start();
    std::thread::sleep(SETTLING);
    pod.print("idle, five providers, their keys fetched over http");
    client::ask(pod.port, 1);
    pod.print("after the first call over https");
    load_tokens(pod.port, 64, 5);
    pod.print("after 5 s with 64 connections");
    pod.fill();
    pod.print("all caches full");
    pod.print_most("… and 64 answers of 256 KiB under way", || {
        pod.hold(&NAMES[..1])
    });
    pod.print_most("… and 64 of each of five providers", || pod.hold(&NAMES));
    pod.print_most("… and 1024 bodies of 64 KiB in place of these", || {
        pod.bodies(CONNECTIONS)
    });
    let both = || {
        (
            pod.hold(&NAMES[..1]),
            pod.bodies(CONNECTIONS - CALLS_AT_ONCE),
        )
    };
    pod.print_most("1024 connections: 64 answers and 960 bodies", both);
    pod.print("afterwards");
}

impl Pod {
    fn start() -> Self {
        let (port, provider_port) = (free_port(), free_port());
        let ca_file = std::env::temp_dir().join(format!("laredo-bench-{port}.pem"));
        let mut provider = this_binary(TLS_PROVIDER, provider_port);
        let provider = spawn(provider.env(CA_FILE, &ca_file));
        await_port(provider_port);
        let signer = Signer::new();
        let keys = KeysEndpoint::start(signer.jwks());
        let group = Group::new();
        let mut command = group.command(&laredo_binary());
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin").envs([
            ("BIND_ADDRESS", format!("127.0.0.1:{port}")),
            ("PROBE_BIND_ADDRESS", "127.0.0.1:0".to_owned()),
            ("LAREDO_CA_FILE", ca_file.display().to_string()),
            ("LAREDO_HTTP_TIMEOUT_MILLIS", "60000".to_owned()),
            ("LAREDO_PROVIDERS", NAMES[1..].join(",")),
        ]);
        for name in NAMES {
            let prefix = match name {
                "entra_id" => "AZURE_APP".to_owned(),
                other => format!("LAREDO_{}", other.to_uppercase()),
            };
            let places = match name {
                "entra_id" => "AZURE_OPENID_CONFIG".to_owned(),
                _ => prefix.clone(),
            };
            let issuer = match name {
                "entra_id" => tokens::ISSUER.to_owned(),
                other => format!("https://{other}.test"),
            };
            let endpoint = format!("https://127.0.0.1:{provider_port}/{name}");
            command.env(format!("{prefix}_CLIENT_ID"), tokens::AUDIENCE);
            command.env(format!("{prefix}_CLIENT_SECRET"), "bench");
            command.env(format!("{places}_ISSUER"), issuer);
            command.env(format!("{places}_TOKEN_ENDPOINT"), endpoint);
            command.env(format!("{places}_JWKS_URI"), keys.url());
        }
        let laredo = spawn(&mut command);
        await_port(port);
        keys.await_fetch();
        Self {
            laredo,
            port,
            group,
            signer,
            _provider: provider,
        }
    }

    fn memory(&self) -> Memory {
        Memory::of(self.laredo.0.id(), &self.group)
    }

    fn print(&self, when: &str) {
        self.memory().print(when);
    }

    /// The most that is seen while what `begin` returns is kept.
    fn print_most<T>(&self, when: &str, begin: impl FnOnce() -> T) {
        let kept = begin();
        let (begun, mut most) = (Instant::now(), Memory::default());
        while begun.elapsed() < HELD_FOR {
            most = most.most(self.memory());
            std::thread::sleep(Duration::from_millis(50));
        }
        most.print(when);
        drop(kept);
        // Fetches go on when their callers hang up.
        std::thread::sleep(HELD_FOR);
    }

    /// The part of a core that is taken while `work` is done.
    fn share(&self, when: &str, work: impl FnOnce()) {
        let id = self.laredo.0.id();
        let (begun, before) = (Instant::now(), time_on_core(id));
        work();
        let taken = time_on_core(id).saturating_sub(before);
        let share = taken.as_secs_f64() / begun.elapsed().as_secs_f64();
        println!("  {when:<52} {:.2} thousandths of a core", share * 1000.0);
    }

    fn ask_at(&self, per_second: u32) {
        let (begun, pause) = (Instant::now(), Duration::from_secs(1) / per_second);
        let mut stream = self.connect();
        let request = self.request("token", client::REQUEST);
        for number in 0.. {
            let due = pause * number;
            if due > RATE_TIME {
                return;
            }
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            exchange(&mut stream, &request);
        }
    }

    /// Tokens, exchanges and verdicts, more than fit.
    fn fill(&self) {
        let mut stream = self.connect();
        for number in 0..TOKENS {
            let token = format!(r#"{{"identity_provider":"a","target":"target {number}"}}"#);
            exchange(&mut stream, &self.request("token", &token));
            let inbound = self.signer.token(number);
            let token = format!(
                r#"{{"identity_provider":"a","target":"target","user_token":"{inbound}"}}"#
            );
            exchange(&mut stream, &self.request("token/exchange", &token));
            let inbound = tokens::body(&inbound);
            exchange(&mut stream, &self.request("introspect", &inbound));
        }
    }

    /// As many calls to each provider as there may be, each with an answer that ends only later.
    fn hold(&self, providers: &[&str]) -> Vec<TcpStream> {
        let calls = providers.iter().flat_map(|name| {
            (0..CALLS_AT_ONCE).map(move |number| {
                let unique = std::process::id() as usize + number;
                format!(r#"{{"identity_provider":"{name}","target":"{HELD} {unique}","skip_cache":true}}"#)
            })
        });
        calls
            .map(|body| self.begin(&self.request("token", &body)))
            .collect()
    }

    /// Bodies of which the last byte does not come.
    fn bodies(&self, count: usize) -> Vec<TcpStream> {
        let whole = self.request("token", &" ".repeat(BODY));
        let begin = &whole[..whole.len() - 1];
        (0..count).map(|_| self.begin(begin)).collect()
    }

    fn begin(&self, bytes: &str) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).expect("sending");
        stream
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).expect("the daemon listens")
    }

    fn request(&self, path: &str, body: &str) -> String {
        format!(
            "POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}
