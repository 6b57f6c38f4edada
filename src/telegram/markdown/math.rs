//! Formulas as TeX writes them, in Unicode: `\frac{\alpha}{2} x_1^2` becomes `α/2 x₁²`.
//!
//! What is not understood stays as it was written.

mod symbols;

use symbols::{accent, is_silent, is_typeface, lowered, raised, special_letter, symbol};

/// Groups within groups that are followed; deeper ones stay as they were written.
const MAX_DEPTH: usize = 24;

/// Whether what stands between two dollars, or escaped brackets, is a formula and not money, a path or a remark.
pub(super) fn is_formula(content: &str) -> bool {
    let content = content.trim();
    if content.is_empty() || content.contains("\n\n") {
        return false;
    }
    if content.contains(['\\', '^', '_', '=', '<', '>', '{', '≤', '≥', '≈', '→']) {
        return true;
    }
    let mut run = 0;
    for c in content.chars() {
        run = if c.is_alphabetic() { run + 1 } else { 0 };
        let fits = c.is_alphanumeric() || c.is_whitespace() || "+-*/|.,:()[]!'°±×·∞%".contains(c);
        if run > 3 || !fits || super::measure::is_cjk(c) {
            return false;
        }
    }
    content.chars().any(char::is_alphanumeric)
}

/// The formula in Unicode. Letters and digits that are not part of a known command all stay, in order.
pub(super) fn to_unicode(tex: &str) -> String {
    if !is_balanced(tex) {
        return tex.to_owned();
    }
    let mut reader = Reader { rest: tex, depth: 0 };
    let mut out = String::with_capacity(tex.len());
    while !reader.rest.is_empty() {
        reader.sequence(&mut out);
        // A brace without its partner.
        if let Some(rest) = reader.rest.strip_prefix('}') {
            out.push('}');
            reader.rest = rest;
        }
    }
    tidy(&out)
}

/// Whether every brace has its partner.
fn is_balanced(tex: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = tex.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'{' => depth += 1,
            b'}' if depth == 0 => return false,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// One line per line, without double spaces.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        let mut spaces = 0;
        for c in line.chars() {
            spaces = if c == ' ' { spaces + 1 } else { 0 };
            if spaces <= 2 {
                out.push(c);
            }
        }
    }
    out
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads to the end, or to the `}` that ends the group.
    fn sequence(&mut self, out: &mut String) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '}' => return,
                '\\' => self.command(out),
                '^' | '_' => {
                    self.skip(1);
                    let script = self.argument();
                    push_script(out, c, &script);
                }
                '{' => out.push_str(&self.argument()),
                '&' | '~' => {
                    self.rest = self.rest[1..].trim_start_matches(' ');
                    out.push_str(if out.ends_with(' ') { "" } else { " " });
                }
                ' ' => {
                    self.skip(1);
                    out.push_str(if out.ends_with(' ') { "" } else { " " });
                }
                '\'' => {
                    self.skip(1);
                    out.push('′');
                }
                c => {
                    self.skip(c.len_utf8());
                    out.push(c);
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// The next group, command or character, converted.
    fn argument(&mut self) -> String {
        let mut out = String::new();
        let trimmed = self.rest.trim_start_matches(' ');
        if self.depth >= MAX_DEPTH {
            out.push_str(std::mem::take(&mut self.rest));
            return out;
        }
        self.depth += 1;
        if let Some(inner) = trimmed.strip_prefix('{') {
            self.rest = inner;
            self.sequence(&mut out);
            self.rest = self.rest.strip_prefix('}').unwrap_or(self.rest);
        } else if trimmed.starts_with('\\') {
            self.rest = trimmed;
            self.command(&mut out);
        } else if let Some(c) = trimmed.chars().next().filter(|c| *c != '}') {
            self.rest = &trimmed[c.len_utf8()..];
            out.push(c);
        }
        self.depth -= 1;
        out
    }

    /// A group that is taken as it is, such as the name of an environment.
    fn raw_argument(&mut self) -> Option<&'a str> {
        let inner = self.rest.trim_start().strip_prefix('{')?;
        let mut depth = 0_usize;
        let end = inner.bytes().position(|byte| {
            depth += usize::from(byte == b'{');
            let is_end = byte == b'}' && depth == 0;
            depth = depth.saturating_sub(usize::from(byte == b'}'));
            is_end
        })?;
        self.rest = &inner[end + 1..];
        Some(&inner[..end])
    }

    fn command(&mut self, out: &mut String) {
        let whole = self.rest;
        self.skip(1);
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if letters == 0 {
            let Some(c) = self.rest.chars().next() else {
                out.push('\\');
                return;
            };
            self.skip(c.len_utf8());
            match c {
                '\\' => out.push('\n'),
                ',' | ';' | ':' | ' ' => out.push_str(if out.ends_with(' ') { "" } else { " " }),
                '!' => {}
                '|' => out.push('‖'),
                '{' | '}' | '%' | '$' | '&' | '#' | '_' => out.push(c),
                c => {
                    out.push('\\');
                    out.push(c);
                }
            }
            return;
        }
        let name = &self.rest[..letters];
        self.skip(letters);
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                let (above, below) = (self.argument(), self.argument());
                out.push_str(&enclosed(&above));
                out.push('/');
                out.push_str(&enclosed(&below));
            }
            "binom" | "dbinom" | "tbinom" => {
                let (above, below) = (self.argument(), self.argument());
                out.extend(["C(", above.as_str(), ", ", below.as_str(), ")"]);
            }
            "sqrt" => self.root(out),
            "begin" => self.begin(whole, out),
            "end" => {
                self.raw_argument();
            }
            "tag" => {
                let label = self.argument();
                out.extend(["  (", label.as_str(), ")"]);
            }
            "boxed" | "fbox" => {
                let inner = self.argument();
                out.extend(["[ ", inner.as_str(), " ]"]);
            }
            "xrightarrow" => {
                let label = self.argument();
                out.extend([" —", label.as_str(), "→ "]);
            }
            "pmod" => {
                let modulus = self.argument();
                out.extend([" (mod ", modulus.as_str(), ")"]);
            }
            "ce" => out.push_str(&self.chemistry()),
            "not" if self.rest.starts_with("\\in") => {
                self.skip(3);
                out.push('∉');
            }
            "not" if self.rest.starts_with('=') => {
                self.skip(1);
                out.push('≠');
            }
            name if is_silent(name) => {
                // `\left.` shows nothing.
                if matches!(name, "left" | "right") && self.rest.starts_with('.') {
                    self.skip(1);
                }
            }
            name if is_typeface(name) => {
                let inner =
                    if name.starts_with("text") || name == "mbox" { self.words() } else { self.argument() };
                out.push_str(&inner);
            }
            name => self.other(name, out),
        }
    }

    fn other(&mut self, name: &str, out: &mut String) {
        if let Some(symbol) = symbol(name) {
            let is_word = symbol.len() > 1 && symbol.bytes().all(|byte| byte.is_ascii_alphabetic());
            if is_word && out.ends_with(char::is_alphanumeric) {
                out.push(' ');
            }
            out.push_str(symbol);
            // The space after a command only ends its name, but what is a word keeps it.
            if self.rest.starts_with(' ') && !is_word && !is_spaced(symbol) {
                let next = self.rest.trim_start_matches(' ');
                if next.starts_with(|c: char| c.is_alphanumeric()) {
                    self.rest = next;
                }
            }
        } else if let Some(mark) = accent(name) {
            let inner = self.argument();
            out.push_str(&inner);
            if inner.chars().count() == 1 {
                out.push(mark);
            }
        } else if special_letter(name, ' ').is_some() {
            let inner = self.argument();
            out.extend(inner.chars().filter_map(|c| special_letter(name, c)));
        } else {
            out.push('\\');
            out.push_str(name);
            if self.rest.starts_with('{') {
                let inner = self.argument();
                out.extend(["{", inner.as_str(), "}"]);
            }
        }
    }

    /// Text inside a formula: its spaces count, its scripts do not.
    fn words(&mut self) -> String {
        match self.raw_argument() {
            Some(words) => words.replace("\\_", "_").replace("\\%", "%"),
            None => self.argument(),
        }
    }

    fn root(&mut self, out: &mut String) {
        let mut degree = String::new();
        if let Some(inner) = self.rest.strip_prefix('[')
            && let Some(end) = inner.find(']')
        {
            degree = to_unicode(&inner[..end]);
            self.rest = &inner[end + 1..];
        }
        match degree.as_str() {
            "" | "2" => {}
            degree => push_script(out, '^', degree),
        }
        let inner = self.argument();
        out.push('√');
        out.push_str(&enclosed(&inner));
    }

    /// An environment: its rows are lines, its columns are spaces; its name is not shown.
    fn begin(&mut self, whole: &'a str, out: &mut String) {
        match self.raw_argument() {
            Some("array") => {
                self.raw_argument();
            }
            Some("cases") => out.push_str("{ "),
            Some(_) => {}
            None => {
                out.push_str("\\begin");
                self.rest = &whole["\\begin".len()..];
            }
        }
    }

    /// `\ce{H2O}`: digits after letters are lowered.
    fn chemistry(&mut self) -> String {
        let raw = self.raw_argument().unwrap_or("");
        let mut out = String::with_capacity(raw.len());
        for c in raw.replace("->", "→").chars() {
            let after_letter =
                out.ends_with(|last: char| last.is_alphabetic() || ")]₀₁₂₃₄₅₆₇₈₉".contains(last));
            match lowered(c).filter(|_| c.is_ascii_digit() && after_letter) {
                Some(low) => out.push(low),
                None => out.push(c),
            }
        }
        out
    }
}

/// Relations and arrows keep the space after them.
fn is_spaced(symbol: &str) -> bool {
    symbol.chars().all(|c| {
        matches!(c, '≤' | '≥' | '≠' | '≈' | '≡' | '×' | '÷' | '·' | '±' | '∓' | '∈' | '∉' | '∧' | '∨' | '∪' | '∩')
            || matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2250}'..='\u{22FF}' | '\u{27F0}'..='\u{27FF}' | '∼' | '∝' | '∣')
            || matches!(c, '\u{2A7D}' | '\u{2A7E}' | '…' | '⋯' | ' ')
    })
}

/// In parentheses, if it is more than one thing.
fn enclosed(text: &str) -> String {
    let text = text.trim();
    let is_one = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '′' | '°' | '∞' | '\u{300}'..='\u{36F}'))
        || (text.starts_with('(') && text.ends_with(')') && text.matches('(').count() == 1);
    if is_one { text.to_owned() } else { format!("({text})") }
}

/// Raised or lowered, if every character can be; else after the sign, in parentheses where it needs them.
fn push_script(out: &mut String, sign: char, script: &str) {
    let script = script.trim();
    let shift = if sign == '^' { raised } else { lowered };
    if script.is_empty() {
        out.push(sign);
        return;
    }
    if let Some(shifted) = script.chars().map(shift).collect::<Option<String>>() {
        out.push_str(shifted.replace(' ', "").as_str());
        return;
    }
    // Under an operator a script says where it runs: `lim(x→0)`.
    let is_under_word =
        sign == '_' && ["lim", "max", "min", "sup", "inf"].iter().any(|word| out.ends_with(word));
    if !is_under_word {
        out.push(sign);
    }
    let is_one = !is_under_word
        && (script.chars().count() == 1
            || (sign == '_' && script.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    if is_one {
        out.push_str(script);
    } else {
        out.extend(["(", script, ")"]);
    }
}

#[cfg(test)]
mod tests;
