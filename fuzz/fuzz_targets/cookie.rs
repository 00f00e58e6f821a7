//! [`passport_fuzz::cookie`] under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| passport_fuzz::cookie(input));
