//! Parses a text into `RawFile` and finds every fault on the way: syntax from the TOML parser, then keys, values and
//! formats, then what shows only across the whole file.

use super::cross_checks;
use super::fault::Fault;
use super::lines::Lines;
use super::raw::RawFile;
use super::reader::Reader;
use super::syntax;
use std::collections::HashSet;

/// How often a text is repaired and parsed again.
const MAX_REPAIRS: usize = 8;

/// Parses a text, or returns every fault in it.
pub(super) fn parse(text: &str) -> Result<RawFile, Vec<Fault>> {
    parse_repaired(text, MAX_REPAIRS)
}

fn parse_repaired(text: &str, repairs: usize) -> Result<RawFile, Vec<Fault>> {
    let syntax = syntax::parse(text);
    let recovered = syntax.recovered(text).filter(|_| repairs > 0);
    if let Some(recovered) = recovered {
        let faults = parse_repaired(&recovered.text, repairs - 1).err().unwrap_or_default();
        let faults = faults.into_iter().map(|fault| recovered.in_original(fault)).collect();
        return Err(without_consequences(text, syntax.broken, faults));
    }
    let mut reader = Reader::default();
    let file = RawFile::from_table(&mut reader, syntax.tree.get_ref(), &(0..0));
    let crossing = cross_checks::check(syntax.tree.get_ref(), &reader.references);
    let faults = [syntax.duplicates, reader.faults, crossing].concat();
    let faults = without_consequences(text, syntax.broken, faults);
    match file {
        Ok(file) if faults.is_empty() => Ok(file),
        _ => Err(faults),
    }
}

/// Returns the syntax errors, one for each line, and the faults of other lines: the rest are only consequences.
fn without_consequences(text: &str, mut broken: Vec<Fault>, faults: Vec<Fault>) -> Vec<Fault> {
    if broken.is_empty() {
        return faults;
    }
    let lines = Lines::new(text);
    let mut seen = HashSet::new();
    broken.sort_by_key(|fault| fault.span.start);
    broken.retain(|fault| seen.insert(lines.index(fault.span.start)));
    broken.extend(faults.into_iter().filter(|fault| !seen.contains(&lines.index(fault.span.start))));
    broken
}
