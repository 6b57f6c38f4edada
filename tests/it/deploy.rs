//! What is in `deploy/` is sound: units, scripts, the Dockerfile and the compose file, judged by the tools that know
//! them. A tool that is not installed is named, and its test skipped; `.ci/run` installs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{bare_svs, code, stderr, stdout};

const UNITS: [(&str, &str); 3] = [
    ("svs", "svs.service"),
    ("keys-check", "svs-keys-check.service"),
    ("keys-check.timer", "svs-keys-check.timer"),
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs a tool in the repository; none, with a word about it, where it is not installed.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(name).args(arguments).current_dir(repository()).output();
    if output.is_err() {
        println!("skipped: {name} is not installed; .ci/run does it");
    }
    output.ok()
}

fn assert_silent(output: &Output, what: &str) {
    let said = format!("{}{}", stdout(output), stderr(output));
    assert!(output.status.success() && said.trim().is_empty(), "{what}: {said}");
}

fn scripts() -> Vec<String> {
    let entries = fs::read_dir(repository().join("deploy")).expect("deploy").flatten();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let scripts = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "sh"));
    scripts.map(|path| path.display().to_string()).chain([".ci/run".to_owned()]).collect()
}

#[test]
fn the_unit_that_is_printed_is_the_one_that_is_installed() {
    for (name, file) in UNITS {
        let output = bare_svs(&["service", "unit", "--print", name]).output().expect("svs starts");
        assert_eq!(stdout(&output), read(&format!("deploy/{file}")), "{name}");
    }
    let output = bare_svs(&["service", "unit", "--print"]).output().expect("svs starts");
    assert_eq!(stdout(&output), read("deploy/svs.service"));
}

#[test]
fn the_units_are_hardened() {
    for (file, most) in [("svs.service", 1.5), ("svs-keys-check.service", 1.5)] {
        let path = format!("deploy/{file}");
        let arguments = ["security", "--no-pager", "--offline=true", path.as_str()];
        let Some(output) = tool("systemd-analyze", &arguments) else { return };
        let said = stdout(&output);
        let overall = said.lines().find(|line| line.contains("Overall exposure level")).unwrap_or_default();
        let level = overall.split(": ").nth(1).and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        let level = level.unwrap_or_else(|| panic!("{file}: {said}{}", stderr(&output)));
        assert!(level <= most, "{file}: {overall}");
    }
}

#[test]
fn systemd_has_nothing_to_say_of_the_units() {
    let folder = tempfile::tempdir().expect("a folder");
    for (_, file) in UNITS {
        // On this machine svs need not be installed.
        let command = format!("={} ", env!("CARGO_BIN_EXE_svs"));
        let unit = read(&format!("deploy/{file}")).replace("=svs ", &command);
        fs::write(folder.path().join(file), unit).expect("a copy");
    }
    for (_, file) in UNITS {
        let path = folder.path().join(file).display().to_string();
        let Some(output) = tool("systemd-analyze", &["verify", "--man=no", &path]) else { return };
        assert_silent(&output, file);
    }
}

#[test]
fn shellcheck_has_nothing_to_say_of_the_scripts() {
    let scripts = scripts();
    assert!(scripts.len() >= 3, "{scripts:?}");
    let arguments: Vec<&str> = scripts.iter().map(String::as_str).collect();
    let Some(output) = tool("shellcheck", &arguments) else { return };
    assert_silent(&output, "shellcheck");
}

#[test]
fn hadolint_has_nothing_to_say_of_the_dockerfile() {
    let Some(output) = tool("hadolint", &["deploy/Dockerfile"]) else { return };
    assert_silent(&output, "hadolint");
}

#[test]
fn the_image_has_nothing_but_svs_and_its_folder() {
    let text = read("deploy/Dockerfile");
    let stages: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(stages.first(), Some(&"scratch AS empty"));
    assert_eq!(stages.last(), Some(&"empty"));
    assert!(stages.contains(&"empty AS prebuilt"), "{stages:?}");
    for line in ["USER 65532:65532", "ENTRYPOINT [\"/svs\"]", "CMD [\"/svs\", \"health\", \"-q\"]"] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn the_compose_file_gives_svs_no_more_than_it_needs() {
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open('deploy/compose.yaml'))))";
    let Some(output) = tool("python3", &["-c", program]) else { return };
    if stderr(&output).contains("No module named") {
        return println!("skipped: python3 cannot read YAML; .ci/run installs what it needs");
    }
    let compose: Value = serde_json::from_str(&stdout(&output)).expect("YAML");
    let bot = &compose["services"]["bot"];
    assert_eq!(bot["container_name"], "svs-bot");
    assert_eq!(bot["read_only"], true);
    assert_eq!(bot["cap_drop"], serde_json::json!(["ALL"]));
    assert_eq!(bot["security_opt"], serde_json::json!(["no-new-privileges:true"]));
    for limit in ["mem_limit", "pids_limit", "cpus"] {
        assert!(!bot[limit].is_null(), "{limit}");
    }
    assert!(bot["logging"]["options"]["max-size"].is_string());
    // Every secret is a file by one of the names that svs knows, and none is a value.
    let known = read("deploy/.env.example");
    let environment = bot["environment"].as_object().expect("variables");
    let secrets = compose["secrets"].as_object().expect("secrets");
    let files: Vec<_> = environment.iter().filter(|(name, _)| name.ends_with("_FILE")).collect();
    assert_eq!(files.len(), secrets.len());
    for (name, file) in files {
        let variable = name.trim_end_matches("_FILE");
        assert!(known.contains(&format!("{variable}=")), "{variable}");
        let secret = file.as_str().and_then(|file| file.strip_prefix("/run/secrets/")).expect("a secret");
        assert_eq!(secrets[secret]["file"], format!("./secrets/{secret}"), "{name}");
        assert!(bot["secrets"].as_array().expect("a list").contains(&secret.into()), "{secret}");
    }
    for (name, value) in environment {
        let is_secret = ["TOKEN", "_KEY"].iter().any(|part| name.contains(part));
        assert!(!is_secret || name.ends_with("_FILE"), "{name}: {value}");
    }
}

#[test]
fn a_dry_deploy_says_what_it_would_do_and_does_nothing() {
    let script = |arguments: &[&str]| {
        let script = repository().join("deploy/deploy.sh");
        Command::new(script).args(arguments).output().expect("bash starts")
    };
    for (arguments, exit) in [
        (&[][..], "64"),
        (&["staging", "deploy"], "64"),
        (&["prod", "begone"], "64"),
        (&["prod", "deploy", "--purge"], "64"),
        (&["prod", "deploy", "--binary", "/etc/hostname", "--dry-run"], "64"),
    ] {
        let output = script(arguments);
        assert_eq!(code(output.status), exit, "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("deploy.sh"), "{arguments:?}: {}", stderr(&output));
    }
    let output = script(&["prod", "deploy", "--dry-run", "--binary", env!("CARGO_BIN_EXE_svs")]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.lines().all(|line| line.starts_with("would: ")), "{said}");
    for step in
        ["check the configuration", "/usr/local/bin/svs", "svs.service", "systemctl restart", "enable"]
    {
        assert!(said.contains(step), "{step} is missing: {said}");
    }
    let output = script(&["prod", "uninstall", "--purge", "--dry-run"]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
}

#[test]
fn the_version_is_in_one_place() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("CHANGELOG.md").contains(version), "CHANGELOG.md knows nothing of {version}");
    let beside = [".ci/run", ".github/workflows/ci.yml", ".github/workflows/release.yml", "justfile"];
    let deploy = fs::read_dir(repository().join("deploy")).expect("deploy").flatten();
    let deploy = deploy.filter(|entry| entry.path().is_file());
    let deploy = deploy.map(|entry| format!("deploy/{}", entry.file_name().to_string_lossy()));
    for file in beside.into_iter().map(ToOwned::to_owned).chain(deploy) {
        assert!(!read(&file).contains(version), "{file} repeats the version");
    }
}
