//! `iss` and `aud`.

use serde_json::json;

use crate::corpus::{
    AUDIENCE, HEADER, ISSUER, NO_AUD, NO_ISS, Row, Said, Table, check, check_with, row, rows,
};
use crate::introspector::{Introspector, Published, assert_active, assert_inactive};
use crate::signer::{Kind, Signer};

pub const TABLES: &[Table] = &[
    issuers,
    issuer_types,
    audiences,
    audience_types,
    many_audiences,
];

fn issuers(with: &Introspector) -> Vec<Row> {
    let ours = with.app.provider.issuer();
    let tenant = with.app.provider.tenant_id();
    let foreign = [
        String::new(),
        format!("{ours}/"),
        format!(" {ours}"),
        format!("{ours}\n"),
        ours.to_uppercase(),
        ours.replace("http:", "https:"),
        ours.replace("127.0.0.1", "localhost"),
        format!("{ours}.evil"),
        format!("https://issuer.evil/?{ours}"),
        "https://issuer.evil".to_owned(),
        ours.replace(tenant, "{tenantid}"),
        ours.replace(tenant, "9188040d-6c67-4c5b-b112-36a304b66dad"),
        ours.replace("/v2.0", ""),
        format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        format!("https://sts.windows.net/{tenant}/"),
    ];
    let token = |issuer: &str| with.token(&[("iss", &json!(issuer).to_string())]);
    let mut table = rows(
        foreign.map(|issuer| (issuer.clone(), token(&issuer))),
        ISSUER,
    );
    // The same text, written otherwise.
    let escaped = json!(ours).to_string().replace('/', "\\/");
    table.push(row(
        "escaped",
        with.token(&[("iss", &escaped)]),
        Said::Active,
    ));
    table
}

#[tokio::test]
async fn j31_the_issuer_is_ours_to_the_byte() {
    check(issuers).await;
}

fn issuer_types(with: &Introspector) -> Vec<Row> {
    let ours = json!(with.app.provider.issuer());
    let values = [
        String::new(),
        "null".to_owned(),
        "1".to_owned(),
        "true".to_owned(),
        format!("[{ours}]"),
        format!("[{ours},\"https://issuer.evil\"]"),
        format!("{{\"a\":{ours}}}"),
    ];
    let tokens = values.map(|value| (value.clone(), with.token(&[("iss", &value)])));
    rows(tokens, NO_ISS)
}

#[tokio::test]
async fn j31_the_issuer_is_one_text() {
    check(issuer_types).await;
}

#[tokio::test]
async fn j31_accepted_issuers_are_as_good() {
    let issuers =
        "https://sts.windows.net/7e9a0000-1a2b-4c3d-8e4f-00000000d0e5/,https://other.test";
    let variables = [("AZURE_APP_ACCEPTED_ISSUERS", issuers)];
    let with = Introspector::start_with(Published::default(), &variables).await;
    let token = |issuer: &str| with.token(&[("iss", &json!(issuer).to_string())]);

    let table = [
        row(
            "one",
            token("https://sts.windows.net/7e9a0000-1a2b-4c3d-8e4f-00000000d0e5/"),
            Said::Active,
        ),
        row("another", token("https://other.test"), Said::Active),
        row("the provider's own", with.good_token(), Said::Active),
        row("with a slash", token("https://other.test/"), ISSUER),
        row("both", token(issuers), ISSUER),
    ];

    check_with(&with, table.into()).await;
}

fn audiences(with: &Introspector) -> Vec<Row> {
    let ours = with.app.provider.client_id();
    let token = |audience: String| (audience.clone(), with.token(&[("aud", &audience)]));
    rows(
        [
            token("\"\"".to_owned()),
            token("[]".to_owned()),
            token("[\"\"]".to_owned()),
            token(format!("\"{}\"", ours.to_uppercase())),
            token(format!("\"{}\"", &ours[..ours.len() - 1])),
            token(format!("\"{ours}0\"")),
            token(format!("\" {ours}\"")),
            token(format!("\"{ours} other\"")),
            token(format!("\"{ours},other\"")),
            token(format!("\"api://{ours}\"")),
            token(format!("[\"api://{ours}\",\"{}\"]", ours.to_uppercase())),
        ],
        AUDIENCE,
    )
}

#[tokio::test]
async fn j32_the_audience_is_ours_to_the_byte() {
    check(audiences).await;
}

fn audience_types(with: &Introspector) -> Vec<Row> {
    let ours = with.app.provider.client_id();
    let values = [
        String::new(),
        "null".to_owned(),
        "1".to_owned(),
        "true".to_owned(),
        format!("{{\"a\":\"{ours}\"}}"),
        format!("[\"{ours}\",1]"),
        format!("[null,\"{ours}\"]"),
        format!("[[\"{ours}\"]]"),
        format!("[\"{ours}\",{{}}]"),
    ];
    let tokens = values.map(|value| (value.clone(), with.token(&[("aud", &value)])));
    rows(tokens, NO_AUD)
}

#[tokio::test]
async fn j32_the_audience_is_one_text_or_texts_alone() {
    check(audience_types).await;
}

/// 100 000 audiences are no token any more; as many as fit are looked through.
fn many_audiences(with: &Introspector) -> Vec<Row> {
    let ours = with.app.provider.client_id();
    let others = "\"a\",".repeat(5_000);
    let far_too_many = "\"a\",".repeat(8_000);
    let token = |audiences: &str| with.token(&[("aud", &format!("[{audiences}]"))]);
    vec![
        row(
            "ours is the last",
            token(&format!("{others}\"{ours}\"")),
            Said::Active,
        ),
        row(
            "ours is not there",
            token(&format!("{others}\"b\"")),
            AUDIENCE,
        ),
        row(
            "too many",
            token(&format!("{far_too_many}\"{ours}\"")),
            HEADER,
        ),
    ]
}

#[tokio::test]
async fn j32_many_audiences_are_looked_through() {
    check(many_audiences).await;
}

#[tokio::test]
async fn j32_accepted_audiences_are_as_good() {
    let variables = [("AZURE_APP_ACCEPTED_AUDIENCES", "api://one,api://two")];
    let with = Introspector::start_with(Published::default(), &variables).await;
    let token = |audience: &str| with.token(&[("aud", audience)]);

    for audience in ["\"api://one\"", "[\"x\",\"api://two\"]"] {
        assert_active(&with.ask(&token(audience)).await);
    }
    assert_active(&with.ask(&with.good_token()).await);
    for audience in ["\"api://one,api://two\"", "\"one\"", "\"api://three\""] {
        let answer = with.ask(&token(audience)).await;
        assert_inactive(&answer, "invalid token: InvalidAudience");
    }
}

/// Entra ID says in an `issuer` of each key whose tokens it signs.
#[tokio::test]
async fn j31_a_key_of_one_issuer_signs_nothing_of_anothers() {
    const OTHER: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let tenant = "7e9a0000-1a2b-4c3d-8e4f-00000000d0e5";
    let issuers = [
        (
            "ours",
            format!("https://login.microsoftonline.com/{tenant}/v2.0"),
            Said::Active,
        ),
        (
            "ours, of version 1",
            format!("https://sts.windows.net/{tenant}/"),
            Said::Active,
        ),
        (
            "any",
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            Said::Active,
        ),
        (
            "another",
            format!("https://login.microsoftonline.com/{OTHER}/v2.0"),
            ISSUER,
        ),
        ("no tenant", "https://issuer.evil".to_owned(), ISSUER),
    ];
    let signers = issuers
        .iter()
        .map(|(id, _, _)| Signer::new(Kind::Es256, id));
    let signers: Vec<_> = signers.collect();
    let keys = signers
        .iter()
        .zip(&issuers)
        .map(|(signer, (_, issuer, _))| {
            let mut key = signer.public_key();
            key["issuer"] = json!(issuer);
            key
        });
    let with = Introspector::start_with_keys(keys.collect()).await;
    assert_eq!(with.app.provider.tenant_id(), tenant);

    let tokens = signers
        .iter()
        .zip(&issuers)
        .map(|(signer, (id, _, said))| row(id, signer.token(with.payload(&[])), *said));

    check_with(&with, tokens.collect()).await;
}
