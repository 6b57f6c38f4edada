//! What is found in the state folder, and what is refused. Boots and restarts.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::*;
use crate::error::{CommandError, ErrorKind};

fn refused(dir: &Path) -> StoreError {
    let mut last = None;
    for access in [Access::Daemon, Access::Direct, Access::ReadOnly, Access::AtRest] {
        let error = open(dir, access).expect_err("not a store");
        assert_eq!(error.kind(), ErrorKind::Config, "{access:?}: {error}");
        last = Some(error);
    }
    last.expect("four")
}

/// A store with something in it, closed.
async fn used() -> TempDir {
    let dir = folder();
    let store = open(dir.path(), Access::Daemon).expect("opens");
    for user in 0..2000 {
        count(&store, CellKey::User(crate::domain::chat::UserId(user))).await.expect("counted");
    }
    dir
}

#[tokio::test]
async fn a_damaged_or_foreign_database_is_refused_and_left_as_it_is() {
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let damage: [(&str, Damage); 4] = [
        ("empty", |_| Vec::new()),
        ("garbage", |_| b"this is no database, but it is long enough to look at twice".repeat(100)),
        ("cut", |whole| whole[..whole.len() / 2].to_vec()),
        ("header", |mut whole| {
            whole[..64].fill(0xff);
            whole
        }),
    ];
    let dir = used().await;
    let path = dir.path().join("svs.db");
    let whole = fs::read(&path).expect("closed, so one file");
    for (name, damage) in damage {
        let damaged = damage(whole.clone());
        fs::write(&path, &damaged).expect("written");
        let error = refused(dir.path());
        assert!(matches!(error, StoreError::Damaged { .. }), "{name}: {error:?}");
        assert_eq!(fs::read(&path).expect("still there"), damaged, "{name}");
    }
    fs::remove_file(&path).expect("removed");
    Connection::open(&path).and_then(|c| c.execute_batch("CREATE TABLE t (x)")).expect("another's database");
    let error = refused(dir.path());
    assert!(error.to_string().ends_with("is no database of svs"), "{error}");
    fs::write(&path, &whole).expect("restored");
    open(dir.path(), Access::Daemon).expect("as good as before");
}

#[tokio::test]
async fn damage_inside_is_told_when_it_is_read() {
    let dir = used().await;
    let path = dir.path().join("svs.db");
    let mut whole = fs::read(&path).expect("closed");
    let pages = whole.len() / 4096;
    for page in pages / 2..pages {
        whole[page * 4096..page * 4096 + 512].fill(0xa5);
    }
    fs::write(&path, &whole).expect("written");
    let error = match open(dir.path(), Access::Daemon) {
        Ok(store) => {
            store.read(|tx| tx.cells::<Counter>("")).await.expect_err("half of the pages are damaged")
        }
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn a_database_that_lost_its_main_file_is_not_made_anew() {
    let (dir, store, _) = fresh();
    count(&store, CellKey::Pool).await.expect("counted");
    drop(store);
    assert!(dir.path().join("svs.db-wal").exists(), "a direct command leaves its log");
    fs::remove_file(dir.path().join("svs.db")).expect("removed");
    let error = open(dir.path(), Access::Direct).expect_err("the budgets would start anew");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_words() {
    let dir = used().await;
    let path = dir.path().join("svs.db");
    Connection::open(&path).and_then(|c| c.pragma_update(None, "user_version", 99)).expect("raised");
    let error = refused(dir.path());
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error:?}");
    let told = CommandError::from(error);
    assert_eq!((told.kind.exit_code(), told.hints.len()), (78, 1));
    Connection::open(&path).and_then(|c| c.pragma_update(None, "user_version", 0)).expect("lowered");
    refused(dir.path());
}

#[tokio::test]
async fn a_daemon_is_alone() {
    let dir = folder();
    let daemon = open(dir.path(), Access::Daemon).expect("the first");
    for access in [Access::Daemon, Access::Direct] {
        let started = Instant::now();
        let error = open(dir.path(), access).expect_err("one runs");
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        assert_eq!((error.kind(), error.kind().exit_code()), (ErrorKind::TryAgain, 75), "{error}");
    }
    count(&daemon, CellKey::Pool).await.expect("counted");
    let looking = open(dir.path(), Access::ReadOnly).expect("one may look");
    assert_eq!(counted(&looking, CellKey::Pool).await, 1);
    count(&looking, CellKey::Pool).await.expect_err("but not touch");
    drop(daemon);
    open(dir.path(), Access::Daemon).expect("its turn");
}

#[tokio::test]
async fn a_daemon_waits_for_direct_commands_and_lets_no_new_ones_in() {
    let dir = folder();
    let direct = open(dir.path(), Access::Direct).expect("opens");
    let second = open(dir.path(), Access::Direct).expect("beside the first");
    let path = dir.path().to_owned();
    let daemon = std::thread::spawn(move || open(&path, Access::Daemon).map(|store| (store, Instant::now())));
    let started = Instant::now();
    let error = loop {
        // Until the daemon has come, a third one gets in.
        match open(dir.path(), Access::Direct) {
            Ok(third) => drop(third),
            Err(error) => break error,
        }
        assert!(started.elapsed() < Duration::from_secs(5), "the daemon never came");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(error.kind(), ErrorKind::TryAgain);
    drop(second);
    std::thread::sleep(Duration::from_millis(50));
    let freed = Instant::now();
    assert_eq!(count(&direct, CellKey::Pool).await, Ok(1));
    drop(direct);
    let (_store, opened) = daemon.join().expect("no panic").expect("got its turn");
    assert!(opened >= freed, "while a direct command worked");
}

#[test]
fn a_folder_that_others_may_write_is_refused() {
    let dir = folder();
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).expect("set");
        let error = open(dir.path(), Access::Direct).expect_err("unsafe");
        assert_eq!(error.kind(), ErrorKind::Denied, "{mode:o} {error}");
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("set");
    open(dir.path(), Access::Direct).expect("others may see that it is there: the files are closed");
}

#[test]
fn links_are_refused() {
    let dir = folder();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::create_dir(&real).expect("made");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o700)).expect("set");
    symlink(&real, &link).expect("linked");
    // Root's own links are trusted; make it somebody's where we are root.
    let _ = lchown(&link, Some(12345), None);
    assert_eq!(open(&link, Access::Direct).expect_err("a link").kind(), ErrorKind::Denied);
    for name in ["svs.db", "ledger.lock", "daemon.lock"] {
        let path = real.join(name);
        let _ = fs::remove_file(&path);
        symlink(dir.path().join("elsewhere"), &path).expect("linked");
        let error = open(&real, Access::Direct).expect_err("a link");
        assert_eq!(error.kind(), ErrorKind::Denied, "{name}: {error}");
        fs::remove_file(&path).expect("removed");
    }
    assert!(!dir.path().join("elsewhere").exists());
}

#[test]
fn nothing_is_made_by_looking() {
    let dir = folder();
    let absent = dir.path().join("absent");
    for path in [dir.path(), &absent] {
        for access in [Access::ReadOnly, Access::AtRest] {
            assert!(matches!(open(path, access), Err(StoreError::Missing(_))));
        }
    }
    assert_eq!(fs::read_dir(dir.path()).expect("readable").count(), 0);
    fs::write(&absent, "").expect("written");
    assert_eq!(open(&absent, Access::Direct).expect_err("a file").kind(), ErrorKind::Config);
}

#[tokio::test]
async fn root_gives_new_files_to_the_owner_of_the_folder() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dir = folder();
    lchown(dir.path(), Some(12345), Some(12346)).expect("root may");
    let store = open(dir.path(), Access::Direct).expect("root may");
    count(&store, CellKey::Pool).await.expect("counted");
    for name in ["svs.db", "svs.db-wal", "svs.db-shm", "daemon.lock", "ledger.lock"] {
        let found = fs::metadata(dir.path().join(name)).expect(name);
        assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (12345, 12346, 0o600), "{name}");
    }
}

/// What the machine looks like after it was switched off and on.
fn reboot(dir: &Path) {
    Connection::open(dir.join("svs.db"))
        .and_then(|c| c.execute("UPDATE meta SET value = 'another boot' WHERE key = 'boot_id'", []))
        .expect("rewritten");
}

#[tokio::test]
async fn an_unclean_boot_is_charged_once() {
    let dir = folder();
    let due = async |access| {
        let store = open(dir.path(), access).expect("opens");
        store.read(|tx| tx.boot_charge_due()).await.expect("readable")
    };
    assert!(!due(Access::Direct).await, "the first start of all");
    assert!(!due(Access::Direct).await, "the same boot: nothing was lost");
    reboot(dir.path());
    assert!(due(Access::Direct).await);
    assert!(due(Access::ReadOnly).await && due(Access::AtRest).await);
    assert!(due(Access::Daemon).await, "until it is charged");
    let store = open(dir.path(), Access::Daemon).expect("opens");
    let charged = store.commit(|tx| {
        let due = tx.boot_charge_due()?;
        tx.boot_charge_made()?;
        Ok(due)
    });
    assert_eq!(charged.await, Ok(true));
    drop(store);
    reboot(dir.path());
    assert!(!due(Access::Daemon).await, "the daemon had stopped in order");
    assert!(!due(Access::Direct).await);
    reboot(dir.path());
    assert!(due(Access::Daemon).await, "a direct command was last, and syncs nothing");
}

#[tokio::test]
async fn time_does_not_go_back_over_a_restart() {
    let (dir, store, clock) = fresh();
    clock.advance(Duration::from_hours(1));
    count(&store, CellKey::Pool).await.expect("counted");
    clock.advance(Duration::from_hours(1));
    count(&store, CellKey::Pool).await.expect("counted");
    drop(store);
    for access in [Access::AtRest, Access::ReadOnly, Access::Direct, Access::Daemon] {
        let set_back = Clock::manual(NOON);
        let _store = Store::open_as(dir.path(), set_back.clone(), access).expect("opens");
        assert_eq!(set_back.now(), clock.now(), "{access:?}");
    }
}
