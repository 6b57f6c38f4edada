//! What the commands of TeX look like in Unicode.

/// The character, or the word, for a command without its backslash.
pub(super) fn symbol(name: &str) -> Option<&'static str> {
    let found = SYMBOLS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(SYMBOLS[found].1)
}

/// In the order of bytes, for the search.
const SYMBOLS: &[(&str, &str)] = &[
    ("Delta", "Δ"),
    ("Gamma", "Γ"),
    ("Im", "ℑ"),
    ("Lambda", "Λ"),
    ("Leftarrow", "⇐"),
    ("Leftrightarrow", "⇔"),
    ("Longleftrightarrow", "⟺"),
    ("Longrightarrow", "⟹"),
    ("Omega", "Ω"),
    ("Phi", "Φ"),
    ("Pi", "Π"),
    ("Pr", "Pr"),
    ("Psi", "Ψ"),
    ("Re", "ℜ"),
    ("Rightarrow", "⇒"),
    ("Sigma", "Σ"),
    ("Theta", "Θ"),
    ("Uparrow", "⇑"),
    ("Upsilon", "Υ"),
    ("Xi", "Ξ"),
    ("aleph", "ℵ"),
    ("alpha", "α"),
    ("angle", "∠"),
    ("approx", "≈"),
    ("arccos", "arccos"),
    ("arcsin", "arcsin"),
    ("arctan", "arctan"),
    ("arg", "arg"),
    ("ast", "∗"),
    ("asymp", "≍"),
    ("because", "∵"),
    ("beta", "β"),
    ("bigcap", "⋂"),
    ("bigcup", "⋃"),
    ("bigoplus", "⨁"),
    ("bigotimes", "⨂"),
    ("blacksquare", "■"),
    ("bmod", "mod"),
    ("bot", "⊥"),
    ("bullet", "•"),
    ("cap", "∩"),
    ("cdot", "·"),
    ("cdots", "⋯"),
    ("checkmark", "✓"),
    ("chi", "χ"),
    ("circ", "∘"),
    ("cong", "≅"),
    ("coprod", "∐"),
    ("cos", "cos"),
    ("cosh", "cosh"),
    ("cot", "cot"),
    ("csc", "csc"),
    ("cup", "∪"),
    ("dagger", "†"),
    ("ddots", "⋱"),
    ("deg", "deg"),
    ("delta", "δ"),
    ("det", "det"),
    ("diamond", "⋄"),
    ("dim", "dim"),
    ("div", "÷"),
    ("dots", "…"),
    ("dotsb", "⋯"),
    ("dotsc", "…"),
    ("downarrow", "↓"),
    ("ell", "ℓ"),
    ("emptyset", "∅"),
    ("epsilon", "ϵ"),
    ("equiv", "≡"),
    ("eta", "η"),
    ("exists", "∃"),
    ("exp", "exp"),
    ("forall", "∀"),
    ("gamma", "γ"),
    ("gcd", "gcd"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("geqslant", "⩾"),
    ("gets", "←"),
    ("gg", "≫"),
    ("gt", ">"),
    ("hbar", "ℏ"),
    ("hookrightarrow", "↪"),
    ("iff", "⟺"),
    ("iiint", "∭"),
    ("iint", "∬"),
    ("imath", "ı"),
    ("implies", "⟹"),
    ("in", "∈"),
    ("inf", "inf"),
    ("infty", "∞"),
    ("int", "∫"),
    ("iota", "ι"),
    ("jmath", "ȷ"),
    ("kappa", "κ"),
    ("ker", "ker"),
    ("lVert", "‖"),
    ("lambda", "λ"),
    ("land", "∧"),
    ("langle", "⟨"),
    ("lbrace", "{"),
    ("lceil", "⌈"),
    ("ldots", "…"),
    ("le", "≤"),
    ("leftarrow", "←"),
    ("leftrightarrow", "↔"),
    ("leq", "≤"),
    ("leqslant", "⩽"),
    ("lfloor", "⌊"),
    ("lg", "lg"),
    ("lim", "lim"),
    ("liminf", "lim inf"),
    ("limsup", "lim sup"),
    ("ll", "≪"),
    ("ln", "ln"),
    ("lnot", "¬"),
    ("log", "log"),
    ("longleftarrow", "⟵"),
    ("longleftrightarrow", "⟷"),
    ("longmapsto", "⟼"),
    ("longrightarrow", "⟶"),
    ("lor", "∨"),
    ("lt", "<"),
    ("lvert", "|"),
    ("mapsto", "↦"),
    ("max", "max"),
    ("mid", "∣"),
    ("min", "min"),
    ("mod", "mod"),
    ("models", "⊨"),
    ("mp", "∓"),
    ("mu", "μ"),
    ("nabla", "∇"),
    ("ne", "≠"),
    ("nearrow", "↗"),
    ("neg", "¬"),
    ("neq", "≠"),
    ("nexists", "∄"),
    ("ni", "∋"),
    ("nmid", "∤"),
    ("not", "¬"),
    ("notin", "∉"),
    ("nu", "ν"),
    ("odot", "⊙"),
    ("oint", "∮"),
    ("omega", "ω"),
    ("ominus", "⊖"),
    ("oplus", "⊕"),
    ("otimes", "⊗"),
    ("parallel", "∥"),
    ("partial", "∂"),
    ("perp", "⊥"),
    ("phi", "ϕ"),
    ("pi", "π"),
    ("pm", "±"),
    ("prec", "≺"),
    ("preceq", "⪯"),
    ("prime", "′"),
    ("prod", "∏"),
    ("propto", "∝"),
    ("psi", "ψ"),
    ("qquad", "    "),
    ("quad", "  "),
    ("rVert", "‖"),
    ("rangle", "⟩"),
    ("rbrace", "}"),
    ("rceil", "⌉"),
    ("rfloor", "⌋"),
    ("rho", "ρ"),
    ("rightarrow", "→"),
    ("rightleftharpoons", "⇌"),
    ("rvert", "|"),
    ("searrow", "↘"),
    ("sec", "sec"),
    ("setminus", "∖"),
    ("sigma", "σ"),
    ("sim", "∼"),
    ("simeq", "≃"),
    ("sin", "sin"),
    ("sinh", "sinh"),
    ("square", "□"),
    ("star", "⋆"),
    ("subset", "⊂"),
    ("subseteq", "⊆"),
    ("subsetneq", "⊊"),
    ("succ", "≻"),
    ("succeq", "⪰"),
    ("sum", "∑"),
    ("sup", "sup"),
    ("supset", "⊃"),
    ("supseteq", "⊇"),
    ("tan", "tan"),
    ("tanh", "tanh"),
    ("tau", "τ"),
    ("therefore", "∴"),
    ("theta", "θ"),
    ("times", "×"),
    ("to", "→"),
    ("top", "⊤"),
    ("triangle", "△"),
    ("uparrow", "↑"),
    ("upsilon", "υ"),
    ("varepsilon", "ε"),
    ("varnothing", "∅"),
    ("varphi", "φ"),
    ("varpi", "ϖ"),
    ("varrho", "ϱ"),
    ("varsigma", "ς"),
    ("vartheta", "ϑ"),
    ("vdash", "⊢"),
    ("vdots", "⋮"),
    ("vee", "∨"),
    ("wedge", "∧"),
    ("wp", "℘"),
    ("xi", "ξ"),
    ("zeta", "ζ"),
];

/// Commands that only say how their argument is set.
pub(super) fn is_typeface(name: &str) -> bool {
    matches!(
        name,
        "text"
            | "textrm"
            | "textbf"
            | "textit"
            | "texttt"
            | "textsf"
            | "mathrm"
            | "mathbf"
            | "mathit"
            | "mathsf"
            | "mathtt"
            | "mathnormal"
            | "boldsymbol"
            | "bm"
            | "operatorname"
            | "mbox"
            | "hbox"
            | "emph"
            | "underline"
            | "underbrace"
            | "overbrace"
            | "phantom"
            | "mathop"
            | "mathord"
            | "mathbin"
            | "mathrel"
    )
}

/// Commands that are seen only in how things are spaced or sized.
pub(super) fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "left"
            | "right"
            | "big"
            | "Big"
            | "bigg"
            | "Bigg"
            | "bigl"
            | "bigr"
            | "Bigl"
            | "Bigr"
            | "biggl"
            | "biggr"
            | "displaystyle"
            | "textstyle"
            | "scriptstyle"
            | "limits"
            | "nolimits"
            | "middle"
            | "nonumber"
            | "notag"
            | "hline"
            | "!"
            | "centering"
            | "rm"
            | "bf"
            | "it"
    )
}

/// The mark that an accent puts on a letter.
pub(super) fn accent(name: &str) -> Option<char> {
    Some(match name {
        "hat" | "widehat" => '\u{302}',
        "tilde" | "widetilde" => '\u{303}',
        "bar" | "overline" => '\u{304}',
        "vec" | "overrightarrow" => '\u{20D7}',
        "dot" => '\u{307}',
        "ddot" => '\u{308}',
        "acute" => '\u{301}',
        "grave" => '\u{300}',
        "check" => '\u{30C}',
        _ => return None,
    })
}

/// A letter of `\mathbb` and `\mathcal`, where Unicode has one that phones can show.
pub(super) fn special_letter(name: &str, c: char) -> Option<char> {
    Some(match (name, c) {
        ("mathbb", 'C') => 'ℂ',
        ("mathbb", 'H') => 'ℍ',
        ("mathbb", 'N') => 'ℕ',
        ("mathbb", 'P') => 'ℙ',
        ("mathbb", 'Q') => 'ℚ',
        ("mathbb", 'R') => 'ℝ',
        ("mathbb", 'Z') => 'ℤ',
        ("mathbb", 'E') => '𝔼',
        ("mathbb", 'F') => '𝔽',
        ("mathcal", 'L') => 'ℒ',
        ("mathcal", 'F') => 'ℱ',
        ("mathcal", 'H') => 'ℋ',
        ("mathcal", 'B') => 'ℬ',
        ("mathcal", 'E') => 'ℰ',
        ("mathcal", 'M') => 'ℳ',
        ("mathcal", 'R') => 'ℛ',
        ("mathcal", 'I') => 'ℐ',
        ("mathbb" | "mathcal" | "mathscr" | "mathfrak", c) => c,
        _ => return None,
    })
}

/// The character raised, if there is one.
pub(super) fn raised(c: char) -> Option<char> {
    shifted(c, RAISED)
}

/// The character lowered, if there is one.
pub(super) fn lowered(c: char) -> Option<char> {
    shifted(c, LOWERED)
}

fn shifted(c: char, (plain, shifted): (&str, &str)) -> Option<char> {
    plain.chars().zip(shifted.chars()).find(|(from, _)| *from == c).map(|(_, to)| to)
}

/// What can be raised, and what it becomes.
const RAISED: (&str, &str) = (
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθφχ′∘ ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᵠᵡ′° ",
);
/// What can be lowered, and what it becomes.
const LOWERED: (&str, &str) =
    ("0123456789+-−=()aehijklmnoprstuvxβγρφχ ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ ");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_symbols_is_in_order() {
        assert!(SYMBOLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!((symbol("zeta"), symbol("Delta"), symbol("nothing")), (Some("ζ"), Some("Δ"), None));
    }
}
