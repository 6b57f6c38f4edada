//! Files that go with a question, and pictures that come with an answer.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value;

use crate::admin::api::File;
use crate::error::{CommandError, ErrorKind};
use crate::gemini::FILES_CAP;

/// Reads the files, together at most [`FILES_CAP`] bytes of them.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<File>, CommandError> {
    let mut left = FILES_CAP;
    let mut files = Vec::new();
    for path in paths {
        let bytes = read_up_to(path, left).map_err(|error| {
            let message = format!("{} cannot be read", path.display());
            CommandError::new(ErrorKind::BadInput, message).caused_by(&error)
        })?;
        let Some(rest) = left.checked_sub(bytes.len()) else {
            let message = format!("the files have more than {} MB together", FILES_CAP >> 20);
            return Err(CommandError::new(ErrorKind::BadInput, message));
        };
        left = rest;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push(File { name, mime: None, data: Bytes::from(bytes) });
    }
    Ok(files)
}

/// No schema is longer.
const LONGEST_SCHEMA: usize = 256 * 1024;

/// Reads a JSON Schema: an object.
pub(super) fn read_schema(path: &Path) -> Result<Value, CommandError> {
    let bad = |why: &str| CommandError::new(ErrorKind::BadInput, format!("{} {why}", path.display()));
    let bytes = read_up_to(path, LONGEST_SCHEMA).map_err(|error| bad("cannot be read").caused_by(&error))?;
    if bytes.len() > LONGEST_SCHEMA {
        return Err(bad("is longer than 256 KiB"));
    }
    let schema: Value =
        serde_json::from_slice(&bytes).map_err(|error| bad("is not JSON").caused_by(&error))?;
    if !schema.is_object() {
        return Err(bad("is no JSON Schema: it must be an object"));
    }
    Ok(schema)
}

/// One byte more than fits shows that more is there.
fn read_up_to(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the pictures: the first to `path`, the others beside it, numbered from 2. Says where they are.
pub(super) fn write(path: &Path, pictures: &[File]) -> Result<Vec<PathBuf>, CommandError> {
    let mut written = Vec::new();
    for (picture, number) in pictures.iter().zip(1..) {
        let path = numbered(path, number);
        fs::write(&path, &picture.data).map_err(|error| {
            let message = format!("{} cannot be written", path.display());
            CommandError::new(ErrorKind::CannotWrite, message).caused_by(&error)
        })?;
        written.push(path);
    }
    Ok(written)
}

/// `cat.png`, `cat-2.png`, …
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().map_or_else(OsString::new, OsString::from);
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(data: &'static [u8]) -> File {
        File { name: None, mime: Some("image/png".to_owned()), data: Bytes::from_static(data) }
    }

    #[test]
    fn pictures_stand_beside_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, second) in [("cat.png", "cat-2.png"), ("a.b.png", "a.b-2.png"), ("cat", "cat-2")] {
            let written =
                write(&folder.path().join(name), &[picture(b"one"), picture(b"two")]).expect("written");
            assert_eq!(written, [folder.path().join(name), folder.path().join(second)]);
            assert_eq!(fs::read(&written[1]).expect("there"), b"two");
        }
        let nowhere = write(&folder.path().join("no/such/folder.png"), &[picture(b"x")]);
        assert_eq!(nowhere.expect_err("no folder").kind, ErrorKind::CannotWrite);
    }

    #[test]
    fn files_are_read_up_to_a_limit_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let [small, large] = ["a.txt", "b.bin"].map(|name| folder.path().join(name));
        fs::write(&small, b"hi").expect("written");
        fs::File::create(&large).and_then(|file| file.set_len(FILES_CAP as u64 - 1)).expect("sparse");
        let read_one = read(std::slice::from_ref(&small)).expect("read");
        assert_eq!((read_one[0].name.as_deref(), &read_one[0].data[..]), (Some("a.txt"), &b"hi"[..]));
        for (paths, word) in [
            (vec![small.clone(), large], "more than 20 MB"),
            (vec![PathBuf::from("/dev/zero")], "more than 20 MB"),
            (vec![folder.path().join("none")], "cannot be read"),
            (vec![folder.path().to_owned()], "cannot be read"),
        ] {
            let error = read(&paths).expect_err(word);
            assert!(error.kind == ErrorKind::BadInput && error.message.contains(word), "{}", error.message);
        }
    }
}
