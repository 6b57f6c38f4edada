//! Parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    svs::cli::main()
}
