//! `laredo dev` on free ports, and a shell in which the README's commands mean it.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::process::{Child, Command, Stdio};

const LAREDO: &str = env!("CARGO_BIN_EXE_laredo");

/// A daemon that ends with the test.
pub struct Daemon {
    process: Child,
    token_endpoint: String,
    introspection_endpoint: String,
    mint: String,
    metrics: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Daemon {
    pub fn start() -> Self {
        let mut process = Command::new(LAREDO)
            .arg("dev")
            .env_clear()
            .env("BIND_ADDRESS", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut after = |before: &str| loop {
            let line = lines.next().expect("a welcome").unwrap();
            if let Some((_, rest)) = line.split_once(before) {
                return rest.split(' ').next().unwrap_or_default().to_owned();
            }
        };
        let token_endpoint = after("NAIS_TOKEN_ENDPOINT=");
        let introspection_endpoint = after("NAIS_TOKEN_INTROSPECTION_ENDPOINT=");
        let mint = after("$(curl -s ");
        let metrics = loop {
            let url = after("curl -s ");
            if url.ends_with("/metrics") {
                break url;
            }
        };
        // Nobody reads on, and the daemon must not mind.
        Self {
            process,
            token_endpoint,
            introspection_endpoint,
            mint,
            metrics,
        }
    }

    /// What `code` prints; it must succeed. `None` if its language is not spoken here.
    pub fn run(&self, language: &str, code: &str) -> Option<String> {
        let is_there = |program| Command::new(program).arg("--version").output().is_ok();
        if code.contains("curl") && !is_there("curl") {
            return None;
        }
        let (interpreter, option) = match language {
            "sh" => ("sh", "-euc"),
            "python" => ("python3", "-c"),
            "javascript" => ("node", "-e"),
            other => panic!("{other} cannot be run"),
        };
        let run = Command::new(interpreter)
            .args([option, &self.meant(code)])
            .env("NAIS_TOKEN_ENDPOINT", &self.token_endpoint)
            .env(
                "NAIS_TOKEN_EXCHANGE_ENDPOINT",
                format!("{}/exchange", self.token_endpoint),
            )
            .env(
                "NAIS_TOKEN_INTROSPECTION_ENDPOINT",
                &self.introspection_endpoint,
            )
            .env("no_proxy", "127.0.0.1")
            .output();
        match run {
            Err(error) if error.kind() == ErrorKind::NotFound && language != "sh" => None,
            Err(error) => panic!("{interpreter}: {error}"),
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{errors}\nfrom: {code}");
                Some(String::from_utf8(output.stdout).unwrap())
            }
        }
    }

    /// The code with this daemon's addresses and a token for its app, and its program in place of the build's.
    fn meant(&self, code: &str) -> String {
        let token = format!("$(curl -s {} -d kind=valid)", self.mint);
        code.replace("http://127.0.0.1:3000/api/v1/token", &self.token_endpoint)
            .replace("http://127.0.0.1:3001/metrics", &self.metrics)
            .replace("$TOKEN", &token)
            .replace("cargo run --", LAREDO)
    }
}
