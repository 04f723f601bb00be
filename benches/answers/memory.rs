//! Resident memory, from `/proc/PID/status`.

use crate::Subject;
use crate::server::{Placement, Server};
use crate::throughput::load;

const CONNECTIONS: u32 = 64;
const SECONDS: u32 = 5;

pub(crate) fn measure() {
    for (subject, name) in [(Subject::Laredo, "laredo"), (Subject::Bare, "bare handler")] {
        let server = Server::warm(subject, Placement::Anywhere);
        print_memory(&format!("{name}, one token held"), server.id());
        load(server.port, CONNECTIONS, SECONDS);
        print_memory(
            &format!("{name}, after {CONNECTIONS} connections"),
            server.id(),
        );
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

fn kibibytes(status: &str, field: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    number.expect("the kernel states it")
}
