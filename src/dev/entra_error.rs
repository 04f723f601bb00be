//! Refusals in Entra's words: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{self, Answer};
use super::options::random_guid;

/// Dates have four digits for the year.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// Why the token endpoint gives no token.
#[derive(Debug)]
pub(super) struct EntraError {
    status: StatusCode,
    error: &'static str,
    code: u32,
    text: String,
    further: Vec<(&'static str, &'static str)>,
}

impl EntraError {
    pub(super) fn unknown_tenant(tenant: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            90002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into \
                 the correct cloud. Check with your subscription administrator, this may happen if there are no \
                 active subscriptions for the tenant."
            ),
        )
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            90014,
            format!(
                "The required field '{name}' is missing from the credential. Ensure that you have all the necessary \
                 parameters for the login request."
            ),
        )
    }

    pub(super) fn unsupported_grant_type(grant_type: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        )
    }

    pub(super) fn unknown_client(client_id: &str, tenant: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen \
                 if the application has not been installed by the administrator of the tenant or consented to by \
                 any user in the tenant. You may have sent your authentication request to the wrong tenant."
            ),
        )
    }

    pub(super) fn invalid_scope(scope: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value \
                 with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )
    }

    pub(super) fn missing_credential() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
                .to_owned(),
        )
    }

    pub(super) fn wrong_secret(client_id: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                 value, not the client secret ID, for a secret added to app '{client_id}'."
            ),
        )
    }

    /// What Entra is likely to say with this status.
    pub(super) fn of_status(status: StatusCode, now: SystemTime) -> Answer {
        let (error, code, text) = match status.as_u16() {
            401 => (
                "invalid_client",
                7_000_215,
                "Invalid client secret provided.",
            ),
            429 => (
                "temporarily_unavailable",
                90055,
                "There are too many incoming requests for this tenant.",
            ),
            500.. => (
                "temporarily_unavailable",
                90033,
                "A transient error has occurred. Please try again.",
            ),
            _ => (
                "invalid_request",
                9_002_313,
                "Invalid request. Request is malformed or invalid.",
            ),
        };
        Self::new(status, error, code, text.to_owned()).into_answer(now)
    }

    pub(super) fn new(status: StatusCode, error: &'static str, code: u32, text: String) -> Self {
        Self {
            status,
            error,
            code,
            text,
            further: Vec::new(),
        }
    }

    /// With these members in its answer.
    pub(super) fn with(self, further: Vec<(&'static str, &'static str)>) -> Self {
        Self { further, ..self }
    }

    pub(super) fn into_answer(self, now: SystemTime) -> Answer {
        let Self {
            status,
            error,
            code,
            text,
            further,
        } = self;
        let (trace, correlation) = (random_guid(), random_guid());
        let timestamp = timestamp(now);
        let mut body = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        if let Some(members) = body.as_object_mut() {
            let further = further.into_iter();
            members.extend(further.map(|(name, text)| (name.to_owned(), text.into())));
        }
        answer::json(status, body.to_string())
    }
}

/// `2026-11-06 08:49:37Z`, made from the one form of date that there is a crate for: `Fri, 06 Nov 2026 08:49:37 GMT`.
fn timestamp(now: SystemTime) -> String {
    let epoch = SystemTime::UNIX_EPOCH;
    let last = epoch.checked_add(LAST_DATE).unwrap_or(epoch);
    let date = httpdate::fmt_http_date(now.clamp(epoch, last));
    let mut parts = date.split(' ').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    let (day, month, year, time) = (next(), next(), next(), next());
    format!("{year}-{}-{day} {time}Z", month_number(month))
}

fn month_number(name: &str) -> &'static str {
    match name {
        "Jan" => "01",
        "Feb" => "02",
        "Mar" => "03",
        "Apr" => "04",
        "May" => "05",
        "Jun" => "06",
        "Jul" => "07",
        "Aug" => "08",
        "Sep" => "09",
        "Oct" => "10",
        "Nov" => "11",
        _ => "12",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_after_1970(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(seconds))
            .unwrap()
    }

    #[test]
    fn timestamps_look_like_entras() {
        assert_eq!(
            timestamp(seconds_after_1970(784_111_777)),
            "1994-11-06 08:49:37Z"
        );
        assert_eq!(
            timestamp(seconds_after_1970(1_709_210_096)),
            "2024-02-29 12:34:56Z"
        );
    }

    #[test]
    fn a_clock_gone_mad_still_has_a_timestamp() {
        let before = SystemTime::UNIX_EPOCH
            .checked_sub(Duration::from_secs(1))
            .unwrap();
        let far = seconds_after_1970(1_000_000_000_000);

        assert_eq!(timestamp(before), "1970-01-01 00:00:00Z");
        assert_eq!(timestamp(far), "9999-12-31 23:59:59Z");
    }
}
