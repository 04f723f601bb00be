//! Signatures that are not the key's. What padding can be made to hide, `j41` in `src/verifier` holds.

use crate::corpus::{HEADER, Row, SIGNATURE, Said, Table, check, check_with, row};
use crate::introspector::Introspector;
use crate::signer::{Kind, Signer, decoded, encoded};

pub const TABLES: &[Table] = &[ecdsa, edwards, rsa];

/// The order of P-256's and P-384's group (SEC 2 §2.4.2, §2.5.1).
const P_256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P_384_ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
/// The order of Ed25519's base point (RFC 8032 §5.1), little-endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// `a - b`, big-endian.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = false;
    let mut difference: Vec<_> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let (less, first) = a.overflowing_sub(*b);
            let (less, second) = less.overflowing_sub(borrow.into());
            borrow = first || second;
            less
        })
        .collect();
    difference.reverse();
    difference
}

/// `a + b`, little-endian, as far as there is room.
fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = false;
    a.iter()
        .zip(b)
        .map(|(a, b)| {
            let (more, first) = a.overflowing_add(*b);
            let (more, second) = more.overflowing_add(carry.into());
            carry = first || second;
            more
        })
        .collect()
}

/// An ECDSA signature as ASN.1 writes it.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let mut number = number[zeros..].to_vec();
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        [&[2, u8::try_from(number.len()).unwrap()], &number[..]].concat()
    };
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).unwrap()], &both[..]].concat()
}

fn resigned(token: &str, signature: &[u8]) -> String {
    let (input, _) = token.rsplit_once('.').unwrap();
    format!("{input}.{}", encoded(signature))
}

fn signature_of(token: &str) -> Vec<u8> {
    decoded(token.rsplit_once('.').unwrap().1)
}

fn ecdsa(with: &Introspector) -> Vec<Row> {
    let mut table = Vec::new();
    for (kind, order) in [(Kind::Es256, P_256_ORDER), (Kind::Es384, P_384_ORDER)] {
        let token = with.signer(kind).token(with.payload(&[]));
        let order = hex(order);
        let zero = vec![0; order.len()];
        let good = signature_of(&token);
        let (r, s) = good.split_at(order.len());
        let mut one = zero.clone();
        *one.last_mut().unwrap() = 1;
        let signatures: [(&str, Vec<u8>, Said); 16] = [
            (
                "r = s = 0",
                [zero.clone(), zero.clone()].concat(),
                SIGNATURE,
            ),
            ("r = 0", [&zero, s].concat(), SIGNATURE),
            ("s = 0", [r, &zero].concat(), SIGNATURE),
            ("r = s = 1", [one.clone(), one].concat(), SIGNATURE),
            ("r = n", [&order, s].concat(), SIGNATURE),
            ("s = n", [r, &order].concat(), SIGNATURE),
            (
                "r = s = n",
                [order.clone(), order.clone()].concat(),
                SIGNATURE,
            ),
            ("all ones", vec![0xff; good.len()], SIGNATURE),
            ("s, r", [s, r].concat(), SIGNATURE),
            ("a byte less", good[1..].to_vec(), SIGNATURE),
            (
                "a byte less behind",
                good[..good.len() - 1].to_vec(),
                SIGNATURE,
            ),
            ("a byte more", [&[0], &good[..]].concat(), SIGNATURE),
            ("a byte more behind", [&good[..], &[0]].concat(), SIGNATURE),
            ("DER", der(r, s), SIGNATURE),
            ("nothing", Vec::new(), HEADER),
            // The other one of two signatures that ECDSA has for each message: no new message is signed by it.
            ("n - s", [r, &minus(&order, s)].concat(), Said::Active),
        ];
        for (name, signature, said) in signatures {
            table.push(row(
                format!("{kind:?} {name}"),
                resigned(&token, &signature),
                said,
            ));
        }
    }
    table
}

#[tokio::test]
async fn j06_ecdsa_takes_no_number_out_of_range_and_no_other_form() {
    check(ecdsa).await;
}

fn edwards(with: &Introspector) -> Vec<Row> {
    let token = with.signer(Kind::EdDsa).token(with.payload(&[]));
    let good = signature_of(&token);
    let (r, s) = good.split_at(32);
    let order = hex(ED25519_ORDER);
    let mut neutral = vec![0; 64];
    neutral[0] = 1;
    let signatures = [
        // Without the check of RFC 8032 §5.1.7 the first of these would be a second signature of the message.
        ("s + L", [r, &plus(s, &order)].concat()),
        ("s = L", [r, &order].concat()),
        ("s = 0", [r, &[0; 32]].concat()),
        ("r is the neutral element", neutral),
        ("all zeros", vec![0; 64]),
        ("all ones", vec![0xff; 64]),
        ("a byte less", good[..63].to_vec()),
        ("a byte more", [&good[..], &[0]].concat()),
    ];
    let mut table: Vec<_> = signatures
        .into_iter()
        .map(|(name, signature)| row(name, resigned(&token, &signature), SIGNATURE))
        .collect();
    table.push(row("nothing", resigned(&token, &[]), HEADER));
    table
}

#[tokio::test]
async fn j08_ed25519_takes_no_signature_that_is_not_canonical() {
    check(edwards).await;
}

fn rsa(with: &Introspector) -> Vec<Row> {
    let mut table = Vec::new();
    for kind in [Kind::Rs256, Kind::Ps256] {
        let signer = with.signer(kind);
        let token = signer.token(with.payload(&[]));
        let good = signature_of(&token);
        let modulus = decoded(signer.public_key()["n"].as_str().unwrap());
        let number = |last: u8| {
            let mut number = vec![0; 256];
            number[255] = last;
            number
        };
        let modulus_and_one = {
            let mut one = vec![0; 256];
            one[255] = 1;
            let mut sum = plus(&reversed(&modulus), &reversed(&one));
            sum.reverse();
            sum
        };
        let signatures = [
            ("0", number(0)),
            ("1", number(1)),
            ("n - 1", minus(&modulus, &number(1))),
            ("n", modulus.clone()),
            ("n + 1", modulus_and_one),
            ("all ones", vec![0xff; 256]),
            ("a zero before", [&[0], &good[..]].concat()),
            ("a zero behind", [&good[..], &[0]].concat()),
            ("a byte less", good[1..].to_vec()),
            ("a byte less behind", good[..255].to_vec()),
            ("one byte", vec![1]),
            ("n - s", minus(&modulus, &good)),
        ];
        for (name, signature) in signatures {
            table.push(row(
                format!("{kind:?} {name}"),
                resigned(&token, &signature),
                SIGNATURE,
            ));
        }
        table.push(row(
            format!("{kind:?} nothing"),
            resigned(&token, &[]),
            HEADER,
        ));
    }
    table
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

#[tokio::test]
async fn j10_rsa_takes_no_number_out_of_range_and_no_other_length() {
    check(rsa).await;
}

/// Two tokens of one key: each is valid, and no part of one fits the other.
#[tokio::test]
async fn a_signature_is_for_one_header_and_one_payload() {
    let with = Introspector::start().await;
    let mut table = Vec::new();
    for kind in Kind::ALL {
        let signer: &Signer = with.signer(kind);
        let one = signer.token(with.payload(&[("sub", "\"one\"")]));
        let header = signer.header().to_string().replace("JWT", "at+jwt");
        let other = signer.token_with(header, with.payload(&[("sub", "\"other\"")]));
        let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
        for mix in 1..7 {
            let part = |place: usize| {
                if mix >> place & 1 == 0 {
                    one[place]
                } else {
                    other[place]
                }
            };
            table.push(row(mix, [part(0), part(1), part(2)].join("."), SIGNATURE));
        }
    }

    check_with(&with, table).await;
}
