//! Reads any bytes as `release.toml`: the result is a configuration or an error with every fault, never a panic or a hang.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = rel::internals::read_config("release.toml", &text) {
        assert_eq!(error.kind.code(), 2, "{error:?}");
        assert!(!error.causes.is_empty());
    }
});
