//! Keys as the rules know them: a place in a group, a fingerprint, a project. Never a secret.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A group of keys and, through the home map, the roles it serves first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Group {
    /// Owner and vip.
    A,
    /// Premium.
    B,
    /// Normal.
    C,
    /// Guest.
    D,
}

impl Group {
    /// All groups, highest first.
    pub const ALL: [Group; 4] = [Group::A, Group::B, Group::C, Group::D];

    /// The letter in configuration, commands and output.
    pub const fn letter(self) -> char {
        match self {
            Group::A => 'A',
            Group::B => 'B',
            Group::C => 'C',
            Group::D => 'D',
        }
    }

    /// The place of this group in a table with one entry per group.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.letter().encode_utf8(&mut [0; 4]))
    }
}

/// The place of a key: `A1`… in a group (counted from 1), or one of the two router keys `RA`, `RB`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyId {
    /// The n-th key of a group, counted from 1.
    Member(Group, u16),
    /// Reserve of Router A.
    RouterA,
    /// Reserve of Router B.
    RouterB,
}

impl KeyId {
    /// The group, none for a router key.
    pub const fn group(self) -> Option<Group> {
        match self {
            KeyId::Member(group, _) => Some(group),
            KeyId::RouterA | KeyId::RouterB => None,
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyId::Member(group, n) => f.pad(&format!("{group}{n}")),
            KeyId::RouterA => f.pad("RA"),
            KeyId::RouterB => f.pad("RB"),
        }
    }
}

/// A word that names no place of a key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no such key (A1…, B1…, C1…, D1…, RA, RB)")]
pub struct UnknownKey;

impl FromStr for KeyId {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<KeyId, UnknownKey> {
        match name {
            "RA" => return Ok(KeyId::RouterA),
            "RB" => return Ok(KeyId::RouterB),
            _ => {}
        }
        let mut letters = name.chars();
        let letter = letters.next().ok_or(UnknownKey)?;
        let group = Group::ALL.into_iter().find(|group| group.letter() == letter).ok_or(UnknownKey)?;
        match letters.as_str().parse() {
            Ok(n) if n > 0 => Ok(KeyId::Member(group, n)),
            _ => Err(UnknownKey),
        }
    }
}

impl Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<KeyId, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// A key's identity across reloads and restarts: the first 8 bytes of the SHA-256 of its secret.
///
/// A new secret in an old place has another fingerprint, so it does not inherit the old one's ban.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 8]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Text that is no fingerprint (16 hexadecimal digits).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a fingerprint is 16 hexadecimal digits")]
pub struct BadFingerprint;

impl FromStr for Fingerprint {
    type Err = BadFingerprint;

    fn from_str(text: &str) -> Result<Fingerprint, BadFingerprint> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BadFingerprint);
        }
        u64::from_str_radix(text, 16).map(|n| Fingerprint(n.to_be_bytes())).map_err(|_| BadFingerprint)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A quota domain: Google counts limits per project, so keys of one project share one budget.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Project(pub Arc<str>);

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_reads_back_what_it_writes() {
        for name in ["A1", "B12", "C6", "D5", "RA", "RB"] {
            assert_eq!(name.parse::<KeyId>().map(|key| key.to_string()), Ok(name.to_owned()));
        }
        for name in ["", "A", "A0", "E1", "a1", "R", "RC", "A1x", "A-1", "A99999"] {
            assert_eq!(name.parse::<KeyId>(), Err(UnknownKey), "{name}");
        }
    }

    #[test]
    fn a_fingerprint_reads_back_what_it_writes() {
        let fingerprint = Fingerprint([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_eq!("+00102030405060f".parse::<Fingerprint>(), Err(BadFingerprint));
    }
}
