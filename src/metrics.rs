//! Every metric as a value with verbs, made once and passed in.
//!
//! Labels come from closed sets: a provider's canonical name, a route, a status, an outcome. Handles
//! for the common cases are looked up beforehand, so that counting a request allocates nothing.

mod cache;
mod credentials;
mod introspection;
mod labels;
mod registrar;

use std::time::Duration;

use prometheus::{
    Encoder as _, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};

use cache::CacheMetrics;
use credentials::CredentialMetrics;
use introspection::IntrospectionMetrics;
pub use labels::{CacheKind, CacheResult, IntrospectionResult, Operation, Outcome, Route};
use registrar::Registrar;

use crate::oauth::ProviderName;

/// All metrics of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    caches: CacheMetrics,
    introspection: IntrospectionMetrics,
    http_requests: IntCounterVec,
    http_durations: HistogramVec,
    token_successes: (IntCounter, Histogram),
    introspection_successes: (IntCounter, Histogram),
    upstream_requests: IntCounterVec,
    upstream_durations: HistogramVec,
    lifetimes_missing: IntCounterVec,
    credentials: CredentialMetrics,
    clock_skew: GaugeVec,
    log_lines_dropped: IntGauge,
}

impl Metrics {
    /// Metrics with series for the providers that are on.
    ///
    /// # Errors
    /// If two metrics had the same name.
    pub fn new(providers: &[ProviderName]) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let register = Registrar(&registry);
        register.build_info()?;
        registry.register(Box::new(
            prometheus::process_collector::ProcessCollector::for_self(),
        ))?;
        let http_requests = register.counters(
            "laredo_http_requests_total",
            "Requests to the API listener.",
            &["route", "status"],
        )?;
        let http_durations = register.durations(
            "laredo_http_request_duration_seconds",
            "Time from a request's head to its answer, in seconds.",
            &["route", "status"],
        )?;
        let successes = |route: Route| {
            let labels = [route.as_str(), "200"];
            (
                http_requests.with_label_values(&labels),
                http_durations.with_label_values(&labels),
            )
        };
        let lifetimes_missing = register.counters(
            "laredo_upstream_lifetimes_missing_total",
            "Token answers without a readable expires_in; such a token is kept for 60 s.",
            &["identity_provider"],
        )?;
        for provider in providers {
            lifetimes_missing.with_label_values(&[provider.as_str()]);
        }
        Ok(Self {
            caches: CacheMetrics::new(&register, providers)?,
            introspection: IntrospectionMetrics::new(&register, providers)?,
            token_successes: successes(Route::Token),
            introspection_successes: successes(Route::Introspect),
            http_requests,
            http_durations,
            upstream_requests: register.counters(
                "laredo_upstream_requests_total",
                "Calls to identity providers, retries included.",
                &["identity_provider", "operation", "outcome"],
            )?,
            upstream_durations: register.durations(
                "laredo_upstream_request_duration_seconds",
                "Time of a call to an identity provider, in seconds.",
                &["identity_provider", "operation", "outcome"],
            )?,
            lifetimes_missing,
            credentials: CredentialMetrics::new(&register, providers)?,
            clock_skew: register.add(GaugeVec::new(
                Opts::new(
                    "laredo_clock_skew_seconds",
                    "The provider's clock minus ours, in seconds, as its last answer told.",
                ),
                &["identity_provider"],
            )?)?,
            log_lines_dropped: register.add(IntGauge::new(
                "laredo_log_lines_dropped",
                "Log lines lost since the start because nobody read them.",
            )?)?,
            registry,
        })
    }

    /// Counts an answered cache request, once.
    pub fn cache_request(&self, kind: CacheKind, provider: ProviderName, result: CacheResult) {
        self.caches.request(kind, provider, result);
    }

    /// Notes how much a cache holds, in number and bytes.
    pub fn cache_size(&self, kind: CacheKind, (entries, bytes): (u64, u64)) {
        self.caches.size(kind, entries, bytes);
    }

    /// Notes how much a cache may hold, in bytes.
    pub fn cache_limit(&self, kind: CacheKind, bytes: u64) {
        self.caches.limit(kind, bytes);
    }

    /// Notes how many tokens for the app itself are about to end, or have, and cannot be fetched.
    pub fn tokens_at_risk(&self, provider: ProviderName, tokens: usize) {
        let tokens = u64::try_from(tokens).unwrap_or(u64::MAX);
        self.caches.at_risk(provider, tokens);
    }

    /// Counts an introspection; `None`: of a token that is no provider's.
    pub fn introspection(&self, provider: Option<ProviderName>, result: IntrospectionResult) {
        self.introspection.answered(provider, result);
    }

    /// Notes how old a provider's keys are, and how many of its entries are not used.
    pub fn keys(&self, provider: ProviderName, age: Duration, skipped: usize) {
        self.introspection.keys(provider, age, skipped);
    }

    /// Counts an answer of the API listener.
    pub fn http_request(&self, route: Route, status: u16, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let resolved = match (route, status) {
            (Route::Token, 200) => Some(&self.token_successes),
            (Route::Introspect, 200) => Some(&self.introspection_successes),
            _ => None,
        };
        if let Some((requests, durations)) = resolved {
            requests.inc();
            durations.observe(seconds);
            return;
        }
        let status = status.to_string();
        let labels = [route.as_str(), &status];
        self.http_requests.with_label_values(&labels).inc();
        self.http_durations
            .with_label_values(&labels)
            .observe(seconds);
    }

    /// Counts a call to a provider.
    pub fn upstream_request(
        &self,
        provider: ProviderName,
        operation: Operation,
        outcome: Outcome,
        duration: Duration,
    ) {
        let labels = [provider.as_str(), operation.as_str(), outcome.as_str()];
        self.upstream_requests.with_label_values(&labels).inc();
        self.upstream_durations
            .with_label_values(&labels)
            .observe(duration.as_secs_f64());
    }

    /// Counts a token answer whose `expires_in` was missing or unreadable.
    pub fn lifetime_missing(&self, provider: ProviderName) {
        self.lifetimes_missing
            .with_label_values(&[provider.as_str()])
            .inc();
    }

    /// Notes by how many seconds the provider's clock is ahead of ours.
    pub fn clock_skew(&self, provider: ProviderName, seconds: f64) {
        self.clock_skew
            .with_label_values(&[provider.as_str()])
            .set(seconds);
    }

    /// Notes how many log lines have been lost so far.
    pub fn log_lines_dropped(&self, lines: usize) {
        self.log_lines_dropped
            .set(i64::try_from(lines).unwrap_or(i64::MAX));
    }

    /// All metrics in Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be rendered");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render()).unwrap()
    }

    #[test]
    fn providers_that_are_on_have_series_from_the_start() {
        let text = rendered(&Metrics::new(&[ProviderName::EntraId]).unwrap());

        assert!(text.contains(
            r#"laredo_cache_requests_total{cache="token",identity_provider="entra_id",result="hit"} 0"#
        ));
        assert!(!text.contains("maskinporten"));
    }

    #[test]
    fn an_answer_is_counted_by_route_and_status() {
        let metrics = Metrics::new(&[]).unwrap();

        metrics.http_request(Route::Token, 200, Duration::from_millis(2));
        metrics.http_request(Route::Other, 404, Duration::from_millis(2));

        let text = rendered(&metrics);
        for line in [
            r#"laredo_http_requests_total{route="/api/v1/token",status="200"} 1"#,
            r#"laredo_http_requests_total{route="other",status="404"} 1"#,
            r#"laredo_http_request_duration_seconds_bucket{route="/api/v1/token",status="200",le="0.005"} 1"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_provider_that_is_off_is_not_counted() {
        let metrics = Metrics::new(&[]).unwrap();

        metrics.cache_request(CacheKind::Token, ProviderName::TokenX, CacheResult::Miss);

        assert!(!rendered(&metrics).contains("tokenx"));
    }

    #[test]
    fn the_process_and_the_build_are_told() {
        let text = rendered(&Metrics::new(&[]).unwrap());

        assert!(text.contains("process_resident_memory_bytes"));
        assert!(text.contains(concat!("version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")));
    }
}
