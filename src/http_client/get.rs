//! Getting documents, for those who do nothing else.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{Answer, Failure, HttpClient};

/// Gets a document, once, within the set time-out.
pub type Get = Arc<dyn Fn(Url) -> Getting + Send + Sync>;
/// A document that is to come.
pub type Getting = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

impl HttpClient {
    /// What gets documents by this client.
    #[must_use]
    pub fn getter(self: &Arc<Self>) -> Get {
        let client = Arc::clone(self);
        Arc::new(move |url| {
            let client = Arc::clone(&client);
            Box::pin(async move { client.get(&url, Duration::MAX).await })
        })
    }
}
