//! What must hold whatever bytes come: one function for each thing that reads strangers' bytes. It panics where a
//! promise is broken, and says whether the bytes were taken for what they should be. libFuzzer calls it from
//! `fuzz_targets`, and `cargo test` from `tests/fuzz_corpus.rs`.

pub mod key_set;
pub mod members;
pub mod request;
pub mod token;
pub mod token_answer;
