//! How a bot without an owner gets one: a link of this run, printed once, that makes whoever opens it the owner.
//!
//! ```text
//!   open ──the right token, committed──▶ closed
//!     └───ten wrong tokens─────────────▶ closed
//! ```

use std::sync::{Mutex, PoisonError};

/// What stands before the token behind `/start`.
const PREFIX: &str = "claim_";
/// Wrong tokens after which the link of this run is void. Guessing 128 bits is hopeless; this says that somebody tries.
const MOST_WRONG: u32 = 10;

/// Whether this run can still be claimed.
#[derive(Default)]
pub(super) struct Claim(Mutex<Option<Open>>);

struct Open {
    token: String,
    wrong: u32,
}

impl Claim {
    /// Lets the bot be claimed. None: the system has no randomness to give, so nobody can claim it.
    pub(super) fn open() -> Option<Claim> {
        let mut random = [0; 16];
        getrandom::getrandom(&mut random).ok()?;
        let token = format!("{:032x}", u128::from_be_bytes(random));
        Some(Claim(Mutex::new(Some(Open { token, wrong: 0 }))))
    }

    /// The link, while it is good.
    pub(super) fn link(&self, bot: &str) -> Option<String> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map(|open| format!("https://t.me/{bot}?start={PREFIX}{}", open.token))
    }

    /// Whether what stands behind a `/start` is the token. Too many wrong ones, and none is right any more.
    pub(super) fn fits(&self, argument: &str) -> bool {
        let Some(token) = argument.strip_prefix(PREFIX) else { return false };
        let mut claim = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = claim.as_mut() else { return false };
        if is_same(open.token.as_bytes(), token.as_bytes()) {
            return true;
        }
        open.wrong += 1;
        if open.wrong >= MOST_WRONG {
            *claim = None;
            tracing::warn!(
                "{MOST_WRONG} wrong claims of this bot: the link is void; a restart makes another"
            );
        }
        false
    }

    /// The bot has an owner.
    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Equality in a time that does not tell where two texts begin to differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(claim: &Claim) -> String {
        let link = claim.link("my_bot").expect("open");
        link.strip_prefix("https://t.me/my_bot?start=").expect("a deep link").to_owned()
    }

    #[test]
    fn only_the_token_of_this_run_fits_and_only_until_the_bot_is_claimed() {
        let claim = Claim::open().expect("randomness");
        let right = argument(&claim);
        // Telegram takes 64 signs of these kinds behind ?start=.
        assert!(right.len() <= 64 && right.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        assert_ne!(right, argument(&Claim::open().expect("randomness")));
        for wrong in ["", "claim_", "claim", &right[..right.len() - 1], &format!("{right}0"), &right[6..]] {
            assert!(!claim.fits(wrong), "{wrong}");
        }
        assert!(claim.fits(&right) && claim.fits(&right), "the commit decides who was first");
        claim.close();
        assert!(!claim.fits(&right) && claim.link("my_bot").is_none());
        assert!(!Claim::default().fits(&right));
    }

    #[test]
    fn ten_wrong_tokens_make_the_link_void_and_other_starts_none() {
        let claim = Claim::open().expect("randomness");
        let right = argument(&claim);
        for _ in 0..50 {
            assert!(!claim.fits("ref_42"));
        }
        for n in 0..9 {
            assert!(!claim.fits(&format!("claim_{n}")));
        }
        assert!(claim.fits(&right));
        assert!(!claim.fits("claim_9") && !claim.fits(&right));
    }
}
