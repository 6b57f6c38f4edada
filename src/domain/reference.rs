//! Names of requests: how a short one is drawn, and how what somebody typed is read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::chat::RequestRef;

/// The identity of a request: the update that asked. Questions from a shell count down from -1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub i64);

impl RequestId {
    /// Whether a shell asked, and no update.
    pub const fn is_of_shell(self) -> bool {
        self.0 < 0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Letters and digits that are not taken for one another; the letters stand first.
const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LETTERS: usize = 24;
const SHORTEST: usize = 4;
/// So many refs of one length that are taken, and the next is longer.
const TRIES: u32 = 3;

/// A ref that is not taken. `rng` decides which; one of four signs if any of the first few is free.
pub fn draw_ref<E>(
    rng: &mut fastrand::Rng,
    mut is_taken: impl FnMut(&RequestRef) -> Result<bool, E>,
) -> Result<RequestRef, E> {
    let mut tries = 0_u32;
    loop {
        let drawn = random_ref(rng, SHORTEST + (tries / TRIES) as usize);
        if !is_taken(&drawn)? {
            return Ok(drawn);
        }
        tries = tries.saturating_add(1);
    }
}

/// A letter first: so no ref is taken for an id.
fn random_ref(rng: &mut fastrand::Rng, length: usize) -> RequestRef {
    let signs = (0..length).map(|place| {
        let choice = if place == 0 { LETTERS } else { SIGNS.len() };
        char::from(SIGNS[rng.usize(0..choice)])
    });
    RequestRef(signs.collect())
}

/// What names a request: the ref that was shown, or its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequestName {
    /// As in `K7QF`.
    Ref(RequestRef),
    /// As in `812345678`.
    Id(RequestId),
}

impl fmt::Display for RequestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestName::Ref(reference) => reference.fmt(f),
            RequestName::Id(id) => id.fmt(f),
        }
    }
}

/// A text that names no request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a ref such as #K7QF or the id of a request is needed")]
pub struct NoRequestName;

impl FromStr for RequestName {
    type Err = NoRequestName;

    /// Reads `#K7QF`, `k7qf` or an id.
    fn from_str(text: &str) -> Result<RequestName, NoRequestName> {
        if let Ok(id) = text.parse() {
            return Ok(RequestName::Id(RequestId(id)));
        }
        let name = text.strip_prefix('#').unwrap_or(text).to_ascii_uppercase();
        let is_ref = (SHORTEST..=16).contains(&name.len())
            && name.bytes().all(|sign| SIGNS.contains(&sign))
            && name.starts_with(|first: char| first.is_ascii_uppercase());
        if is_ref { Ok(RequestName::Ref(RequestRef(name))) } else { Err(NoRequestName) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_two_live_refs_are_equal_and_each_reads_back(seed: u64, others in 0_usize..2000) {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut live = HashSet::new();
            // As many as this of the shortest are taken by chance alone: the first `others` draws of another seed.
            let mut other = fastrand::Rng::with_seed(!seed);
            let taken: HashSet<RequestRef> = (0..others).map(|_| random_ref(&mut other, SHORTEST)).collect();
            for _ in 0..200 {
                let drawn = draw_ref(&mut rng, |name| {
                    Ok::<_, Infallible>(taken.contains(name) || live.contains(name))
                });
                let Ok(drawn) = drawn;
                prop_assert!(!taken.contains(&drawn));
                for typed in [drawn.0.clone(), format!("#{drawn}"), drawn.0.to_lowercase()] {
                    prop_assert_eq!(typed.parse(), Ok(RequestName::Ref(drawn.clone())));
                }
                prop_assert!(live.insert(drawn), "drawn twice");
            }
        }
    }

    #[test]
    fn where_all_short_refs_are_taken_the_next_is_longer() {
        let mut rng = fastrand::Rng::with_seed(1);
        let drawn = draw_ref(&mut rng, |name| Ok::<_, Infallible>(name.0.len() < 6));
        assert_eq!(drawn.map(|name| name.0.len()), Ok(6));
    }

    #[test]
    fn ids_and_refs_are_told_apart() {
        for (text, id) in [("812345678", 812_345_678), ("-3", -3)] {
            assert_eq!(text.parse(), Ok(RequestName::Id(RequestId(id))));
        }
        for wrong in ["", "#", "K7Q", "K7Q0", "K7QI", "7QFK", "##K7QF", "K7QF K7QF", "＃K7QF", "12.5"] {
            assert_eq!(wrong.parse::<RequestName>(), Err(NoRequestName), "{wrong}");
        }
    }
}
