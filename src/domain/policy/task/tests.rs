//! What the classifier must get right, and what it must survive.

use super::{Classified, Kind, Message, Task, classify};

const PROMPTS: &str = include_str!("prompts.tsv");

struct Labelled {
    task: String,
    kind: String,
    text: String,
}

fn labelled(table: &str) -> Vec<Labelled> {
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let mut cells = line.splitn(3, '\t');
        let mut cell = || cells.next().unwrap_or_else(|| panic!("three cells: {line}")).to_owned();
        let (task, kind) = (cell(), cell());
        let text = cell().replace("\\n", "\n").replace("\\\n", "\\n").replace("\\\\", "\\");
        Labelled { task, kind, text }
    })
    .collect()
}

fn first(text: &str) -> Classified {
    classify(&Message::new(text))
}

fn accuracy(rows: &[Labelled], show: bool) -> (f64, f64, String) {
    let (mut tasks, mut kinds) = (0, 0);
    let mut matrix = std::collections::BTreeMap::<(String, &str), u32>::new();
    for row in rows {
        let got = first(&row.text);
        tasks += u32::from(row.task.split('|').any(|task| task == got.task.name()));
        kinds += u32::from(got.kind.name() == row.kind || row.kind == "-");
        *matrix.entry((row.task.clone(), got.task.name())).or_default() += 1;
        if show && !row.task.split('|').any(|task| task == got.task.name()) {
            let text: String = row.text.chars().take(150).collect();
            eprintln!(
                "{} → {} ({}→{}; work {:.1}, reasoning {:.1}) {:?}",
                row.task,
                got.task.name(),
                row.kind,
                got.kind.name(),
                got.work,
                got.reasoning,
                text
            );
            if std::env::var_os("WHY").is_some() {
                for reason in &got.reasons {
                    eprintln!("      {reason}");
                }
            }
        } else if show
            && got.kind.name() != row.kind
            && row.kind != "-"
            && std::env::var_os("KINDS").is_some()
        {
            let text: String = row.text.chars().take(90).collect();
            eprintln!("   kind {} → {} {:?}", row.kind, got.kind.name(), text);
        }
    }
    let n = rows.len() as f64;
    (f64::from(tasks) / n, f64::from(kinds) / n, format!("{matrix:?}"))
}

#[test]
fn scratch() {
    let path = std::env::var("TSV").ok();
    let table = path.map_or(PROMPTS.to_owned(), |path| std::fs::read_to_string(path).unwrap());
    let rows = labelled(&table);
    let (tasks, kinds, matrix) = accuracy(&rows, true);
    eprintln!("{} rows: task {tasks:.3} kind {kinds:.3} {matrix}", rows.len());
}
