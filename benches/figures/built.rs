//! B1: what the program is built of.

use std::collections::HashSet;
use std::process::Command;

use super::table::{Row, mb};
use super::world::{Fallible, binary};

pub(crate) fn figures() -> Fallible<Vec<Row>> {
    let size = std::fs::metadata(binary())?.len();
    let mut rows = vec![match crates() {
        Ok(count) => Row::new("B1", "crates with default features", count.to_string())
            .goal("≤ 280", count <= 280)
            .beside("with build and proc-macro crates"),
        Err(error) => Row::new("B1", format!("crates: not counted ({error})"), ""),
    }];
    rows.push(Row::new("", format!("size of {}", binary().display()), mb(size)));
    if let Ok(seconds) = std::env::var("SVS_BUILD_SECONDS")
        && let Ok(seconds) = seconds.parse::<f64>()
    {
        let row = Row::new("", "cold release build", format!("{seconds:.0} s"));
        rows.push(row.goal("≤ 360 s on 2 cores", seconds <= 360.0));
    }
    Ok(rows)
}

/// Packages that a build with default features compiles.
fn crates() -> Fallible<usize> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--locked", "--offline", "-e", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    if !output.status.success() {
        return Err(format!("cargo tree ended with {}", output.status).into());
    }
    let listed = String::from_utf8(output.stdout)?;
    // A package that was listed before is marked with (*).
    let names = listed.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty());
    Ok(names.collect::<HashSet<_>>().len())
}
