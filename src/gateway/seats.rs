//! The VIP room as vips use it: entering, waiting, leaving, renewing; and what time does in it.
//!
//! Time is kept by sleeping until the room next changes by itself. The sleep and the times in the room go by the same
//! monotonic clock, so neither a wall clock that jumps nor a machine that was asleep brings them apart.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::hub::{Gateway, Shared};
use super::standing::role_in;
use super::vip::tell;
use crate::domain::chat::{ChatId, ConversationId, Notice, UserId};
use crate::domain::policy::roles;
use crate::domain::role::Role;
use crate::domain::session::seats::{Entry, Line, SeatEvent, Seats, Standing};
use crate::domain::time::Timestamp;
use crate::store::{CellKey, StoreError, Tx};

/// The pause after the store has failed.
const AFTER_ERROR: Duration = Duration::from_secs(5);

impl Gateway {
    /// How somebody stands to the VIP room.
    pub(crate) async fn vip_standing(&self, user: UserId) -> Result<Standing, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .store
            .read(move |tx| {
                let seats: Seats = tx.read_cell(&CellKey::Seats)?;
                Ok(seats.standing(user, &shared.config().rules.seats, tx.now()))
            })
            .await
    }

    /// Takes a seat, as a message does. None: they are no vip.
    pub(crate) async fn enter_vip(&self, user: UserId) -> Result<Option<Entry>, StoreError> {
        self.in_room(user, move |seats, rules, now| seats.enter(user, rules, now)).await
    }

    /// Waits for a seat; a free one is held at once. None: they are no vip.
    pub(crate) async fn join_line(&self, user: UserId) -> Result<Option<Line>, StoreError> {
        self.in_room(user, move |seats, rules, now| seats.join_line(user, rules, now)).await
    }

    /// Gives up seat, hold or place in the line, whichever it is; says how they stood before.
    pub(crate) async fn leave_line(&self, user: UserId) -> Result<Standing, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .store
            .commit(move |tx| {
                let config = shared.config();
                let rules = &config.rules.seats;
                let (before, seats) = tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| {
                    let before = seats.standing(user, rules, now);
                    seats.leave(user, rules, now);
                    before
                })?;
                shared.seats_changed(&seats);
                Ok(before)
            })
            .await
    }

    /// Moves the end of a session to a full maximum duration from now. None: they have no session; none within: it has
    /// no end that could be moved.
    pub(crate) async fn renew(&self, user: UserId) -> Result<Option<Option<Timestamp>>, StoreError> {
        let renewed = self.in_room(user, move |seats, rules, now| seats.extend(user, None, rules, now));
        Ok(renewed.await?.flatten())
    }

    async fn in_room<R: Send + 'static>(
        &self,
        user: UserId,
        act: impl Fn(&mut Seats, &crate::domain::rules::SeatRules, Timestamp) -> R + Send + 'static,
    ) -> Result<Option<R>, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.shared
            .store
            .commit(move |tx| {
                if !shared.is_vip(tx, user)? {
                    return Ok(None);
                }
                let config = shared.config();
                let rules = &config.rules.seats;
                let (done, seats) =
                    tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| act(seats, rules, now))?;
                shared.seats_changed(&seats);
                Ok(Some(done))
            })
            .await
    }
}

/// Ends what time has ended in the VIP room, and tells the people, for as long as the gateway lives.
pub(super) async fn keep_seats(shared: Weak<Shared>) {
    let Some(mut due) = shared.upgrade().map(|shared| shared.running().due.subscribe()) else { return };
    loop {
        let Some(now) = shared.upgrade().map(|shared| shared.clock.now()) else { return };
        let next = *due.borrow_and_update();
        let wait = next.map_or(Duration::MAX, |at| at.since(now));
        tokio::select! {
            () = tokio::time::sleep(wait), if next.is_some() => {
                let Some(shared) = shared.upgrade() else { return };
                if let Err(error) = shared.expire_seats().await {
                    tracing::error!(%error, "the VIP room cannot be kept");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
            changed = due.changed() => if changed.is_err() { return },
        }
    }
}

impl Shared {
    /// Whether somebody is a vip now, served and not shut out.
    fn is_vip(&self, tx: &Tx<'_>, user: UserId) -> Result<bool, StoreError> {
        let private = ConversationId { chat: ChatId(user.0), topic: None, user };
        Ok(matches!(role_in(&self.config(), tx, private)?, Ok(Role::Vip)))
    }

    /// Settles what time has ended, and tells each person what became of them, once.
    pub(super) async fn expire_seats(self: &Arc<Shared>) -> Result<(), StoreError> {
        let shared = Arc::clone(self);
        self.store
            .commit(move |tx| {
                let config = shared.config();
                let rules = &config.rules.seats;
                loop {
                    let (events, seats) =
                        tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.expire(rules, now))?;
                    shared.seats_changed(&seats);
                    if events.is_empty() {
                        return Ok(());
                    }
                    // Somebody who is no vip any more gives way; the seat goes to the next within this commit.
                    for event in events {
                        shared.tell_event(tx, &seats, &event)?;
                    }
                }
            })
            .await
    }

    fn tell_event(&self, tx: &mut Tx<'_>, seats: &Seats, event: &SeatEvent) -> Result<(), StoreError> {
        let config = self.config();
        let rules = &config.rules.seats;
        let (user, notice) = match *event {
            SeatEvent::Ended { user, .. } => {
                (user, Notice::VipExpired { role: roles::effective(Role::Vip, false) })
            }
            SeatEvent::Ending { user, until, is_renewable, .. } => {
                (user, Notice::VipEnding { until, is_renewable })
            }
            SeatEvent::Held { user, until, .. } => {
                (user, Notice::VipSeatHeld { hold: until.since(tx.now()) })
            }
            SeatEvent::HoldLapsed { user, .. } => match seats.standing(user, rules, tx.now()) {
                Standing::Waiting { position, next_free } => {
                    (user, Notice::VipInLine { position, next_free })
                }
                Standing::Seated { .. } | Standing::Held { .. } => return Ok(()),
                Standing::CoolingOff { .. } | Standing::Free { .. } | Standing::Full { .. } => {
                    (user, Notice::VipHoldLapsed)
                }
            },
            SeatEvent::Freed { user } => (user, Notice::VipSeatFree),
        };
        if self.is_vip(tx, user)? {
            return tell(tx, user, notice);
        }
        // Who is no vip any more was told so by whatever ended that.
        let (_, seats) =
            tx.update_cell::<Seats, _>(&CellKey::Seats, |seats, now| seats.leave(user, rules, now))?;
        self.seats_changed(&seats);
        Ok(())
    }
}
