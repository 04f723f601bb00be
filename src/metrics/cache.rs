//! What is counted of the caches, each kind by itself.

use std::collections::HashMap;

use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts};

use super::labels::{CacheKind, CacheResult};
use super::registrar::Registrar;
use crate::oauth::ProviderName;

/// Requests and sizes of the caches.
#[derive(Debug)]
pub(super) struct CacheMetrics {
    requests: HashMap<(CacheKind, ProviderName), Requests>,
    entries: IntGaugeVec,
    bytes: IntGaugeVec,
    max_bytes: IntGaugeVec,
    tokens_at_risk: IntGaugeVec,
}

#[derive(Debug)]
struct Requests {
    hit: IntCounter,
    stale: IntCounter,
    miss: IntCounter,
    bypass: IntCounter,
}

impl CacheMetrics {
    pub(super) fn new(
        register: &Registrar<'_>,
        providers: &[ProviderName],
    ) -> prometheus::Result<Self> {
        let requests = register.counters(
            "laredo_cache_requests_total",
            "Requests that a cache may answer, by where the answer came from.",
            &["cache", "identity_provider", "result"],
        )?;
        let of = |kind: CacheKind, provider: ProviderName| {
            let of =
                |result| requests.with_label_values(&[kind.as_str(), provider.as_str(), result]);
            let requests = Requests {
                hit: of("hit"),
                stale: of("stale"),
                miss: of("miss"),
                bypass: of("bypass"),
            };
            ((kind, provider), requests)
        };
        let pairs = |kind| providers.iter().map(move |&provider| of(kind, provider));
        let gauges = |name: &str, help: &str| {
            let gauges = register.add(IntGaugeVec::new(Opts::new(name, help), &["cache"])?)?;
            for kind in CacheKind::ALL {
                gauges.with_label_values(&[kind.as_str()]);
            }
            Ok::<_, prometheus::Error>(gauges)
        };
        Ok(Self {
            requests: CacheKind::ALL.into_iter().flat_map(pairs).collect(),
            entries: gauges("laredo_cache_entries", "What is held, in number.")?,
            bytes: gauges(
                "laredo_cache_bytes",
                "Memory that what is held takes, in bytes.",
            )?,
            max_bytes: gauges(
                "laredo_cache_max_bytes",
                "Memory that what is held may take, in bytes.",
            )?,
            tokens_at_risk: register.add(IntGaugeVec::new(
                Opts::new(
                    "laredo_tokens_at_risk",
                    "Tokens for the app itself that are asked for and cannot be fetched now, while less than a quarter of \
                     their life is left or none is held.",
                ),
                &["identity_provider"],
            )?)?,
        })
    }

    pub(super) fn request(&self, kind: CacheKind, provider: ProviderName, result: CacheResult) {
        let Some(requests) = self.requests.get(&(kind, provider)) else {
            return;
        };
        match result {
            CacheResult::Hit => requests.hit.inc(),
            CacheResult::Stale => requests.stale.inc(),
            CacheResult::Miss => requests.miss.inc(),
            CacheResult::Bypass => requests.bypass.inc(),
        }
    }

    pub(super) fn limit(&self, kind: CacheKind, bytes: u64) {
        set(&self.max_bytes.with_label_values(&[kind.as_str()]), bytes);
    }

    pub(super) fn at_risk(&self, provider: ProviderName, tokens: u64) {
        set(
            &self.tokens_at_risk.with_label_values(&[provider.as_str()]),
            tokens,
        );
    }

    pub(super) fn size(&self, kind: CacheKind, entries: u64, bytes: u64) {
        set(&self.entries.with_label_values(&[kind.as_str()]), entries);
        set(&self.bytes.with_label_values(&[kind.as_str()]), bytes);
    }
}

fn set(gauge: &IntGauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    #[test]
    fn limits_and_tokens_at_risk_are_told() {
        let metrics = Metrics::new(&[ProviderName::EntraId]).unwrap();

        metrics.cache_limit(CacheKind::Exchange, 8);
        metrics.tokens_at_risk(ProviderName::EntraId, 2);

        let text = String::from_utf8(metrics.render()).unwrap();
        assert!(text.contains("laredo_cache_max_bytes{cache=\"exchange\"} 8"));
        assert!(text.contains("laredo_tokens_at_risk{identity_provider=\"entra_id\"} 2"));
    }
}
