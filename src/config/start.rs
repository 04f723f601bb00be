//! The cache's size, what is fetched at start, and how long the end takes.

use std::time::Duration;

use super::catalogue::Variables;
use super::problem::{Complaint, Noted, Problems};
use super::value::{entries, number, seconds};
use crate::oauth::ProviderName;

/// The cache.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    /// The memory for finished tokens, in bytes, 1 MiB to 64 GiB.
    pub max_bytes: u64,
}

/// Tokens to get at start.
#[derive(Clone, Debug)]
pub struct PrefetchConfig {
    /// What to get, each once, in the order given.
    pub targets: Vec<PrefetchTarget>,
    /// For how long readiness waits for them, in seconds, 0 to 3600.
    pub deadline: Duration,
}

/// A token to get at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefetchTarget {
    /// Who issues it; a provider that is on.
    pub provider: ProviderName,
    /// What it is for, as an app would write it.
    pub target: String,
}

/// The end.
#[derive(Clone, Debug)]
pub struct ShutdownConfig {
    /// For how long service goes on after the signal, in seconds, 0 to 3600.
    pub delay: Duration,
}

impl CacheConfig {
    pub(super) fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        const MEBIBYTE: u64 = 1 << 20;
        const GIBIBYTES_64: u64 = 1 << 36;
        let max_bytes = variables
            .laredo_cache_max_bytes
            .required(problems, |text| number(text, MEBIBYTE..=GIBIBYTES_64))?;
        Ok(Self { max_bytes })
    }
}

impl ShutdownConfig {
    pub(super) fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let delay = variables
            .laredo_shutdown_delay
            .required(problems, seconds)?;
        Ok(Self { delay })
    }
}

impl PrefetchConfig {
    pub(super) fn read(
        variables: &Variables,
        on: &[ProviderName],
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let targets = variables
            .laredo_prefetch
            .optional(problems, |text| targets(text, on));
        let deadline = variables
            .laredo_prefetch_deadline
            .required(problems, seconds);
        Ok(Self {
            targets: targets?.unwrap_or_default(),
            deadline: deadline?,
        })
    }
}

fn targets(text: &str, on: &[ProviderName]) -> Result<Vec<PrefetchTarget>, Complaint> {
    let mut targets = Vec::new();
    for entry in entries(text) {
        let target = target(entry, on)?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

fn target(entry: &str, on: &[ProviderName]) -> Result<PrefetchTarget, Complaint> {
    const LONGEST: usize = 4096;
    let (provider, target) = entry
        .split_once('=')
        .ok_or("is not a comma list of provider=target")?;
    let provider = ProviderName::find(provider.trim(), on).ok_or("names an unknown provider")?;
    if !on.contains(&provider) {
        return Err("names a provider that is not on".into());
    }
    let target = target.trim();
    if target.is_empty() || target.len() > LONGEST || target.chars().any(char::is_control) {
        return Err("has a target that is empty, over 4 KiB, or has a control character".into());
    }
    Ok(PrefetchTarget {
        provider,
        target: target.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::tests::{entra, problems, read};

    #[test]
    fn prefetch_targets_may_hold_equals_signs() {
        let text = "azuread=api://a=b/.default, entra_id=x,entra_id=x,";

        let config = read(entra([("LAREDO_PREFETCH", text)])).unwrap();

        let wanted = ["api://a=b/.default", "x"].map(|target| PrefetchTarget {
            provider: ProviderName::EntraId,
            target: target.to_owned(),
        });
        assert_eq!(config.prefetch.targets, wanted);
    }

    #[rstest]
    #[case("LAREDO_PREFETCH", "entra_id")]
    #[case("LAREDO_PREFETCH", "entra_id= ")]
    #[case("LAREDO_PREFETCH", "Entra_ID=x")]
    #[case("LAREDO_PREFETCH", "maskinporten=x")]
    #[case("LAREDO_PREFETCH_DEADLINE", "10s")]
    #[case("LAREDO_PREFETCH_DEADLINE", "3601")]
    #[case("LAREDO_SHUTDOWN_DELAY", "-1")]
    #[case("LAREDO_CACHE_MAX_BYTES", "1048575")]
    #[case("LAREDO_CACHE_MAX_BYTES", "16MiB")]
    #[case("RUST_LOG", "laredo=loud")]
    #[case("LAREDO_LOG_FORMAT", "xml")]
    fn f72_a_bad_value_is_reported(#[case] name: &str, #[case] text: &str) {
        assert!(problems(entra([(name, text)])).starts_with(&format!("{name} ")));
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let config = read(entra([])).unwrap();

        assert_eq!(config.cache.max_bytes, 16 << 20);
        assert_eq!(config.prefetch.deadline, Duration::from_secs(10));
        assert_eq!(config.shutdown.delay, Duration::ZERO);
        assert!(config.prefetch.targets.is_empty());
        assert!(!config.api.refuse_forwarded);
    }
}
