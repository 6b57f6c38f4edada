//! The body of a request, with the files in it turned to base64 while it is sent.
//!
//! ```text
//! {"contents":[…{"inlineData":{"mimeType":"image/png","data":"│"}},{"text":"…"}…
//!  └──────────────────── JSON ─────────────────────────────────┘├── base64 of a file, 64 KiB at a time ──┤ JSON …
//! ```
//!
//! A file lies in memory once, however often it is sent: neither its base64 nor a body with it is ever built.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// What `wire` writes where a file belongs. Inside a string its quotes would be escaped, so it marks the places of
/// files and nothing else, as long as no key of the request but theirs is called so before them.
const PLACE: &[u8] = br#""data":"""#;
/// Bytes of a file in one frame: divisible by three, so that only the last one is padded.
const STEP: usize = 48 << 10;

/// A request body whose length is known.
#[derive(Clone, Debug)]
pub(super) struct RequestBody {
    pieces: VecDeque<Piece>,
    /// Bytes that are still to be sent.
    left: u64,
}

#[derive(Clone, Debug)]
enum Piece {
    Json(Bytes),
    File(Bytes),
}

impl RequestBody {
    /// `json` with `files` at its places, in order; none when their numbers differ.
    pub(super) fn new(json: Vec<u8>, files: impl Iterator<Item = Bytes>) -> Option<RequestBody> {
        let mut rest = Bytes::from(json);
        let mut pieces = VecDeque::new();
        for file in files {
            let at = rest.windows(PLACE.len()).position(|window| window == PLACE)?;
            pieces.push_back(Piece::Json(rest.split_to(at + PLACE.len() - 1)));
            pieces.push_back(Piece::File(file));
        }
        pieces.push_back(Piece::Json(rest));
        let left = pieces.iter().map(Piece::len).sum();
        Some(RequestBody { pieces, left })
    }

    fn next(&mut self) -> Option<Bytes> {
        let bytes = match self.pieces.pop_front()? {
            Piece::Json(bytes) => bytes,
            Piece::File(mut rest) => {
                let now = rest.split_to(rest.len().min(STEP));
                if !rest.is_empty() {
                    self.pieces.push_front(Piece::File(rest));
                }
                Bytes::from(STANDARD.encode(now))
            }
        };
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Some(bytes)
    }
}

impl Piece {
    const fn len(&self) -> u64 {
        match self {
            Piece::Json(bytes) => bytes.len() as u64,
            Piece::File(bytes) => bytes.len().div_ceil(3) as u64 * 4,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop};
    use proptest::{prop_assert_eq, proptest};
    use serde_json::{Value, json};

    use super::*;

    impl RequestBody {
        /// All of it at once.
        pub(in crate::gemini) fn whole(mut self) -> Vec<u8> {
            let mut bytes = Vec::new();
            let said = self.left;
            while let Some(piece) = self.next() {
                bytes.extend_from_slice(&piece);
            }
            assert_eq!((said, self.left), (bytes.len() as u64, 0), "the length is what was said");
            bytes
        }
    }

    proptest! {
        #[test]
        fn files_arrive_whole_at_their_places_whatever_the_text_says(
            texts in prop::collection::vec(prop_text(), 1..4),
            files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4),
            long in 0..3_usize,
        ) {
            let files: Vec<Vec<u8>> = files.into_iter().map(|file| file.repeat(1 + long * STEP / 20)).collect();
            let mut parts: Vec<Value> = texts.iter().map(|text| json!({"text": text})).collect();
            let places = (0..files.len()).map(|n| json!({"inlineData": {"mimeType": format!("a/{n}"), "data": ""}}));
            parts.splice(1..1, places);
            let request = json!({"contents": [{"parts": parts}], "schema": {"data": ""}});
            let body = RequestBody::new(serde_json::to_vec(&request).unwrap(), files.iter().cloned().map(Bytes::from));
            let sent: Value = serde_json::from_slice(&body.unwrap().whole()).unwrap();
            for (n, file) in files.iter().enumerate() {
                let data = sent["contents"][0]["parts"][1 + n]["inlineData"]["data"].as_str().unwrap();
                prop_assert_eq!(&STANDARD.decode(data).unwrap(), file);
            }
            let said: Vec<_> = sent["contents"][0]["parts"].as_array().unwrap().iter().filter_map(|p| p["text"].as_str()).collect();
            prop_assert_eq!(said, texts);
            prop_assert_eq!(&sent["schema"]["data"], "");
        }
    }

    fn prop_text() -> impl proptest::strategy::Strategy<Value = String> {
        r#"("data":""|\\"data\\":\\"\\"|data|[":{},\\]|ü){0,6}"#
    }

    #[test]
    fn a_body_without_a_place_for_a_file_is_none() {
        assert!(RequestBody::new(b"{}".to_vec(), [Bytes::from_static(b"x")].into_iter()).is_none());
    }
}
