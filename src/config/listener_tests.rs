use rstest::rstest;

use super::*;
use crate::config::tests::{entra, problems, read};

fn listening(config: &[ListenAddress]) -> Vec<String> {
    let mut texts = Vec::new();
    for listen in config {
        texts.push(listen.address.to_string());
    }
    texts
}

#[rstest]
#[case("127.0.0.1:8080", &["127.0.0.1:8080"])]
#[case("[::1]:8080", &["[::1]:8080"])]
#[case("127.0.0.1:1, [::1]:1,", &["127.0.0.1:1", "[::1]:1"])]
#[case("localhost:8080", &["127.0.0.1:8080", "[::1]:8080"])]
#[case("*:8080", &["0.0.0.0:8080", "[::]:8080"])]
fn f73_bind_addresses_are_listed(#[case] text: &str, #[case] expected: &[&str]) {
    let config = read(entra([("BIND_ADDRESS", text)])).unwrap();

    assert_eq!(listening(&config.api.addresses), expected);
}

#[test]
fn f73_only_a_half_of_localhost_or_of_all_addresses_may_be_missing() {
    let config = read(entra([("BIND_ADDRESS", "localhost:80,*:90,127.0.0.2:80")])).unwrap();

    let presences: Vec<Presence> = config.api.addresses.iter().map(|it| it.presence).collect();
    assert_eq!(
        presences,
        [
            Presence::IfPresent,
            Presence::IfPresent,
            Presence::IfPresent,
            Presence::IfPresent,
            Presence::Required
        ]
    );
}

#[rstest]
#[case("3000")]
#[case(":3000")]
#[case("127.0.0.1")]
#[case("127.0.0.1:65536")]
#[case("example.test:3000")]
#[case("localhost")]
#[case("localhost:http")]
#[case("*")]
#[case("*:http")]
#[case("*:80,127.0.0.1:80")]
#[case("[::1]:80,*:80")]
#[case(",")]
#[case("127.0.0.1:80,127.0.0.1:80")]
#[case("0.0.0.0:80,127.0.0.1:80")]
fn f72_what_is_no_address_is_refused(#[case] text: &str) {
    assert!(problems(entra([("BIND_ADDRESS", text)])).starts_with("BIND_ADDRESS "));
}

#[rstest]
#[case("127.0.0.1:3000", None, &["127.0.0.1:3001"])]
#[case("0.0.0.0:8080", None, &["127.0.0.1:8081"])]
#[case("127.0.0.1:0", None, &["127.0.0.1:0"])]
#[case("127.0.0.1:3000", Some("0.0.0.0:9000"), &["0.0.0.0:9000"])]
#[case("127.0.0.1:3000", Some("*:9000"), &["0.0.0.0:9000", "[::]:9000"])]
#[case("*:3000", None, &["127.0.0.1:3001"])]
#[case("127.0.0.1:3000", Some("off"), &[])]
fn operations_listen_beside_the_api(
    #[case] api: &str,
    #[case] probe: Option<&str>,
    #[case] expected: &[&str],
) {
    let variables = [
        ("BIND_ADDRESS", api),
        ("PROBE_BIND_ADDRESS", probe.unwrap_or("")),
    ];

    let config = read(entra(variables)).unwrap();

    let operations = config.operations.map(|it| it.addresses).unwrap_or_default();
    assert_eq!(listening(&operations), expected);
}

#[rstest]
#[case("127.0.0.1:65535", "")]
#[case("127.0.0.1:3000", "127.0.0.1:3000")]
#[case("127.0.0.1:3000", "0.0.0.0:3000")]
#[case("[::1]:3000", "*:3000")]
#[case("127.0.0.1:3000,127.0.0.1:3001", "")]
#[case("127.0.0.1:3000", "OFF")]
fn f72_operations_need_a_port_of_their_own(#[case] api: &str, #[case] probe: &str) {
    let variables = [("BIND_ADDRESS", api), ("PROBE_BIND_ADDRESS", probe)];

    assert!(problems(entra(variables)).starts_with("PROBE_BIND_ADDRESS "));
}

#[rstest]
#[case("127.0.0.1:3000", "", true)]
#[case("0.0.0.0:3000", "", false)]
#[case("0.0.0.0:3000", "laredo.test", true)]
#[case("*:3000", "", false)]
#[case("*:3000", "laredo.test", true)]
fn beyond_loopback_hosts_are_checked_by_name_only(
    #[case] api: &str,
    #[case] hosts: &str,
    #[case] checks: bool,
) {
    let variables = [("BIND_ADDRESS", api), ("LAREDO_ALLOWED_HOSTS", hosts)];

    let config = read(entra(variables)).unwrap();

    assert_eq!(config.api.checks_host(), checks);
}
