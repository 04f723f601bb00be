//! Answers per second, both sides in turns: what slows the machine down for a while then slows both.

use std::process::Command;

use crate::Subject;
use crate::client::REQUEST;
use crate::server::Server;
use crate::statistics::compare;

const ROUNDS: usize = 9;
const SECONDS: u32 = 3;
const CONNECTIONS: u32 = 16;

pub(crate) fn measure() {
    let laredo = Server::warm(Subject::Laredo);
    let bare = Server::warm(Subject::Bare);
    for server in [&laredo, &bare] {
        load_tokens(server.port, CONNECTIONS, 1);
    }
    let rate = |server: &Server| load_tokens(server.port, CONNECTIONS, SECONDS);
    compare("answers/s", ROUNDS, || rate(&laredo), || rate(&bare));
}

/// Asks a server for the one token, over and over; answers per second.
pub(crate) fn load_tokens(port: u16, connections: u32, seconds: u32) -> f64 {
    load(port, connections, seconds, &lua())
}

/// Loads a server from the second core as wrk's script says; answers per second, all of them with status 200.
pub(crate) fn load(port: u16, connections: u32, seconds: u32, lua: &str) -> f64 {
    let folder = std::env::temp_dir().join(format!("laredo-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for wrk's script");
    let script = folder.join("request.lua");
    std::fs::write(&script, lua).expect("wrk's script");
    let output = Command::new("taskset")
        .args(["--cpu-list", "1", "wrk", "-t1"])
        .args([
            format!("-c{connections}"),
            format!("-d{seconds}s"),
            "-s".to_owned(),
        ])
        .arg(&script)
        .arg(format!("http://127.0.0.1:{port}/api/v1/token"))
        .output()
        .expect("wrk and taskset are installed");
    std::fs::remove_dir_all(&folder).expect("removing wrk's script");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        !report.contains("Non-2xx"),
        "not all answers had status 200: {report}"
    );
    rate(&report).unwrap_or_else(|| panic!("no rate in wrk's report: {report}"))
}

fn lua() -> String {
    format!(
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = '{REQUEST}'\n"
    )
}

fn rate(report: &str) -> Option<f64> {
    let (_, rest) = report.split_once("Requests/sec:")?;
    rest.split_whitespace().next()?.parse().ok()
}
