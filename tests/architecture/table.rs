//! The layers from the bottom up, and the crates that only some of them may use. `ARCHITECTURE.md` shows both.

/// A top-level module, and the ones that it may import.
pub const LAYERS: &[(&str, &[&str])] = &[
    ("secret", &[]),
    ("client_auth", &["secret"]),
    ("clock", &[]),
    ("json", &[]),
    ("server", &[]),
    ("oauth", &["clock", "secret"]),
    ("metrics", &["oauth"]),
    ("http_client", &["clock", "secret"]),
    ("config", &["client_auth", "http_client", "oauth", "secret"]),
    ("telemetry", &["config"]),
    ("cache", &["clock", "oauth"]),
    ("discovery", &["http_client", "json", "metrics", "oauth"]),
    (
        "provider",
        &[
            "client_auth",
            "clock",
            "discovery",
            "http_client",
            "json",
            "metrics",
            "oauth",
            "secret",
        ],
    ),
    (
        "verifier",
        &[
            "clock",
            "discovery",
            "http_client",
            "json",
            "metrics",
            "oauth",
        ],
    ),
    (
        "broker",
        &["cache", "clock", "metrics", "oauth", "provider", "verifier"],
    ),
    (
        "frontends",
        &[
            "broker", "cache", "clock", "json", "metrics", "oauth", "verifier",
        ],
    ),
    ("dev", &["client_auth", "clock", "secret"]),
    (
        "app",
        &[
            "broker",
            "cache",
            "client_auth",
            "clock",
            "config",
            "discovery",
            "frontends",
            "http_client",
            "metrics",
            "oauth",
            "provider",
            "server",
            "verifier",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "broker",
            "clock",
            "config",
            "dev",
            "http_client",
            "oauth",
            "provider",
            "secret",
            "telemetry",
        ],
    ),
    ("main", &["cli"]),
];

/// A crate or module of one, and the modules that may name it.
pub const FENCES: &[(&str, &[&str])] = &[
    ("argh", &["cli"]),
    (
        "aws_lc_rs",
        &[
            "client_auth",
            "dev",
            "http_client::tls",
            "oauth::subject",
            "verifier::key",
            "verifier::verdicts",
        ],
    ),
    ("axum", &["dev", "frontends"]),
    ("envy", &["config"]),
    (
        "hyper",
        &[
            "dev",
            "frontends::native::body",
            "http_client::diagnosis",
            "server",
        ],
    ),
    ("hyper_util", &["dev", "server"]),
    ("moka", &["cache", "verifier::verdicts"]),
    ("prometheus", &["app::listen", "metrics"]),
    ("reqwest", &["http_client"]),
    ("rustls", &["http_client"]),
    ("rustls_native_certs", &["http_client"]),
    ("rustls_pki_types", &["client_auth::certificate"]),
    ("std::env", &["main"]),
    ("tracing_appender", &["telemetry"]),
    ("tracing_subscriber", &["config::log", "telemetry"]),
    ("x509_cert", &["client_auth::certificate"]),
];
