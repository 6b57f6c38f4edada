//! From evidence to reasons: which features a message has, and how often.

use super::evidence::Evidence;
use super::kind::Kind;
use super::lexicon::Concept;
use super::reason::{Feature, Reason};

/// Words per unit of [`Feature::Length`].
const LENGTH_UNIT: u32 = 20;

/// Verbs that say in the first words what is to be produced.
const LEADERS: &[Concept] = &[
    Concept::Translate,
    Concept::Summarize,
    Concept::Extract,
    Concept::Rewrite,
    Concept::Create,
    Concept::Explain,
    Concept::Prove,
    Concept::Compute,
    Concept::Compare,
    Concept::Analyze,
    Concept::Design,
    Concept::Plan,
    Concept::Act,
    Concept::Listing,
];

/// Adds up features into reasons, at the weights of the table and the share of the kind.
struct Ballot {
    reasons: Vec<Reason>,
    share: f32,
}

impl Ballot {
    fn cast(&mut self, feature: Feature, count: u32) {
        self.cast_scaled(feature, count, 1.0);
    }

    fn cast_if(&mut self, feature: Feature, condition: bool) {
        self.cast(feature, u32::from(condition));
    }

    /// `scale` weakens the reasoning points of words that are beside the point in this kind.
    fn cast_scaled(&mut self, feature: Feature, count: u32, scale: f32) {
        if count == 0 {
            return;
        }
        let weight = feature.weight();
        // Sizes are shown as they are; a feature with cap 1 counts once, however large.
        let times = count.min(weight.cap) as f32;
        let share = if weight.reasoning > 0.0 { self.share * scale } else { 1.0 };
        self.reasons.push(Reason {
            feature,
            count,
            work: weight.work * times,
            reasoning: weight.reasoning * times * share,
        });
    }
}

/// The reasons for and against work and reasoning in a message of this kind.
pub(super) fn reasons(e: &Evidence, kind: Kind) -> Vec<Reason> {
    use Concept as C;
    use Feature as F;
    let mut ballot = Ballot { reasons: Vec::with_capacity(12), share: kind.reasoning_share() };
    let b = &mut ballot;

    let asks = [
        (F::AsksTranslation, C::Translate),
        (F::AsksSummary, C::Summarize),
        (F::AsksExtraction, C::Extract),
        (F::AsksRewriting, C::Rewrite),
        (F::AsksExplanation, C::Explain),
        (F::AsksComparison, C::Compare),
        (F::AsksAdvice, C::Decide),
        (F::AsksDesign, C::Design),
        (F::AsksOptimum, C::Optimize),
        (F::AsksPlan, C::Plan),
        (F::AsksList, C::Listing),
        (F::AsksRole, C::Act),
    ];
    for (feature, concept) in asks {
        b.cast_if(feature, e.asks(concept));
    }
    // "Help me solve a crossword" computes nothing.
    let calculable = e.numbers > 0 || e.shape.formula > 0 || e.asks(C::Mathematics) || e.asks(C::EasyMath);
    // "Who wrote it?" writes nothing.
    let orders = kind != Kind::Question;
    b.cast_if(
        F::Leads,
        LEADERS.iter().any(|verb| {
            e.leads(*verb) && (orders || *verb != C::Create) && (calculable || *verb != C::Compute)
        }),
    );
    b.cast_if(F::AsksCreation, orders && e.asks(C::Create));
    b.cast(F::AsksAnalysis, e.asked(C::Analyze));
    // In a conversation "prove it" is a figure of speech; with mathematics beside it, it is a proof.
    let formal = kind.is_formal() || e.shape.formula > 0 || e.asks(C::Mathematics);
    b.cast_if(F::AsksProof, e.asks(C::Prove) && formal);
    b.cast_if(
        F::AsksComputation,
        (e.asks(C::Compute) && calculable)
            || (e.asks(C::HowMany) && e.numbers >= 2)
            || (e.asks(C::Find) && e.shape.formula > 0),
    );
    let code_near = kind == Kind::Code || e.has_code() || e.asks(C::Code);
    b.cast_if(F::AsksDebugging, e.asks(C::Debug) && code_near);

    b.cast_if(F::AsksHow, e.asks(C::HowTo) && kind == Kind::Code);
    b.cast_if(F::NamesText, e.asks(C::Prose));
    b.cast(F::NamesCode, e.asked(C::Code));
    let in_code = if kind == Kind::Code { 1.0 } else { 0.4 };
    b.cast_scaled(F::NamesHardCode, e.asked(C::HardCode) + e.shown(C::HardCode) / 2, in_code);
    let in_math = match kind {
        Kind::Code => 0.3,
        kind if kind.is_formal() => 1.0,
        _ => 0.4,
    };
    b.cast_scaled(F::NamesMathematics, e.asked(C::Mathematics) + e.shown(C::Mathematics) / 2, in_math);
    b.cast_scaled(F::NamesScience, e.asked(C::Science), in_math);
    let in_logic = if matches!(kind, Kind::Logic | Kind::MultipleChoice) { 1.0 } else { 0.4 };
    let clues = e.asked(C::Logic);
    b.cast(F::NamesQuantities, e.asked(C::EasyMath));
    b.cast_scaled(F::NamesLogic, if clues >= 2 { clues } else { 0 }, in_logic);

    b.cast_if(F::CodeFence, e.shape.fences > 0);
    b.cast(F::CodeLines, if e.has_code() { e.shape.code_lines as u32 } else { 0 });
    b.cast(F::LongCode, if e.shape.code_lines >= 40 { e.shape.code_lines as u32 } else { 0 });
    b.cast(F::StackTrace, (e.shape.trace_lines + usize::from(e.error_names > 0)) as u32);
    let formula = if e.has_code() { 0 } else { e.shape.formula + e.shape.equations };
    b.cast_scaled(F::Formula, formula as u32, if formal { 1.0 } else { 0.5 });
    b.cast_if(F::Latex, e.shape.latex >= 2 && !e.has_code());
    b.cast_scaled(
        F::DenseFormula,
        if formula >= 5 { formula as u32 } else { 0 },
        if formal { 1.0 } else { 0.5 },
    );
    b.cast_if(F::WordProblem, e.is_word_problem());
    b.cast(F::ManyNumbers, if e.numbers >= 6 && !e.has_code() { e.numbers as u32 } else { 0 });
    b.cast(F::Options, if e.shape.options >= 3 { e.shape.options as u32 } else { 0 });
    b.cast(F::Items, if e.shape.items >= 3 { e.shape.items as u32 / 3 } else { 0 });
    b.cast(F::InputBounds, if kind == Kind::Code { e.shape.input_bounds as u32 } else { 0 });
    let constraints = e.asked(C::Constraint);
    b.cast(F::Constraints, if constraints >= 2 { constraints - 1 } else { 0 });
    b.cast(F::FormRules, e.asked(C::Form));
    b.cast(F::Questions, e.shape.questions.saturating_sub(1) as u32);
    let statements = if kind == Kind::Logic { e.shape.sentences.saturating_sub(3) } else { 0 };
    b.cast(F::Statements, statements as u32);
    b.cast_if(F::Payload, e.payload >= 60);

    let proofs = if formal { e.asked(C::Prove).saturating_sub(1) } else { 0 };
    b.cast(F::Rigor, e.asked(C::Rigor) + proofs);
    b.cast(F::Depth, e.asked(C::Depth));
    b.cast(F::Length, e.words as u32 / LENGTH_UNIT);
    b.cast(F::LongInput, if e.chars >= 1_500 { e.chars as u32 } else { 0 });
    b.cast(F::VeryLongInput, if e.chars >= 6_000 { e.chars as u32 } else { 0 });
    let easy = matches!(kind, Kind::SmallTalk | Kind::Question | Kind::Science);
    b.cast(F::Short, if e.words <= 8 && easy { e.chars as u32 } else { 0 });
    b.cast_if(F::Greeting, e.asks(C::Greeting) && e.words <= 12);
    b.cast_if(
        F::Feeling,
        e.asks(C::Feeling) && e.words <= 40 && matches!(kind, Kind::SmallTalk | Kind::Question),
    );
    ballot.reasons
}

/// A file is to be looked at or listened to, whatever the words are.
pub(super) fn add_files(reasons: &mut Vec<Reason>, files: u32) {
    let mut ballot = Ballot { reasons: Vec::new(), share: 1.0 };
    ballot.cast(Feature::Files, files);
    reasons.append(&mut ballot.reasons);
}

/// A quoted text is material: it makes "translate this" work, and a long one longer work.
pub(super) fn add_quoted(reasons: &mut Vec<Reason>, quoted: &str, kind: Kind) {
    let chars = quoted.chars().count() as u32;
    let mut ballot = Ballot { reasons: Vec::new(), share: kind.reasoning_share() };
    let worked = !matches!(kind, Kind::SmallTalk | Kind::Question | Kind::FollowUp);
    ballot.cast_if(Feature::Payload, worked && chars >= 60);
    ballot.cast(Feature::LongInput, if chars >= 1_500 { chars } else { 0 });
    reasons.append(&mut ballot.reasons);
}
