//! How long a commit takes. `cargo test --release -- --ignored --nocapture store::tests::speed`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::*;
use crate::domain::key::{Fingerprint, Project};
use crate::domain::model::ModelSlot;
use crate::domain::reference::RequestId;
use crate::store::SendRecord;

/// About as large as the cell of a project with one key and a minute of sends: 2 kB.
#[derive(Clone, Serialize, Deserialize)]
struct ProjectLike {
    windows: [Vec<Timestamp>; 4],
    leases: Vec<(u64, Timestamp, String)>,
    spent: [u32; 4],
}

impl Default for ProjectLike {
    fn default() -> ProjectLike {
        ProjectLike {
            windows: [0, 1, 2, 3].map(|_| vec![NOON; 10]),
            leases: (0..24).map(|n| (n, NOON, "0123456789abcdef0123456789abcdef".to_owned())).collect(),
            spent: [0; 4],
        }
    }
}

fn debit(store: &Store) -> impl Future<Output = Result<u32, StoreError>> + use<> {
    store.commit(|tx| {
        let project = Project("default-project".into());
        let (spent, _) =
            tx.update_cell(&CellKey::Project(project.clone()), |state: &mut ProjectLike, now| {
                state.windows[0].rotate_left(1);
                state.windows[0][9] = now;
                state.spent[0] += 1;
                state.spent[0]
            })?;
        tx.insert_send(&SendRecord {
            request: Some(RequestId(i64::from(spent))),
            fingerprint: Fingerprint([1; 8]),
            project,
            model: ModelSlot::Flash,
            router: "a",
        })?;
        Ok(spent)
    })
}

fn say(name: &str, mut taken: Vec<Duration>) {
    taken.sort();
    let at = |percent: usize| taken[(taken.len() - 1) * percent / 100];
    let (p50, p99, worst) = (at(50), at(99), at(100));
    let _ = writeln!(std::io::stderr(), "{name}: p50 {p50:?}, p99 {p99:?}, max {worst:?}, n {}", taken.len());
}

#[tokio::test]
#[ignore = "a measurement"]
async fn a_debit_takes_tens_of_microseconds() {
    let dir = folder();
    let mut opened = Vec::new();
    for _ in 0..20 {
        let started = Instant::now();
        let store = Store::open(dir.path(), Clock::system()).expect("opens");
        opened.push(started.elapsed());
        drop(store);
    }
    say("open, direct", opened);
    let store = Store::open_as(dir.path(), Clock::system(), Access::Daemon).expect("opens");
    let _ = debit(&store).await;
    let mut taken = Vec::new();
    for _ in 0..20_000 {
        let started = Instant::now();
        debit(&store).await.expect("debited");
        taken.push(started.elapsed());
    }
    say("debit, one at a time", taken);
    let mut taken = Vec::new();
    for _ in 0..20_000 {
        let started = Instant::now();
        store.read(|tx| tx.read_cell::<Counter>(&CellKey::Pool)).await.expect("read");
        taken.push(started.elapsed());
    }
    say("read of a small cell", taken);
    let mut taken = Vec::new();
    for _ in 0..100 {
        debit(&store).await.expect("debited");
        let started = Instant::now();
        store.sync().await.expect("synced");
        taken.push(started.elapsed());
    }
    say("sync", taken);
    let started = Instant::now();
    for _ in 0..400 {
        for answer in (0..50).map(|_| debit(&store)).collect::<Vec<_>>() {
            answer.await.expect("debited");
        }
    }
    say("debit, 50 at a time, each", vec![started.elapsed() / 20_000]);
    let size = store.read(|tx| {
        Ok(tx.sql("SELECT length(state) FROM cells")?.query_row([], |row| row.get::<_, i64>(0))?)
    });
    say(&format!("cell of {} bytes", size.await.expect("read")), vec![Duration::ZERO]);
}
