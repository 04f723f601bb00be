#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    laredo_fuzz::key_set::check(data);
});
