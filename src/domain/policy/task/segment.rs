//! Tells the instruction from the material it is about. "Translate: prove that …" asks for a translation: what
//! stands in fences, in long quotes, or after the colon or line end of a transforming verb is payload.

use std::ops::Range;

use super::lexicon::Concept;
use super::scan::Hit;

/// A quotation shorter than this many bytes is a name or a word, not material.
const QUOTE: usize = 24;
/// A first or last paragraph longer than this many bytes is itself material.
const PARAGRAPH: usize = 400;

/// Byte ranges of the payload, in order, not overlapping.
pub(super) fn payload(body: &str, hits: &[Hit]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    fences(body, &mut ranges);
    quotes(body, &mut ranges);
    transformed(body, hits, &mut ranges);
    merge(ranges)
}

/// Whether `at` lies in one of the sorted `ranges`.
pub(super) fn contains(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.start <= at)
}

fn fences(body: &str, ranges: &mut Vec<Range<usize>>) {
    for fence in ["```", "\"\"\""] {
        let mut from = 0;
        while let Some(open) = body[from..].find(fence).map(|at| from + at) {
            let inner = open + fence.len();
            let end = body[inner..].find(fence).map_or(body.len(), |at| inner + at + fence.len());
            ranges.push(open..end);
            from = end;
        }
    }
}

fn quotes(body: &str, ranges: &mut Vec<Range<usize>>) {
    let mut open: Option<(usize, char)> = None;
    for (at, c) in body.char_indices() {
        match open {
            Some((start, close)) if c == close => {
                if at - start >= QUOTE {
                    ranges.push(start..at);
                }
                open = None;
            }
            // A quotation that never closes within its paragraph is an apostrophe or an inch.
            Some((_, '"')) if c == '\n' => open = None,
            Some(_) => {}
            None => {
                let close = match c {
                    '"' => '"',
                    '“' => '”',
                    '「' => '」',
                    '『' => '』',
                    '«' => '»',
                    '《' => '》',
                    _ => continue,
                };
                open = Some((at, close));
            }
        }
    }
}

/// The verbs whose object is a text that follows or precedes.
pub(super) fn transforms(concept: Concept) -> bool {
    matches!(concept, Concept::Translate | Concept::Summarize | Concept::Extract | Concept::Rewrite)
}

fn transformed(body: &str, hits: &[Hit], ranges: &mut Vec<Range<usize>>) {
    let verbs = || hits.iter().filter(|hit| transforms(hit.concept));
    // The instruction first: everything after its colon or its paragraph is material.
    if let Some(verb) = verbs().find(|hit| hit.at < PARAGRAPH) {
        let rest = &body[verb.at..];
        let colon = rest.find(": ").or_else(|| rest.find(":\n")).or_else(|| rest.find(':'));
        let line = rest.find('\n');
        let end = match (colon, line) {
            (Some(colon), Some(line)) => Some(colon.min(line)),
            (colon, line) => colon.or(line),
        };
        if let Some(end) = end.filter(|end| *end < PARAGRAPH) {
            let start = verb.at + end + 1;
            if body.len() - start > 2 {
                ranges.push(start..body.len());
            }
            return;
        }
    }
    // The material first, the instruction as the last paragraph.
    if let Some(last) = body.rfind('\n') {
        let tail = body.len() - last;
        if last >= 120 && tail < PARAGRAPH && verbs().any(|hit| hit.at > last) {
            ranges.push(0..last);
        }
    }
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
