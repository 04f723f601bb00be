//! Where it listens, and where it does not.

use std::collections::HashSet;
use std::net::{TcpListener, TcpStream};

use crate::client::{self, FORM, provider};
use crate::program::{Daemon, Finished, command_of, entra, finish, has, is_root, run, skip};

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

/// The addresses that a process listens on, from the kernel's tables; none if they cannot be read.
fn listening(id: i32) -> Option<Vec<String>> {
    let links = std::fs::read_dir(format!("/proc/{id}/fd")).ok()?;
    let inodes: HashSet<String> = links
        .filter_map(|link| std::fs::read_link(link.ok()?.path()).ok())
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| {
        let text = std::fs::read_to_string(format!("/proc/{id}/net/{table}")).unwrap_or_default();
        let rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        rows
    });
    let sockets = tables.into_iter().flatten().filter_map(|row| {
        let fields: Vec<_> = row.split_whitespace().collect();
        // 0A: listening; 07: an unconnected UDP socket, which hears whoever speaks to it.
        let hears = matches!(fields[3], "0A" | "07");
        (hears && inodes.contains(fields[9])).then(|| fields[1].to_owned())
    });
    Some(sockets.collect())
}

/// 127.0.0.1 and a port as the kernel writes them.
fn loopback(port: u16) -> String {
    let bytes = u32::from_ne_bytes([127, 0, 0, 1]);
    format!("{bytes:08X}:{port:04X}")
}

#[tokio::test]
async fn s5_it_listens_on_two_loopback_addresses_and_nowhere_else() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    daemon.token().await;

    let Some(addresses) = listening(daemon.id()) else {
        return skip("s5_it_listens_on_two", "/proc/PID/fd needs root");
    };

    let expected = [daemon.api, daemon.operations].map(|address| loopback(address.port()));
    assert_eq!(sorted(addresses), sorted(expected.to_vec()));
}

#[tokio::test]
async fn s5_the_operations_listener_has_no_token_route() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let body = "identity_provider=azuread&target=x";

    for path in ["token", "token/exchange", "introspect"] {
        let url = format!("http://{}/api/v1/{path}", daemon.operations);
        let answer = client::send("POST", &url, FORM, body).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(provider.calls().count(), 0);
}

#[tokio::test]
async fn s5_an_address_that_is_not_loopback_is_warned_about() {
    let provider = provider().await;
    let quiet = Daemon::start(&provider, &[]).await;
    for all in ["0.0.0.0:0", "*:0"] {
        let open = Daemon::start(&provider, &[("BIND_ADDRESS", all)]).await;

        let line = open.log().line_with("\"WARN\"").await;

        assert!(line.contains("BIND_ADDRESS"), "{line}");
    }
    assert!(!quiet.log().text().contains("\"WARN\""));
}

#[tokio::test]
async fn f73_a_taken_port_is_told_and_ends_it() {
    let provider = provider().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in ["BIND_ADDRESS", "PROBE_BIND_ADDRESS"] {
        let mut variables = entra(&provider, "secret");
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, &address));

        let outcome = run(&[], &variables).await;

        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.stderr.contains(variable), "{outcome:?}");
        assert!(outcome.stderr.contains("taken"), "{outcome:?}");
    }
}

#[tokio::test]
async fn f73_localhost_is_both_loopback_addresses() {
    if TcpListener::bind("[::1]:0").is_err() {
        return skip("f73_localhost_is_both", "there is no ::1 on this machine");
    }
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[("BIND_ADDRESS", "localhost:0")]).await;
    let line = daemon.log().line_with("\"Laredo serves\"").await;

    let list = line.split("\"api\":\"[").nth(1).unwrap();
    let list = list.split("]\",").next().unwrap();
    let addresses: Vec<std::net::SocketAddr> =
        list.split(", ").map(|text| text.parse().unwrap()).collect();

    assert_eq!(addresses.len(), 2, "{line}");
    assert!(addresses[0].is_ipv4() && addresses[1].is_ipv6(), "{line}");
    for address in addresses {
        assert!(address.ip().is_loopback());
        TcpStream::connect(address).unwrap();
    }
}

const NO_IPV6: &str = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && \
    echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6";
const WHEN_IT_SERVES: &str =
    "{ \"$0\" & } && until \"$0\" healthcheck 2>/dev/null; do sleep 0.05; done";

/// A daemon without providers in a network of its own: `network` sets that up, `then` is done while it serves. `None` if
/// this machine has no such networks.
async fn alone(
    test: &str,
    (network, then): (&str, &str),
    listeners: [(&str, &str); 2],
) -> Option<Finished> {
    if !is_root() || !has("unshare") || !has("ip") {
        skip(test, "needs root, unshare and ip");
        return None;
    }
    let script = format!(
        "{network} && ip link set lo up && {WHEN_IT_SERVES}; {then}; done=$?; kill $!; wait $! && exit $done"
    );
    let arguments = ["--net", "sh", "-c", &script, env!("CARGO_BIN_EXE_laredo")];
    let mut variables = vec![
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("AZURE_ENABLED", "false"),
    ];
    variables.extend(listeners);
    Some(
        finish(command_of(
            "/usr/bin/unshare".as_ref(),
            &arguments,
            &variables,
        ))
        .await,
    )
}

#[tokio::test]
async fn f73_without_ipv6_localhost_is_what_there_is() {
    let listeners = [
        ("BIND_ADDRESS", "localhost:3000"),
        ("PROBE_BIND_ADDRESS", "*:7165"),
    ];

    let Some(outcome) = alone("f73_without_ipv6", (NO_IPV6, "true"), listeners).await else {
        return;
    };

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("\"api\":\"[127.0.0.1:3000]\""),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn f73_a_star_is_every_address_of_both_families() {
    let network =
        "ip address add 192.0.2.1/32 dev lo && ip address add 2001:db8::1/128 dev lo nodad";
    let every_one = "for address in 127.0.0.1 [::1] 192.0.2.1 [2001:db8::1]; do \
        PROBE_BIND_ADDRESS=$address:7165 \"$0\" healthcheck || exit 3; done; \
        ! PROBE_BIND_ADDRESS=192.0.2.1:3000 \"$0\" healthcheck";
    let listeners = [
        ("BIND_ADDRESS", "127.0.0.1:3000"),
        ("PROBE_BIND_ADDRESS", "*:7165"),
    ];

    let Some(outcome) = alone("f73_a_star", (network, every_one), listeners).await else {
        return;
    };

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

/// As on a machine that was started without the family: sockets of it cannot be made.
#[tokio::test]
async fn f73_a_star_is_the_one_family_that_there_is() {
    if !has("strace") {
        return skip("f73_a_star_is_the_one_family", "needs strace");
    }
    let provider = provider().await;
    // The API's socket is the first one. With -D the daemon itself is our child, and dies with its handle.
    for (missing, left) in [("2", "[::]:"), ("3", "0.0.0.0:"), ("2..3", "")] {
        let inject = format!("inject=socket:error=EAFNOSUPPORT:when={missing}");
        let program = env!("CARGO_BIN_EXE_laredo");
        let arguments = ["-D", "-f", "-o", "/dev/null", "-e", &inject, program];
        let mut variables = entra(&provider, "secret");
        variables.push(("PROBE_BIND_ADDRESS", "*:0"));
        let strace = command_of("/usr/bin/strace".as_ref(), &arguments, &variables);
        if left.is_empty() {
            let outcome = finish(strace).await;
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            continue;
        }

        let daemon = Daemon::of(strace).await;

        let line = daemon.log().line_with("\"Laredo serves\"").await;
        let list = line.split("\"operations\":\"[").nth(1).unwrap();
        let list = list.split("]\"").next().unwrap();
        assert!(list.starts_with(left) && !list.contains(','), "{line}");
    }
}
