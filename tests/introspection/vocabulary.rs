//! S15: all that is ever said of tokens that are not valid is a closed list, and none of it comes from the token.

use std::collections::BTreeSet;

use serde_json::json;

use crate::corpus::tables;
use crate::introspector::Introspector;
use crate::providers::{ask_without_introspection, ask_without_keys};

#[tokio::test]
async fn s15_what_is_said_of_bad_tokens_is_a_closed_list() {
    let with = Introspector::start().await;
    let mut said = BTreeSet::new();
    let mut count = 0;

    for table in tables() {
        for row in table(&with) {
            count += 1;
            let named = json!({"token": row.token, "identity_provider": "entra_id"});
            let anothers = json!({"token": row.token, "identity_provider": "idporten"});
            for body in [named, anothers, json!({"token": row.token})] {
                let answer = with.ask_json(&body).await;
                assert_eq!(answer.status, 200, "{}", row.name);
                if answer.json()["active"] == false {
                    said.insert(answer.text());
                }
            }
        }
    }

    said.insert(ask_without_introspection("a").await.text());
    said.insert(ask_without_keys(&with, &with.good_token()).await.text());
    assert!(count > 400, "{count}");
    let said: Vec<_> = said.into_iter().collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    {"active":false,"error":"identity provider 'entra_id' does not support introspection"}
    {"active":false,"error":"identity provider 'idporten' is not enabled"}
    {"active":false,"error":"invalid token header: InvalidToken"}
    {"active":false,"error":"invalid token: ExpiredSignature"}
    {"active":false,"error":"invalid token: ImmatureSignature"}
    {"active":false,"error":"invalid token: InvalidAlgorithm"}
    {"active":false,"error":"invalid token: InvalidAudience"}
    {"active":false,"error":"invalid token: InvalidClaim"}
    {"active":false,"error":"invalid token: InvalidIssuer"}
    {"active":false,"error":"invalid token: InvalidSignature"}
    {"active":false,"error":"invalid token: Missing required claim: aud"}
    {"active":false,"error":"invalid token: Missing required claim: exp"}
    {"active":false,"error":"invalid token: Missing required claim: iat"}
    {"active":false,"error":"invalid token: Missing required claim: iss"}
    {"active":false,"error":"missing key id from token header"}
    {"active":false,"error":"signing keys are unavailable"}
    {"active":false,"error":"token can not be validated with this identity provider"}
    "#);
}
