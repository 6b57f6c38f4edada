//! Splits a byte stream of server-sent events, however the network cuts it, into the data of each event.
//!
//! As the standard says: lines end with LF, CR or CRLF, a blank line ends an event, its `data` lines are joined with
//! LF, comments and other fields are dropped, a byte order mark at the start is skipped. Beyond the standard: the end
//! of the stream ends an event too, and lines that are no field at all are handed over as [`Event::stray`], because
//! Google writes an error that strikes in mid-stream as bare JSON between the events.

const BOM: &[u8] = b"\xef\xbb\xbf";
/// A block of stray lines longer than this is no error body.
const STRAY_CAP: usize = 64 * 1024;

/// One event, or one block of lines that are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Event {
    /// The joined data; bytes that are no UTF-8 are replaced.
    pub(super) data: String,
    /// Whether these lines were no `data` lines.
    pub(super) stray: bool,
}

/// The state between two reads. Bytes become text only at the end of an event, so no cut can split a character.
#[derive(Default)]
pub(super) struct SseSplitter {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    stray: Vec<u8>,
    after_cr: bool,
    begun: bool,
}

impl SseSplitter {
    /// Takes the next bytes and hands over every event they complete.
    pub(super) fn push(&mut self, bytes: &[u8], mut on_event: impl FnMut(Event)) {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            self.end_line(&mut on_event);
            let was_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if was_cr {
                self.after_cr = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.line.extend_from_slice(rest);
    }

    /// The stream is over: what is left is an event as well.
    pub(super) fn finish(&mut self, mut on_event: impl FnMut(Event)) {
        if !self.line.is_empty() {
            self.end_line(&mut on_event);
        }
        self.end_event(&mut on_event);
    }

    fn end_line(&mut self, on_event: &mut impl FnMut(Event)) {
        let line = std::mem::take(&mut self.line);
        let mut text = line.as_slice();
        if !self.begun {
            self.begun = true;
            text = text.strip_prefix(BOM).unwrap_or(text);
        }
        if text.is_empty() {
            self.end_event(on_event);
        } else {
            self.field(text);
        }
        // The allocation of one line serves the next.
        self.line = line;
        self.line.clear();
    }

    fn field(&mut self, line: &[u8]) {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = match colon {
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (line, &[][..]),
        };
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"" | b"event" | b"id" | b"retry" => {}
            _ if self.stray.len() + line.len() < STRAY_CAP => {
                self.stray.extend_from_slice(line);
                self.stray.push(b'\n');
            }
            _ => {}
        }
    }

    fn end_event(&mut self, on_event: &mut impl FnMut(Event)) {
        if let Some(data) = self.data.take().filter(|data| !data.is_empty()) {
            on_event(Event { data: into_text(data), stray: false });
        }
        if !self.stray.is_empty() {
            on_event(Event { data: into_text(std::mem::take(&mut self.stray)), stray: true });
        }
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop};
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<Event> {
        let mut events = Vec::new();
        let mut splitter = SseSplitter::default();
        for piece in pieces {
            splitter.push(piece, |event| events.push(event));
        }
        splitter.finish(|event| events.push(event));
        events
    }

    fn data(pieces: &[&[u8]]) -> Vec<String> {
        events(pieces).into_iter().map(|event| event.data).collect()
    }

    #[test]
    fn an_event_is_read_as_the_standard_says() {
        let cases: [(&str, &[&str]); 12] = [
            ("data: a\n\ndata: b\n\n", &["a", "b"]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]),
            ("data: a\r\rdata: b\r\r", &["a", "b"]),
            ("\u{feff}data: a\n\n", &["a"]),
            ("data:a\n\n", &["a"]),
            ("data:  a\n\n", &[" a"]),
            ("data: a\ndata: b\n\n", &["a\nb"]),
            (": comment\ndata: a\nid: 1\nevent: x\nretry: 5\n\n", &["a"]),
            ("data: a", &["a"]),
            ("data: a\n", &["a"]),
            ("data\n\ndata:\n\n: only a comment\n\n", &[]),
            ("\n\n\n", &[]),
        ];
        for (stream, expected) in cases {
            assert_eq!(data(&[stream.as_bytes()]), expected, "{stream:?}");
        }
    }

    #[test]
    fn bare_json_between_events_is_handed_over_as_stray() {
        let stream = "data: a\n\n{\n  \"error\": {\n    \"code\": 503\n  }\n}\n\ndata: b\n\n";
        let events = events(&[stream.as_bytes()]);
        assert_eq!(events.iter().map(|event| event.stray).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(events[1].data, "{\n  \"error\": {\n    \"code\": 503\n  }\n}\n");
    }

    #[test]
    fn a_cut_inside_a_character_or_a_line_end_changes_nothing() {
        let stream = "data: grüße 🎈\r\n\r\ndata: 你好\r\n\r\n".as_bytes();
        let whole = data(&[stream]);
        for cut in 0..=stream.len() {
            assert_eq!(data(&[&stream[..cut], &stream[cut..]]), whole, "cut at {cut}");
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let line_end = prop::sample::select(vec!["\n", "\r", "\r\n"]);
        let line = prop::sample::select(vec![
            "data: {\"text\":\"ü🎈\"}",
            "data: 你",
            "data",
            "data:",
            ": note",
            "event: x",
            "{",
            "}",
            "",
            "",
            "",
        ]);
        let lines = prop::collection::vec((line, line_end), 0..24);
        let text =
            lines.prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end]).collect::<String>());
        (any::<bool>(), text).prop_flat_map(|(bom, text): (bool, String)| {
            let mut bytes = if bom { BOM.to_vec() } else { Vec::new() };
            bytes.extend_from_slice(text.as_bytes());
            Just(bytes)
        })
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_events(stream in stream(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
            prop_assert_eq!(events(&pieces), events(&[&stream]));
        }

        #[test]
        fn arbitrary_bytes_in_arbitrary_pieces_never_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let whole = pieces.concat();
            prop_assert_eq!(events(&pieces), events(&[&whole]));
        }
    }
}
