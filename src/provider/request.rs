//! What is sent to a token endpoint.

use std::time::SystemTime;

use url::Url;

use super::Credential;
use crate::client_auth::Client;
use crate::http_client::Form;
use crate::oauth::{Error, TokenRequest, client_credentials};

/// One attempt's form, with a proof of its own.
///
/// # Errors
/// The credential cannot sign.
pub(super) fn form(
    client: &Client,
    endpoint: &Url,
    request: &TokenRequest,
    credential: &Credential,
    now: SystemTime,
) -> Result<Form, Error> {
    let presented = credential.auth().presented(client, endpoint.as_str(), now);
    let presented = presented.map_err(|failed| {
        tracing::error!(variable = credential.variable(), "{failed}");
        Error::Internal
    })?;
    let (id, proof) = (presented.client_id(client), presented.fields());
    Ok(Form {
        fields: client_credentials(id, &request.target, &proof),
        authorization: presented.into_authorization(),
    })
}
