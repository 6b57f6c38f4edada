//! What kind of request a message is. Each kind sums its own evidence; the strongest wins, and says how much of
//! the reasoning seen in the words really falls to the one who answers (translating a proof proves nothing).

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::lexicon::Concept;

/// The kind of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Greetings, thanks, feelings, opinions, jokes.
    SmallTalk,
    /// A question with a short answer.
    Question,
    /// Goes on from the last answer.
    FollowUp,
    Explanation,
    Translation,
    Summarizing,
    Extraction,
    Rewriting,
    Writing,
    RolePlay,
    Planning,
    Listing,
    Code,
    Mathematics,
    Science,
    Logic,
    Analysis,
    /// A question with options to choose from.
    MultipleChoice,
}

impl Kind {
    /// The word in output and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::SmallTalk => "small_talk",
            Kind::Question => "question",
            Kind::FollowUp => "follow_up",
            Kind::Explanation => "explanation",
            Kind::Translation => "translation",
            Kind::Summarizing => "summarizing",
            Kind::Extraction => "extraction",
            Kind::Rewriting => "rewriting",
            Kind::Writing => "writing",
            Kind::RolePlay => "role_play",
            Kind::Planning => "planning",
            Kind::Listing => "listing",
            Kind::Code => "code",
            Kind::Mathematics => "mathematics",
            Kind::Science => "science",
            Kind::Logic => "logic",
            Kind::Analysis => "analysis",
            Kind::MultipleChoice => "multiple_choice",
        }
    }

    /// The share of the reasoning points that counts.
    pub(super) const fn reasoning_share(self) -> f32 {
        match self {
            Kind::Translation | Kind::Rewriting | Kind::Summarizing => 0.2,
            Kind::Extraction | Kind::Writing | Kind::RolePlay | Kind::Listing => 0.45,
            Kind::SmallTalk | Kind::Question | Kind::FollowUp => 0.7,
            Kind::Planning | Kind::Explanation => 0.8,
            Kind::Code
            | Kind::Mathematics
            | Kind::Science
            | Kind::Logic
            | Kind::Analysis
            | Kind::MultipleChoice => 1.0,
        }
    }

    /// Words of mathematics and logic count in full only where the message is about them.
    pub(super) const fn is_formal(self) -> bool {
        matches!(self, Kind::Mathematics | Kind::Science | Kind::Logic | Kind::MultipleChoice)
    }
}

/// The strongest kind; ties go to the earlier row.
#[rustfmt::skip]
pub(super) fn kind(e: &Evidence) -> Kind {
    use Concept as C;
    let n = |concept: C, cap: u32| e.asked(concept).min(cap) as f32;
    let is = |condition: bool, points: f32| if condition { points } else { 0.0 };
    let lead = |concept: C| is(e.leads(concept), 1.0);
    let code = is(e.shape.fences > 0, 2.0) + is(e.has_code(), 2.0) + is(e.shape.signature, 2.5);
    let formula = (e.shape.formula + e.shape.equations).min(6) as f32;
    let puzzle = n(C::Logic, 4);
    let rows = [
        (Kind::Translation, n(C::Translate, 1) * 3.2 + lead(C::Translate) * 1.5),
        (Kind::Summarizing, n(C::Summarize, 2) * 2.3 + lead(C::Summarize)),
        (Kind::Rewriting, n(C::Rewrite, 2) * 2.0 + lead(C::Rewrite) + is(e.payload > 0 && e.asks(C::Rewrite), 0.6)),
        (Kind::Extraction, n(C::Extract, 2) * 1.6 + lead(C::Extract) + is(e.payload > 0 && e.asks(C::Extract), 0.8)),
        (Kind::Code, code + n(C::Code, 3) * 1.4 + is(e.asks(C::Code) && e.asks(C::HowTo), 0.8)
            + is(e.asked(C::Code) >= 2 && e.asks(C::Create), 2.0) + n(C::HardCode, 3) * 1.0
            + is(e.asks(C::Debug) && (e.asks(C::Code) || code > 0.0), 1.5) + is(e.error_names > 0, 1.5)
            + is(e.shape.trace_lines > 0, 2.0)),
        (Kind::Mathematics, formula.min(3.0) * 0.8 + is(formula > 3.0, 1.0) + n(C::Mathematics, 4) * 1.0
            + n(C::Prove, 1) * 1.2 + n(C::Compute, 1) * 0.8 + is(e.is_word_problem(), 2.0) + n(C::EasyMath, 2) * 0.5),
        (Kind::Science, n(C::Science, 4) * 1.3 + is(e.asks(C::Science), n(C::Compute, 1) * 0.8 + formula.min(2.0) * 0.4)),
        (Kind::Logic, puzzle * 0.9 + is(puzzle >= 2.0, 1.0) + is(puzzle >= 2.0, n(C::Constraint, 2) * 0.4)),
        (Kind::RolePlay, n(C::Act, 2) * 1.5 + lead(C::Act) * 1.5),
        (Kind::Writing, n(C::Create, 2) * 1.1 + n(C::Prose, 2) * 1.3 + lead(C::Create) + n(C::Form, 3) * 0.5),
        (Kind::Planning, n(C::Plan, 2) * 1.5 + lead(C::Plan)),
        (Kind::Listing, n(C::Listing, 2) * 1.1 + lead(C::Listing)),
        (Kind::Analysis, n(C::Analyze, 3) * 1.2 + n(C::Compare, 2) * 1.3 + n(C::Rigor, 2) * 0.6 + lead(C::Analyze)),
        (Kind::Explanation, n(C::Explain, 2) * 1.1 + lead(C::Explain) * 0.8),
        (Kind::MultipleChoice, is(e.shape.options >= 3, 3.0)),
        (Kind::SmallTalk, n(C::Greeting, 2) * 0.9 + n(C::Feeling, 2) * 1.6 + is(e.words <= 4, 0.4)
            + is(e.shape.questions == 0 && e.words <= 12, 0.5)),
        (Kind::Question, 0.6 + is(e.shape.ends_asking, 0.6) + n(C::Question, 1) * 0.4
            + is(e.shape.ends_asking && e.leads(C::Who), 0.9)),
    ];
    let mut best = rows[0];
    for row in rows {
        if row.1 > best.1 {
            best = row;
        }
    }
    best.0
}
