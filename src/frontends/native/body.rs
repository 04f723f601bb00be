//! Reading a request's body: bounded in bytes and in time.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::time::timeout;

use super::problem::Problem;

/// The largest body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// What is read and thrown away of a body over the limit, so that its sender gets to read the answer.
const DISCARD_LIMIT: usize = 4 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// The whole body.
///
/// # Errors
/// If it is too large, too slow, or breaks off.
pub(super) async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let known_too_large = body.size_hint().lower() > BODY_LIMIT as u64;
    let whole = async {
        if known_too_large {
            Err(Problem::TooLarge)
        } else {
            collect(&mut body).await
        }
    };
    let result = timeout(BODY_TIME, whole)
        .await
        .unwrap_or(Err(Problem::TooSlow));
    if matches!(result, Err(Problem::TooLarge)) {
        let _ = timeout(DISCARD_TIME, discard(&mut body)).await;
    }
    result
}

/// Joins the frames; the usual body of one frame is not copied.
async fn collect(body: &mut Body) -> Result<Bytes, Problem> {
    let mut whole = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Problem::BodyBroken)?.into_data() else {
            continue;
        };
        let length = whole.len().max(joined.len()).saturating_add(data.len());
        if length > BODY_LIMIT {
            return Err(Problem::TooLarge);
        }
        if whole.is_empty() && joined.is_empty() {
            whole = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() {
        whole
    } else {
        joined.freeze()
    })
}

async fn discard(body: &mut Body) {
    let mut discarded: usize = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        discarded = discarded.saturating_add(length);
        if discarded > DISCARD_LIMIT {
            return;
        }
    }
}
