//! The lines above the keys, and the failures below: how it all is.

use super::app::App;
use super::draw::{Pen, columns, cut};
use super::keys::{bar, full, short};
use super::view::{Rates, Verdict};
use crate::domain::time::Timestamp;
use crate::ui::style::Paint;
use crate::ui::text::{relative, rfc3339, span};

/// The first line, and those that say what is wrong; says how many there are.
pub(super) fn title(app: &App, pen: &mut Pen<'_>) -> u16 {
    let view = &app.view;
    let width = pen.area.width;
    let (word, paint, reason) = match (&app.lost, &view.verdict) {
        (Some((since, why)), _) => {
            let silent = span(app.now.since(*since));
            ("NO ANSWER", Paint::Bad, format!("{why}; for {silent}, trying again; below is the last answer"))
        }
        (None, Verdict::Good) => ("OK", Paint::Good, String::new()),
        (None, Verdict::Warning(why)) => ("WARNING", Paint::Warning, why.clone()),
        (None, Verdict::Critical(why)) => ("CRITICAL", Paint::Bad, why.clone()),
    };
    let end = pen.put(0, 0, width, &format!("svs {}", view.version), Paint::Strong);
    let mut end = pen.put(end + 2, 0, width, word, paint);
    let polled = view.last_poll.map_or_else(|| "not yet".to_owned(), |at| relative(at, view.now));
    let parts = [
        format!("up {}", span(view.now.since(view.started_at))),
        format!("polled {polled}"),
        format!("pid {}", view.pid),
    ];
    let clock = time_of_day(view.now);
    for part in parts {
        // The time at the right goes before the rest.
        if end + 4 + columns(&part) + columns(&clock) <= width {
            end = pen.put(end + 2, 0, width, &part, Paint::Plain);
        }
    }
    if end + 2 + columns(&clock) <= width {
        pen.put_right(width, 0, width, &clock, Paint::Faint);
    }
    let mut y = 1;
    for line in fold(&reason, usize::from(width)) {
        pen.put(0, y, width, &line, paint);
        y += 1;
    }
    y
}

/// What there is to do, the last minute and the day; says how many lines that is.
pub(super) fn body(app: &App, pen: &mut Pen<'_>) -> u16 {
    let view = &app.view;
    let now = [
        (format!("{} running", view.running), Paint::Plain),
        (format!("{} waiting", view.queue), if view.queue > 0 { Paint::Warning } else { Paint::Plain }),
        (format!("{} to send", view.outbox), Paint::Plain),
        (format!("budgets renew {}", relative(view.resets_at, view.now)), Paint::Plain),
    ];
    let y = flow(pen, 0, "now", &now);
    let y = flow(pen, y, "minute", &minute(&view.rates, app));
    let mut day: Vec<(String, Paint)> = Vec::new();
    for budget in &view.budgets {
        let text = format!("{} {} {}/{}", budget.model, bar(budget.share(), 6), budget.used, budget.allowed);
        day.push((text, full(budget.share())));
    }
    let y = flow(pen, y, "day", &day);
    let outage = |outage: &super::view::Outage| {
        let until = outage.until.map_or_else(String::new, |at| format!(" {}", short(at.since(view.now))));
        (format!("{} {}{until}", outage.what, outage.why), Paint::Bad)
    };
    let down: Vec<(String, Paint)> = view.outages.iter().map(outage).collect();
    if down.is_empty() { y } else { flow(pen, y, "down", &down) }
}

fn minute(rates: &Rates, app: &App) -> Vec<(String, Paint)> {
    let bad = |count| if count > 0 { Paint::Warning } else { Paint::Plain };
    let mut parts = vec![
        (format!("{} in", rates.received), Paint::Plain),
        (format!("{} sent", rates.sends), Paint::Plain),
        (format!("{} answered", rates.answered), Paint::Plain),
        (format!("{} failed", rates.failed), bad(rates.failed)),
        (format!("{} refused", rates.refused), bad(rates.refused)),
    ];
    if let Some(ms) = rates.answer_p50_ms {
        parts.push((format!("p50 {:.1}s", ms as f64 / 1_000.0), Paint::Plain));
    }
    parts.push((curve(app, 12), Paint::Plain));
    parts
}

/// The sends of the last moments as a line of small bars, the newest at the right.
fn curve(app: &App, width: usize) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = app.curve.iter().skip(app.curve.len().saturating_sub(width));
    let highest = app.curve.iter().copied().max().unwrap_or(0).max(1);
    shown.map(|sends| STEPS[(*sends as usize * (STEPS.len() - 1)).div_ceil(highest as usize)]).collect()
}

/// Parts beside each other under a common title, on as many lines as they need; says where the next line is.
fn flow(pen: &mut Pen<'_>, y: u16, title: &str, parts: &[(String, Paint)]) -> u16 {
    let width = pen.area.width;
    let indent = 8.min(width / 4);
    pen.put(0, y, indent.saturating_sub(1), title, Paint::Faint);
    let (mut x, mut y) = (indent, y);
    for (text, paint) in parts {
        if x > indent && x + columns(text) > width {
            (x, y) = (indent, y + 1);
        }
        x = pen.put(x, y, width, text, *paint) + 2;
    }
    y + 1
}

/// The lines that the failures would like to have.
pub(super) fn failures_height(app: &App) -> u16 {
    match app.view.failures.len() {
        0 => 0,
        some => u16::try_from(some + 1).unwrap_or(u16::MAX),
    }
}

/// The latest failures.
pub(super) fn failures(app: &App, pen: &mut Pen<'_>) {
    let rows = usize::from(pen.area.height.saturating_sub(1));
    let all = app.view.failures.len();
    if all == 0 {
        return;
    }
    let more = if all > rows { format!("{rows} of {all}") } else { String::new() };
    pen.rule(0, false, "FAILED IN THE LAST HOUR", &more);
    let width = pen.area.width;
    for (failure, y) in app.view.failures.iter().take(rows).zip(1..) {
        let end = pen.put(2, y, 5, &short(app.view.now.since(failure.at)), Paint::Plain);
        pen.put(end.max(6) + 1, y, width, &failure.message, Paint::Plain);
    }
}

/// `14:03:22 UTC`.
pub(super) fn time_of_day(at: Timestamp) -> String {
    let whole = rfc3339(at).unwrap_or_default();
    whole.get(11..19).map_or_else(String::new, |time| format!("{time} UTC"))
}

/// A text on at most three lines, broken between words.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if usize::from(columns(line) + 1 + columns(word)) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, width)),
        }
    }
    lines.truncate(3);
    lines
}
