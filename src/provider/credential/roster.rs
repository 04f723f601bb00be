//! Which credentials there are, what the provider thinks of each, and which one is in use. No time, locks or files.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use super::known::{Credential, Known, Standing};
use crate::client_auth::{ClientAuth, CredentialSources};
use crate::clock::{Deadline, Moment};

/// For how long a replaced secret can be fallen back to, once the provider takes the new one: providers that run on many
/// machines learn of a new secret one by one.
const KEPT_AFTER_REPLACEMENT: Duration = Duration::from_secs(3600);

/// Every credential that is worth a try, and the one in use.
#[derive(Debug)]
pub(super) struct Roster {
    current: Arc<Credential>,
    /// The first choice first.
    sources: Vec<Source>,
    known: Vec<Known>,
    /// Puts credentials and verdicts in order.
    counter: u64,
}

#[derive(Debug)]
struct Source {
    variable: &'static str,
    newest: Arc<Credential>,
    changed_since_start: bool,
}

impl Roster {
    pub(super) fn new(sources: &CredentialSources) -> Self {
        let (first, variable) = (sources.first.at_start(), sources.first.variable());
        let current = Arc::new(Credential::new(Arc::clone(first), 0, variable, 0));
        let mut roster = Self {
            sources: vec![Source::at_start(variable, Arc::clone(&current))],
            known: vec![Known::new(Arc::clone(&current))],
            current,
            counter: 0,
        };
        roster.adopt(&roster.current());
        for next in &sources.next {
            let (index, variable) = (roster.sources.len(), next.variable());
            let newest = roster.learn(index, variable, Arc::clone(next.at_start()));
            roster.sources.push(Source::at_start(variable, newest));
        }
        roster
    }

    pub(super) fn current(&self) -> Arc<Credential> {
        Arc::clone(&self.current)
    }

    /// What the file of a source holds now. Returns whether that is new.
    pub(super) fn update(&mut self, index: usize, auth: ClientAuth, now: Moment) -> bool {
        let source = self.sources.get(index);
        let Some(variable) = source
            .filter(|source| *source.newest.auth() != auth)
            .map(|source| source.variable)
        else {
            return false;
        };
        let newest = self.learn(index, variable, Arc::new(auth));
        let leads = self.leads(index);
        if let Some(source) = self.sources.get_mut(index) {
            source.newest = Arc::clone(&newest);
            source.changed_since_start = true;
        }
        if leads {
            self.adopt(&newest);
        }
        self.forget_replaced(now);
        true
    }

    /// The provider takes it. Returns whether that is news.
    pub(super) fn accept(&mut self, credential: &Credential, now: Moment) -> bool {
        let order = self.count();
        let Some(standing) = self.standing(credential) else {
            return false;
        };
        let is_news = !matches!(standing, Standing::Accepted { .. });
        *standing = Standing::Accepted { order };
        if is_news && self.current.is_same_as(credential) {
            self.retire_replaced(now);
        }
        is_news
    }

    /// The provider refuses it. Returns whether that is news.
    pub(super) fn refuse(&mut self, credential: &Credential, again: Deadline) -> bool {
        let order = self.count();
        let Some(standing) = self.standing(credential) else {
            return false;
        };
        let is_news = !matches!(standing, Standing::Refused { .. });
        *standing = Standing::Refused { order, again };
        is_news
    }

    /// Puts one that the provider took, and has not refused since, in the place of `refused`.
    pub(super) fn fall_back(&mut self, refused: &Credential) {
        if !self.current.is_same_as(refused) {
            return;
        }
        let trusted = self.known.iter().filter(|known| known.is_accepted());
        let last = trusted.max_by_key(|known| known.standing.order());
        if let Some(credential) = last.map(|known| Arc::clone(&known.credential)) {
            self.adopt(&credential);
        }
    }

    /// The likeliest one besides `refused`: never tried before long refused.
    pub(super) fn candidate(&self, refused: &Credential) -> Option<Arc<Credential>> {
        let others = self.known.iter();
        let others = others.filter(|known| !known.credential.is_same_as(refused));
        let likeliest = others.min_by_key(|known| match known.standing {
            Standing::Accepted { .. } => (0, 0),
            Standing::Untried => (1, known.credential.number()),
            Standing::Refused { order, .. } => (2, order),
        });
        likeliest.map(|known| Arc::clone(&known.credential))
    }

    /// Everybody uses this one from now on.
    pub(super) fn adopt(&mut self, credential: &Arc<Credential>) {
        self.current = Arc::clone(credential);
        if let Some(known) = self.find(credential) {
            known.served = true;
            known.forget = None;
        }
    }

    /// Gives a new version that was refused another chance, while there is one to fall back to.
    pub(super) fn reconsider(&mut self, now: Moment) {
        self.forget_replaced(now);
        let mut indices = 0..self.sources.len();
        let overdue = indices.find_map(|index| self.overdue(index, now));
        let current = self.known.iter();
        let mut current = current.filter(|known| known.credential.is_same_as(&self.current));
        if current.any(Known::is_accepted)
            && let Some(credential) = overdue
        {
            self.adopt(&credential);
        }
    }

    fn overdue(&self, index: usize, now: Moment) -> Option<Arc<Credential>> {
        let source = self.sources.get(index)?;
        let newest = &source.newest;
        let waits = self.leads(index) && source.changed_since_start;
        let known = self
            .known
            .iter()
            .find(|known| known.credential.is_same_as(newest))?;
        let may = waits && !newest.is_same_as(&self.current) && known.may_be_tried(now);
        may.then(|| Arc::clone(newest))
    }

    /// Whether what is new in this source is used at once: not while one of a better source serves.
    fn leads(&self, index: usize) -> bool {
        index <= self.current.source()
    }

    /// A credential by its content. The same content in a better source moves there.
    fn learn(
        &mut self,
        source: usize,
        variable: &'static str,
        auth: Arc<ClientAuth>,
    ) -> Arc<Credential> {
        let number = self.count();
        let known = self
            .known
            .iter_mut()
            .find(|known| *known.credential.auth() == *auth);
        if let Some(known) = known {
            known.learn_again(source, variable);
            return Arc::clone(&known.credential);
        }
        let credential = Arc::new(Credential::new(auth, source, variable, number));
        self.known.push(Known::new(Arc::clone(&credential)));
        credential
    }

    fn find(&mut self, credential: &Credential) -> Option<&mut Known> {
        let mut known = self.known.iter_mut();
        known.find(|known| known.credential.is_same_as(credential))
    }

    fn standing(&mut self, credential: &Credential) -> Option<&mut Standing> {
        self.find(credential).map(|known| &mut known.standing)
    }

    fn count(&mut self) -> u64 {
        self.counter = self.counter.saturating_add(1);
        self.counter
    }

    fn is_replaced(&self, known: &Known) -> bool {
        let mut newest = self.sources.iter().map(|source| &source.newest);
        let credential = &known.credential;
        !self.current.is_same_as(credential) && !newest.any(|one| one.is_same_as(credential))
    }

    /// Of those that no source holds any more, one is worth keeping, and that not for ever.
    fn forget_replaced(&mut self, now: Moment) {
        let replaced = self.known.iter().filter(|known| self.is_replaced(known));
        let of_use = replaced.filter(|known| known.is_of_use(now));
        let kept =
            of_use.max_by_key(|known| (known.standing.order(), Reverse(known.credential.number())));
        let kept = kept.map(|known| known.credential.number());
        let known = std::mem::take(&mut self.known);
        let stays = |one: &Known| !self.is_replaced(one) || kept == Some(one.credential.number());
        self.known = known.into_iter().filter(stays).collect();
    }

    fn retire_replaced(&mut self, now: Moment) {
        let mut known = std::mem::take(&mut self.known);
        for one in known.iter_mut().filter(|one| self.is_replaced(one)) {
            one.forget.get_or_insert(now.after(KEPT_AFTER_REPLACEMENT));
        }
        self.known = known;
    }
}

impl Source {
    fn at_start(variable: &'static str, newest: Arc<Credential>) -> Self {
        Self {
            variable,
            newest,
            changed_since_start: false,
        }
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
