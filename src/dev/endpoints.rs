//! Where a played provider is.

/// The places of one provider that is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where tokens are had.
    pub token: String,
    /// Where its keys are.
    pub keys: String,
    /// Where its metadata are.
    pub metadata: String,
}
