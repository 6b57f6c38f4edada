//! What somebody meant who mistyped a name.

/// The known name that is most like a wrong one: at most a third of its letters apart, at least one. Capitals do not
/// matter. Of equally near ones the first.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let limit = (wrong.chars().count() / 3).max(1);
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
    let near =
        known.into_iter().map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= limit);
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// `; did you mean NAME?`, or nothing: the end of a refusal. Where it is shown, it becomes a hint.
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, known).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_guessed_and_another_word_is_not() {
        let roles = ["owner", "vip", "premium", "normal", "guest"];
        for (wrong, meant) in [("vpi", "vip"), ("premum", "premium"), ("GUEST", "guest"), ("ower", "owner")] {
            assert_eq!(nearest(wrong, roles), Some(meant), "{wrong}");
        }
        for other in ["", "root", "admin", "x"] {
            assert_eq!(nearest(other, roles), None, "{other}");
        }
        assert_eq!(nearest("A33", ["A1", "A2", "A3", "B3"]), Some("A3"));
        assert_eq!(nearest("flash-light", ["flash-lite", "flash", "pro"]), Some("flash-lite"));
        assert_eq!(did_you_mean("vpi", roles), "; did you mean vip?");
        assert_eq!(did_you_mean("root", roles), "");
    }
}
