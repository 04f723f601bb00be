//! Introspection (RFC 7662): whose a token is, whether it is remembered, and one count for each answer.

use std::sync::Arc;

use super::Broker;
use crate::metrics::{CacheKind, CacheResult, IntrospectionResult};
use crate::oauth::ProviderName;
use crate::verifier::{Compact, Failure, Issues, Question, Reason, Verdict, Verifier};

/// What is said, and of whose tokens.
struct Said {
    provider: Option<ProviderName>,
    result: Result<Verdict, Failure>,
}

impl Said {
    fn inactive(provider: Option<ProviderName>, reason: Reason) -> Self {
        Self {
            provider,
            result: Ok(Verdict::Inactive(reason)),
        }
    }
}

impl Broker {
    /// Says whether `token` is valid for this app. Without a provider's name the token's issuer picks one.
    ///
    /// # Errors
    /// If that cannot be known now.
    pub async fn introspect(
        &self,
        named: Option<ProviderName>,
        token: &str,
    ) -> Result<Verdict, Failure> {
        let question = Question::new(named, token);
        let said = match self.remembered(&question) {
            Some(said) => said,
            None => self.examined(named, &question, token).await,
        };
        let result = match &said.result {
            Ok(Verdict::Active(_)) => IntrospectionResult::Active,
            Ok(Verdict::Inactive(_)) => IntrospectionResult::Inactive,
            Err(_) => IntrospectionResult::Unavailable,
        };
        self.metrics.introspection(said.provider, result);
        said.result
    }

    /// What is remembered of the token, as long as it holds.
    fn remembered(&self, question: &Question) -> Option<Said> {
        let verified = self.verdicts.get(question)?;
        let provider = verified.provider();
        let verifier = self.verifier(provider)?;
        if !verifier.still_holds(&verified) {
            self.verdicts.forget(question);
            return None;
        }
        self.metrics
            .cache_request(CacheKind::Introspection, provider, CacheResult::Hit);
        Some(Said {
            provider: Some(provider),
            result: Ok(Verdict::Active(verified.answer())),
        })
    }

    async fn examined(
        &self,
        named: Option<ProviderName>,
        question: &Question,
        token: &str,
    ) -> Said {
        if let Some(reason) = named.and_then(|name| self.cannot_introspect(name)) {
            return Said::inactive(named.filter(|name| self.is_on(*name)), reason);
        }
        let Some(token) = Compact::read(token) else {
            return Said::inactive(named, Reason::Header);
        };
        if !token.names_key() {
            return Said::inactive(named, Reason::NoKeyId);
        }
        let verifier = match named {
            Some(name) => Ok(self.verifier(name)),
            None => self.by_issuer(&token),
        };
        match verifier {
            Ok(Some(verifier)) => self.verified(verifier, question, token).await,
            Ok(None) => Said::inactive(named, Reason::UnknownKey),
            Err(failure) => Said {
                provider: named,
                result: Err(failure),
            },
        }
    }

    async fn verified(&self, verifier: &Verifier, question: &Question, token: Compact) -> Said {
        let provider = verifier.provider();
        self.metrics
            .cache_request(CacheKind::Introspection, provider, CacheResult::Miss);
        let result = verifier.verify(token).await.map(|verdict| match verdict {
            Ok(verified) => {
                let answer = verified.answer();
                let lifetime = verifier.lifetime(&verified);
                self.verdicts
                    .remember(*question, Arc::new(verified), lifetime);
                Verdict::Active(answer)
            }
            Err(reason) => Verdict::Inactive(reason),
        });
        Said {
            provider: Some(provider),
            result,
        }
    }

    fn cannot_introspect(&self, name: ProviderName) -> Option<Reason> {
        match self.providers.get(&name) {
            None => Some(Reason::NotEnabled(name)),
            Some(provider) if provider.verifier.is_none() => Some(Reason::Unsupported(name)),
            Some(_) => None,
        }
    }

    fn is_on(&self, name: ProviderName) -> bool {
        self.providers.contains_key(&name)
    }

    fn verifier(&self, name: ProviderName) -> Option<&Verifier> {
        self.providers.get(&name)?.verifier.as_ref()
    }

    /// The verifier that the token's issuer picks: the first, where several providers have the same. Where the audience
    /// is not checked, only the app can mean it.
    ///
    /// # Errors
    /// If no provider is known to have the issuer, and one does not know its own yet.
    fn by_issuer(&self, token: &Compact) -> Result<Option<&Verifier>, Failure> {
        let Some(issuer) = token.untrusted_issuer() else {
            return Ok(None);
        };
        let verifiers = self.names.iter().filter_map(|name| self.verifier(*name));
        let mut unknown = None;
        for verifier in verifiers {
            if !verifier.checks_audience() {
                continue;
            }
            match verifier.issues(&issuer) {
                Issues::Yes => return Ok(Some(verifier)),
                Issues::Unknown => unknown = Some(verifier.unavailable()),
                Issues::No => {}
            }
        }
        unknown.map_or(Ok(None), Err)
    }
}
