//! The answer to a connection for which there is no room.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::answer::CROWDED;

/// For writing the answer and for the client to take it.
const PATIENCE: Duration = Duration::from_secs(1);
const MOST_DISCARDED: u64 = 64 * 1024;

/// Answers 503 whatever is asked, and reads what comes so that closing does not destroy the answer.
pub(super) async fn refuse<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let told = async {
        io.write_all(CROWDED).await?;
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(MOST_DISCARDED), &mut tokio::io::sink()).await
    };
    let _gone_or_told = timeout(PATIENCE, told).await;
}
