//! Group commit: what is shared, what is not, what a failure takes along.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::*;

/// Keeps the writer busy until the sender says go, so that what is handed over meanwhile forms one group.
fn gate(store: &Store) -> mpsc::Sender<()> {
    let (go, wait) = mpsc::channel::<()>();
    store.later(move |_| {
        let _ = wait.recv();
        Ok(())
    });
    go
}

#[tokio::test]
async fn an_error_undoes_its_own_closure_alone() {
    // The failing one first, in the middle and last: with and without a savepoint.
    for bad in 0..3 {
        let (_dir, store, _) = fresh();
        let go = gate(&store);
        let mut handed = Vec::new();
        for n in 0..3 {
            handed.push(store.commit(move |tx| {
                tx.update_cell(&CellKey::Pool, |counter: &mut Counter, _| counter.n += 1)?;
                if n == bad { Err(StoreError::Full) } else { Ok(n) }
            }));
        }
        go.send(()).expect("the writer waits");
        for (n, answer) in handed.into_iter().enumerate() {
            let expected = if n == bad { Err(StoreError::Full) } else { Ok(n) };
            assert_eq!(answer.await, expected, "bad {bad}");
        }
        assert_eq!(counted(&store, CellKey::Pool).await, 2, "bad {bad}");
    }
}

#[tokio::test]
async fn a_panic_undoes_its_own_closure_alone_and_the_store_goes_on() {
    let (_dir, store, _) = fresh();
    let go = gate(&store);
    let good = count(&store, CellKey::Pool);
    let bad = store.commit(|tx| -> Result<(), StoreError> {
        tx.update_cell(&CellKey::Pool, |counter: &mut Counter, _| counter.n = 100)?;
        panic!("of a test")
    });
    let handed = tokio::spawn(good);
    go.send(()).expect("the writer waits");
    assert_eq!(bad.await, Err(StoreError::Panicked));
    handed.await.expect("no panic here").expect("its own writes stand");
    assert_eq!(count(&store, CellKey::Pool).await, Ok(2));
}

#[tokio::test]
async fn later_is_committed_without_anybody_waiting() {
    let (dir, store, _) = fresh();
    store.later(|tx| tx.update_cell(&CellKey::Seats, |counter: &mut Counter, _| counter.n = 7).map(|_| ()));
    let other = open(dir.path(), Access::ReadOnly).expect("looks beside it");
    let started = Instant::now();
    while counted(&other, CellKey::Seats).await != 7 {
        assert!(started.elapsed() < Duration::from_secs(2), "not committed");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_closure_runs_even_if_nobody_polls() {
    let (_dir, store, _) = fresh();
    drop(store.commit(|tx| tx.update_cell(&CellKey::Pool, |counter: &mut Counter, _| counter.n += 1)));
    assert_eq!(counted(&store, CellKey::Pool).await, 1);
}

#[tokio::test]
async fn a_cell_is_written_only_when_it_changed() {
    let (_dir, store, clock) = fresh();
    let key = CellKey::Project(crate::domain::key::Project("p".into()));
    for n in [1_u64, 1, 2, 2, 2] {
        let cell = key.clone();
        let seen = store.commit(move |tx| {
            let ((), state) = tx.update_cell(&cell, |counter: &mut Counter, _| counter.n = n)?;
            assert_eq!(state, Counter { n });
            let (now, _) = tx.update_cell(&cell, |_: &mut Counter, now| now)?;
            let mut version = tx.sql("SELECT version FROM cells WHERE key = ?1")?;
            Ok((now, version.query_row([cell.to_string()], |row| row.get::<_, i64>(0))?))
        });
        assert_eq!(seen.await, Ok((clock.now(), n.cast_signed())));
    }
    // Of whoever was forgotten, no empty cell comes back.
    let cells = store.commit(|tx| {
        tx.update_cell(&CellKey::Pool, |counter: &mut Counter, _| counter.n = 0)?;
        tx.cells::<Counter>("pool")
    });
    assert_eq!(cells.await.map(|cells| cells.len()), Ok(0));
}

#[tokio::test]
async fn cells_are_found_by_their_kind() {
    use crate::domain::{chat::UserId, key::Project, model::ModelSlot};
    let (_dir, store, _) = fresh();
    let keys = [
        CellKey::Project(Project("a".into())),
        CellKey::Project(Project("b:c\u{10FFFE}".into())),
        CellKey::Seats,
        CellKey::User(UserId(-5)),
        CellKey::Model(ModelSlot::FlashLite),
        CellKey::Pool,
        CellKey::Arrivals,
        CellKey::Retries,
    ];
    for key in keys.clone() {
        count(&store, key).await.expect("written");
    }
    let cases = [
        (CellKey::PROJECTS, vec![keys[0].clone(), keys[1].clone()]),
        (CellKey::USERS, vec![keys[3].clone()]),
        (CellKey::MODELS, vec![keys[4].clone()]),
    ];
    for (prefix, expected) in cases {
        let found = store.read(move |tx| tx.cells::<Counter>(prefix)).await.expect("readable");
        assert_eq!(found.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(), expected, "{prefix}");
        assert!(found.iter().all(|(_, counter)| counter.n == 1));
    }
    let all = store.read(|tx| tx.cells::<Counter>("")).await.expect("readable");
    let mut all: Vec<_> = all.into_iter().map(|(key, _)| key).collect();
    let mut expected = keys.to_vec();
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn a_cell_that_cannot_be_read_is_an_error_without_its_content() {
    let (_dir, store, _) = fresh();
    store
        .commit(|tx| {
            tx.sql("INSERT INTO cells VALUES ('pool', 1, '{\"n\":\"a secret\"}')")?.execute([])?;
            Ok(())
        })
        .await
        .expect("written");
    let error = count(&store, CellKey::Pool).await.expect_err("no number");
    assert!(matches!(error, StoreError::Undecodable { .. }));
    assert!(!format!("{error:?} {error}").contains("secret"));
}

#[tokio::test]
async fn a_full_disk_fails_its_transaction_and_is_over_when_there_is_room() {
    let (_dir, store, _) = fresh();
    assert_eq!(count(&store, CellKey::Pool).await, Ok(1));
    let limit = |pages: i64| {
        store.commit(move |tx| {
            Ok(tx
                .sql(&format!("PRAGMA max_page_count = {pages}"))?
                .query_row([], |row| row.get::<_, i64>(0))?)
        })
    };
    // SQLite raises a limit below the present size to that size.
    limit(1).await.expect("limited");
    let go = gate(&store);
    let before = store.commit(|tx| tx.update_cell(&CellKey::Seats, |c: &mut Counter, _| c.n += 1));
    let big = store.commit(|tx| {
        tx.update_cell(&CellKey::Retries, |text: &mut String, _| *text = "x".repeat(1 << 20)).map(|_| ())
    });
    go.send(()).expect("the writer waits");
    let before = before.await;
    let error = big.await.expect_err("no room");
    assert_eq!(error, StoreError::Full);
    assert_eq!(error.kind(), crate::error::ErrorKind::State);
    // Its neighbor either stands and was told so, or was undone and was told so.
    assert_eq!(counted(&store, CellKey::Seats).await, u64::from(before.is_ok()));
    limit(1_000_000).await.expect("lifted");
    assert_eq!(count(&store, CellKey::Pool).await, Ok(2));
    let text = store.read(|tx| tx.read_cell::<String>(&CellKey::Retries)).await;
    assert_eq!(text, Ok(String::new()));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let (dir, store, _) = fresh();
    let clone = store.clone();
    store.close().await;
    assert_eq!(count(&clone, CellKey::Pool).await, Err(StoreError::Closed));
    assert_eq!(clone.sync().await, Err(StoreError::Closed));
    clone.close().await;
    open(dir.path(), Access::Daemon).expect("the locks are free while a handle still lives");
}

#[tokio::test]
async fn sync_answers_and_a_long_log_is_copied_back() {
    let dir = folder();
    let store = open(dir.path(), Access::Daemon).expect("opens");
    for round in 0..15_u64 {
        for n in 0..100 {
            // Ten pages a commit: 60 MB in all.
            let text = format!("{round} {n} {}", "x".repeat(40_000));
            store
                .commit(move |tx| {
                    tx.update_cell(&CellKey::Pool, |cell: &mut String, _| cell.clone_from(&text)).map(|_| ())
                })
                .await
                .expect("written");
        }
        store.sync().await.expect("synced");
    }
    let log = dir.path().join("svs.db-wal");
    let length = std::fs::metadata(&log).expect("there while open").len();
    assert!(length < 40 << 20, "{length}");
    drop(store);
    assert!(!log.exists(), "a daemon that stops in order leaves one file");
}

#[tokio::test]
#[ignore = "needs SVS_TEST_DIR on a file system of 1 MB"]
async fn a_full_file_system_fails_its_transaction_and_is_over_when_there_is_room() {
    let Some(small) = std::env::var_os("SVS_TEST_DIR") else {
        let why = "skipped: SVS_TEST_DIR names no small file system; `just soak` mounts one where it may\n";
        std::io::Write::write_all(&mut std::io::stderr(), why.as_bytes()).expect("stderr");
        return;
    };
    let dir = std::path::PathBuf::from(small).join("state");
    let store = open(&dir, Access::Daemon).expect("opens");
    let ballast = dir.join("ballast");
    std::fs::write(&ballast, vec![1; 400 << 10]).expect("fits");
    let mut stored = 0;
    let error = loop {
        match count(&store, CellKey::Pool).await {
            Ok(n) => stored = n,
            Err(error) => break error,
        }
    };
    assert_eq!(error, StoreError::Full, "after {stored}");
    assert_eq!(count(&store, CellKey::Pool).await, Err(StoreError::Full));
    assert_eq!(counted(&store, CellKey::Pool).await, stored);
    std::fs::remove_file(&ballast).expect("room");
    assert_eq!(count(&store, CellKey::Pool).await, Ok(stored + 1));
    drop(store);
    let store = open(&dir, Access::Daemon).expect("opens again");
    assert_eq!(counted(&store, CellKey::Pool).await, stored + 1);
}
