//! What is shipped, as `just static` builds it: in an empty root, and in a container by `deploy/compose.yaml` with a
//! real engine. Where there is no such binary or no engine, it says so and is skipped.

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::json;
use svs::sandbox::gemini::Answer;

use crate::support::{World, code, owner, stderr, stdout};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn released() -> Result<PathBuf, String> {
    let binary = repository().join("target/ship/svs");
    if binary.exists() {
        Ok(binary)
    } else {
        Err("there is no target/ship/svs; just static makes it".to_owned())
    }
}

/// A name server that knows every name as this machine, and tells what it was asked first.
fn name_server() -> std::io::Result<thread::JoinHandle<Vec<u8>>> {
    let socket = UdpSocket::bind("127.0.0.77:53")?;
    Ok(thread::spawn(move || {
        let mut buffer = [0; 512];
        let mut first = Vec::new();
        // One question for each family of addresses.
        for _ in 0..2 {
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { break };
            let question = &buffer[..length];
            let end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap_or(0) + 5;
            let is_a = question[end - 3] == 1;
            let mut answer = question[..end].to_vec();
            answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
            if is_a {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1]);
            }
            let _ = socket.send_to(&answer, from);
            if first.is_empty() {
                first = question.to_vec();
            }
        }
        first
    }))
}

#[test]
fn the_binary_finds_names_and_speaks_tls_in_an_empty_root() {
    let skip = |why: &str| println!("skipped: {why}");
    let binary = match released() {
        Ok(binary) => binary,
        Err(why) => return skip(&why),
    };
    if !rustix::process::geteuid().is_root() {
        return skip("only root can go into another root");
    }
    let Ok(names) = name_server() else { return skip("127.0.0.77 has a name server already") };
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("etc")).expect("a folder");
    fs::write(root.path().join("etc/resolv.conf"), "nameserver 127.0.0.77\n").expect("a file");
    fs::copy(&binary, root.path().join("svs")).expect("a copy");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("svs comes");
        let mut hello = vec![0; 2048];
        let length = stream.read(&mut hello).unwrap_or(0);
        hello.truncate(length);
        hello
    });
    let output = Command::new("/usr/sbin/chroot")
        .arg(root.path())
        .args(["/svs", "webhook", "info", "--timeout", "10s"])
        .env_clear()
        .env("TELEGRAM_BOT_SVSKILO_TOKEN", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1")
        .env("SVS_TELEGRAM_API_URL", format!("https://telegram.svs.test:{port}"))
        .env("SVS_STATE_DIR", "/state")
        .output()
        .expect("chroot starts");
    assert_eq!(code(output.status), "69", "{}", stderr(&output));
    let asked = names.join().expect("the name server ends");
    assert!(asked.windows(8).any(|part| part == b"telegram"), "{asked:?}");
    let hello = server.join().expect("the server ends");
    assert_eq!(hello.first(), Some(&0x16), "no handshake: {hello:?}");
    assert!(hello.windows(17).any(|part| part == b"telegram.svs.test"), "its name is not in the hello");
}

/// An engine for containers with a project of its own, which goes with it.
struct Engine {
    folder: tempfile::TempDir,
    name: String,
}

impl Engine {
    fn new() -> Result<Engine, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let engine = Engine { folder, name: format!("svs-test-{}", std::process::id()) };
        let runtime = Command::new("runc").arg("--version").output().map_or("", |_| "runtime = \"runc\"\n");
        let settings =
            format!("[engine]\n{runtime}cgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n");
        fs::write(engine.folder.path().join("containers.conf"), settings)
            .map_err(|error| error.to_string())?;
        for (tool, arguments) in [("podman", &["info"][..]), ("podman-compose", &["--version"])] {
            match engine.command(tool, arguments).output() {
                Ok(output) if stdout(&output).contains("podman-compose version 1.0.") => {
                    return Err("podman-compose is too old for the network of this machine".to_owned());
                }
                Ok(output) if output.status.success() => {}
                Ok(output) => return Err(format!("{tool} does not work here: {}", stderr(&output))),
                Err(_) => return Err(format!("{tool} is not installed; .ci/run does it where it can")),
            }
        }
        Ok(engine)
    }

    fn command(&self, tool: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool);
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("CONTAINERS_CONF", self.folder.path().join("containers.conf"));
        command
    }

    fn podman(&self, arguments: &[&str]) -> Output {
        self.command("podman", arguments).output().expect("it was there")
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.podman(arguments);
        assert!(output.status.success(), "podman {arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    fn compose(&self, arguments: &[&str]) -> Output {
        let files = ["-p", &self.name, "-f", "compose.yaml", "-f", "test.yaml"];
        self.command("podman-compose", &[&files, arguments].concat()).output().expect("it was there")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.folder.path().join("test.yaml").exists() {
            let _ = self.compose(&["down", "--volumes"]);
        }
        let _ = self.podman(&["rmi", "--force", &self.name]);
    }
}

#[test]
fn the_container_is_small_locked_and_alive() {
    let (binary, engine) = match released().and_then(|binary| Ok((binary, Engine::new()?))) {
        Ok(found) => found,
        Err(why) => return println!("skipped: {why}"),
    };
    let context = repository().display().to_string();
    let file = repository().join("deploy/Dockerfile").display().to_string();
    let build =
        ["build", "--quiet", "--format=docker", "--target=prebuilt", "--build-arg=BINARY=target/ship/svs"];
    engine.run(&[&build[..], &["--file", &file, "--tag", &engine.name, &context]].concat());

    // No more than the binary, for nobody in particular.
    let inspect = |format: &str| engine.run(&["image", "inspect", "--format", format, &engine.name]);
    let size: u64 = inspect("{{.Size}}").trim().parse().expect("a number");
    let bare = fs::metadata(&binary).expect("it is there").len();
    assert!(size <= bare + 64 * 1024, "the image has {size} bytes, the binary {bare}");
    assert_eq!(
        inspect("{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Cmd}}").trim(),
        "65532:65532 [/svs] [run]"
    );
    assert_eq!(inspect("{{.Config.Healthcheck.Test}}").trim(), "[CMD /svs health -q]");

    // As the compose file has it, but on the network of this machine, where the sandbox is.
    let world = World::new();
    world.sandbox().gemini().answer(Answer::Echo);
    let folder = engine.folder.path();
    fs::copy(repository().join("deploy/compose.yaml"), folder.join("compose.yaml")).expect("a copy");
    fs::create_dir(folder.join("secrets")).expect("a folder");
    let mut environment = serde_json::Map::new();
    for (name, value) in world.sandbox().environment() {
        let secret = match name.as_str() {
            "TELEGRAM_BOT_SVSKILO_TOKEN" => "telegram_token".to_owned(),
            _ if name.contains("_KEY") => name.to_lowercase(),
            _ => {
                environment.insert(name, value.into());
                continue;
            }
        };
        let file = folder.join("secrets").join(secret);
        fs::write(&file, value).expect("a secret");
        // Whoever the engine makes of 65532 must read it.
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("permissions");
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("permissions");
    let changes = json!({"services": {"bot": {
        "container_name": engine.name, "image": engine.name, "network_mode": "host", "environment": environment,
        // Otherwise the engine asks for more than this machine may allow.
        "ulimits": {"nproc": 4096},
    }}});
    fs::write(folder.join("test.yaml"), changes.to_string()).expect("a file");
    let up = engine.compose(&["up", "--detach", "--no-build"]);
    assert!(up.status.success(), "{}", stderr(&up));
    let log = || stderr(&engine.podman(&["logs", &engine.name]));
    let health = ["exec", &engine.name, "/svs", "health", "-q"];
    world.wait("a healthy container", || engine.podman(&health).status.success());
    assert_eq!(world.ask(&owner(), "are you in there?", 1).len(), 1, "{}", log());

    let of = |format: &str| engine.run(&["inspect", "--format", format, &engine.name]).trim().to_owned();
    assert_eq!(of("{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}"), "true 65532:65532");
    assert_eq!(of("{{.EffectiveCaps}}"), "[]");
    assert_eq!(of("{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}"), "134217728 64");
    let shell = engine.podman(&["exec", &engine.name, "/bin/sh", "-c", "true"]);
    assert!(!shell.status.success(), "there is a shell");
    let told = [of("{{json .Config}}"), engine.run(&["history", "--no-trunc", &engine.name])].concat();
    assert!(!told.contains(world.sandbox().bot_token()), "the token can be seen from outside");

    engine.run(&["stop", "--time", "40", &engine.name]);
    assert_eq!(of("{{.State.ExitCode}}"), "0", "{}", log());
}
