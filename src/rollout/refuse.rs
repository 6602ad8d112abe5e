//! Several refusals as one error, each with what would lift it. Leans on `error`.

use crate::error::{Error, Kind};
use std::fmt::Write as _;

/// All of them at once; the gravest names the exit code. `None` for none. `what` is what may not be.
pub(super) fn together(what: &str, mut errors: Vec<Error>) -> Option<Error> {
    if errors.len() < 2 {
        return errors.pop();
    }
    let kinds = errors.iter().map(|error| Error::new(error.kind, ""));
    let kind = Error::all(kinds.collect()).map_or(Kind::Refused, |error| error.kind);
    let mut whole = Error::new(kind, format!("{what}, for {} reasons", errors.len()));
    let mut rendered = format!("error: {}\n", whole.message);
    for (place, error) in errors.into_iter().enumerate() {
        // Only a string grows here, which cannot fail.
        let _ = writeln!(rendered, "  {}. {}", place + 1, error.message);
        whole.causes.push(error.message);
        for line in error.causes.into_iter().chain(error.hints) {
            let _ = writeln!(rendered, "     {line}");
            whole.causes.push(format!("  {line}"));
        }
    }
    Some(whole.rendered(rendered))
}
