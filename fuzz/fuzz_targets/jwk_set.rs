//! [`passport_fuzz::jwk_set`] under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| passport_fuzz::jwk_set(input));
