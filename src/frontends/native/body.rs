//! Reading a request's body, bounded in bytes. Its time is the server's concern.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;

use super::problem::Problem;

/// The largest body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// The whole body.
///
/// # Errors
/// If it is too large or breaks off. What is left of it the server throws away behind the answer.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(Problem::TooLarge);
    }
    collect(body).await
}

/// Joins the frames; the usual body of one frame is not copied.
async fn collect(mut body: Body) -> Result<Bytes, Problem> {
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
