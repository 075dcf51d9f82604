//! Asks a person, on a terminal, whether a document is to be shown in full.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use crate::error::Error;

/// Goes on only after a person at a terminal has read what will be and typed yes.
pub fn confirm(picture: &Path) -> Result<(), Error> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Error::Usage(
            "--reveal needs a person at a terminal; without it the documents are blacked out"
                .into(),
        ));
    }
    ask(picture, &mut io::stdin().lock(), &mut io::stderr())
}

fn ask(picture: &Path, from: &mut dyn BufRead, to: &mut dyn Write) -> Result<(), Error> {
    let fail = |source| Error::Output { path: "the terminal".into(), source };
    write!(
        to,
        "--reveal draws over the true picture: documents, faces and numbers in it are NOT covered.\n\
         Whoever opens {} sees them, and so does every backup of it. It is\n\
         written for your user only (mode 0600); delete it when you have looked.\n\
         Type yes to go on: ",
        crate::text::visible::visible(&picture.to_string_lossy())
    )
    .and_then(|()| to.flush())
    .map_err(fail)?;
    let mut answer = String::new();
    from.read_line(&mut answer).map_err(fail)?;
    if answer.trim() == "yes" {
        return Ok(());
    }
    Err(Error::Usage("not confirmed; nothing was written".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        let answer = |text: &str| {
            let mut shown = Vec::new();
            let result = ask(Path::new("out\n.png"), &mut text.as_bytes(), &mut shown);
            let shown = String::from_utf8(shown).unwrap();
            assert!(shown.contains("NOT covered") && !shown.contains("out\n"), "{shown}");
            result.is_ok()
        };
        assert!(answer("yes\n") && answer(" yes "));
        for no in ["", "\n", "y\n", "Yes\n", "no\n", "yes please\n"] {
            assert!(!answer(no), "{no:?}");
        }
    }
}
