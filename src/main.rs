//! Result -> exit status, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    iinspect::cli::main()
}
