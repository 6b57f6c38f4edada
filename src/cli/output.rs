//! `-o`: a format; of a command that makes a file, that file.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::ValueEnum as _;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};

use crate::ui::Format;

/// What was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Output {
    /// A format.
    As(Format),
    /// What is no word but a path, or `-`.
    To(PathBuf),
}

impl Output {
    /// The format; that of a file is its own.
    pub(super) const fn format(&self) -> Format {
        match self {
            Output::As(format) => *format,
            Output::To(_) => Format::Table,
        }
    }
}

/// Reads it.
#[derive(Clone)]
pub(super) struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let is_path = value == "-" || value.as_encoded_bytes().iter().any(|byte| b"./".contains(byte));
        if is_path {
            return Ok(Output::To(value.into()));
        }
        EnumValueParser::<Format>::new().parse_ref(command, argument, value).map(Output::As)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Format::value_variants().iter().filter_map(Format::to_possible_value)))
    }
}
