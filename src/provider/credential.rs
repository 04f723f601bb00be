//! placeholder
use crate::secret::Secret;
use std::sync::Arc;
/// c
pub struct Credential {
    secret: Secret,
}
impl Credential {
    /// s
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}
/// cs
pub struct Credentials {
    c: Arc<Credential>,
}
impl Credentials {
    /// c
    pub fn current(&self) -> Arc<Credential> {
        self.c.clone()
    }
    /// a
    pub async fn after_refusal(&self, _u: &Arc<Credential>) -> Option<Arc<Credential>> {
        None
    }
    /// a
    pub fn accepted(&self, _c: &Arc<Credential>) {}
}
