//! All numbers in the text format of Prometheus: what was counted comes from `telemetry`, what is now from the same
//! place as `svs status`, so the two agree.
//!
//! **Invariant:** no label holds an id, a name or anything of a key: keys are counted by group.

use std::collections::HashSet;

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::domain::key::Group;
use crate::domain::model::ModelSlot;
use crate::domain::pool::snapshot::Counts;
use crate::domain::time::Timestamp;
use crate::gateway::Gauges;
use crate::telemetry::{Process, Vitals, group_label};

pub(super) use prometheus::TEXT_FORMAT;

/// The text of `/metrics`.
pub(super) fn text(families: &[MetricFamily]) -> prometheus::Result<String> {
    TextEncoder::new().encode_to_string(families)
}

/// All families; without gauges (the state is not open, or does not answer) there is what is known all the same.
pub(super) fn families(
    gauges: Option<&Gauges>,
    vitals: &Vitals,
    started_at: Timestamp,
    is_ready: bool,
) -> Vec<MetricFamily> {
    let mut page = Page(vitals.families());
    page.gauge(
        "svs_build_info",
        "Which svs this is; always 1.",
        [(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)],
    );
    page.one("svs_ready", "Whether /ready says so.", f64::from(u8::from(is_ready)));
    let last_poll = vitals.last_poll().map_or(0.0, seconds);
    page.one("svs_last_poll_timestamp_seconds", "When Telegram last answered a poll; 0: never.", last_poll);
    page.one("process_start_time_seconds", "When this process began.", seconds(started_at));
    if let Some(gauges) = gauges {
        now(&mut page, gauges);
        keys(&mut page, gauges);
        budgets(&mut page, gauges);
    }
    process(&mut page, &Process::look());
    // A family without a line would be an error, and there is none before the first count.
    let mut families: Vec<MetricFamily> =
        page.0.into_iter().filter(|family| !family.get_metric().is_empty()).collect();
    families.sort_by(|a, b| a.name().cmp(b.name()));
    families
}

fn now(page: &mut Page, gauges: &Gauges) {
    let number = f64::from;
    page.one("svs_queue_requests", "Requests that wait for a key.", number(gauges.queue));
    page.one("svs_running_requests", "Requests that run or wait.", number(gauges.running));
    page.one("svs_outbox_messages", "Messages that wait to be sent to Telegram.", number(gauges.outbox));
    page.one("svs_seats", "VIP seats in all.", number(gauges.seats));
    page.one("svs_seats_taken", "VIP seats taken.", number(gauges.seats_taken));
    let help = "The midnight at which budgets are renewed.";
    page.one("svs_budget_reset_timestamp_seconds", help, seconds(gauges.resets_at));
    let is_up = |model| !gauges.outages.iter().any(|(down, _)| *down == model);
    let help = "Whether the breaker of the whole pool lets requests through.";
    page.one("svs_pool_up", help, f64::from(u8::from(is_up(None))));
    let help = "Whether the breaker of a model lets requests through.";
    let models = offered(gauges).map(|model| (labels(&[("model", model.name())]), up(is_up(Some(model)))));
    page.gauge("svs_model_up", help, models);
    let help = "Updates that Telegram handed over, each once.";
    page.counter("svs_updates_received_total", help, [(Vec::new(), gauges.updates.received as f64)]);
    let ended = gauges.updates.ended.iter().map(|(ending, count)| {
        let (ending, reason) = ending.words();
        (labels(&[("ending", ending), ("reason", reason)]), *count as f64)
    });
    page.counter("svs_updates_ended_total", "Updates that ended, by how and why.", ended);
    let dropped = gauges.log_lines_dropped as f64;
    page.counter(
        "svs_log_lines_dropped_total",
        "Lines of the log that found no room.",
        [(Vec::new(), dropped)],
    );
}

fn keys(page: &mut Page, gauges: &Gauges) {
    let rows = gauges.counts.iter().flat_map(|(group, counts)| {
        let Counts { ready, cooling, exhausted, blacklisted, invalid, disabled, total: _ } = *counts;
        let states = [
            ("ready", ready),
            // The words of `svs status`.
            ("limited", cooling),
            ("exhausted", exhausted),
            ("blacklisted", blacklisted),
            ("rejected", invalid),
            ("disabled", disabled),
        ];
        let group = group_label(*group);
        states.map(|(state, count)| (labels(&[("group", &group), ("state", state)]), f64::from(count)))
    });
    page.gauge("svs_keys", "Keys by group, each in one state.", rows);
}

fn budgets(page: &mut Page, gauges: &Gauges) {
    let whole = |pick: fn((u32, u32)) -> u32| {
        offered(gauges)
            .map(move |model| (labels(&[("model", model.name())]), f64::from(pick(gauges.spent[model]))))
    };
    let help = "Sends of this quota day, each project counted once.";
    page.gauge("svs_budget_used", help, whole(|(used, _)| used));
    let help = "Sends allowed in this quota day, each project counted once.";
    page.gauge("svs_budget_limit", help, whole(|(_, limit)| limit));
    let groups: Vec<Option<Group>> = gauges.counts.iter().map(|(group, _)| *group).collect();
    let by_group = |pick: fn((u32, u32)) -> u32| {
        groups.iter().flat_map(move |group| {
            offered(gauges).map(move |model| {
                let value = pick(spent_of(gauges, *group, model));
                (labels(&[("group", &group_label(*group)), ("model", model.name())]), f64::from(value))
            })
        })
    };
    let help = "Sends of this quota day by the projects of a group; shared ones count in each.";
    page.gauge("svs_group_budget_used", help, by_group(|(used, _)| used));
    let help = "Sends allowed in this quota day to the projects of a group; shared ones count in each.";
    page.gauge("svs_group_budget_limit", help, by_group(|(_, limit)| limit));
}

/// The models for which some key has a budget.
fn offered(gauges: &Gauges) -> impl Iterator<Item = ModelSlot> {
    ModelSlot::ALL.into_iter().filter(|model| gauges.spent[*model].1 > 0)
}

fn spent_of(gauges: &Gauges, group: Option<Group>, model: ModelSlot) -> (u32, u32) {
    let mut projects = HashSet::new();
    let own = gauges.keys.iter().filter(|key| key.id.group() == group && projects.insert(&key.project));
    own.map(|key| key.spent[model]).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

fn process(page: &mut Page, process: &Process) {
    let rows = [
        ("process_resident_memory_bytes", "Resident memory.", process.resident_bytes),
        ("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes),
        ("process_open_fds", "Open file descriptors.", process.open_fds),
        ("process_max_fds", "File descriptors allowed.", process.max_fds),
    ];
    for (name, help, value) in rows {
        if let Some(value) = value {
            page.one(name, help, value as f64);
        }
    }
    if let Some(spent) = process.cpu_seconds {
        page.counter("process_cpu_seconds_total", "Time on processors.", [(Vec::new(), spent)]);
    }
}

fn up(is_up: bool) -> f64 {
    f64::from(u8::from(is_up))
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millis() as f64 / 1000.0
}

type Labels = Vec<(&'static str, String)>;

fn labels(pairs: &[(&'static str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// The families so far.
struct Page(Vec<MetricFamily>);

impl Page {
    fn one(&mut self, name: &str, help: &str, value: f64) {
        self.gauge(name, help, [(Vec::new(), value)]);
    }

    fn gauge(&mut self, name: &str, help: &str, rows: impl IntoIterator<Item = (Labels, f64)>) {
        self.add(name, help, MetricType::GAUGE, rows, |metric, value| {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        });
    }

    fn counter(&mut self, name: &str, help: &str, rows: impl IntoIterator<Item = (Labels, f64)>) {
        self.add(name, help, MetricType::COUNTER, rows, |metric, value| {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        });
    }

    fn add(
        &mut self,
        name: &str,
        help: &str,
        kind: MetricType,
        rows: impl IntoIterator<Item = (Labels, f64)>,
        set: impl Fn(&mut Metric, f64),
    ) {
        let metric = |(labels, value): (Labels, f64)| {
            let mut metric = Metric::default();
            let pair = |(name, value): (&str, String)| {
                let mut pair = LabelPair::default();
                pair.set_name(name.to_owned());
                pair.set_value(value);
                pair
            };
            metric.set_label(labels.into_iter().map(pair).collect());
            set(&mut metric, value);
            metric
        };
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        family.set_metric(rows.into_iter().map(metric).collect());
        self.0.push(family);
    }
}
