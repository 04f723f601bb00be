//! Instructions and heap allocations per cached answer, counted by valgrind: exact where times are noisy.
//!
//! A run with many requests less a run with few leaves what the requests cost; start and stop cancel out.

use std::path::Path;
use std::process::Command;

use crate::server::{START_LIMIT, Server};
use crate::{Subject, client};

const FEW: u32 = 200;
const MANY: u32 = 2200;

pub(crate) fn measure_instructions() {
    let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let collected = |log: &str| number_after(log, "Collected :");
    compare("instructions", &tool, collected);
}

pub(crate) fn measure_allocations() {
    let tool = ["--tool=dhat", "--dhat-out-file=/dev/null"];
    let blocks = |log: &str| {
        let (_, rest) = log.split_once("Total:")?;
        number_after(rest, " bytes in ")
    };
    compare("allocations", &tool, blocks);
}

fn compare(unit: &str, tool: &[&str], count: impl Fn(&str) -> Option<f64>) {
    let per_answer = |subject| {
        let counted = |requests| {
            let log = run(tool, subject, requests);
            count(&log).unwrap_or_else(|| panic!("no count in valgrind's report: {log}"))
        };
        (counted(MANY) - counted(FEW)) / f64::from(MANY - FEW)
    };
    let (ours, theirs) = (per_answer(Subject::Laredo), per_answer(Subject::Bare));
    println!("  laredo         {ours:9.1} {unit} per answer");
    println!("  bare handler   {theirs:9.1} {unit} per answer");
    println!("  ratio          {:9.3}", ours / theirs);
}

/// Valgrind's report on a subject that answers so many requests and is then told to stop.
fn run(tool: &[&str], subject: Subject, requests: u32) -> String {
    let log = std::env::temp_dir().join(format!("laredo-bench-{}.log", std::process::id()));
    let log_option = format!("--log-file={}", log.display());
    let wrapper = [&["valgrind", log_option.as_str()], tool].concat();
    let mut server = Server::under(&wrapper, subject);
    client::ask(server.port, requests);
    stop(&mut server);
    let report = std::fs::read_to_string(&log).expect("valgrind's report");
    remove(&log);
    report
}

/// Asks politely: valgrind reports when the process ends by itself or by a signal that it can see.
fn stop(server: &mut Server) {
    let id = server.id().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status();
    assert!(told.is_ok_and(|status| status.success()), "kill {id}");
    let begun = std::time::Instant::now();
    while server.process.0.try_wait().expect("waiting").is_none() {
        assert!(begun.elapsed() < START_LIMIT, "it does not stop");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn remove(log: &Path) {
    std::fs::remove_file(log).expect("removing valgrind's report");
}

/// The number behind `label`, commas in it or not.
fn number_after(text: &str, label: &str) -> Option<f64> {
    let (_, rest) = text.split_once(label)?;
    let word = rest.split_whitespace().next()?;
    word.replace(',', "").parse().ok()
}
