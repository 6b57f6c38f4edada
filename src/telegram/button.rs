//! What a button hands back when it is pressed: at most 64 bytes that anybody can forge. So it carries no order, only
//! a name: `b:<row>:<place>` for the button at a place of a row of the outbox, `c:<row>:<place>` for one that takes its
//! turn in its conversation, `stop:<update>` for the answer that is being written.

use crate::domain::chat::Button;

/// What was pressed, if the data can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pressed {
    /// Stop, on the answer to this update.
    Stop(i64),
    /// A button of a row.
    OfRow {
        /// The row.
        row: i64,
        /// Its place among the row's buttons, from 0.
        place: usize,
        /// Whether it says that it takes its turn; true only if the button itself says so too.
        in_order: bool,
    },
}

impl Pressed {
    /// Reads the data of a press.
    pub(super) fn read(data: &str) -> Option<Pressed> {
        let (kind, rest) = data.split_once(':')?;
        if kind == "stop" {
            return rest.parse().ok().map(Pressed::Stop);
        }
        let in_order = match kind {
            "b" => false,
            "c" => true,
            _ => return None,
        };
        let (row, place) = rest.split_once(':')?;
        Some(Pressed::OfRow { row: row.parse().ok()?, place: place.parse().ok()?, in_order })
    }
}

/// The data of the button at `place` of a row.
pub(super) fn data_of(row: i64, place: usize, button: Button) -> String {
    format!("{}:{row}:{place}", if button.is_in_order() { 'c' } else { 'b' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_hands_back_is_read_and_nothing_else_is() {
        let undo = Button::Undo { through: 5, before: 0 };
        let cases = [
            ("stop:12", Some(Pressed::Stop(12))),
            (&data_of(77, 1, undo), Some(Pressed::OfRow { row: 77, place: 1, in_order: false })),
            ("c:77:0", Some(Pressed::OfRow { row: 77, place: 0, in_order: true })),
            ("b:77", None),
            ("b:77:-1", None),
            ("b:x:0", None),
            ("b:99999999999999999999:0", None),
            ("drop table", None),
            ("", None),
        ];
        for (data, read) in cases {
            assert_eq!(Pressed::read(data), read, "{data:?}");
        }
    }

    #[test]
    fn the_data_of_a_button_fits() {
        let longest = data_of(i64::MIN, usize::MAX, Button::Undo { through: i64::MAX, before: i64::MAX });
        assert!(longest.len() <= 64, "{longest}");
    }
}
