//! Reads any bytes as the message of a tag. What is accepted is written again in the same way, and nothing but the last
//! paragraph decides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rel::internals::Trailers;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let found = Trailers::parse(&text);
    let Ok(Some(trailers)) = found else { return };
    let written = trailers.to_string();
    assert_eq!(Trailers::parse(&written), Ok(Some(trailers.clone())), "{written}");
    let below_notes = format!("v1.0.0\n\nRel-Build: forged\n\n{written}\n");
    assert_eq!(Trailers::parse(&below_notes), Ok(Some(trailers)), "{below_notes}");
});
