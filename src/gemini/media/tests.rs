//! What a file is taken for.

use proptest::prelude::{any, prop};
use proptest::{prop_assert, proptest};

use super::*;

fn read(bytes: &[u8], name: &str, claimed: Option<&str>) -> Result<&'static str, Unreadable> {
    let name = (!name.is_empty()).then_some(name);
    Attachment::read(Bytes::copy_from_slice(bytes), name, claimed).map(|read| read.mime())
}

fn unsupported(ext: &str) -> Result<&'static str, Unreadable> {
    Err(Unreadable::Unsupported { ext: ext.to_owned() })
}

fn matroska(kind: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01".to_vec();
    bytes.extend_from_slice(kind);
    bytes.resize(300, 0);
    bytes
}

fn container(brand: [u8; 4]) -> Vec<u8> {
    [b"\0\0\0\x20ftyp", &brand[..], b"\0\0\x02\0isommp42\0\0\0\x08free"].concat()
}

#[test]
fn a_file_is_what_its_bytes_are_whatever_it_claims() {
    let opus = [b"OggS\0\x02", &[0; 22][..], b"OpusHead\x01\x01"].concat();
    let cases: Vec<(Vec<u8>, &str, Option<&str>, &str)> = vec![
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "a.jpg", Some("image/jpeg"), "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), "", None, "image/jpeg"),
        (b"RIFF\x24\0\0\0WEBPVP8 \0".to_vec(), "", None, "image/webp"),
        (container(*b"heic"), "IMG_1.HEIC", None, "image/heic"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), "a.txt", Some("text/plain"), "application/pdf"),
        (b"%PDF-1.4\nall ASCII\n".to_vec(), "", None, "application/pdf"),
        (b"From a scanner\r\n%PDF-1.4\n\xe2".to_vec(), "", None, "application/pdf"),
        (opus, "", Some("audio/ogg"), "audio/ogg"),
        (b"ID3\x04\0\0\0\0\0\0\xff\xfb".to_vec(), "a.mp3", None, "audio/mp3"),
        (b"RIFF\x24\0\0\0WAVEfmt \0".to_vec(), "", None, "audio/wav"),
        (b"fLaC\0\0\0\x22".to_vec(), "", None, "audio/flac"),
        (b"\xff\xf1\x50\x80".to_vec(), "", None, "audio/aac"),
        (b"FORM\0\0\0\0AIFFCOMM\0".to_vec(), "", None, "audio/aiff"),
        (container(*b"M4A "), "", None, "audio/mp4"),
        (container(*b"isom"), "", Some("Audio/MP4"), "audio/mp4"),
        (container(*b"isom"), "", Some("video/mp4"), "video/mp4"),
        (container(*b"qt  "), "", None, "video/quicktime"),
        (container(*b"3gp4"), "", None, "video/3gpp"),
        (matroska(b"\x42\x82\x84webm"), "", None, "video/webm"),
        (matroska(b"\x42\x82\x84webm"), "", Some("audio/webm"), "audio/webm"),
        (b"RIFF\x24\0\0\0AVI LIST\0".to_vec(), "", None, "video/avi"),
        ("你好\r\n\tfn main() {}\x1b[0m".into(), "main.rs", Some("application/octet-stream"), "text/plain"),
        (b"{\"a\": 1}".to_vec(), "a.json", Some("application/json"), "text/plain"),
        (b"<!DOCTYPE html><p>GIF89a".to_vec(), "", None, "text/plain"),
        (b"BM is how bitmaps begin, ID3 how songs do".to_vec(), "", None, "text/plain"),
        (b"see %PDF-1.4 for the format".to_vec(), "", None, "text/plain"),
        (b"\xff\xfeh\0i\0".to_vec(), "", None, "text/plain"),
    ];
    for (bytes, name, claimed, mime) in cases {
        assert_eq!(
            read(&bytes, name, claimed),
            Ok(mime),
            "{name} {claimed:?} {:?}",
            bytes.escape_ascii().to_string()
        );
    }
}

#[test]
fn what_gemini_does_not_read_is_named_as_people_name_it() {
    let zip = b"PK\x03\x04\x14\0\0\0";
    let cases: [(&[u8], &str, Option<&str>, &str); 9] = [
        (zip, "thesis.docx", None, "docx"),
        (zip, "", Some("application/zip"), "zip"),
        (zip, "no ending", None, "zip"),
        (b"GIF89a\x01\0", "", None, "gif"),
        (b"\x1f\x8b\x08\0", "sticker.tgs", Some("application/x-tgsticker"), "tgs"),
        (b"BM\0\0\0\0", "a.BMP", None, "bmp"),
        (b"\0\x01\x02\x03", "", None, "file"),
        (b"\0\x01\x02\x03", "", Some("application/x-unheard-of"), "file"),
        (b"\0\x01\x02\x03", "a.\u{202e}exe", None, "exe"),
    ];
    for (bytes, name, claimed, ext) in cases {
        assert_eq!(read(bytes, name, claimed), unsupported(ext), "{name} {claimed:?}");
    }
    assert_eq!(read(&matroska(b"\x42\x82\x88matroska"), "", None), unsupported("mkv"));
    // Half a character: not UTF-8, and no other signature either.
    assert_eq!(read(b"abc\xe4", "a.txt", Some("text/plain")), unsupported("txt"));
}

#[test]
fn sizes_are_measured_before_anything_is_looked_at() {
    let over = |mut start: Vec<u8>, size: usize| {
        start.resize(size, b'x');
        Attachment::read(Bytes::from(start), None, None).map(|read| read.mime())
    };
    assert_eq!(over(b"%PDF-1.7\n".to_vec(), FILES_CAP), Ok("application/pdf"));
    assert_eq!(over(b"%PDF-1.7\n".to_vec(), FILES_CAP + 1), Err(Unreadable::TooBig { limit: FILES_CAP }));
    assert_eq!(over(vec![], TEXT_CAP), Ok("text/plain"));
    assert_eq!(over(vec![], TEXT_CAP + 1), Err(Unreadable::TooBig { limit: TEXT_CAP }));
    assert_eq!(read(b"", "a.txt", None), Err(Unreadable::Empty));
    assert_eq!(Unreadable::TooBig { limit: FILES_CAP }.to_string(), "larger than 20 MB");
}

#[test]
fn a_text_comes_as_utf_8_and_its_name_without_folders() {
    let text = |bytes: &'static [u8]| {
        let read = Attachment::read(Bytes::from_static(bytes), Some("C:\\x/../no\u{202e}tes\n.md"), None);
        let read = read.expect("a text");
        assert_eq!(read.name(), Some("notes.md"));
        read.text().expect("of text").to_owned()
    };
    assert_eq!(text(b"\xef\xbb\xbfhi"), "hi");
    assert_eq!(text(b"\xff\xfe\x60\x4f\x7d\x59"), "你好");
    assert_eq!(text(b"\xfe\xff\x4f\x60\x59\x7d"), "你好");
    let picture = Attachment::read(Bytes::from_static(b"\x89PNG\r\n\x1a\n"), None, None).expect("a picture");
    assert_eq!((picture.text(), picture.name()), (None, None));
    let shown = format!("{:?}", Attachment::read(Bytes::from_static(b"my diary"), Some("diary"), None));
    assert!(!shown.contains("diary"), "{shown}");
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(head in prop::sample::select(vec!["", "%PDF-", "RIFF", "\u{fffd}", "OggS", "\0\0\0 ftyp"]), tail in prop::collection::vec(any::<u8>(), 0..64), name in ".{0,12}", claimed in ".{0,12}") {
        let bytes = Bytes::from([head.as_bytes(), &tail].concat());
        for cut in 0..bytes.len() {
            if let Err(Unreadable::Unsupported { ext }) = Attachment::read(bytes.slice(cut..), Some(&name), Some(&claimed)) {
                prop_assert!(!ext.is_empty() && ext.len() <= 8);
            }
        }
    }
}
