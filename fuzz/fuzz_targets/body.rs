//! [`passport_fuzz::body`] under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| passport_fuzz::body(input));
