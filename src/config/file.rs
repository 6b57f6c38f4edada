//! Reading a file that may hold secrets: bounded, never hanging, and never one that somebody else could have written.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{Origin, Problem};
use crate::error::ErrorKind;

/// No configuration is longer.
const MAX_BYTES: u64 = 1024 * 1024;

/// The device number of /dev/null on Linux: the one device that may be read, as an empty file.
const DEV_NULL: (u32, u32) = (1, 3);

/// How much the place of a file is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// svs.toml and `.env`: mine or root's, in a folder that not everybody can write.
    Own,
    /// What a `*_FILE` variable, a `key_file` or the credentials folder names: whoever made it may own it, and it may
    /// be readable by all, as /run/secrets is; but not everybody may write it.
    Handed,
}

/// What was read.
pub(super) struct ReadText {
    /// The text without a byte order mark.
    pub(super) text: String,
    /// Everybody on this machine can read it.
    pub(super) world_readable: bool,
}

/// The permissions of a file and its folder, as far as they are judged.
#[derive(Clone, Copy, Debug)]
struct Facts {
    owner: u32,
    mode: u32,
    folder_mode: u32,
}

const WORLD_WRITABLE: u32 = 0o002;
const WORLD_READABLE: u32 = 0o004;

/// Reads a text file; the problem's origin is the file.
pub(super) fn read_text(path: &Path, trust: Trust) -> Result<ReadText, Problem> {
    let problem = |kind, message: String, hint: Option<String>| Problem {
        kind,
        message,
        origin: whole_file(path),
        hint,
    };
    let refuse = |message: &str| Err(problem(ErrorKind::Config, message.to_owned(), None));
    // Without NONBLOCK the open of a FIFO waits for a writer.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let opened = File::options().read(true).custom_flags(nonblock).open(path);
    let (mut file, metadata) = match opened.and_then(|file| file.metadata().map(|metadata| (file, metadata)))
    {
        Ok(opened) => opened,
        Err(error) => return Err(unreadable(path, &error)),
    };
    let kind = metadata.file_type();
    if kind.is_dir() {
        return refuse("is a folder, not a file");
    }
    if kind.is_char_device() && device(metadata.rdev()) == DEV_NULL {
        return Ok(ReadText { text: String::new(), world_readable: false });
    }
    if !kind.is_file() {
        return refuse("is not a regular file");
    }
    let facts = Facts { owner: metadata.uid(), mode: metadata.mode(), folder_mode: folder_mode(path) };
    if let Some((reason, fix)) = forbidden(facts, rustix::process::geteuid().as_raw(), trust) {
        return Err(problem(ErrorKind::Denied, reason.to_owned(), Some(fix(path))));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0) + 1);
    if let Err(error) = file.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes) {
        return Err(unreadable(path, &error));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return refuse("is larger than 1 MiB");
    }
    match decode(bytes) {
        Ok(text) => Ok(ReadText { text, world_readable: metadata.mode() & WORLD_READABLE != 0 }),
        Err(message) => Err(problem(
            ErrorKind::Config,
            message.to_owned(),
            Some(format!("save {} as UTF-8", path.display())),
        )),
    }
}

/// The problem of a file that holds secrets and that everybody can read.
pub(super) fn readable_by_all(path: &Path) -> Problem {
    Problem {
        kind: ErrorKind::Denied,
        message: "holds secrets and can be read by everybody on this machine".to_owned(),
        origin: whole_file(path),
        hint: Some(format!("chmod 600 {}", path.display())),
    }
}

/// A file as an origin.
pub(super) fn whole_file(path: &Path) -> Origin {
    Origin::File { path: Arc::new(path.to_owned()), line: 0, column: 0 }
}

/// Who owns a file, and the permission bits of its folder: `None` where there is no such file.
pub(super) fn owner_of(path: &Path) -> Option<u32> {
    path.metadata().ok().map(|metadata| metadata.uid())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let (kind, message) = match error.kind() {
        std::io::ErrorKind::NotFound => (ErrorKind::Config, "no such file".to_owned()),
        std::io::ErrorKind::PermissionDenied => {
            (ErrorKind::Denied, "may not be read: permission denied".to_owned())
        }
        _ => (ErrorKind::Config, format!("cannot be read: {error}")),
    };
    Problem { kind, message, origin: whole_file(path), hint: None }
}

type Fix = fn(&Path) -> String;

/// Why a file with these permissions is not read, and the command that changes it.
fn forbidden(facts: Facts, me: u32, trust: Trust) -> Option<(&'static str, Fix)> {
    if facts.mode & WORLD_WRITABLE != 0 {
        return Some(("can be written by everybody on this machine", |path| {
            format!("chmod o-w {}", path.display())
        }));
    }
    if trust == Trust::Handed {
        return None;
    }
    if facts.owner != me && facts.owner != 0 {
        return Some(("belongs to another user", |path| format!("chown \"$(id -u)\" {}", path.display())));
    }
    if facts.folder_mode & WORLD_WRITABLE != 0 {
        return Some(("lies in a folder that everybody on this machine can write", |path| {
            format!("move {} to a folder of your own", path.display())
        }));
    }
    None
}

fn folder_mode(path: &Path) -> u32 {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => return 0,
    };
    folder.metadata().map_or(0, |metadata| metadata.mode())
}

fn device(number: u64) -> (u32, u32) {
    (rustix::fs::major(number), rustix::fs::minor(number))
}

fn decode(bytes: Vec<u8>) -> Result<String, &'static str> {
    const UTF_16: &str = "is UTF-16, not UTF-8";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(UTF_16);
    }
    // ASCII in UTF-16 without a mark: every second byte is zero.
    if let [first, second, ..] = bytes[..]
        && (first == 0) != (second == 0)
    {
        return Err(UTF_16);
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.starts_with('\u{feff}') => Ok(text['\u{feff}'.len_utf8()..].to_owned()),
        Ok(text) => Ok(text),
        Err(_) => Err("is not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn written(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("svs.toml");
        std::fs::write(&path, content).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("permissions");
        (folder, path)
    }

    fn refusal(path: &Path) -> (ErrorKind, String) {
        match read_text(path, Trust::Own) {
            Ok(_) => panic!("{} was read", path.display()),
            Err(problem) => (problem.kind, problem.message),
        }
    }

    #[test]
    fn a_mark_is_dropped_and_other_encodings_are_named() {
        for (content, expected) in [
            (&b"\xef\xbb\xbfa = 1\r\n"[..], Ok("a = 1\r\n")),
            (b"", Ok("")),
            (b"a", Ok("a")),
            (b"\xff\xfea\0", Err("is UTF-16, not UTF-8")),
            (b"\xfe\xff\0a", Err("is UTF-16, not UTF-8")),
            (b"a\0=\0", Err("is UTF-16, not UTF-8")),
            (b"a = \"\xe9\"", Err("is not UTF-8")),
        ] {
            let decoded = decode(content.to_vec());
            assert_eq!(decoded.as_deref().map_err(|message| *message), expected, "{content:?}");
        }
    }

    #[test]
    fn folders_pipes_and_devices_are_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(refusal(folder.path()), (ErrorKind::Config, "is a folder, not a file".to_owned()));
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        assert_eq!(refusal(&pipe), (ErrorKind::Config, "is not a regular file".to_owned()));
        assert_eq!(refusal(Path::new("/dev/zero")), (ErrorKind::Config, "is not a regular file".to_owned()));
        assert!(read_text(Path::new("/dev/null"), Trust::Own).is_ok_and(|read| read.text.is_empty()));
    }

    #[test]
    fn a_file_of_more_than_a_mebibyte_is_refused() {
        let (_folder, path) = written(&vec![b'#'; 1024 * 1024], 0o600);
        assert!(read_text(&path, Trust::Own).is_ok());
        let (_folder, path) = written(&vec![b'#'; 1024 * 1024 + 1], 0o600);
        assert_eq!(refusal(&path), (ErrorKind::Config, "is larger than 1 MiB".to_owned()));
    }

    #[test]
    fn a_missing_file_is_said_to_be_missing() {
        assert_eq!(
            refusal(Path::new("/nonexistent/svs.toml")),
            (ErrorKind::Config, "no such file".to_owned())
        );
    }

    #[test]
    fn a_file_everybody_can_write_is_denied() {
        let (_folder, path) = written(b"", 0o602);
        assert_eq!(refusal(&path).0, ErrorKind::Denied);
        assert!(read_text(&path, Trust::Handed).is_err());
    }

    #[test]
    fn a_file_in_a_folder_everybody_can_write_is_denied() {
        let (folder, path) = written(b"", 0o600);
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o1777))
            .expect("permissions");
        assert_eq!(refusal(&path).0, ErrorKind::Denied);
        assert!(read_text(&path, Trust::Handed).is_ok());
    }

    #[test]
    fn whose_file_is_read() {
        let facts = |owner, mode, folder_mode| Facts { owner, mode, folder_mode };
        for (facts, trust, allowed) in [
            (facts(1000, 0o100_600, 0o40_755), Trust::Own, true),
            (facts(0, 0o100_644, 0o40_755), Trust::Own, true),
            (facts(1001, 0o100_600, 0o40_755), Trust::Own, false),
            (facts(1001, 0o100_444, 0o41_777), Trust::Handed, true),
            (facts(1000, 0o100_600, 0o41_777), Trust::Own, false),
            (facts(1000, 0o100_666, 0o40_700), Trust::Own, false),
            (facts(1000, 0o100_666, 0o40_700), Trust::Handed, false),
        ] {
            assert_eq!(forbidden(facts, 1000, trust).is_none(), allowed, "{facts:?} {trust:?}");
        }
    }
}
