//! What is sent to a token endpoint.

use std::time::SystemTime;

use super::Credential;
use crate::client_auth::{Client, Recipient, SigningFailed, Wanted};
use crate::http_client::Form;
use crate::oauth::{
    ApplicationGrant, Errand, Error, Fields, Grants, Naming, TargetParameter, TokenRequest,
    UserGrant, UserToken, client_credentials, form, further, signed_assertion,
};
use crate::secret::Secret;

/// Everything that makes one attempt's request.
pub(super) struct Attempted<'a> {
    pub(super) client: &'a Client,
    pub(super) grants: Grants,
    pub(super) recipient: &'a Recipient,
    pub(super) credential: &'a Credential,
    pub(super) now: SystemTime,
}

impl Attempted<'_> {
    /// One attempt's form, with a proof of its own.
    ///
    /// # Errors
    /// The credential cannot sign, or the provider has no such grant.
    pub(super) fn form(&self, errand: &Errand) -> Result<Form, Error> {
        let request = &errand.request;
        let form = match (&errand.user_token, self.grants) {
            (
                Some(user),
                Grants {
                    user: Some(grant), ..
                },
            ) => self.of_user(grant, request, user),
            (
                None,
                Grants {
                    application: Some(grant),
                    ..
                },
            ) => self.of_application(grant, request),
            _ => return Err(Error::Internal),
        };
        form.map_err(|failed| {
            tracing::error!(variable = self.credential.variable(), "{failed}");
            Error::Internal
        })
    }

    fn of_user(
        &self,
        grant: UserGrant,
        request: &TokenRequest,
        user_token: &UserToken,
    ) -> Result<Form, SigningFailed> {
        self.proved(grant.fields(request, user_token), grant.naming())
    }

    fn of_application(
        &self,
        grant: ApplicationGrant,
        request: &TokenRequest,
    ) -> Result<Form, SigningFailed> {
        let fields = match grant {
            ApplicationGrant::Scope => client_credentials(TargetParameter::Scope, request),
            ApplicationGrant::Parameters(target) => {
                [client_credentials(target, request), further(request)].concat()
            }
            ApplicationGrant::SignedAssertion => {
                let assertion = self.assertion(request)?;
                return Ok(Form::from(form(&signed_assertion(&assertion))));
            }
        };
        self.proved(fields, Naming::InForm)
    }

    /// The fields, and the proof of who the client is.
    fn proved(&self, fields: Fields<'_>, naming: Naming) -> Result<Form, SigningFailed> {
        let credential = self.credential.auth();
        let presented = credential.presented(self.client, self.recipient, self.now)?;
        let client_id = presented.client_id(self.client);
        let client_id = client_id
            .filter(|_| naming == Naming::InForm)
            .map(|id| ("client_id", id))
            .into_iter();
        let fields: Vec<_> = fields.into_iter().chain(client_id).collect();
        let fields = form(&[fields, presented.fields()].concat());
        Ok(Form {
            fields,
            authorization: presented.into_authorization(),
        })
    }

    fn assertion(&self, request: &TokenRequest) -> Result<Secret, SigningFailed> {
        let wanted = Wanted {
            scope: &request.target,
            resource: request.resource.as_deref(),
            authorization_details: request.authorization_details.as_deref(),
        };
        let credential = self.credential.auth();
        credential.grant(self.client, self.recipient, wanted, self.now)
    }
}
