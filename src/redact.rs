//! The second net under secrets: takes them out of text that leaves the process.
//!
//! `config` registers every secret it loads. [`scrub`] then replaces each of them, its URL-, base64- and JSON-escaped
//! forms, and every piece of one that is at least twelve bytes long, by `[redacted]`; besides, whatever has the shape
//! of a Gemini key or a bot's token, registered or not. Text without any of these comes back as it was, unallocated.
//!
//! It works on *grams*, the runs of twelve bytes of all forms of all secrets: a rolling hash walks over the text once
//! and looks each run up.

mod forms;
mod shapes;

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{OnceLock, PoisonError, RwLock};

/// What stands where a secret stood.
pub(crate) const REDACTED: &str = "[redacted]";

/// A piece of a secret is dangerous from this length on.
const GRAM: usize = 12;
/// A secret shorter than a gram is only found whole, and one shorter than this would hide ordinary words.
const SHORTEST: usize = 6;

/// Adds a secret to those that are scrubbed from now on.
pub(crate) fn register(secret: &str) {
    global().write().unwrap_or_else(PoisonError::into_inner).add(secret);
}

/// The text without secrets.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    global().read().unwrap_or_else(PoisonError::into_inner).scrub(text)
}

fn global() -> &'static RwLock<Scrubber> {
    static SCRUBBER: OnceLock<RwLock<Scrubber>> = OnceLock::new();
    SCRUBBER.get_or_init(RwLock::default)
}

/// A set of secrets.
#[derive(Default)]
struct Scrubber {
    grams: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// One bit per value of the low bits of a gram's hash: most text is passed by it alone.
    filter: Vec<u64>,
    /// Forms of secrets too short for a gram.
    short: Vec<String>,
}

/// A key has about 250 grams in all its forms, and 25 keys are usual.
const EXPECTED_GRAMS: usize = 7000;
const FILTER_BITS: usize = 1 << 17;

impl Scrubber {
    fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        if self.filter.is_empty() {
            self.filter = vec![0; FILTER_BITS / 64];
            self.grams.reserve(EXPECTED_GRAMS);
        }
        for form in forms::of(secret) {
            if form.len() < GRAM {
                // A cut base64 form may be very short.
                if form.len() >= SHORTEST && !self.short.contains(&form) {
                    self.short.push(form);
                }
                continue;
            }
            for (_, hash) in Grams::of(form.as_bytes()) {
                self.grams.insert(hash);
                let bit = low_bits(hash);
                self.filter[bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        if !self.grams.is_empty() {
            let hits = Grams::of(text.as_bytes()).filter(|(_, hash)| self.has(*hash));
            found.extend(hits.map(|(start, _)| (start, start + GRAM)));
        }
        for short in &self.short {
            found.extend(text.match_indices(short.as_str()).map(|(start, _)| (start, start + short.len())));
        }
        shapes::find(text, &mut found);
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(without(text, found)) }
    }

    fn has(&self, hash: u64) -> bool {
        let bit = low_bits(hash);
        self.filter.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
            && self.grams.contains(&hash)
    }
}

/// The text with the ranges replaced; ranges that touch become one, and no letter is cut in two.
fn without(text: &str, mut ranges: Vec<(usize, usize)>) -> String {
    ranges.sort_unstable();
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    let mut ranges = ranges.into_iter().peekable();
    while let Some((start, mut end)) = ranges.next() {
        while let Some((_, next_end)) = ranges.next_if(|(next, _)| *next <= end) {
            end = end.max(next_end);
        }
        let start = text.floor_char_boundary(start).max(at);
        end = text.ceil_char_boundary(end);
        clean.push_str(&text[at..start]);
        if !(start == at && clean.ends_with(REDACTED)) {
            clean.push_str(REDACTED);
        }
        at = end;
    }
    clean.push_str(&text[at..]);
    clean
}

fn low_bits(hash: u64) -> usize {
    (hash >> 40) as usize % FILTER_BITS
}

/// The grams of a text with their starts: the hash of the next one follows from the last in two multiplications.
struct Grams<'t> {
    bytes: &'t [u8],
    next: usize,
    hash: u64,
}

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
/// `BASE` to the power of `GRAM`: what the oldest byte of a gram has grown to when it leaves.
const LEAVING: u64 = {
    let mut power: u64 = 1;
    let mut n = 0;
    while n < GRAM {
        power = power.wrapping_mul(BASE);
        n += 1;
    }
    power
};

impl<'t> Grams<'t> {
    fn of(bytes: &'t [u8]) -> Grams<'t> {
        let first = bytes.get(..GRAM - 1).unwrap_or_default();
        let hash = first.iter().fold(0, |hash, byte| push(hash, *byte));
        Grams { bytes, next: GRAM - 1, hash }
    }
}

impl Iterator for Grams<'_> {
    type Item = (usize, u64);

    fn next(&mut self) -> Option<(usize, u64)> {
        let byte = *self.bytes.get(self.next)?;
        self.hash = push(self.hash, byte);
        if let Some(leaving) = self.next.checked_sub(GRAM).and_then(|at| self.bytes.get(at)) {
            self.hash = self.hash.wrapping_sub(value_of(*leaving).wrapping_mul(LEAVING));
        }
        self.next += 1;
        Some((self.next - GRAM, self.hash))
    }
}

fn push(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(value_of(byte))
}

/// A byte as a large odd-ish number, so that short differences reach the high bits.
const fn value_of(byte: u8) -> u64 {
    (byte as u64 + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// The hasher of numbers that are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = push(self.0, *byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests;
