//! Everything that is tested from outside: the binary, what it prints, what is generated from it.

mod architecture;
mod artifacts;
mod shell;
