//! Names to addresses: by the system's resolver on a thread of its own, at most one per name, never waited for
//! longer than for a connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::watch;

use super::{Cause, route};

/// `None` while the look-up runs; then the addresses, none of them if it failed.
type Answer = watch::Receiver<Option<Arc<[IpAddr]>>>;
pub(super) type LookUp = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Looks names up, each once at a time.
#[derive(Clone)]
pub(super) struct Resolver {
    look_up: Arc<LookUp>,
    running: Arc<Mutex<HashMap<String, Answer>>>,
    time_out: Duration,
    allowed: Allowed,
}

/// Which addresses a name may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Allowed {
    /// Any.
    All,
    /// Only loopback addresses; one other, and none is used.
    Loopback,
}

impl Resolver {
    /// The system's resolver; an answer is waited for as long as `time_out`.
    pub(super) fn system(time_out: Duration) -> Self {
        Self::new(Arc::new(look_up_by_system), time_out)
    }

    /// `look_up` runs on a thread of its own and may block.
    pub(super) fn new(look_up: Arc<LookUp>, time_out: Duration) -> Self {
        Self {
            look_up,
            running: Arc::default(),
            time_out,
            allowed: Allowed::All,
        }
    }

    /// The same resolver (look-ups stay shared), giving only such addresses.
    pub(super) fn allowing(&self, allowed: Allowed) -> Self {
        Self {
            allowed,
            ..self.clone()
        }
    }

    async fn addresses(self, name: String) -> Result<Arc<[IpAddr]>, Refused> {
        let mut answer = self.join_or_start(name);
        let waited = tokio::time::timeout(self.time_out, answer.wait_for(Option::is_some)).await;
        let answer = waited.map_err(|_| Refused(Cause::ResolverTimedOut))?;
        let addresses = answer.ok().and_then(|found| found.clone());
        let addresses = addresses.unwrap_or_default();
        let refusal = match self.allowed {
            _ if addresses.is_empty() => Some(Cause::NameNotResolved),
            Allowed::Loopback if !addresses.iter().copied().all(route::is_loopback) => {
                Some(Cause::PlainHttp)
            }
            Allowed::Loopback | Allowed::All => None,
        };
        refusal.map_or(Ok(addresses), |cause| Err(Refused(cause)))
    }

    /// The look-up goes on when nobody waits any more: its thread cannot be stopped.
    fn join_or_start(&self, name: String) -> Answer {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = running.get(&name) {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        running.insert(name.clone(), answer.clone());
        let Self {
            look_up, running, ..
        } = self.clone();
        tokio::task::spawn_blocking(move || {
            let addresses = {
                let _ended = Ended(&running, &name);
                look_up(&name).unwrap_or_default()
            };
            sender.send_replace(Some(addresses.into()));
        });
        answer
    }
}

/// Takes a look-up off the list when it ends, even by a panic.
struct Ended<'a>(&'a Mutex<HashMap<String, Answer>>, &'a str);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(self.1);
    }
}

fn look_up_by_system(name: &str) -> io::Result<Vec<IpAddr>> {
    let addresses = (name, 0).to_socket_addrs()?;
    Ok(addresses.map(|address| address.ip()).collect())
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move {
            let found = addresses.await?;
            let addresses: Vec<_> = found.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// No address, or none that may be used.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Cause);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.text())
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const PUBLIC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    async fn cause(resolver: &Resolver) -> Option<Cause> {
        let addresses = resolver.clone().addresses("provider.example".to_owned());
        addresses.await.err().map(|refused| refused.0)
    }

    #[tokio::test]
    async fn f2_a_name_without_an_address_is_not_resolved() {
        let unknown = Resolver::new(Arc::new(|_| Err(io::Error::other("no such name"))), LONG);
        let empty = Resolver::new(Arc::new(|_| Ok(Vec::new())), LONG);

        assert_eq!(cause(&unknown).await, Some(Cause::NameNotResolved));
        assert_eq!(cause(&empty).await, Some(Cause::NameNotResolved));
    }

    #[tokio::test]
    async fn f2_a_hanging_resolver_blocks_one_thread_per_name_and_nobody_for_long() {
        let look_ups = Arc::new(AtomicUsize::new(0));
        let (release, hang) = mpsc::channel::<()>();
        let hang = Mutex::new(hang);
        let counted = look_ups.clone();
        let look_up = move |_: &str| {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = hang.lock().expect("lock").recv();
            Ok(vec![LOOPBACK])
        };
        let resolver = Resolver::new(Arc::new(look_up), Duration::from_millis(20));

        let (first, second) = tokio::join!(cause(&resolver), cause(&resolver));
        let third = cause(&resolver).await;

        assert_eq!([first, second, third], [Some(Cause::ResolverTimedOut); 3]);
        assert_eq!(look_ups.load(Ordering::SeqCst), 1);
        drop(release);
    }

    #[tokio::test]
    async fn f2_a_resolver_that_came_to_is_asked_again() {
        let (answers, next) = mpsc::channel();
        let next = Mutex::new(next);
        let look_up = move |_: &str| next.lock().expect("lock").recv().expect("answer");
        let resolver = Resolver::new(Arc::new(look_up), LONG);
        answers
            .send(Err(io::Error::other("down")))
            .expect("receiver");
        answers.send(Ok(vec![PUBLIC])).expect("receiver");

        assert_eq!(cause(&resolver).await, Some(Cause::NameNotResolved));
        assert_eq!(cause(&resolver).await, None);
    }

    #[tokio::test]
    async fn f2_a_panic_in_a_look_up_fails_only_that_look_up() {
        let calls = AtomicUsize::new(0);
        let look_up = move |_: &str| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("look-up"),
            _ => Ok(vec![PUBLIC]),
        };
        let resolver = Resolver::new(Arc::new(look_up), LONG);

        assert_eq!(cause(&resolver).await, Some(Cause::NameNotResolved));
        assert_eq!(cause(&resolver).await, None);
    }

    #[tokio::test]
    async fn s10_one_public_address_among_loopback_ones_refuses_the_name() {
        let look_up = |_: &str| Ok(vec![LOOPBACK, PUBLIC]);
        let resolver = Resolver::new(Arc::new(look_up), LONG);

        let refused = cause(&resolver.allowing(Allowed::Loopback)).await;

        assert_eq!(refused, Some(Cause::PlainHttp));
        assert_eq!(cause(&resolver).await, None);
    }

    #[tokio::test]
    async fn s10_a_name_that_moves_from_loopback_to_public_is_refused_from_then_on() {
        let calls = AtomicUsize::new(0);
        let look_up = move |_: &str| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(vec![LOOPBACK]),
            _ => Ok(vec![PUBLIC]),
        };
        let resolver = Resolver::new(Arc::new(look_up), LONG).allowing(Allowed::Loopback);

        assert_eq!(cause(&resolver).await, None);
        assert_eq!(cause(&resolver).await, Some(Cause::PlainHttp));
    }

    #[tokio::test]
    async fn f85_a_changed_address_is_seen_at_the_next_look_up() {
        let (answers, next) = mpsc::channel();
        let next = Mutex::new(next);
        let look_up = move |_: &str| next.lock().expect("lock").recv().expect("answer");
        let resolver = Resolver::new(Arc::new(look_up), LONG);

        for address in [PUBLIC, LOOPBACK] {
            answers.send(Ok(vec![address])).expect("receiver");
            let found = resolver.clone().addresses("provider.example".to_owned());
            assert_eq!(found.await.expect("addresses").as_ref(), [address]);
        }
    }
}
