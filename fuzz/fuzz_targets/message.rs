//! Parses commit messages of any bytes: it must not panic or hang, and every bump must come from a change.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rel::internals::BumpTable;
use rel::internals::{Header, Message, is_probably_header};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let table = BumpTable::default();
    for single in [true, false] {
        let message = Message::parse(&text, &table, single);
        let bumps = message.changes.iter().filter_map(|change| change.bump(&table));
        assert!(bumps.max().is_none() || !message.changes.is_empty());
    }
    for line in text.lines().take(4) {
        if let Err(fault) = Header::parse(line) {
            assert!(fault.column <= line.chars().count() + 1);
        }
        is_probably_header(line, &table);
    }
});
