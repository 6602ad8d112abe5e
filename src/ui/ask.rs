//! Questions at a terminal. The only file that knows `dialoguer`.

use crate::error::{Error, Kind, Result};
use dialoguer::Confirm;

/// Yes or no. Ctrl-C and a terminal that went away end with 130.
pub(super) fn confirm(question: &str) -> Result<bool> {
    let answer = Confirm::new().with_prompt(question).default(false).interact_opt();
    match answer {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(interrupted()),
        Err(error) => Err(interrupted().cause(error)),
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted").hint("nothing was changed")
}
