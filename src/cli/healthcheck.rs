//! `laredo healthcheck`: for images without a shell.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use argh::FromArgs;
use url::Url;

use super::output::complain;
use super::{Environment, block_on, wrong_configuration};
use crate::clock::Clock;
use crate::config::{ClientConfig, ListenAddress};
use crate::http_client::{HttpClient, HttpSettings};

/// ask a running daemon on this machine whether it is alive: exit code 0 if so, else 1
#[derive(FromArgs)]
#[argh(subcommand, name = "healthcheck")]
pub(super) struct Arguments {}

const TIME_LIMIT: Duration = Duration::from_secs(3);

pub(super) fn run(environment: Environment) -> ExitCode {
    let config = match ClientConfig::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    match block_on(is_alive(&config)) {
        Ok(true) => ExitCode::SUCCESS,
        _ => {
            complain("laredo does not answer");
            ExitCode::FAILURE
        }
    }
}

/// `/healthz` where there is an operations listener; else any HTTP answer will do.
async fn is_alive(config: &ClientConfig) -> bool {
    match &config.operations {
        Some(operations) => status(&operations.addresses, "/healthz").await == Some(200),
        None => status(&config.api.addresses, "/").await.is_some(),
    }
}

async fn status(addresses: &[ListenAddress], path: &str) -> Option<u16> {
    let urls: Vec<Url> = addresses
        .iter()
        .filter_map(|listen| {
            Url::parse(&format!("http://{}{path}", reachable(listen.address))).ok()
        })
        .collect();
    let hosts = urls.iter().filter_map(Url::host_str).map(str::to_owned);
    let settings = HttpSettings {
        plain_http_hosts: hosts.collect(),
        ..HttpSettings::default()
    };
    let client = HttpClient::new(settings, Clock::system());
    for url in urls {
        if let Ok(answer) = client.get(&url, TIME_LIMIT).await {
            return Some(answer.status);
        }
    }
    None
}

/// A listener on all addresses is reached by loopback.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
