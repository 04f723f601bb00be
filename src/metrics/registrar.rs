//! Making metrics and registering them in one go.

use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// Upper bounds of the duration buckets, in seconds: from a cached answer to the answer's time limit.
const BUCKETS: [f64; 12] = [
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0,
];

/// Makes metrics and registers them.
pub(super) struct Registrar<'a>(pub(super) &'a Registry);

impl Registrar<'_> {
    pub(super) fn add<C: Collector + Clone + 'static>(
        &self,
        collector: C,
    ) -> prometheus::Result<C> {
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    pub(super) fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> prometheus::Result<IntCounterVec> {
        self.add(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    pub(super) fn durations(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> prometheus::Result<HistogramVec> {
        let options = HistogramOpts::new(name, help).buckets(BUCKETS.to_vec());
        self.add(HistogramVec::new(options, labels)?)
    }

    pub(super) fn build_info(&self) -> prometheus::Result<()> {
        let help = "Always 1; the label names the version.";
        let info = IntGaugeVec::new(Opts::new("laredo_build_info", help), &["version"])?;
        self.add(info)?
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        Ok(())
    }
}
