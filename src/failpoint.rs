//! Named points at which a test kills the process: `SVS_CRASH_AT=<point>` or `<point>:<n>` for the n-th pass.
//!
//! Only with the feature `failpoints`; in every other build [`crash_point!`] is nothing at all.

/// Aborts the process here, if this is the pass of the point that `SVS_CRASH_AT` names.
macro_rules! crash_point {
    ($point:literal) => {{
        #[cfg(feature = "failpoints")]
        {
            const _: () = assert!($crate::failpoint::is_point($point), "not in failpoint::POINTS");
            $crate::failpoint::pass($point);
        }
    }};
}
pub(crate) use crash_point;

#[cfg(feature = "failpoints")]
pub(crate) use armed::{is_point, pass};

#[cfg(feature = "failpoints")]
mod armed {
    /// The points of the crash matrix, in the order in which one message passes them.
    pub(crate) const POINTS: [&str; 15] = [
        "fetched",
        "before_inbox_commit",
        "after_inbox_commit",
        "before_offset",
        "after_offset",
        "after_debit",
        "after_send",
        "mid_stream",
        "before_answer_commit",
        "after_answer_commit",
        "after_placeholder",
        "before_edit",
        "after_edit",
        "after_file",
        "after_done",
    ];

    /// Whether `name` is one of [`POINTS`].
    pub(crate) const fn is_point(name: &str) -> bool {
        let mut at = 0;
        while at < POINTS.len() {
            if same(POINTS[at].as_bytes(), name.as_bytes()) {
                return true;
            }
            at += 1;
        }
        false
    }

    const fn same(left: &[u8], right: &[u8]) -> bool {
        if left.len() != right.len() {
            return false;
        }
        let mut at = 0;
        while at < left.len() {
            if left[at] != right[at] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Which pass of which point ends the process.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(crate) struct CrashAt {
        pub(super) point: String,
        pub(super) pass: u32,
    }

    impl CrashAt {
        /// Reads `<point>` or `<point>:<n>`, n from 1; none for anything else.
        pub(crate) fn parse(text: &str) -> Option<CrashAt> {
            let (point, pass) = match text.split_once(':') {
                Some((point, pass)) => (point, pass.parse().ok().filter(|pass| *pass > 0)?),
                None => (text, 1),
            };
            is_point(point).then(|| CrashAt { point: point.to_owned(), pass })
        }
    }

    /// Called by [`crash_point!`].
    pub(crate) fn pass(point: &str) {
        use std::sync::OnceLock;
        use std::sync::atomic::{AtomicU32, Ordering};

        static AT: OnceLock<Option<CrashAt>> = OnceLock::new();
        static PASSES: AtomicU32 = AtomicU32::new(0);

        let at = AT.get_or_init(|| std::env::var("SVS_CRASH_AT").ok().and_then(|text| CrashAt::parse(&text)));
        let Some(at) = at.as_ref().filter(|at| at.point == point) else { return };
        if PASSES.fetch_add(1, Ordering::Relaxed) + 1 == at.pass {
            std::process::abort();
        }
    }
}

#[cfg(all(test, feature = "failpoints"))]
mod tests {
    use super::armed::CrashAt;

    #[test]
    fn a_crash_names_a_known_point_and_a_pass() {
        let at = |point: &str, pass| Some(CrashAt { point: point.to_owned(), pass });
        for (text, read) in [
            ("fetched", at("fetched", 1)),
            ("mid_stream:3", at("mid_stream", 3)),
            ("mid_stream:0", None),
            ("mid_stream:x", None),
            ("midstream", None),
            ("", None),
        ] {
            assert_eq!(CrashAt::parse(text), read, "{text}");
        }
    }

    #[test]
    fn passing_a_point_without_a_wish_to_crash_does_nothing() {
        crash_point!("fetched");
        crash_point!("after_done");
    }
}
