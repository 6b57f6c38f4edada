//! What only real processes show: their death, their competition, their rights. A child is this test binary
//! again, running the one ignored test that does what `SVS_TEST_CHILD` says.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;

const NOBODY: u32 = 54321;

fn child(task: &str, dir: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command
        .args(["--exact", "store::tests::processes::child_of_another_test", "--ignored", "--nocapture"])
        .env("SVS_TEST_CHILD", task)
        .env("SVS_TEST_DIR", dir)
        .stdout(Stdio::piped());
    command
}

/// The lines a child says that begin with `said`, without it.
fn lines(child: &mut Child, said: &'static str) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().expect("piped"));
    out.lines()
        .map_while(Result::ok)
        .filter_map(move |line| line.split_once(said).map(|(_, rest)| rest.to_owned()))
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n{word}").and_then(|()| out.flush());
}

#[tokio::test]
#[ignore = "the child of the other tests here"]
async fn child_of_another_test() {
    let Some(task) = env::var_os("SVS_TEST_CHILD") else { return };
    let dir = PathBuf::from(env::var_os("SVS_TEST_DIR").expect("set with the task"));
    match task.to_str().expect("ours") {
        "count until killed" => {
            let store = Store::open_as(&dir, Clock::system(), Access::Daemon).expect("opens");
            loop {
                let n = count(&store, CellKey::Pool).await.expect("counted");
                say(&format!("counted {n}"));
            }
        }
        "count 100 × 10" => {
            let store = Store::open(&dir, Clock::system()).expect("opens");
            let tasks = (0..100).map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        count(&store, CellKey::Pool).await.expect("counted");
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("no panic");
            }
            say("counted all");
        }
        "open" => {
            let kind = match Store::open(&dir, Clock::system()) {
                Ok(_) => "fine".to_owned(),
                Err(error) => format!("{}", error.kind().exit_code()),
            };
            say(&format!("opened {kind}"));
        }
        umask => {
            let mask = u32::from_str_radix(umask, 8).expect("a mask");
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
            let store = Store::open(&dir, Clock::system()).expect("opens");
            count(&store, CellKey::Pool).await.expect("counted");
            let mode = |path: &Path| fs::metadata(path).expect("made").permissions().mode() & 0o777;
            let files =
                fs::read_dir(&dir).expect("readable").map(|entry| mode(&entry.expect("readable").path()));
            let files: Vec<_> = files.collect();
            say(&format!(
                "modes {:o} {} {}",
                mode(&dir),
                files.len(),
                files.iter().all(|mode| *mode == 0o600)
            ));
        }
    }
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let dir = folder();
    let mut total = 0;
    for round in 1..=5 {
        let mut child = child("count until killed", dir.path()).spawn().expect("starts");
        let last = lines(&mut child, "counted ").take(40).last().expect("counts");
        child.kill().expect("killed");
        child.wait().expect("ended");
        let last: u64 = last.parse().expect("a number");
        let store = open(dir.path(), Access::Daemon).expect("opens");
        let found = counted(&store, CellKey::Pool).await;
        assert!(found >= last, "round {round}: {found} of {last}");
        assert!(found > total, "round {round}");
        total = found;
    }
}

#[tokio::test]
async fn every_count_of_many_processes_and_threads_counts() {
    let dir = folder();
    let mut children: Vec<_> =
        (0..2).map(|_| child("count 100 × 10", dir.path()).spawn().expect("starts")).collect();
    // Two handles in this process as well, on the same file.
    let stores = [0, 1].map(|_| open(dir.path(), Access::Direct).expect("opens"));
    let tasks = (0..100).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                count(&store, CellKey::Pool).await.expect("counted");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
    for child in &mut children {
        // To its end: a child whose last words nobody reads fails.
        assert_eq!(lines(child, "counted ").collect::<Vec<_>>(), ["all"]);
        assert!(child.wait().expect("ended").success());
    }
    assert_eq!(counted(&stores[0], CellKey::Pool).await, 3000);
}

#[test]
fn rights_are_narrow_under_any_umask() {
    for mask in ["000", "022", "077", "277"] {
        let dir = folder();
        let state = dir.path().join("state");
        let mut child = child(mask, &state).spawn().expect("starts");
        assert_eq!(lines(&mut child, "modes ").next().as_deref(), Some("700 5 true"), "umask {mask}");
        child.wait().expect("ended");
    }
}

#[test]
fn another_users_folder_and_a_read_only_one_are_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let parent = folder();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).expect("set");
    let dir = parent.path().join("state");
    // (who owns it, its mode, what somebody else gets)
    for (owner, mode, expected) in [(0, 0o755, "77"), (NOBODY, 0o500, "78"), (NOBODY, 0o700, "fine")] {
        fs::create_dir(&dir).expect("made");
        fs::set_permissions(&dir, fs::Permissions::from_mode(mode)).expect("set");
        std::os::unix::fs::chown(&dir, Some(owner), Some(owner)).expect("given");
        let mut command = child("open", &dir);
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
        let mut child = match command.spawn() {
            Ok(child) => child,
            // The binary itself lies where only root may go.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(lines(&mut child, "opened ").next().as_deref(), Some(expected), "{owner} {mode:o}");
        child.wait().expect("ended");
        fs::remove_dir_all(&dir).expect("removed");
    }
}
