//! What is counted of introspection, and told of the keys behind it.

use std::collections::HashMap;
use std::time::Duration;

use prometheus::{GaugeVec, IntCounter, IntCounterVec, IntGaugeVec, Opts};

use super::labels::IntrospectionResult;
use super::registrar::Registrar;
use crate::oauth::ProviderName;

/// Stands for tokens that are no provider's.
const UNKNOWN: &str = "unknown";

/// Answers, and the state of the keys.
#[derive(Debug)]
pub(super) struct IntrospectionMetrics {
    of_provider: HashMap<ProviderName, Results>,
    of_nobody: Results,
    keys_age: GaugeVec,
    keys_skipped: IntGaugeVec,
}

#[derive(Debug)]
struct Results {
    active: IntCounter,
    inactive: IntCounter,
    unavailable: IntCounter,
}

impl Results {
    fn new(results: &IntCounterVec, provider: &str) -> Self {
        let of = |result| results.with_label_values(&[provider, result]);
        Self {
            active: of("active"),
            inactive: of("inactive"),
            unavailable: of("unavailable"),
        }
    }
}

impl IntrospectionMetrics {
    pub(super) fn new(
        register: &Registrar<'_>,
        providers: &[ProviderName],
    ) -> prometheus::Result<Self> {
        let results = register.counters(
            "laredo_introspections_total",
            "Tokens that were asked about, by what was said.",
            &["identity_provider", "result"],
        )?;
        let of = |&name: &ProviderName| (name, Results::new(&results, name.as_str()));
        Ok(Self {
            of_provider: providers.iter().map(of).collect(),
            of_nobody: Results::new(&results, UNKNOWN),
            keys_age: register.add(GaugeVec::new(
                Opts::new(
                    "laredo_keys_age_seconds",
                    "Time since the provider's signing keys were last fetched, in seconds; if they never were, since \
                     the start.",
                ),
                &["identity_provider"],
            )?)?,
            keys_skipped: register.add(IntGaugeVec::new(
                Opts::new(
                    "laredo_keys_skipped",
                    "Entries of the provider's key set that are not used.",
                ),
                &["identity_provider"],
            )?)?,
        })
    }

    pub(super) fn answered(&self, provider: Option<ProviderName>, result: IntrospectionResult) {
        let of_provider = provider.and_then(|name| self.of_provider.get(&name));
        let results = of_provider.unwrap_or(&self.of_nobody);
        match result {
            IntrospectionResult::Active => results.active.inc(),
            IntrospectionResult::Inactive => results.inactive.inc(),
            IntrospectionResult::Unavailable => results.unavailable.inc(),
        }
    }

    pub(super) fn keys(&self, provider: ProviderName, age: Duration, skipped: usize) {
        let labels = [provider.as_str()];
        self.keys_age
            .with_label_values(&labels)
            .set(age.as_secs_f64());
        self.keys_skipped
            .with_label_values(&labels)
            .set(i64::try_from(skipped).unwrap_or(i64::MAX));
    }
}
