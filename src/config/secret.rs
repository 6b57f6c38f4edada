//! A secret in memory: zeroed when dropped, never printed.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::key::Fingerprint;

/// An API key, a token, a password. It has no `Display` and no `Serialize`; its `Debug` says only that it is there.
///
/// Two secrets are compared by fingerprint, so that no comparison depends on how much of them is equal.
#[derive(Clone)]
pub(crate) struct Secret(SecretString);

/// A secret must be this long before its last four characters are shown.
const LONG_ENOUGH_FOR_A_TAIL: usize = 20;

impl Secret {
    /// Takes the text; the caller registers it with `redact` (as `config` does for all it loads).
    pub(crate) fn new(text: impl Into<String>) -> Secret {
        Secret(SecretString::from(text.into()))
    }

    /// The secret itself: for the header of the request it authorizes and nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The first 8 bytes of its SHA-256: its identity in the store, in logs and across reloads.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let digest = Sha256::digest(self.expose().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Fingerprint(first)
    }

    /// The last four characters, by which operators tell keys apart; none for a secret that four would betray.
    pub(crate) fn tail(&self) -> Option<&str> {
        let text = self.expose();
        if text.len() < LONG_ENOUGH_FOR_A_TAIL {
            return None;
        }
        let (start, _) = text.char_indices().rev().nth(3)?;
        text.get(start..)
    }

    /// How a secret is named to an operator: `…x9Kd`, or `[set]` when it is short.
    pub(crate) fn masked(&self) -> String {
        self.tail().map_or_else(|| "[set]".to_owned(), |tail| format!("…{tail}"))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.fingerprint() == other.fingerprint()
    }
}

impl Eq for Secret {}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does not compile when `Secret` has the trait, because then two implementations fit.
    macro_rules! assert_is_not {
        ($name:ident: $trait:path) => {{
            trait $name<A> {
                fn check() {}
            }
            impl<T: ?Sized> $name<()> for T {}
            struct HasIt;
            impl<T: ?Sized + $trait> $name<HasIt> for T {}
            <Secret as $name<_>>::check();
        }};
    }

    #[test]
    fn a_secret_cannot_be_printed_or_serialized() {
        assert_is_not!(Display: std::fmt::Display);
        assert_is_not!(Serialize: serde::Serialize);
        assert_is_not!(IntoText: Into<String>);
        assert_eq!(format!("{:?}", Secret::new("AIzaSyCANARY")), "Secret([redacted])");
    }

    #[test]
    fn a_fingerprint_is_the_beginning_of_the_sha_256() {
        // printf abc | sha256sum
        assert_eq!(Secret::new("abc").fingerprint().to_string(), "ba7816bf8f01cfea");
    }

    #[test]
    fn only_a_long_secret_shows_its_tail() {
        for (secret, shown) in [
            ("AIzaSy0123456789x9Kd", "…x9Kd"),
            ("0123456789012345678", "[set]"),
            ("", "[set]"),
            ("ééééééééééé", "…éééé"),
        ] {
            assert_eq!(Secret::new(secret).masked(), shown);
        }
    }
}
