//! Entra's error codes in plain words (the provider's list: Microsoft identity platform,
//! "Authentication and authorization error codes").

/// What to do about a code, in one sentence; `None` for codes that are rare among daemons.
pub(super) fn advice(code: u32) -> Option<&'static str> {
    Some(match code {
        700_016 => {
            "The client id is not known in this tenant: check AZURE_APP_CLIENT_ID and AZURE_APP_TENANT_ID."
        }
        7_000_215 => "The client secret is wrong: set the secret's value, not its id.",
        7_000_222 => "The client secret has expired: make a new one in the app registration.",
        700_027 => {
            "The certificate or key is not registered with the app, or has expired: upload its public part."
        }
        700_024 => {
            "The assertion is out of its time: set this machine's clock, or see why the federated token is not renewed."
        }
        90_002 => "The tenant does not exist: check AZURE_APP_TENANT_ID and AZURE_AUTHORITY_HOST.",
        1_002_012 => {
            "The target is not a scope that an app may ask for: it has to be one resource followed by /.default."
        }
        501_051 => {
            "The app has no role in the target: have its owner let your app in (for Nais: accessPolicy.inbound)."
        }
        65_001 => "Nobody has consented to this for the app: have an administrator grant consent.",
        50_105 => {
            "The app or user is not assigned to the target's enterprise application: have it assigned."
        }
        700_211 | 700_212 | 700_213 | 70_021 => {
            "No federated credential fits the token: issuer, subject and audience must be as registered."
        }
        500_011 => "The target is not known in this tenant: check its Application ID URI.",
        _ => return None,
    })
}
