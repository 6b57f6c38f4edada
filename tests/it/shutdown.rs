//! The end of a daemon: nobody comes to the store after it was closed.

use std::time::Duration;

use rusqlite::Connection;

use crate::support::{World, code};

/// Old records beyond what one transaction deletes, so that it is still being cleaned up when the end comes.
const OLD: u32 = 20_000;

#[test]
fn a_daemon_that_is_ended_while_it_cleans_up_complains_of_nothing() {
    let world = World::new();
    let mut daemon = world.run();
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    let database = || Connection::open(world.folder().join("state/svs.db")).expect("a database");
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD})
         INSERT INTO sends (at, fingerprint, project, model, router) SELECT 0, 'f', 'p', 'flash', 'A' FROM n"
    );
    assert_eq!(database().execute(&fill, []).expect("the table has these columns"), OLD as usize);
    let left = || -> u32 {
        let count = database().query_row("SELECT count(*) FROM sends", [], |row| row.get(0));
        count.unwrap_or(OLD)
    };

    let mut daemon = world.start(&[]);
    world.wait_for("the first to be deleted", Duration::from_secs(10), || left() < OLD);
    assert_eq!(code(daemon.terminate()), "0", "{}", world.log());
    assert!(left() > 0, "it was ended in the middle of it");
    let log = world.log();
    let complaints: Vec<&str> =
        log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}
