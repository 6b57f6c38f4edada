//! The second net under secrets: what must never appear in text that leaves the process.
pub(crate) fn register(_: &str) {}
pub(crate) fn scrub(s: &str) -> std::borrow::Cow<'_, str> {
    s.into()
}
