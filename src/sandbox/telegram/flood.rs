//! The budget of one chat that sends and edits share: a bucket that refills evenly.

/// Tokens left; starts full.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    used: f64,
    at: i64,
    shut_until: i64,
}

impl Bucket {
    /// Take one token of a bucket of `per_minute`; else the seconds to wait. Who asks again while shut waits longer
    /// in reality; here the same end is named.
    pub(super) fn take(&mut self, per_minute: u32, now: i64) -> Result<(), u64> {
        let size = f64::from(per_minute);
        self.used = (self.used - (now - self.at) as f64 * size / 60_000.0).max(0.0);
        self.at = now;
        if now >= self.shut_until && self.used + 1.0 <= size {
            self.used += 1.0;
            return Ok(());
        }
        if now >= self.shut_until {
            self.shut_until = now + ((self.used + 1.0 - size) * 60_000.0 / size).ceil() as i64;
        }
        Err(((self.shut_until - now) as u64).div_ceil(1000).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    #[test]
    fn twenty_go_at_once_and_the_next_waits_its_share() {
        let mut bucket = Bucket::default();
        assert!((0..20).all(|_| bucket.take(20, 1_000).is_ok()));
        assert_eq!(bucket.take(20, 1_000), Err(3));
        assert_eq!(bucket.take(20, 3_999), Err(1), "not before its time");
        assert_eq!(bucket.take(20, 4_000), Ok(()));
        assert!(bucket.take(20, 4_000).is_err());
    }
}
