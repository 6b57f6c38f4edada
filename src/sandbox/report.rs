//! What the pool really did to upstream, computed from the witness alone: the judge of every limit.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// One generation as it reached the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Send {
    /// Milliseconds since 1970, the server's clock.
    pub at: i64,
    /// The label of the key.
    pub key: String,
    /// The project of the key.
    pub project: String,
    /// The model id.
    pub model: String,
}

/// The worst that happened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// All generations.
    pub sends: usize,
    /// Per (project, model): the most sends in any sliding 60 s, and when that window began.
    pub busiest: BTreeMap<(String, String), (usize, i64)>,
    /// Per key label: the smallest time between two sends, in milliseconds; absent for a key used once.
    pub gaps: BTreeMap<String, i64>,
    /// Per (project, model, Pacific day such as `2026-11-23`): sends.
    pub days: BTreeMap<(String, String, String), usize>,
}

/// What a report is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Sends of a (project, model) in any 60 s.
    pub per_minute: usize,
    /// Milliseconds between two sends of a key, as the receiver sees them.
    pub gap_ms: i64,
    /// Sends of a (project, model) in a Pacific day.
    pub per_day: usize,
}

impl Report {
    /// Compute it; the order of `sends` does not matter.
    pub fn of(mut sends: Vec<Send>) -> Report {
        sends.sort_by_key(|send| send.at);
        let mut report = Report { sends: sends.len(), ..Report::default() };
        let mut units: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
        let mut keys: BTreeMap<String, i64> = BTreeMap::new();
        for Send { at, key, project, model } in sends {
            if let Some(before) = keys.insert(key.clone(), at) {
                let gap = report.gaps.entry(key).or_insert(i64::MAX);
                *gap = (*gap).min(at - before);
            }
            *report.days.entry((project.clone(), model.clone(), pacific_day(at))).or_default() += 1;
            units.entry((project, model)).or_default().push(at);
        }
        for (unit, times) in units {
            let mut first = 0;
            let mut worst = (0, 0);
            for (last, at) in times.iter().enumerate() {
                while times[first] + 60_000 <= *at {
                    first += 1;
                }
                worst = worst.max((last + 1 - first, times[first]));
            }
            report.busiest.insert(unit, worst);
        }
        report
    }

    /// Compute it from a witness file, which may also be that of another process.
    pub fn of_file(path: &Path) -> std::io::Result<Report> {
        let text = std::fs::read_to_string(path)?;
        Ok(Report::of(text.lines().filter_map(send_of_line).collect()))
    }

    /// The most sends any (project, model) saw in 60 s.
    pub fn most_per_minute(&self) -> usize {
        self.busiest.values().map(|worst| worst.0).max().unwrap_or(0)
    }

    /// The smallest gap of any key, none when no key was used twice.
    pub fn smallest_gap(&self) -> Option<i64> {
        self.gaps.values().min().copied()
    }

    /// The most sends any (project, model) saw in one Pacific day.
    pub fn most_per_day(&self) -> usize {
        self.days.values().max().copied().unwrap_or(0)
    }

    /// Every bound that was broken, in words.
    pub fn violations(&self, bounds: Bounds) -> Vec<String> {
        let mut found = Vec::new();
        for ((project, model), (sends, from)) in &self.busiest {
            if *sends > bounds.per_minute {
                found.push(format!("{project} {model}: {sends} sends in 60 s from {from}"));
            }
        }
        for (key, gap) in &self.gaps {
            if *gap < bounds.gap_ms {
                found.push(format!("key {key}: two sends {gap} ms apart"));
            }
        }
        for ((project, model, day), sends) in &self.days {
            if *sends > bounds.per_day {
                found.push(format!("{project} {model}: {sends} sends on {day}"));
            }
        }
        found
    }
}

/// The day in Los Angeles, where the real quota turns over.
pub(super) fn pacific_day(at: i64) -> String {
    static PACIFIC: TimeZone = jiff::tz::get!("America/Los_Angeles");
    Timestamp::from_millisecond(at).map(|at| PACIFIC.to_datetime(at).date().to_string()).unwrap_or_default()
}

fn send_of_line(line: &str) -> Option<Send> {
    let row: Value = serde_json::from_slice(line.as_bytes()).ok()?;
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    let generation = row["server"] == "gemini" && row["method"].as_str()?.ends_with("enerateContent");
    let (key, project) = (text("key")?, text("project")?);
    (generation && !project.is_empty()).then_some(Send {
        at: row["at"].as_i64()?,
        key,
        project,
        model: text("model")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Report, Send, pacific_day, send_of_line};

    fn send(at: i64, key: &str, project: &str) -> Send {
        Send { at, key: key.to_owned(), project: project.to_owned(), model: "m".to_owned() }
    }

    #[test]
    fn the_window_slides_and_excludes_its_sixtieth_second() {
        let report = Report::of(vec![send(59_999, "A1", "p"), send(60_000, "A1", "p"), send(0, "A1", "p")]);
        assert_eq!(report.most_per_minute(), 2);
        let report = Report::of((0..11).map(|n| send(1_000 + n * 5_999, "A1", "p")).collect());
        assert_eq!(report.most_per_minute(), 11);
        assert_eq!(report.busiest[&("p".to_owned(), "m".to_owned())], (11, 1_000));
    }

    #[test]
    fn a_gap_is_per_key_and_a_day_per_project() {
        let report = Report::of(vec![send(0, "A1", "p"), send(4_000, "A2", "p"), send(10_000, "A1", "p")]);
        assert_eq!((report.smallest_gap(), report.most_per_day()), (Some(10_000), 3));
        let bounds = Bounds { per_minute: 2, gap_ms: 10_001, per_day: 2 };
        assert_eq!(report.violations(bounds).len(), 3);
        let bounds = Bounds { per_minute: 3, gap_ms: 10_000, per_day: 3 };
        assert_eq!(report.violations(bounds), Vec::<String>::new());
    }

    #[test]
    fn the_day_turns_at_midnight_in_los_angeles() {
        // 2026-11-23 07:59:59Z and 08:00:00Z.
        assert_eq!(pacific_day(1_795_420_799_000), "2026-11-22");
        assert_eq!(pacific_day(1_795_420_800_000), "2026-11-23");
    }

    #[test]
    fn only_generations_with_a_known_key_count() {
        let line = r#"{"server":"gemini","method":"streamGenerateContent","at":5,"key":"A1","project":"p","model":"m"}"#;
        assert_eq!(send_of_line(line), Some(send(5, "A1", "p")));
        for other in [line.replace("streamGenerateContent", "models.list"), line.replace("\"p\"", "\"\"")] {
            assert_eq!(send_of_line(&other), None, "{other}");
        }
    }
}
