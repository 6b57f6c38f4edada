//! How it all is, in one line: what a service manager shows of svs.

use std::fmt;

use super::hub::Gateway;
use crate::domain::pool::snapshot::{Counts, key_views};
use crate::domain::session::seats::{Seats, Tenure};
use crate::store::{CellKey, StoreError};

/// What a service manager shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Headline {
    /// Keys that can serve, at once or after a short wait.
    pub(crate) serving: u32,
    /// All keys.
    pub(crate) keys: u32,
    /// VIP seats taken.
    pub(crate) seats_taken: u32,
    /// VIP seats in all.
    pub(crate) seats: u32,
}

impl fmt::Display for Headline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} keys, VIP {}/{}", self.serving, self.keys, self.seats_taken, self.seats)
    }
}

impl Gateway {
    /// How it all is now.
    pub(crate) async fn headline(&self) -> Result<Headline, StoreError> {
        let shared = &self.shared;
        let now = shared.clock.now();
        let seats = shared.store.read(move |tx| {
            let seats: Seats = tx.read_cell(&CellKey::Seats)?;
            Ok(seats.list(now).filter(|seat| matches!(seat.tenure, Tenure::Sitting { .. })).count())
        });
        let seats_taken = u32::try_from(seats.await?).unwrap_or(u32::MAX);
        let keys = Counts::of(&key_views(&shared.pool(), &shared.calendar.moment(now)));
        Ok(Headline {
            serving: keys.ready + keys.cooling,
            keys: keys.total,
            seats_taken,
            seats: shared.config().rules.seats.seats,
        })
    }
}
