//! What is told of credentials.

use std::time::SystemTime;

use prometheus::{IntCounterVec, IntGaugeVec, Opts};

use super::{Metrics, Registrar};
use crate::oauth::ProviderName;

#[derive(Debug)]
pub(super) struct CredentialMetrics {
    reload_errors: IntCounterVec,
    expiry: IntGaugeVec,
}

impl CredentialMetrics {
    pub(super) fn new(
        register: &Registrar<'_>,
        providers: &[ProviderName],
    ) -> prometheus::Result<Self> {
        let reload_errors = register.counters(
            "laredo_credential_reload_errors_total",
            "Looks at a credential's file that found nothing usable; the last good one stays.",
            &["identity_provider"],
        )?;
        for provider in providers {
            reload_errors.with_label_values(&[provider.as_str()]);
        }
        let expiry = Opts::new(
            "laredo_credential_expiry_timestamp_seconds",
            "The end of the certificate in use, in seconds since 1970.",
        );
        Ok(Self {
            reload_errors,
            expiry: register.add(IntGaugeVec::new(expiry, &["identity_provider"])?)?,
        })
    }
}

impl Metrics {
    /// Counts failed looks at a credential's file.
    pub fn credential_reload_errors(&self, provider: ProviderName, errors: u64) {
        self.credentials
            .reload_errors
            .with_label_values(&[provider.as_str()])
            .inc_by(errors);
    }

    /// Notes when the credential in use ends; one that does not say has no series.
    pub fn credential_expiry(&self, provider: ProviderName, expiry: Option<SystemTime>) {
        let label = [provider.as_str()];
        let gauge = &self.credentials.expiry;
        let Some(expiry) = expiry else {
            // An error says that there was no series.
            let _ = gauge.remove_label_values(&label);
            return;
        };
        let since = expiry.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.unwrap_or_default().as_secs();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        gauge.with_label_values(&label).set(seconds);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rendered(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render()).unwrap()
    }

    #[test]
    fn a_certificates_end_has_a_series_while_one_is_in_use() {
        let series = "laredo_credential_expiry_timestamp_seconds{";
        let metrics = Metrics::new(&[ProviderName::EntraId]).unwrap();
        let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(7));
        assert!(!rendered(&metrics).contains(series));

        metrics.credential_expiry(ProviderName::EntraId, end);
        let with = rendered(&metrics);
        metrics.credential_expiry(ProviderName::EntraId, None);

        assert!(with.contains(&format!("{series}identity_provider=\"entra_id\"}} 7")));
        assert!(!rendered(&metrics).contains(series));
    }
}
