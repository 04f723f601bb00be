//! The fuzz targets (`fuzz`) over their seeds and over mutations of these, the same ones in every run. libFuzzer, which
//! looks for inputs by itself, is not needed for this.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

use fastrand::Rng;
use rstest::rstest;

use targets::{key_set, members, request, token, token_answer};

/// Mutations of each seed.
const MUTATIONS: usize = 1000;
/// The most changes that one of them has.
const MOST_CHANGES: usize = 3;

/// In the order of their names, so that every run sees the same.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One change: a bit, a byte, a piece cut out, doubled, or replaced by a piece of another seed.
fn change(random: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    const TELLING: &[u8] = b"\0\t\n \"&+-./09:=AZ[\\]_az{}\x7f\x80\xc3\xff";
    let mut piece = |length: usize| {
        let begin = random.usize(..=length);
        begin..random.usize(begin..=length.min(begin + 32))
    };
    let (here, there) = (piece(input.len()), piece(other.len()));
    match random.u8(..5) {
        0 if !input.is_empty() => input[here.start.saturating_sub(1)] ^= 1 << random.u8(..8),
        1 => input.insert(here.start, TELLING[random.usize(..TELLING.len())]),
        2 => drop(input.drain(here)),
        3 => {
            let doubled = input[here.clone()].to_vec();
            input.splice(here.end..here.end, doubled);
        }
        _ => drop(input.splice(here, other[there].iter().copied())),
    }
}

#[rstest]
#[case("token", token::check)]
#[case("key_set", key_set::check)]
#[case("request", request::check)]
#[case("token_answer", token_answer::check)]
fn nothing_breaks_a_promise(#[case] target: &str, #[case] check: fn(&[u8]) -> bool) {
    let seeds = seeds(target);
    let mut random = Rng::with_seed(1);

    let mut read = 0;
    for seed in &seeds {
        for _ in 0..MUTATIONS {
            let mut input = seed.clone();
            for _ in 0..random.usize(1..=MOST_CHANGES) {
                let other = &seeds[random.usize(..seeds.len())];
                change(&mut random, &mut input, other);
            }
            read += usize::from(check(&input));
        }
    }

    let all = seeds.len() * MUTATIONS;
    assert!(
        (MUTATIONS / 10..all).contains(&read),
        "{read} of {all} were read"
    );
}

#[rstest]
#[case("token", token::check)]
#[case("key_set", key_set::check)]
#[case("request", request::check)]
#[case("token_answer", token_answer::check)]
fn some_seeds_are_read_and_some_are_refused(
    #[case] target: &str,
    #[case] check: fn(&[u8]) -> bool,
) {
    let (read, refused): (Vec<_>, Vec<_>) = seeds(target).into_iter().partition(|seed| check(seed));

    assert!(read.len() >= 3 && refused.len() >= 3);
}

#[test]
fn the_second_reader_keeps_what_comes_twice() {
    let members = members::Members::read(br#"{"a":1,"\u0061":2}"#).unwrap();

    assert_eq!(members.named("a"), [&1, &2]);
}
