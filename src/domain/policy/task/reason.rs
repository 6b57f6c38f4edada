//! Why a message was classified as it was: one line per feature that counted, and the table of weights.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something seen in a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    // What is asked for.
    AsksTranslation,
    AsksSummary,
    AsksExtraction,
    AsksRewriting,
    AsksCreation,
    AsksExplanation,
    AsksProof,
    AsksComputation,
    AsksComparison,
    AsksAnalysis,
    AsksAdvice,
    AsksDebugging,
    AsksDesign,
    AsksOptimum,
    AsksPlan,
    AsksList,
    AsksRole,
    AsksHow,
    Leads,
    // What it is about.
    NamesText,
    NamesCode,
    NamesHardCode,
    NamesMathematics,
    NamesScience,
    NamesQuantities,
    NamesLogic,
    // What it looks like.
    CodeFence,
    CodeLines,
    LongCode,
    StackTrace,
    Formula,
    Latex,
    DenseFormula,
    WordProblem,
    ManyNumbers,
    Options,
    Items,
    Constraints,
    InputBounds,
    FormRules,
    Questions,
    Statements,
    Payload,
    // How much is demanded.
    Rigor,
    Depth,
    Length,
    LongInput,
    VeryLongInput,
    Short,
    // What the conversation says.
    Greeting,
    Feeling,
    FollowUp,
    Empty,
    // What comes with it.
    Files,
}

/// Weights of a feature for *work* (is there a result to produce?) and for *reasoning* (does it take several
/// steps?). A count is multiplied up to its cap. Found by hand on the development prompts; the table is the model.
pub(super) struct Weight {
    pub(super) work: f32,
    pub(super) reasoning: f32,
    pub(super) cap: u32,
}

/// From this much work on, a message is a task and no chat.
pub(super) const WORK: f32 = 2.0;
/// From this much reasoning on, a message is complex. High on purpose: pro has a twentieth of the
/// budget. On the development prompts hardly anything lies between 3 and 4.
pub(super) const REASONING: f32 = 3.2;

impl Feature {
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "one row per feature: equal weights are equal by chance")]
    pub(super) const fn weight(self) -> Weight {
        const fn w(work: f32, reasoning: f32, cap: u32) -> Weight {
            Weight { work, reasoning, cap }
        }
        match self {
            Feature::AsksTranslation  => w(2.5, 0.0, 1),
            Feature::AsksSummary      => w(2.2, 0.0, 1),
            Feature::AsksExtraction   => w(2.0, 0.0, 1),
            Feature::AsksRewriting    => w(2.2, 0.0, 1),
            Feature::AsksCreation     => w(1.6, 0.0, 1),
            Feature::AsksExplanation  => w(1.4, 0.2, 1),
            Feature::AsksProof        => w(2.0, 3.2, 1),
            Feature::AsksComputation  => w(1.5, 0.7, 1),
            Feature::AsksComparison   => w(1.4, 0.4, 1),
            Feature::AsksAnalysis     => w(1.3, 0.8, 2),
            Feature::AsksAdvice       => w(0.6, 0.0, 1),
            Feature::AsksDebugging    => w(1.3, 0.9, 1),
            Feature::AsksDesign       => w(1.0, 0.6, 1),
            Feature::AsksOptimum      => w(0.4, 0.7, 1),
            Feature::AsksPlan         => w(1.4, 0.2, 1),
            Feature::AsksList         => w(1.3, 0.0, 1),
            Feature::AsksRole         => w(2.0, 0.0, 1),
            Feature::AsksHow          => w(1.0, 0.0, 1),
            Feature::Leads            => w(0.7, 0.0, 1),
            Feature::NamesText        => w(0.9, 0.0, 1),
            Feature::NamesCode        => w(1.0, 0.1, 2),
            Feature::NamesHardCode    => w(0.8, 1.3, 3),
            Feature::NamesMathematics => w(0.7, 0.8, 5),
            Feature::NamesScience     => w(0.6, 0.6, 3),
            Feature::NamesQuantities  => w(0.4, 0.0, 3),
            Feature::NamesLogic       => w(1.0, 1.2, 4),
            Feature::CodeFence        => w(2.0, 0.3, 1),
            Feature::CodeLines        => w(2.0, 0.3, 1),
            Feature::LongCode         => w(0.5, 0.9, 1),
            Feature::StackTrace       => w(2.0, 0.8, 1),
            Feature::Formula          => w(1.5, 1.0, 1),
            Feature::Latex            => w(0.5, 0.9, 1),
            Feature::DenseFormula     => w(0.8, 1.2, 1),
            Feature::WordProblem      => w(2.0, 0.7, 1),
            Feature::ManyNumbers      => w(0.9, 0.2, 1),
            Feature::Options          => w(2.1, 0.2, 1),
            Feature::Items            => w(0.7, 0.3, 2),
            Feature::Constraints      => w(0.3, 0.4, 4),
            Feature::InputBounds      => w(0.8, 1.5, 1),
            Feature::FormRules        => w(0.7, -0.3, 3),
            Feature::Questions        => w(0.5, 0.2, 3),
            Feature::Statements       => w(0.4, 0.4, 3),
            Feature::Payload          => w(0.8, 0.0, 1),
            Feature::Rigor            => w(0.8, 1.1, 3),
            Feature::Depth            => w(0.6, 0.5, 2),
            Feature::Length           => w(0.3, 0.05, 14),
            Feature::LongInput        => w(1.0, 0.4, 1),
            Feature::VeryLongInput    => w(0.5, 0.6, 1),
            Feature::Short            => w(-0.8, -0.8, 1),
            Feature::Greeting         => w(-1.0, -1.0, 1),
            Feature::Feeling          => w(-1.2, -1.0, 1),
            Feature::Files            => w(WORK, 0.0, 1),
            Feature::FollowUp | Feature::Empty => w(0.0, 0.0, 1),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Feature::AsksTranslation => "asks for a translation",
            Feature::AsksSummary => "asks for a summary",
            Feature::AsksExtraction => "asks to find or sort something in a text",
            Feature::AsksRewriting => "asks to rewrite a text",
            Feature::AsksCreation => "asks to write or make something",
            Feature::AsksExplanation => "asks for an explanation",
            Feature::AsksProof => "asks for a proof",
            Feature::AsksComputation => "asks for a computed result",
            Feature::AsksComparison => "asks for a comparison",
            Feature::AsksAnalysis => "asks for an analysis",
            Feature::AsksAdvice => "asks for advice",
            Feature::AsksDebugging => "asks to find a fault",
            Feature::AsksDesign => "asks to design or build something",
            Feature::AsksOptimum => "asks for the best or least",
            Feature::AsksPlan => "asks for a plan",
            Feature::AsksList => "asks for a list",
            Feature::AsksRole => "assigns a role",
            Feature::AsksHow => "asks how to do something technical",
            Feature::Leads => "starts with what is to be done",
            Feature::NamesText => "names a kind of text",
            Feature::NamesCode => "names code",
            Feature::NamesHardCode => "names hard engineering",
            Feature::NamesMathematics => "names mathematics",
            Feature::NamesScience => "names science",
            Feature::NamesQuantities => "names quantities",
            Feature::NamesLogic => "clues of a logic puzzle",
            Feature::CodeFence => "code fence",
            Feature::CodeLines => "lines of code",
            Feature::LongCode => "much code",
            Feature::StackTrace => "stack trace",
            Feature::Formula => "formula",
            Feature::Latex => "typeset formulas",
            Feature::DenseFormula => "many formulas",
            Feature::WordProblem => "numbers and a question about them",
            Feature::ManyNumbers => "many numbers",
            Feature::Options => "options to choose from",
            Feature::Items => "list of items",
            Feature::Constraints => "constraints",
            Feature::InputBounds => "bounds on the input",
            Feature::FormRules => "rules for the form of the answer",
            Feature::Questions => "further questions",
            Feature::Statements => "statements to combine",
            Feature::Payload => "material to work on",
            Feature::Rigor => "demands careful reasoning",
            Feature::Depth => "demands depth",
            Feature::Length => "length",
            Feature::LongInput => "long input",
            Feature::VeryLongInput => "very long input",
            Feature::Short => "short",
            Feature::Greeting => "greeting or thanks",
            Feature::Feeling => "feelings or opinions",
            Feature::FollowUp => "follows up the last answer",
            Feature::Empty => "no text",
            Feature::Files => "files to look at",
        }
    }

    /// What the count of a reason counts, where it says more than the feature alone.
    const fn counted(self) -> Option<&'static str> {
        match self {
            Feature::LongInput | Feature::VeryLongInput | Feature::Short => Some("characters"),
            Feature::Length => Some("times 20 words"),
            Feature::CodeLines | Feature::LongCode | Feature::StackTrace => Some("lines"),
            Feature::Constraints
            | Feature::FormRules
            | Feature::Items
            | Feature::Questions
            | Feature::Statements
            | Feature::Options
            | Feature::ManyNumbers
            | Feature::Rigor
            | Feature::NamesMathematics
            | Feature::NamesHardCode
            | Feature::NamesScience
            | Feature::NamesLogic
            | Feature::Files => Some("found"),
            _ => None,
        }
    }
}

/// One feature that counted, and for how much.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reason {
    pub feature: Feature,
    /// How often it was seen, or how much of it there is.
    pub count: u32,
    /// Points for "there is a result to produce".
    pub work: f32,
    /// Points for "this takes several steps of reasoning".
    pub reasoning: f32,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1} work, {:+.1} reasoning: {}", self.work, self.reasoning, self.feature.words())?;
        match self.feature.counted() {
            Some(unit) => write!(f, " ({} {unit})", Thousands(self.count)),
            None => Ok(()),
        }
    }
}

/// `5400` as `5,400`.
struct Thousands(u32);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1_000 {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{},{:03}", Thousands(self.0 / 1_000), self.0 % 1_000)
        }
    }
}
