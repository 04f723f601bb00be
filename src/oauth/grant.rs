//! Requests to a token endpoint, written as forms (RFC 6749 §4.4.2, appendix B).

use url::form_urlencoded::Serializer;

use crate::secret::Secret;

/// Every byte of a value may become three.
const LONGEST_ENCODING: usize = 3;

/// The client credentials grant (RFC 6749 §4.4), as Entra ID takes it. `client_id` is `None` where the header says it;
/// `proof`: the fields that show who the client is.
#[must_use]
pub fn client_credentials(client_id: Option<&str>, scope: &str, proof: &[(&str, &str)]) -> Secret {
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(client_id.map(|id| ("client_id", id)));
    fields.push(("scope", scope));
    fields.extend_from_slice(proof);
    form(&fields)
}

/// Room for the whole form is taken beforehand: a string that grows leaves copies of secrets behind.
fn form(fields: &[(&str, &str)]) -> Secret {
    let length = |text: &str| {
        text.len()
            .saturating_mul(LONGEST_ENCODING)
            .saturating_add(1)
    };
    let room = fields
        .iter()
        .map(|(name, value)| length(name).saturating_add(length(value)));
    let capacity = room.fold(0, usize::saturating_add);
    let mut form = Serializer::new(String::with_capacity(capacity));
    form.extend_pairs(fields);
    Secret::from(form.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t2_every_value_is_encoded_exactly_once() {
        let proof = [("client_secret", "s&e=c+r%26")];

        let form = client_credentials(Some("id"), "api://a/.default &client_id=x é", &proof);

        assert_eq!(
            form.expose(),
            "grant_type=client_credentials&client_id=id\
             &scope=api%3A%2F%2Fa%2F.default+%26client_id%3Dx+%C3%A9\
             &client_secret=s%26e%3Dc%2Br%2526"
        );
    }
}
