//! S1: nothing of a token shows in the log, at any level, nor in the metrics; nothing of a bad one in the answer.

use std::collections::HashSet;

use serde_json::json;

use crate::bad_input::MARKER;
use crate::corpus::{Said, tables};
use crate::introspector::Introspector;
use crate::log::Log;
use crate::signer::encoded;

/// So many characters in a row are no accident.
const WINDOW: usize = 16;

fn windows(text: &str) -> HashSet<&[u8]> {
    text.as_bytes().windows(WINDOW).collect()
}

/// The marker as it is and in base64url, at each of the three places of a byte in it.
fn traces() -> Vec<String> {
    let shifted = ["", "a", "aa"].map(|before| {
        let text = encoded(format!("{before}{MARKER}aa"));
        text[4..text.len() - 4].to_owned()
    });
    [vec![MARKER.to_owned()], shifted.into()].concat()
}

#[tokio::test]
async fn s1_no_token_of_the_corpus_shows_in_log_or_metrics() {
    let log = Log::begin();
    let with = Introspector::start().await;
    let mut tokens = Vec::new();

    for table in tables() {
        for row in table(&with) {
            let answer = with.ask(&row.token).await;
            with.ask_nobody(&row.token).await;
            if row.said != Said::Active {
                assert!(!answer.text().contains(MARKER));
            }
            tokens.push(row.token);
        }
    }

    let shown = [log.text(), with.app.operations("/metrics").await.text()].concat();
    assert!(!log.text().is_empty());
    let shown = windows(&shown);
    for token in tokens {
        let dots = ".".repeat(WINDOW);
        let hit = windows(&token)
            .into_iter()
            .find(|window| *window != dots.as_bytes() && shown.contains(window));
        assert_eq!(hit.map(String::from_utf8_lossy), None);
    }
}

#[tokio::test]
async fn s1_no_claim_or_header_of_a_token_shows_in_log_or_metrics() {
    let log = Log::begin();
    let with = Introspector::start().await;
    let marker = format!("\"{MARKER}\"");
    let mut answers = Vec::new();

    for claim in [
        "iss", "aud", "exp", "iat", "nbf", "sub", "active", "error", MARKER,
    ] {
        let token = with.token(&[(claim, &marker)]);
        answers.push((claim == "sub" || claim == MARKER, with.ask(&token).await));
        answers.push((
            claim == "sub" || claim == MARKER,
            with.ask_nobody(&token).await,
        ));
    }
    for parameter in ["alg", "kid", "typ", "cty", "crit", "jku"] {
        let token = with.token_headed(&[(parameter, &marker)]);
        answers.push((false, with.ask(&token).await));
    }
    for body in [
        json!({"token": MARKER}),
        json!({"token": [MARKER]}),
        json!({"token": MARKER, "identity_provider": MARKER}),
        json!({"token": "a", MARKER: MARKER, "token_type_hint": MARKER}),
    ] {
        answers.push((false, with.ask_json(&body).await));
    }

    for (is_answered, answer) in answers {
        assert_eq!(
            answer.text().contains(MARKER),
            is_answered,
            "{}",
            answer.text()
        );
    }
    let metrics = with.app.operations("/metrics").await.text();
    for trace in traces() {
        assert!(!log.text().contains(&trace), "{}", log.text());
        assert!(!metrics.contains(&trace));
    }
}
