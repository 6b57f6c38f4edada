//! What is too long for a chat goes into a file, with a name that says what it is.

/// The longest name taken from what the model wrote, in characters.
const MAX_NAME: usize = 60;

/// A file to send beside a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct File {
    /// With its extension.
    pub(crate) name: String,
    /// In UTF-8.
    pub(crate) text: String,
}

impl File {
    /// A whole answer.
    pub(super) fn document(markdown: &str) -> File {
        File { name: "answer.md".to_owned(), text: ended(markdown.trim()) }
    }
}

/// Takes the blocks of code that are too long.
#[derive(Debug)]
pub(super) struct Shelf {
    max_lines: usize,
    files: Vec<File>,
}

impl Shelf {
    pub(super) const fn new(max_lines: usize) -> Self {
        Self { max_lines, files: Vec::new() }
    }

    /// Takes a block of code, if it is too long, and gives the name of its file. `info` is what stands behind its
    /// fence.
    pub(super) fn take(&mut self, info: &str, code: &str) -> Option<&str> {
        if code.trim_end().lines().count() <= self.max_lines {
            return None;
        }
        let name = self.free_name(&file_name(info));
        self.files.push(File { name, text: ended(code.trim_end()) });
        self.files.last().map(|file| file.name.as_str())
    }

    pub(super) fn into_files(self) -> Vec<File> {
        self.files
    }

    /// `code.py`, then `code-2.py`.
    fn free_name(&self, name: &str) -> String {
        let (stem, extension) =
            name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""));
        let dot = if extension.is_empty() { "" } else { "." };
        let numbered = (2..).map(|number| format!("{stem}-{number}{dot}{extension}"));
        let is_free = |name: &String| self.files.iter().all(|file| file.name != *name);
        std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }
}

fn ended(text: &str) -> String {
    format!("{text}\n")
}

/// The name that the model gave (`python title="app.py"`, `python:app.py`), or one by the language.
pub(super) fn file_name(info: &str) -> String {
    if let Some(name) = given_name(info) {
        return name;
    }
    let language =
        info.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '{')).next().unwrap_or("");
    match language.to_ascii_lowercase().as_str() {
        "dockerfile" | "docker" => "Dockerfile".to_owned(),
        "makefile" | "make" => "Makefile".to_owned(),
        "cmake" => "CMakeLists.txt".to_owned(),
        language => format!("code.{}", extension(language)),
    }
}

fn given_name(info: &str) -> Option<String> {
    let words = info.split([' ', '\t', ',', '{', '}']).filter(|word| !word.is_empty());
    let named = words.filter_map(|word| word.split_once(['=', ':']));
    named
        .map(|(_, name)| name.trim_matches(['"', '\'', '`']))
        .map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name))
        .find(|name| is_file_name(name))
        .map(str::to_owned)
}

/// A plain name with an extension: nothing that a system could take for a path or a command.
fn is_file_name(name: &str) -> bool {
    let has_extension =
        name.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && !extension.is_empty());
    has_extension
        && name.chars().count() <= MAX_NAME
        && name.starts_with(char::is_alphanumeric)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
}

/// The usual extension of a language; `txt` for those that are not known.
fn extension(language: &str) -> &'static str {
    match language {
        "rust" | "rs" => "rs",
        "python" | "py" | "python3" => "py",
        "javascript" | "js" | "node" => "js",
        "jsx" => "jsx",
        "typescript" | "ts" => "ts",
        "tsx" => "tsx",
        "go" | "golang" => "go",
        "java" => "java",
        "kotlin" | "kt" => "kt",
        "swift" => "swift",
        "c" => "c",
        "h" => "h",
        "cpp" | "c++" | "cc" | "cxx" => "cpp",
        "csharp" | "cs" | "c#" => "cs",
        "php" => "php",
        "ruby" | "rb" => "rb",
        "bash" | "sh" | "shell" | "zsh" | "console" => "sh",
        "powershell" | "ps1" | "pwsh" => "ps1",
        "bat" | "batch" | "cmd" => "bat",
        "sql" | "mysql" | "postgresql" | "sqlite" => "sql",
        "html" | "xhtml" => "html",
        "css" => "css",
        "scss" => "scss",
        "json" | "jsonc" => "json",
        "yaml" | "yml" => "yaml",
        "toml" => "toml",
        "xml" => "xml",
        "svg" => "svg",
        "ini" | "conf" => "ini",
        "csv" => "csv",
        "markdown" | "md" => "md",
        "latex" | "tex" => "tex",
        "lua" => "lua",
        "r" => "r",
        "scala" => "scala",
        "dart" => "dart",
        "perl" | "pl" => "pl",
        "haskell" | "hs" => "hs",
        "elixir" | "ex" => "ex",
        "erlang" | "erl" => "erl",
        "clojure" | "clj" => "clj",
        "zig" => "zig",
        "nix" => "nix",
        "vue" => "vue",
        "proto" | "protobuf" => "proto",
        "graphql" => "graphql",
        "diff" | "patch" => "diff",
        "asm" | "assembly" => "asm",
        "matlab" | "objectivec" | "objc" => "m",
        "solidity" | "sol" => "sol",
        "terraform" | "hcl" | "tf" => "tf",
        "nginx" => "conf",
        "vim" => "vim",
        "mermaid" => "mmd",
        _ => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_code_is_named_by_the_model_or_its_language() {
        let cases = [
            ("python", "code.py"),
            ("Rust", "code.rs"),
            ("c++", "code.cpp"),
            ("", "code.txt"),
            ("brainf", "code.txt"),
            ("dockerfile", "Dockerfile"),
            ("python title=\"app.py\"", "app.py"),
            ("python:src/main.py", "main.py"),
            ("js {filename='../../etc/x.js'}", "x.js"),
            ("js filename=..", "code.js"),
            ("sh file=.bashrc", "code.sh"),
            ("sh file=-rf.sh", "code.sh"),
        ];
        for (info, name) in cases {
            assert_eq!(file_name(info), name, "{info}");
        }
    }

    #[test]
    fn only_long_code_goes_into_files_and_each_has_its_own_name() {
        let mut shelf = Shelf::new(3);
        assert_eq!(shelf.take("py", "1\n2\n3\n"), None);
        assert_eq!(shelf.take("py", "1\n2\n3\n4\n"), Some("code.py"));
        assert_eq!(shelf.take("py", "1\n2\n3\n4\n5"), Some("code-2.py"));
        assert_eq!(shelf.take("make", "1\n2\n3\n4\n5"), Some("Makefile"));
        let files = shelf.into_files();
        assert_eq!(files[0], File { name: "code.py".to_owned(), text: "1\n2\n3\n4\n".to_owned() });
    }
}
