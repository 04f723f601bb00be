//! Resident memory, from `/proc/PID/status`.

use std::time::Duration;

use crate::server::Server;
use crate::throughput::load_tokens;
use crate::{Subject, client};

const CONNECTIONS: u32 = 64;
const SECONDS: u32 = 5;

/// How long a server that has just started is left alone.
const SETTLING: Duration = Duration::from_secs(1);

pub(crate) fn measure() {
    for (subject, name) in [(Subject::Laredo, "laredo"), (Subject::Bare, "bare handler")] {
        let server = Server::under(&[], subject);
        std::thread::sleep(SETTLING);
        print_memory(&format!("{name}, idle"), server.id());
        client::ask(server.port, 1);
        print_memory(&format!("{name}, after one answer"), server.id());
        load_tokens(server.port, CONNECTIONS, SECONDS);
        let when = format!("{name}, after {CONNECTIONS} connections");
        print_memory(&when, server.id());
    }
}

fn print_memory(when: &str, process: u32) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    println!(
        "  {when:<36} VmRSS {:6} KiB   RssAnon {:6} KiB",
        kibibytes(&status, "VmRSS:"),
        kibibytes(&status, "RssAnon:")
    );
}

pub(crate) fn kibibytes(status: &str, field: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.expect("the kernel states it")
}
