//! `svs ask` with files, and with pictures for an answer.

use std::fs;

use serde_json::Value;
use svs::sandbox::gemini::SentMedia;

use crate::support::{Daemon, World, code, stderr, stdout};

const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const IMAGE: [(&str, &str); 2] =
    [("SVS_GEMINI_MODELS_IMAGE", "gemini-3.1-flash-image"), ("SVS_LIMITS_IMAGE_DAILY_LIMIT", "100")];

fn write(world: &World, name: &str, bytes: &[u8]) -> String {
    let path = world.folder().join(name);
    fs::write(&path, bytes).expect("written");
    path.display().to_string()
}

fn run(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> std::process::Output {
    let mut command = world.svs(arguments);
    command
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the binary starts")
}

/// A daemon that can be asked.
fn started(world: &World, variables: &[(&str, &str)]) -> Daemon {
    let daemon = world.start(variables);
    world.wait("the daemon", || run(world, &["status"], &[]).status.success());
    daemon
}

#[test]
fn files_reach_gemini_as_they_are_with_and_without_a_daemon() {
    for with_daemon in [false, true] {
        let world = World::new();
        let _daemon = with_daemon.then(|| started(&world, &[]));
        let pdf = write(&world, "slides.pdf", PDF);
        // What it is, its bytes say, not its name.
        let picture = write(&world, "picture.txt", PNG);
        let code_file = write(&world, "main.rs", "fn main() {} // 你好".as_bytes());
        let output =
            run(&world, &["ask", "-f", &pdf, "-f", &code_file, "--file", &picture, "what is it?"], &[]);
        assert_eq!(code(output.status), "0", "{}", stderr(&output));
        assert!(
            stdout(&output).contains("application/pdf (15 bytes), image/png (16 bytes)"),
            "{}",
            stdout(&output)
        );
        let call = &world.sandbox().gemini().generations()[0];
        assert_eq!(call.media, [SentMedia::of("application/pdf", PDF), SentMedia::of("image/png", PNG)]);
        let body: Value = serde_json::from_str(&call.body).expect("JSON");
        let parts = body["contents"][0]["parts"].as_array().expect("parts");
        assert_eq!(parts[1]["text"], "main.rs:\n\nfn main() {} // 你好");
        assert_eq!((parts.len(), parts[3]["text"].as_str()), (4, Some("what is it?")));
    }
}

#[test]
fn a_file_alone_is_a_question_and_one_that_cannot_be_read_is_not_sent() {
    let world = World::new();
    let pdf = write(&world, "a.pdf", PDF);
    let output = run(&world, &["ask", "-f", &pdf], &[]);
    assert_eq!(code(output.status), "0", "{}", stderr(&output));
    let docx = write(&world, "thesis.docx", b"PK\x03\x04\x14\0\0\0");
    let empty = write(&world, "empty.txt", b"");
    for (file, word) in [
        (docx.as_str(), "thesis.docx: Gemini does not read docx files"),
        (empty.as_str(), "empty.txt: empty"),
        ("/none/such.pdf", "cannot be read"),
        ("/dev/zero", "more than 20 MB"),
    ] {
        let output = run(&world, &["ask", "-f", file, "what is it?"], &[]);
        assert_eq!(code(output.status), "65", "{file}");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
    assert_eq!(world.sandbox().gemini().generations().len(), 1);
}

#[test]
fn a_picture_is_written_where_it_is_wanted() {
    for with_daemon in [false, true] {
        let world = World::new();
        let _daemon = with_daemon.then(|| started(&world, &IMAGE));
        let path = world.folder().join("cat.png");
        let output = run(&world, &["ask", "--image", &path.display().to_string(), "a cat"], &IMAGE);
        assert_eq!(code(output.status), "0", "{}", stderr(&output));
        assert!(stderr(&output).contains("cat.png"), "{}", stderr(&output));
        assert!(!stderr(&output).contains("WARN"), "{}", stderr(&output));
        let written = fs::read(&path).expect("a picture");
        assert!(written.starts_with(b"\x89PNG\r\n\x1a\n") && written.ends_with(b"IEND\xaeB`\x82"));
        let call = &world.sandbox().gemini().generations()[0];
        assert!(
            call.model.contains("image") && call.body.contains(r#""responseModalities":["TEXT","IMAGE"]"#),
            "{call:?}"
        );
    }
}

#[test]
fn no_picture_is_said_to_be_none() {
    let world = World::new();
    let path = world.folder().join("cat.png").display().to_string();
    let off = run(&world, &["ask", "--image", &path, "a cat"], &[]);
    assert_eq!(code(off.status), "78", "{}", stderr(&off));
    assert!(stderr(&off).contains("gemini.models.image"), "{}", stderr(&off));
    // A model alone makes none: pictures cost money, and nobody said how many.
    let no_budget = run(&world, &["ask", "--image", &path, "a cat"], &IMAGE[..1]);
    assert_eq!(code(no_budget.status), "78", "{}", stderr(&no_budget));
    assert!(stderr(&no_budget).contains("limits.image.daily_limit"), "{}", stderr(&no_budget));
    let normal = run(&world, &["ask", "--role", "normal", "--image", &path, "a cat"], &IMAGE);
    assert_eq!(code(normal.status), "77", "{}", stderr(&normal));
    assert_eq!(world.sandbox().gemini().generations().len(), 0);
    let gemini = world.sandbox().gemini();
    gemini.set_picture(Vec::new());
    let none = run(&world, &["ask", "--image", &path, "a cat"], &IMAGE);
    assert!(code(none.status) == "1" && stderr(&none).contains("no picture"), "{}", stderr(&none));
    gemini.fail("*:image=limit0").expect("a known fault");
    let unpaid = run(&world, &["ask", "--timeout", "60s", "--image", &path, "a cat"], &IMAGE);
    assert_eq!(code(unpaid.status), "78", "{}", stderr(&unpaid));
    assert!(stderr(&unpaid).contains("billing"), "{}", stderr(&unpaid));
    assert!(!std::path::Path::new(&path).exists());
}
