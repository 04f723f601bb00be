//! J42: a valid token is not valid any more with any one of its characters changed.
//!
//! Twenty tokens, four shapes of each algorithm. Each of their some 7 000 characters is replaced by each of the 127 others
//! of ASCII, left out, doubled, and exchanged with the next: some 900 000 tokens. A changed bit of a token's text
//! or of its decoded parts makes one of these characters, so that all of those are among them. Base64url has one
//! spelling only, therefore no change is without meaning.

use rstest::rstest;

use super::signer::{Kind, Signer};
use super::*;

/// Valid from the beginning of time to the end of its first hour.
const SHAPES: [&str; 4] = [
    r#"{"iss":"https://issuer.test","aud":"app","exp":3600,"iat":0}"#,
    r#"{"aud":["b","app"],"iss":"https://issuer.test","nbf":0,"iat":0,"exp":3600.5}"#,
    r#"{"\u0069ss":"https:\/\/issuer.test","exp":36e2,"iat":-0,"aud":"app","active":1}"#,
    "{ \"exp\" : 3600 , \"iat\":0,\n\"iss\":\"https://issuer.test\",\"aud\":\"app\",\"r\":[{\"\u{e6}\":null}]}",
];

fn replaced(token: &str, at: usize, with: &str) -> String {
    let (before, behind) = (&token[..at], &token[at..]);
    let mut behind = behind.chars();
    behind.next();
    format!("{before}{with}{}", behind.as_str())
}

/// Every token that differs in one place.
fn mutations(token: &str) -> impl Iterator<Item = String> {
    let places = token
        .char_indices()
        .zip(token.chars().skip(1).map(Some).chain([None]));
    places.flat_map(move |((at, own), next)| {
        let others = (0..128_u8)
            .map(char::from)
            .filter(move |other| *other != own);
        let others = others.map(move |other| replaced(token, at, &other.to_string()));
        let left_out = replaced(token, at, "");
        let doubled = replaced(token, at, &format!("{own}{own}"));
        let exchanged = next.filter(|next| *next != own).map(|next| {
            let without = replaced(token, at, "");
            replaced(&without, at, &format!("{next}{own}"))
        });
        others.chain([left_out, doubled]).chain(exchanged)
    })
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn j42_no_mutation_of_a_valid_token_is_accepted(
    #[values(Kind::Rs256, Kind::Ps256, Kind::Es256, Kind::Es384, Kind::EdDsa)] kind: Kind,
    #[values(0, 1, 2, 3)] shape: usize,
) {
    let signer = Signer::new(kind, "k");
    let verifier = verifier(ProviderName::EntraId, &[signer.public_key()]);
    let token = signer.token(SHAPES[shape]);
    assert_eq!(judge(&verifier, &token).await, Ok(()));

    for mutation in mutations(&token) {
        let verdict = judge(&verifier, &mutation).await;

        assert!(verdict.is_err(), "{token} became {mutation}");
    }
}

#[test]
fn every_place_is_changed_in_every_way() {
    let all: Vec<_> = mutations("a.b").collect();

    assert_eq!(all.len(), 3 * (127 + 2) + 2);
    for expected in ["A.b", "a..", "a.", "ab", ".b", ".ab", "ab.", "aa.b", "a.bb"] {
        assert!(
            all.iter().any(|mutation| mutation == expected),
            "{expected}"
        );
    }
    assert!(all.iter().all(|mutation| mutation != "a.b"));
}
