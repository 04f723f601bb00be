//! Of several things that are wrong with a token the first is told, in the order of contract §2.

use serde_json::json;

use crate::corpus::{
    ALGORITHM, AUDIENCE, CLAIM, EXPIRED, HEADER, IMMATURE, ISSUER, NO_AUD, NO_EXP, NO_IAT, NO_ISS,
    NO_KEY_ID, Row, SIGNATURE, Said, UNKNOWN_KEY, check_with, heard, row,
};
use crate::introspector::{Change, Introspector, inactive};
use crate::signer::{Kind, encoded};

/// Something that is wrong with a token.
#[derive(Clone, Copy)]
struct Defect {
    said: Said,
    header: Option<Change<'static>>,
    claims: &'static [Change<'static>],
    signature: bool,
}

const fn header(name: &'static str, value: &'static str, said: Said) -> Defect {
    Defect {
        said,
        header: Some((name, value)),
        claims: &[],
        signature: false,
    }
}

const fn claims(claims: &'static [Change<'static>], said: Said) -> Defect {
    Defect {
        said,
        header: None,
        claims,
        signature: false,
    }
}

/// From the first that is looked for to the last.
const DEFECTS: [Defect; 18] = [
    header("crit", "[\"x\"]", HEADER),
    header("typ", "\"dpop+jwt\"", HEADER),
    header("kid", "", NO_KEY_ID),
    header("kid", "\"\u{1f511}\"", UNKNOWN_KEY),
    header("alg", "\"none\"", ALGORITHM),
    Defect {
        said: SIGNATURE,
        header: None,
        claims: &[],
        signature: true,
    },
    claims(&[("x", "1"), ("x", "1")], CLAIM),
    claims(&[("iss", "")], NO_ISS),
    claims(&[("exp", "null")], NO_EXP),
    claims(&[("iat", "\"0\"")], NO_IAT),
    claims(&[("aud", "[1]")], NO_AUD),
    claims(&[("exp", "1")], EXPIRED),
    claims(&[("nbf", "9999999999")], IMMATURE),
    claims(&[("iat", "9999999998")], IMMATURE),
    claims(&[("iss", "\"https://issuer.evil\"")], ISSUER),
    claims(&[("aud", "\"somebody-else\"")], AUDIENCE),
    claims(&[("nbf", "\"0\"")], CLAIM),
    claims(&[("exp", "1e300")], CLAIM),
];

impl Defect {
    fn names(&self) -> impl Iterator<Item = (bool, &'static str)> {
        let header = self.header.iter().map(|(name, _)| (true, *name));
        header.chain(self.claims.iter().map(|(name, _)| (false, *name)))
    }

    /// Whether one token can have both.
    fn goes_with(&self, other: &Self) -> bool {
        self.names()
            .all(|name| other.names().all(|other| other != name))
    }
}

fn token(with: &Introspector, defects: &[&Defect]) -> String {
    let headers: Vec<_> = defects.iter().filter_map(|defect| defect.header).collect();
    let claims: Vec<_> = defects
        .iter()
        .flat_map(|defect| defect.claims)
        .copied()
        .collect();
    let signer = with.signer(Kind::Rs256);
    let token = signer.token_with(with.header(&headers), with.payload(&claims));
    if defects.iter().any(|defect| defect.signature) {
        let (input, _) = token.rsplit_once('.').unwrap();
        let of_another = signer.signature(b"another message");
        return format!("{input}.{}", encoded(of_another));
    }
    token
}

#[tokio::test]
async fn each_defect_alone_is_told() {
    let with = Introspector::start().await;
    let table: Vec<Row> = DEFECTS
        .iter()
        .enumerate()
        .map(|(number, defect)| row(number, token(&with, &[defect]), defect.said))
        .collect();

    check_with(&with, table).await;
}

#[tokio::test]
async fn of_two_defects_the_first_is_told() {
    let with = Introspector::start().await;
    let mut table = Vec::new();
    for (number, first) in DEFECTS.iter().enumerate() {
        for (other_number, second) in DEFECTS.iter().enumerate().skip(number + 1) {
            if first.goes_with(second) {
                let name = format!("{number} and {other_number}");
                table.push(row(name, token(&with, &[second, first]), first.said));
            }
        }
    }

    assert!(table.len() > 130, "{}", table.len());
    check_with(&with, table).await;
}

/// What the provider is comes before all that is in the token.
#[tokio::test]
async fn a_provider_that_is_not_enabled_is_told_before_all_else() {
    let with = Introspector::start().await;
    for defect in &DEFECTS {
        let body = json!({"token": token(&with, &[defect]), "identity_provider": "tokenx"});

        let answer = with.ask_json(&body).await;

        let expected = inactive("identity provider 'tokenx' is not enabled");
        assert_eq!(heard(&answer), expected);
    }
}

/// Without a provider's name, the issuer picks one where otherwise the key would be looked for.
#[tokio::test]
async fn whose_token_it_is_comes_behind_its_header_and_before_its_algorithm() {
    let with = Introspector::start().await;
    let foreign = claims(&[("iss", "\"https://issuer.evil\"")], UNKNOWN_KEY);
    for (number, defect) in DEFECTS.iter().enumerate() {
        if !defect.goes_with(&foreign) {
            continue;
        }
        let answer = with.ask_nobody(&token(&with, &[defect, &foreign])).await;

        let expected = if number < 3 { defect.said } else { UNKNOWN_KEY };
        let Said::Inactive(error) = expected else {
            unreachable!()
        };
        assert_eq!(heard(&answer), inactive(error), "{number}");
    }
}
