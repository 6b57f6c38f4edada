//! The control socket of a running daemon: who may use it, what it takes, and in whose place it does not stand.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use svs::sandbox::gemini::Answer;

use crate::support::{World, code, stderr, stdout};

/// A user that no system has, to play a member of the group or a stranger.
const NOBODY: u32 = 54_321;

/// A command as another user and group; none where that cannot be played, with the reason.
fn as_user(world: &World, uid: u32, gid: u32, arguments: &[&str]) -> Option<Output> {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can play another user");
        return None;
    }
    let run = |arguments: &[&str]| {
        Command::new("setpriv")
            .args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()])
            .arg(env!("CARGO_BIN_EXE_svs"))
            .args(arguments)
            .env_clear()
            .env("HOME", "/nonexistent")
            .env("SVS_SOCKET", world.socket())
            .current_dir("/")
            .output()
    };
    match run(&["version"]) {
        Ok(output) if output.status.success() => Some(run(arguments).expect("it has just started")),
        other => {
            println!("skipped: setpriv cannot run the binary as another user: {other:?}");
            None
        }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

/// The folder of a world is its owner's; here others may pass through it.
fn open_folder(world: &World) {
    fs::set_permissions(world.folder(), fs::Permissions::from_mode(0o711)).expect("it is ours");
}

/// Waits for the daemon and for the rights of its socket, which is bound with the umask's. Commands that can do without
/// a daemon are no proof of it.
fn listens(world: &World) {
    world.wait("the socket", || {
        UnixStream::connect(world.socket()).is_ok() && mode(&world.socket()) & 0o111 == 0
    });
}

#[test]
fn a_member_of_the_group_is_let_in_as_far_as_a_member_may() {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let group = groups.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let gid: u32 = fields.get(2)?.parse().ok()?;
        (gid > 0).then(|| (fields[0].to_owned(), gid))
    });
    let Some((name, gid)) = group else { return println!("skipped: no group in /etc/group") };
    if !rustix::process::geteuid().is_root() {
        return println!("skipped: only root can give a socket to any group");
    }
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    open_folder(&world);
    let _daemon = world.start(&[("SVS_CONTROL_GROUP", &name)]);
    listens(&world);
    // The group comes before the mode that lets it in.
    world.wait("the mode of the socket", || mode(&world.socket()) == 0o660);
    assert_eq!(fs::metadata(world.socket()).expect("it is there").gid(), gid);

    let Some(listed) = as_user(&world, NOBODY, gid, &["vip", "ls"]) else { return };
    assert_eq!(code(listed.status), "0", "{}", stderr(&listed));
    let Some(asked) = as_user(&world, NOBODY, gid, &["ask", "--role", "normal", "hello"]) else { return };
    assert_eq!(
        (code(asked.status).as_str(), stdout(&asked).as_str()),
        ("0", "hello\n"),
        "{}",
        stderr(&asked)
    );
    let Some(above) = as_user(&world, NOBODY, gid, &["ask", "--role", "owner", "hello"]) else { return };
    assert_eq!(code(above.status), "77", "{}", stderr(&above));
    // The mode keeps strangers out before they are asked who they are.
    let Some(stranger) = as_user(&world, NOBODY, NOBODY, &["vip", "ls"]) else { return };
    assert_eq!(code(stranger.status), "77", "{}", stderr(&stranger));
}

#[test]
fn a_foreign_user_who_gets_as_far_as_the_socket_is_refused_and_logged() {
    let world = World::new();
    open_folder(&world);
    let _daemon = world.start(&[]);
    listens(&world);
    assert_eq!(mode(&world.socket()), 0o600);
    // As if somebody had opened it by hand.
    fs::set_permissions(world.socket(), fs::Permissions::from_mode(0o666)).expect("it is ours");
    for arguments in [&["vip", "ls"][..], &["vip", "kick", "42", "--yes"], &["ask", "hello"]] {
        let Some(refused) = as_user(&world, NOBODY, NOBODY, arguments) else { return };
        assert_eq!(code(refused.status), "77", "{arguments:?}: {}", stderr(&refused));
        assert!(stderr(&refused).contains("this user may not control svs"), "{}", stderr(&refused));
    }
    let logged = format!("a foreign user was refused at the control socket uid={NOBODY}");
    assert!(world.log().matches(&logged).count() >= 3, "{}", world.log());
    assert!(world.sandbox().gemini().generations().is_empty());
}

/// The whole answer to a request that is sent as it is.
fn send(world: &World, request: &str) -> String {
    let mut stream = UnixStream::connect(world.socket()).expect("it is served");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("it can be set");
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it ends");
    answer
}

#[test]
fn bad_requests_are_refused_and_every_change_is_logged_with_its_user() {
    let world = World::new();
    let _daemon = world.start(&[]);
    listens(&world);
    let with_body = |head: &str, body: &str| {
        format!("{head} HTTP/1.1\r\nhost: svs\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let cases = [
        (with_body("POST /v1/ask", ""), "400 Bad Request", "bad_input"),
        (with_body("POST /v1/ask", "{\"text\": \"why"), "400 Bad Request", "bad_input"),
        (
            with_body("POST /v1/ask", "{\"text\": \"why?\", \"only_from\": \"A3\"}"),
            "400 Bad Request",
            "bad_input",
        ),
        (with_body("POST /v1/keys/check", "[]"), "400 Bad Request", "bad_input"),
        (with_body("DELETE /v1/vip/42", ""), "404 Not Found", "not_found"),
        (with_body("DELETE /v1/vip/0", ""), "400 Bad Request", "usage"),
        (with_body("DELETE /v1/vip/42", "{\"gently\": true}"), "400 Bad Request", "bad_input"),
        (with_body("DELETE /v1/status", ""), "404 Not Found", "unavailable"),
        (with_body("GET /v9/status", ""), "404 Not Found", "unavailable"),
        (
            "POST /v1/ask HTTP/1.1\r\nhost: svs\r\ncontent-length: 1073741824\r\n\r\n{".to_owned(),
            "413 Payload Too Large",
            "bad_input",
        ),
        (
            // Half, then silence.
            "POST /v1/ask HTTP/1.1\r\nhost: svs\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            "408 Request Timeout",
            "bad_input",
        ),
    ];
    std::thread::scope(|scope| {
        for (request, status, kind) in &cases {
            let world = &world;
            scope.spawn(move || {
                let answer = send(world, request);
                let is_so = answer.starts_with(&format!("HTTP/1.1 {status}"))
                    && answer.contains(&format!("\"code\":\"{kind}\""));
                assert!(is_so, "{request}\n{answer}");
            });
        }
    });
    let uid = rustix::process::geteuid().as_raw();
    let logged = format!("control request uid={uid} method=DELETE path=/v1/vip/{{target}}");
    assert!(world.log().contains(&logged), "{}", world.log());
    assert!(world.sandbox().gemini().generations().is_empty());
    assert_eq!(code(world.output(&["vip", "ls"]).status), "0");
}

#[test]
fn the_place_of_the_socket_is_taken_only_where_nobody_is() {
    let world = World::new();
    let place = world.socket();
    let refused = |what: &str, exit: &str, says: &str| {
        let mut daemon = world.start(&[]);
        assert_eq!(code(daemon.end(Duration::from_secs(20))), exit, "{what}: {}", world.log());
        assert!(world.log().contains(says), "{what}: {}", world.log());
        assert!(fs::symlink_metadata(&place).is_ok(), "{what} is still there");
    };
    fs::create_dir(&place).expect("it can be made");
    refused("a folder", "78", "is not a socket");
    fs::remove_dir(&place).expect("it can be removed");
    let elsewhere = world.folder().join("elsewhere");
    fs::write(&elsewhere, "precious").expect("it can be written");
    symlink(&elsewhere, &place).expect("it can be made");
    refused("a link", "78", "is not a socket");
    assert_eq!(fs::read_to_string(&elsewhere).expect("it is still there"), "precious");
    fs::remove_file(&place).expect("it can be removed");
    let living = UnixListener::bind(&place).expect("the place is free");
    refused("a living socket", "75", "another process listens");
    drop(living);

    // What is left is stale.
    let _daemon = world.start(&[]);
    listens(&world);
}

#[test]
fn a_path_that_no_socket_can_have_is_an_error_of_the_configuration() {
    let world = World::new();
    let long = world.folder().join("x".repeat(120));
    for arguments in [&["run"][..], &["status"], &["vip", "kick", "42", "--yes"]] {
        let output = world.svs(arguments).env("SVS_SOCKET", &long).output().expect("the binary starts");
        assert_eq!(code(output.status), "78", "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_command_looks_for_the_daemon_where_its_configuration_has_it() {
    let world = World::new();
    let (place, file) = (world.folder().join("a place of its own"), world.folder().join("svs.toml"));
    let write = |further: &str| {
        fs::write(&file, format!("[control]\nsocket = {place:?}\n{further}")).expect("it can be written");
    };
    let svs = |arguments: &[&str], config: &Path| {
        let mut command = world.svs(arguments);
        command.env_remove("SVS_SOCKET").env("SVS_CONFIG", config);
        command
    };
    write("");
    let _daemon = world.spawn(svs(&["run"], &file));
    world.wait("the socket", || UnixStream::connect(&place).is_ok());
    let status = || svs(&["status"], &file).output().expect("the binary starts");
    assert!(matches!(status().status.code(), Some(0 | 1)), "{}", stderr(&status()));
    // What has become wrong since the daemon started does not hide it.
    write("[nonsense]\n");
    assert!(matches!(status().status.code(), Some(0 | 1)), "{}", stderr(&status()));
    // What cannot be read at all is named beside the places that were tried.
    write("[nonsense");
    assert_eq!(code(status().status), "69");
    assert!(stderr(&status()).contains("svs.toml:3:"), "{}", stderr(&status()));
    // A file that is not there says nothing about the daemon.
    let output = svs(&["status"], Path::new("none.toml")).output().expect("the binary starts");
    assert_eq!(
        (code(output.status).as_str(), stderr(&output).trim()),
        ("78", "error: none.toml: no such file")
    );
}
