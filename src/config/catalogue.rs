//! Every variable that Laredo knows: its name, default and description. `docs/configuration.md` is made from this.

use std::ffi::OsString;

use super::problem::{Noted, Problems};
use super::variables::{catalogue, known};
use crate::secret::Secret;

catalogue! {
    "Listeners" {
        bind_address: String = "BIND_ADDRESS" or "127.0.0.1:3000",
            "Where apps reach the API: an IP address and port, or a comma list of them. `localhost:PORT` is both \
             127.0.0.1 and ::1, `*:PORT` all addresses, IPv4's and IPv6's; of either pair one half may be missing on the \
             machine. Anything but loopback is warned about.";
        probe_bind_address: String = "PROBE_BIND_ADDRESS",
            "Where probes and metrics are served, in the same form; `off` for nowhere. Not set: 127.0.0.1, at the \
             API's port + 1 (at any free port where the API's is 0).";
        laredo_allowed_hosts: String = "LAREDO_ALLOWED_HOSTS",
            "Host names, without port, by which the API may be called besides `localhost`, `127.0.0.1` and `[::1]`. \
             Comma list.";
        laredo_refuse_forwarded: String = "LAREDO_REFUSE_FORWARDED" or "false",
            "`true`: requests that went through a proxy (`Forwarded`, `X-Forwarded-For`, `Via`) get 403.";
        nais_token_endpoint: String = "NAIS_TOKEN_ENDPOINT",
            "Where `laredo token` asks a running daemon. Not set: at `BIND_ADDRESS`.";
    }
    "Cache, start and stop" {
        laredo_cache_max_bytes: String = "LAREDO_CACHE_MAX_BYTES" or "16777216",
            "How much memory finished tokens may take, in bytes, 1048576 to 68719476736.";
        laredo_prefetch: String = "LAREDO_PREFETCH",
            "Tokens to get at start and to keep fresh: comma list of `provider=target`, the provider as in \
             `identity_provider`, for instance `entra_id=api://cluster.namespace.app/.default`.";
        laredo_prefetch_deadline: String = "LAREDO_PREFETCH_DEADLINE" or "10",
            "For how long readiness waits for these tokens, in seconds, 0 to 3600.";
        laredo_shutdown_delay: String = "LAREDO_SHUTDOWN_DELAY" or "0",
            "For how long the daemon goes on serving after SIGTERM, in seconds, 0 to 3600.";
    }
    "Outgoing HTTP" {
        laredo_http_connect_timeout_millis: String = "LAREDO_HTTP_CONNECT_TIMEOUT_MILLIS" or "1000",
            "How long connecting to a provider may take, in milliseconds, 1 to 300000.";
        texas_http_connect_timeout_millis: String = "TEXAS_HTTP_CONNECT_TIMEOUT_MILLIS",
            "Another name of `LAREDO_HTTP_CONNECT_TIMEOUT_MILLIS`, which wins.";
        laredo_http_timeout_millis: String = "LAREDO_HTTP_TIMEOUT_MILLIS" or "3000",
            "How long a whole attempt may take, in milliseconds, 1 to 300000.";
        texas_http_overall_timeout_millis: String = "TEXAS_HTTP_OVERALL_TIMEOUT_MILLIS",
            "Another name of `LAREDO_HTTP_TIMEOUT_MILLIS`, which wins.";
        laredo_plain_http_hosts: String = "LAREDO_PLAIN_HTTP_HOSTS",
            "Host names, without port, to which plain `http` is let through besides loopback: for mock providers in \
             test networks, and warned about at every start. Comma list.";
        laredo_ca_file: String = "LAREDO_CA_FILE",
            "A PEM file with certificate authorities to trust besides the system's.";
        https_proxy: String = "HTTPS_PROXY",
            "The proxy for `https`, such as `http://proxy.example:3128`; it may name user and password. Loopback is \
             never proxied. `https_proxy` wins over it, as with curl.";
        http_proxy: String = "HTTP_PROXY",
            "The proxy for plain `http`. `http_proxy` wins over it.";
        no_proxy: String = "NO_PROXY",
            "Hosts, domains and address ranges that are not proxied. Comma list. `no_proxy` wins over it.";
    }
    "Logs" {
        rust_log: String = "RUST_LOG" or "info",
            "What is logged: a level, or a comma list of `module=level`.";
        laredo_log_format: String = "LAREDO_LOG_FORMAT",
            "`json` or `text`. Not set: text where standard output is a terminal, else JSON lines.";
    }
    "Microsoft Entra ID" {
        azure_enabled: String = "AZURE_ENABLED",
            "Whether the provider is on. Not set: on if the client id is set.";
        azure_app_client_id: String = "AZURE_APP_CLIENT_ID",
            "The app's client id.";
        azure_client_id: String = "AZURE_CLIENT_ID",
            "The client id where `AZURE_APP_CLIENT_ID` is not set.";
        azure_app_tenant_id: String = "AZURE_APP_TENANT_ID",
            "The tenant, by GUID or domain name. Needed where neither the token endpoint nor the metadata is named.";
        azure_tenant_id: String = "AZURE_TENANT_ID",
            "The tenant where `AZURE_APP_TENANT_ID` is not set.";
        azure_app_client_secret: Secret = "AZURE_APP_CLIENT_SECRET",
            "The client secret.";
        azure_app_client_secret_file: String = "AZURE_APP_CLIENT_SECRET_FILE",
            "The file that holds the client secret.";
        azure_app_next_client_secret: Secret = "AZURE_APP_NEXT_CLIENT_SECRET",
            "The client secret to use when Entra refuses the first.";
        azure_app_next_client_secret_file: String = "AZURE_APP_NEXT_CLIENT_SECRET_FILE",
            "The file that holds the next client secret.";
        azure_app_jwk: Secret = "AZURE_APP_JWK",
            "The private key as a JSON Web Key: RSA (`RS256`, or `PS256` if its `alg` says so) or EC with P-256 \
             (`ES256`). One without `kid` is called by its thumbprint (RFC 7638).";
        azure_app_jwk_file: String = "AZURE_APP_JWK_FILE",
            "The file that holds the private key.";
        azure_app_next_jwk: Secret = "AZURE_APP_NEXT_JWK",
            "The private key to use when Entra refuses the first credential.";
        azure_app_next_jwk_file: String = "AZURE_APP_NEXT_JWK_FILE",
            "The file that holds the next private key.";
        azure_app_certificate: Secret = "AZURE_APP_CERTIFICATE",
            "The certificate in PEM, RSA only, with its chain or without, and with its unencrypted private key unless \
             `AZURE_APP_CERTIFICATE_KEY` has that.";
        azure_app_certificate_file: String = "AZURE_APP_CERTIFICATE_FILE",
            "The file that holds the certificate. A new version is taken when it has a certificate that belongs to the \
             key.";
        azure_app_certificate_key: Secret = "AZURE_APP_CERTIFICATE_KEY",
            "The certificate's private key in PEM (PKCS #8 or PKCS #1), where it is apart.";
        azure_app_certificate_key_file: String = "AZURE_APP_CERTIFICATE_KEY_FILE",
            "The file that holds the certificate's private key.";
        azure_federated_token_file: String = "AZURE_FEDERATED_TOKEN_FILE",
            "The file that holds a token of another issuer, as Azure workload identity mounts it.";
        azure_app_client_auth: String = "AZURE_APP_CLIENT_AUTH",
            "How the app proves who it is: `certificate`, `private_key_jwt` (by `AZURE_APP_JWK`), `client_secret`, \
             `federated_token`, or `none` (then it gets no tokens). Not set: the first of these for which there is a \
             credential.";
        azure_app_well_known_url: String = "AZURE_APP_WELL_KNOWN_URL",
            "The URL of the provider's metadata, from which the token endpoint is then taken.";
        azure_openid_config_token_endpoint: String = "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
            "The token endpoint. It wins over the metadata's. With neither: \
             `AZURE_AUTHORITY_HOST/TENANT/oauth2/v2.0/token`.";
        azure_openid_config_issuer: String = "AZURE_OPENID_CONFIG_ISSUER",
            "The issuer. Metadata that names another is refused. Not set: the metadata's, or for a tenant by GUID \
             `AZURE_AUTHORITY_HOST/TENANT/v2.0`.";
        azure_openid_config_jwks_uri: String = "AZURE_OPENID_CONFIG_JWKS_URI",
            "Where the keys are that sign tokens. Not set: where the metadata say, or \
             `AZURE_AUTHORITY_HOST/TENANT/discovery/v2.0/keys`. Without issuer or keys introspection is off.";
        azure_app_accepted_audiences: String = "AZURE_APP_ACCEPTED_AUDIENCES",
            "Audiences of inbound tokens that are accepted besides the client id, such as an Application ID URI. \
             Comma list.";
        azure_app_accepted_issuers: String = "AZURE_APP_ACCEPTED_ISSUERS",
            "Issuers of inbound tokens that are accepted besides the provider's own, such as \
             `https://sts.windows.net/TENANT/` for v1 tokens. Comma list.";
        azure_authority_host: String = "AZURE_AUTHORITY_HOST" or "https://login.microsoftonline.com",
            "What the derived endpoints begin with; another one for national clouds.";
    }
    "Maskinporten" {
        maskinporten_enabled: String = "MASKINPORTEN_ENABLED",
            "Whether the provider is on. Not set: on if the client id is set.";
        maskinporten_client_id: String = "MASKINPORTEN_CLIENT_ID",
            "The app's client id.";
        maskinporten_client_jwk: Secret = "MASKINPORTEN_CLIENT_JWK",
            "The private key that signs what is asked for, as a JWK.";
        maskinporten_client_jwk_file: String = "MASKINPORTEN_CLIENT_JWK_FILE",
            "The file that holds the private key.";
        maskinporten_well_known_url: String = "MASKINPORTEN_WELL_KNOWN_URL",
            "The URL of the provider's metadata, from which everything is taken that is not set here.";
        maskinporten_issuer: String = "MASKINPORTEN_ISSUER",
            "The issuer. Metadata that names another is refused.";
        maskinporten_jwks_uri: String = "MASKINPORTEN_JWKS_URI",
            "Where the keys are that sign tokens. Without issuer or keys introspection is off.";
        maskinporten_token_endpoint: String = "MASKINPORTEN_TOKEN_ENDPOINT",
            "The token endpoint. It wins over the metadata's.";
    }
    "TokenX" {
        token_x_enabled: String = "TOKEN_X_ENABLED",
            "Whether the provider is on. Not set: on if the client id is set.";
        token_x_client_id: String = "TOKEN_X_CLIENT_ID",
            "The app's client id, also the audience of inbound tokens.";
        token_x_private_jwk: Secret = "TOKEN_X_PRIVATE_JWK",
            "The private key by which the app proves who it is, as a JWK.";
        token_x_private_jwk_file: String = "TOKEN_X_PRIVATE_JWK_FILE",
            "The file that holds the private key.";
        token_x_well_known_url: String = "TOKEN_X_WELL_KNOWN_URL",
            "The URL of the provider's metadata, from which everything is taken that is not set here.";
        token_x_issuer: String = "TOKEN_X_ISSUER",
            "The issuer. Metadata that names another is refused.";
        token_x_jwks_uri: String = "TOKEN_X_JWKS_URI",
            "Where the keys are that sign tokens. Without issuer or keys introspection is off.";
        token_x_token_endpoint: String = "TOKEN_X_TOKEN_ENDPOINT",
            "The token endpoint. It wins over the metadata's.";
    }
    "ID-porten" {
        idporten_enabled: String = "IDPORTEN_ENABLED",
            "Whether the provider is on. Not set: on if the audience is set.";
        idporten_audience: String = "IDPORTEN_AUDIENCE",
            "The audience of inbound tokens.";
        idporten_well_known_url: String = "IDPORTEN_WELL_KNOWN_URL",
            "The URL of the provider's metadata, from which everything is taken that is not set here.";
        idporten_issuer: String = "IDPORTEN_ISSUER",
            "The issuer. Metadata that names another is refused.";
        idporten_jwks_uri: String = "IDPORTEN_JWKS_URI",
            "Where the keys are that sign tokens.";
    }
    "Generic providers" {
        laredo_providers: String = "LAREDO_PROVIDERS",
            "Names of further providers, each of `a-z`, `0-9` and `_`, beginning with a letter: comma list. Each has the \
             variables that follow, `<NAME>` being its name in upper case.";
    }
}

impl Variables {
    /// Picks the known variables out of the environment.
    pub(super) fn gather(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let known = known(CATALOGUE, environment, problems);
        let pairs = known
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text));
        // envy's error would repeat a value.
        let gathered: Result<Gathered, _> = envy::from_iter(pairs);
        gathered
            .map(Self::from)
            .map_err(|_| problems.note("The environment", "cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_gathered_into_its_own_field() {
        let environment = CATALOGUE
            .iter()
            .map(|variable| (variable.name.into(), variable.name.into()));

        let variables = Variables::gather(environment, &mut Problems::default());

        let found = variables.map(|variables| variables.found()).unwrap();
        assert_eq!(found.len(), CATALOGUE.len());
        for (name, text) in found {
            assert_eq!(text.as_deref(), Some(name));
        }
    }

    #[test]
    fn every_secret_can_come_from_a_file() {
        for secret in CATALOGUE.iter().filter(|variable| variable.secret) {
            let file = format!("{}_FILE", secret.name);
            assert!(
                CATALOGUE.iter().any(|variable| variable.name == file),
                "{file}"
            );
        }
    }

    #[test]
    fn the_lower_case_proxy_variable_wins() {
        for names in [
            ["HTTPS_PROXY", "https_proxy"],
            ["https_proxy", "HTTPS_PROXY"],
        ] {
            let environment = names.map(|name| (name.into(), name.into()));

            let variables = Variables::gather(environment, &mut Problems::default()).unwrap();

            assert_eq!(variables.https_proxy.value.as_deref(), Some("https_proxy"));
        }
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        let environment = [
            ("https_proxy".into(), "".into()),
            ("HTTPS_PROXY".into(), "upper".into()),
            ("RUST_LOG".into(), "".into()),
        ];

        let variables = Variables::gather(environment, &mut Problems::default()).unwrap();

        assert_eq!(variables.https_proxy.value.as_deref(), Some("upper"));
        assert!(!variables.rust_log.is_set());
    }
}
