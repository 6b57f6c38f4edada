//! What can be seen without knowing a language: fences, lines that look like code, formulas, options, lists,
//! questions.

/// Counts over the whole looked-at text.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Shape {
    pub(super) fences: usize,
    pub(super) code_lines: usize,
    pub(super) lines: usize,
    /// Lines of a stack trace, and the phrases that open one.
    pub(super) trace_lines: usize,
    /// LaTeX commands, dollar pairs, mathematical signs, powers, letters bound to digits.
    pub(super) formula: usize,
    /// LaTeX commands and dollar pairs alone.
    pub(super) latex: usize,
    /// The text stops at an equals sign: an expression to compute.
    pub(super) ends_open: bool,
    /// `=` and `<` outside code: an equation written in plain text.
    pub(super) equations: usize,
    /// Options to choose from: A, B, C, D.
    pub(super) options: usize,
    /// Items of a numbered or bulleted list.
    pub(super) items: usize,
    pub(super) questions: usize,
    pub(super) sentences: usize,
    /// Bounds on input such as `10^5` or `1 <= n`.
    pub(super) input_bounds: usize,
    /// The last sign of the text is a question mark.
    pub(super) ends_asking: bool,
    /// A doctest prompt or a type arrow: a function to complete.
    pub(super) signature: bool,
}

pub(super) fn shape(body: &str) -> Shape {
    let mut shape = Shape::default();
    let mut fenced = false;
    // A fence counts with its first line: three lone backticks are no code.
    let mut opened = false;
    for line in body.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        shape.lines += 1;
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
            opened = fenced;
            continue;
        }
        shape.trace_lines += usize::from(is_trace(trimmed));
        if fenced || is_code(line, trimmed) {
            shape.fences += usize::from(opened);
            opened = false;
            shape.code_lines += 1;
        } else {
            if is_item(trimmed) {
                shape.items += 1;
            }
            formulas(trimmed, &mut shape);
        }
    }
    shape.options = options(body);
    if body.contains("options:\n") || body.contains("选项:") {
        shape.options = shape.options.max(3);
    }
    shape.ends_open = body.ends_with('=');
    signs(body, &mut shape);
    shape.signature = body.contains(">>> ")
        || (body.contains("def ") && body.contains("):"))
        || (body.contains("def ") && body.contains(") ->"));
    shape
}

fn is_trace(line: &str) -> bool {
    line.starts_with("traceback (most")
        || line.starts_with("exception in thread")
        || line.starts_with("caused by:")
        || line.contains("panicked at")
        || line.contains("segmentation fault")
        || line.contains("undefined reference to")
        || (line.starts_with("file \"") && line.contains("line "))
        || (line.starts_with("at ") && line.ends_with(')') && line.contains('.'))
        || line.contains("error[e")
}

const CODE_STARTS: &[&str] = &[
    "def ",
    "class ",
    "import ",
    "#include",
    "public ",
    "private ",
    "protected ",
    "static ",
    "const ",
    "let ",
    "var ",
    "function ",
    "fn ",
    "impl ",
    "struct ",
    "using namespace",
    "return ",
    "select ",
    "insert into ",
    "create table ",
    "<?php",
    "<html",
    "<div",
    "<!doctype",
    "</",
    "package ",
    "for (",
    "for(",
    "if (",
    "while (",
    "else {",
    "} else",
    "try {",
    "elif ",
    "async ",
    "await ",
    "print(",
    "printf(",
    "console.",
    "@",
    "#!/",
    "sudo ",
    ">>> ",
    "int main",
    "std::",
    "export ",
    "from __",
    "with open(",
    "assert ",
    "func ",
];

fn is_code(line: &str, trimmed: &str) -> bool {
    let starts = CODE_STARTS.iter().any(|start| trimmed.starts_with(start));
    let symbols = trimmed
        .bytes()
        .filter(|b| {
            matches!(
                b,
                b'{' | b'}' | b'(' | b')' | b'[' | b']' | b';' | b'=' | b'<' | b'>' | b'_' | b'"' | b'\\'
            )
        })
        .count();
    let dense = symbols * 7 >= trimmed.len();
    let ends = trimmed.ends_with(';')
        || trimmed.ends_with('{')
        || trimmed.ends_with('}')
        || trimmed.ends_with("):")
        || trimmed.ends_with("],")
        || trimmed.ends_with("),");
    let marks =
        ["%>%", "<- ", "==", "!=", "=>", "->", "()", "+=", "::", "&&", "||", "[i]", "</", "/>", "({", "});"];
    let marked = marks.iter().any(|mark| trimmed.contains(mark));
    let call =
        trimmed.contains(" = ") && (trimmed.contains('(') || line.starts_with(' ') || line.starts_with('\t'));
    let latex = trimmed.contains('$') || trimmed.contains("\\frac") || trimmed.contains("\\left");
    if latex {
        return false;
    }
    let prose =
        trimmed.contains(". ") || trimmed.contains('。') || trimmed.ends_with('.') || trimmed.ends_with('?');
    // "class action", "let us", "import duties": a keyword alone proves nothing.
    (starts && (symbols >= 2 || ends))
        || (ends && symbols >= 2 && !prose)
        || (dense && (marked || call) && !prose)
}

/// `1.`, `2)`, `(3)`, `一、`, `-`, `•` at the start of a line.
fn is_item(line: &str) -> bool {
    let rest = line.trim_start_matches(['(', '第']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits) {
        return rest[digits..].starts_with(['.', ')', '、', ':', '：']);
    }
    let bullets = ["- ", "* ", "• ", "– ", "· "];
    bullets.iter().any(|bullet| line.starts_with(bullet))
        || (rest.starts_with(['一', '二', '三', '四', '五', '六']) && rest[3..].starts_with(['、', ')', '.']))
}

const LATEX: &[&str] = &[
    "frac",
    "sqrt",
    "sum",
    "int",
    "lim",
    "cdot",
    "times",
    "leq",
    "geq",
    "le",
    "ge",
    "neq",
    "pi",
    "theta",
    "alpha",
    "beta",
    "gamma",
    "lambda",
    "mathbb",
    "mathrm",
    "text",
    "left",
    "begin",
    "angle",
    "triangle",
    "circ",
    "ldots",
    "dots",
    "infty",
    "sin",
    "cos",
    "tan",
    "log",
    "ln",
    "overline",
    "binom",
    "equiv",
    "pmod",
    "in",
    "to",
    "vec",
    "prod",
    "partial",
    "nabla",
    "dfrac",
    "cap",
    "cup",
    "quad",
    "pm",
    "div",
    "sigma",
    "mu",
    "phi",
    "omega",
    "rightarrow",
];

fn formulas(line: &str, shape: &mut Shape) {
    let bytes = line.as_bytes();
    let mut dollars = 0;
    for (at, c) in line.char_indices() {
        match c {
            '\\' => {
                let letters = bytes[at + 1..].iter().take_while(|b| b.is_ascii_lowercase()).count();
                let command = &line[at + 1..=at + letters];
                shape.latex += usize::from(LATEX.contains(&command));
                shape.formula += usize::from(LATEX.contains(&command));
                shape.formula += usize::from(matches!(bytes.get(at + 1), Some(b'(' | b'[')));
            }
            // A price is a dollar sign before a number; a formula has a letter or a second one.
            '$' => dollars += usize::from(!bytes.get(at + 1).is_some_and(u8::is_ascii_digit)),
            '^'
            | '∫'
            | '∑'
            | '∏'
            | '√'
            | '∞'
            | '≤'
            | '≥'
            | '≠'
            | '∈'
            | '∉'
            | '∪'
            | '∩'
            | '⊂'
            | '⊆'
            | '∀'
            | '∃'
            | '²'
            | '³'
            | '∂'
            | '∇'
            | '∠'
            | '△'
            | '⊥'
            | 'π'
            | '≡'
            | '⁰'..='ⁿ'
            | '₀'..='₉' => shape.formula += 1,
            '=' | '<' | '>' => {
                let beside =
                    |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b' ' || *b == b')');
                if beside(at.checked_sub(1).and_then(|before| bytes.get(before))) && beside(bytes.get(at + 1))
                {
                    shape.equations += 1;
                }
            }
            'a'..='z' => {
                // `3x`, `f(x)`: a lone letter bound to a number or a bracket.
                let lone = !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
                let before = at.checked_sub(1).map(|before| bytes[before]);
                let bound = before.is_some_and(|b| b.is_ascii_digit());
                let applied = bytes.get(at + 1) == Some(&b'(')
                    && bytes.get(at + 3).is_some_and(|b| matches!(b, b')' | b'+' | b'-' | b','))
                    && !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
                // Units are letters too.
                let unit = matches!(
                    c,
                    'm' | 'g' | 'h' | 's' | 'd' | 'l' | 'v' | 'w' | 'k' | 'b' | 'p' | 'a' | 'c' | 'f'
                );
                shape.formula += usize::from((lone && bound && !unit) || applied);
            }
            _ => {}
        }
    }
    shape.formula += dollars / 2;
    shape.latex += dollars / 2;
}

/// The longest run A, B, C, D of option marks: `A.`, `(B)`, `C)`, `D、`, `A：`.
fn options(body: &str) -> usize {
    let bytes = body.as_bytes();
    let mut want = b'a';
    for (at, &byte) in bytes.iter().enumerate() {
        if byte != want {
            continue;
        }
        let opens = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let rest = &bytes[at + 1..];
        let closes = rest.starts_with(b".")
            || rest.starts_with(b")")
            || rest.starts_with(b":")
            || rest.starts_with("、".as_bytes());
        if opens && closes && want < b'h' {
            want += 1;
        }
    }
    usize::from(want - b'a')
}

fn signs(body: &str, shape: &mut Shape) {
    let mut before = ' ';
    for c in body.chars() {
        match c {
            '?' | '؟' => {
                shape.questions += usize::from(before != '?');
                shape.sentences += 1;
            }
            '。' | '!' | ';' | '؛' => shape.sentences += 1,
            ' ' | '\n' if before == '.' => shape.sentences += 1,
            _ => {}
        }
        before = c;
    }
    shape.ends_asking = body.trim_end_matches(['"', ')', '”', ' ', '\n', '_', '*']).ends_with(['?', '؟']);
    let bounds =
        ["10^", "<= n", "≤ n", "≤n", "<=n", "1 <= ", "1 ≤", "1≤", "10**", "1e5", "1e9", "10⁵", "10⁹"];
    shape.input_bounds = bounds.iter().filter(|bound| body.contains(*bound)).count();
}
