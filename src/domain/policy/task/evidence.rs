//! What a text says about itself, gathered once: meanings in the instruction and in the payload, shape, sizes.

use std::ops::Range;

use super::lexicon::{CONCEPTS, Concept};
use super::scan::{Hit, scan};
use super::segment;
use super::shape::{Shape, shape};
use super::text::Text;

/// Everything the rules look at.
pub(super) struct Evidence {
    pub(super) shape: Shape,
    /// Characters of the whole message.
    pub(super) chars: usize,
    /// Length of the instruction in words; an ideograph counts as six tenths of a word.
    pub(super) words: usize,
    /// Length of the payload in bytes.
    pub(super) payload: usize,
    pub(super) numbers: usize,
    pub(super) error_names: usize,
    /// Different entries per concept in the instruction.
    asked: [u16; CONCEPTS],
    /// The same in the payload.
    shown: [u16; CONCEPTS],
    /// First place of each concept in the instruction, in bytes of the instruction.
    first: [Option<u32>; CONCEPTS],
    /// A question about a number stands in the last part of the text.
    pub(super) asks_number_last: bool,
}

impl Evidence {
    pub(super) fn new(raw: &str) -> Evidence {
        let text = Text::new(raw);
        let body = text.body.as_str();
        let scan = scan(body);
        let shape = shape(body);
        let payload = segment::payload(body, &scan.hits);
        let payload_bytes: usize = payload.iter().map(Range::len).sum();
        let mut evidence = Evidence {
            shape,
            chars: text.chars,
            words: 0,
            payload: payload_bytes,
            numbers: scan.numbers.len(),
            error_names: scan.error_names,
            asked: [0; CONCEPTS],
            shown: [0; CONCEPTS],
            first: [None; CONCEPTS],
            asks_number_last: false,
        };
        let share = (body.len() - payload_bytes.min(body.len())) as f32 / body.len().max(1) as f32;
        evidence.words = ((scan.words as f32 + scan.ideographs as f32 * 0.6) * share) as usize;
        evidence.count(&scan.hits, &payload, body.len());
        evidence
    }

    fn count(&mut self, hits: &[Hit], payload: &[Range<usize>], len: usize) {
        let mut seen: Vec<u16> = Vec::with_capacity(hits.len());
        for hit in hits {
            let inside = segment::contains(payload, hit.at);
            let slot = hit.concept as usize;
            if hit.concept == Concept::HowMany && hit.at * 3 >= len {
                self.asks_number_last = true;
            }
            if !inside && self.first[slot].is_none() {
                self.first[slot] = Some(hit.at as u32);
            }
            // Beyond this many different entries nothing changes any more, and the search stays linear.
            if seen.len() == 256 || seen.contains(&hit.entry) {
                continue;
            }
            seen.push(hit.entry);
            let counts = if inside { &mut self.shown } else { &mut self.asked };
            counts[slot] += 1;
        }
    }

    /// Different words of this meaning in the instruction.
    pub(super) fn asked(&self, concept: Concept) -> u32 {
        u32::from(self.asked[concept as usize])
    }

    /// Different words of this meaning in the payload.
    pub(super) fn shown(&self, concept: Concept) -> u32 {
        u32::from(self.shown[concept as usize])
    }

    pub(super) fn asks(&self, concept: Concept) -> bool {
        self.asked(concept) > 0
    }

    /// The meaning stands at the start of the instruction, where the imperative verb stands.
    pub(super) fn leads(&self, concept: Concept) -> bool {
        self.first[concept as usize].is_some_and(|at| at < 40)
    }

    /// Something that looks like code is in the message.
    pub(super) fn has_code(&self) -> bool {
        let lines = self.shape.code_lines;
        self.shape.fences > 0 || self.shape.signature || lines >= 2 || (lines == 1 && self.shape.lines <= 3)
    }

    /// A story with numbers that ends in a question about a number.
    pub(super) fn is_word_problem(&self) -> bool {
        let numbers = self.numbers as u32 + self.asked(Concept::Number);
        if self.shape.ends_open && numbers >= 3 {
            return true;
        }
        if self.has_code() || self.words < 12 || self.shape.options >= 3 {
            return false;
        }
        let quantities = self.asks(Concept::EasyMath) || self.asks(Concept::Mathematics);
        let counted = self.asks_number_last && (numbers >= 2 || numbers == 1 && self.shape.sentences >= 3);
        counted || (self.shape.ends_asking && numbers >= 2 && (quantities || numbers >= 4))
    }
}
