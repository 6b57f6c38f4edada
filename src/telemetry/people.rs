//! As whom a person stands in the log: under a name that is the same in the whole installation and says nothing
//! outside of it, or under their id where `log.ids` wants that.

use std::fmt::Write as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::domain::chat::UserId;

/// Bytes of the hash that are shown: enough to tell people apart, too few to need more room.
const SHOWN: usize = 5;

struct Naming {
    salt: Vec<u8>,
    ids: bool,
}

static NAMING: OnceLock<Naming> = OnceLock::new();

/// From now on people are named by a hash with this salt, or by their `ids`. The first call stands.
pub(crate) fn name_people(salt: Vec<u8>, ids: bool) {
    let _ = NAMING.set(Naming { salt, ids });
}

/// The name of a person in the log.
pub(crate) fn person(user: UserId) -> String {
    // Without the salt of the installation no name is a good one.
    log_name(user).unwrap_or_else(|| "u-".to_owned())
}

/// The same; none where this process does not know the salt of its installation.
pub(crate) fn log_name(user: UserId) -> Option<String> {
    let Naming { salt, ids } = NAMING.get()?;
    Some(if *ids { user.to_string() } else { hashed(salt, user) })
}

/// The name by which a person stands in the log of an installation with this salt.
fn hashed(salt: &[u8], user: UserId) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(user.0.to_le_bytes()).finalize();
    let mut name = "u-".to_owned();
    for byte in &hash[..SHOWN] {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_one_installation_and_another_in_the_next() {
        let (here, there) = ([1; 16], [2; 16]);
        let name = hashed(&here, UserId(2002));
        assert_eq!(name, hashed(&here, UserId(2002)));
        assert_ne!(name, hashed(&here, UserId(2003)));
        assert_ne!(name, hashed(&there, UserId(2002)));
        assert!(name.starts_with("u-") && name.len() == 12 && !name.contains("2002"), "{name}");
    }
}
