//! Tells a peer that never took the connection from one that took it and fell silent: reqwest's connect time-out
//! covers both, but only the second counts as timed out (F8).

use std::cell::Cell;
use std::sync::Arc;

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

tokio::task_local! {
    static BEGUN: Cell<bool>;
}

/// Runs `call`; tells beside its output whether a TLS handshake was begun meanwhile.
pub(super) async fn noted<F: Future>(call: F) -> (F::Output, bool) {
    let noting = async {
        let output = call.await;
        (output, BEGUN.with(Cell::get))
    };
    BEGUN.scope(Cell::new(false), noting).await
}

/// Sessions to resume. rustls asks it first of all in a handshake, which is how the beginning is noted.
#[derive(Debug)]
pub(super) struct Sessions(Arc<ClientSessionMemoryCache>);

impl Sessions {
    /// Remembers as many tickets as `size`.
    pub(super) fn remembering(size: usize) -> Self {
        Self(Arc::new(ClientSessionMemoryCache::new(size)))
    }
}

impl ClientSessionStore for Sessions {
    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        // Fails when nobody waits for this connection any more: then nobody asks either.
        let _ = BEGUN.try_with(|begun| begun.set(true));
        self.0.kx_hint(server_name)
    }

    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server_name, group);
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server_name, value);
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server_name)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.0.remove_tls12_session(server_name);
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        self.0.insert_tls13_ticket(server_name, value);
    }

    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(server_name)
    }
}
