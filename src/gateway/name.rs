//! The ref of a request: drawn in the transaction that stores what shows it to somebody.

use crate::domain::chat::{Notice, RequestRef, UserId};
use crate::domain::reference::{RequestId, RequestName, draw_ref};
use crate::domain::role::Role;
use crate::store::{RequestEnd, RequestRecord, StoreError, Tx};

/// The ref under which a kept request is shown: the one it has, else a new one that no kept request has.
pub(super) fn name_request(tx: &mut Tx<'_>, id: RequestId) -> Result<RequestRef, StoreError> {
    if let Some(RequestRecord { reference: Some(reference), .. }) = tx.request(&RequestName::Id(id))? {
        return Ok(reference);
    }
    let reference = draw_ref(&mut fastrand::Rng::new(), |reference| tx.is_ref_taken(reference))?;
    tx.name_request(id, &reference)?;
    Ok(reference)
}

/// Writes down that svs itself failed with an update, and gives the notice that says so. An update that had asked
/// nothing yet gets a request of its own, so that its ref leads somewhere.
pub(crate) fn internal_error(
    tx: &mut Tx<'_>,
    update_id: i64,
    user: UserId,
    role: Role,
) -> Result<Notice, StoreError> {
    let (id, now) = (RequestId(update_id), tx.now());
    let end = RequestEnd {
        at: now,
        outcome: "internal".to_owned(),
        key: None,
        model: None,
        attempts: 0,
        tokens: 0,
    };
    match tx.request(&RequestName::Id(id))? {
        Some(_) => {
            tx.end_request(id, &end)?;
        }
        None => tx.put_request(&RequestRecord {
            id,
            reference: None,
            user: Some(user),
            role,
            seatless_vip: false,
            task: None,
            reasons: Vec::new(),
            choice: None,
            seed: 0,
            plan: String::new(),
            asked_at: now,
            end: Some(end),
        })?,
    }
    Ok(Notice::Internal { reference: name_request(tx, id)? })
}
