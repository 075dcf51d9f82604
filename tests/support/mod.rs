//! What the tests of the built program share: running it, and invented numbers to feed it.

// Each test file uses its own part of this.
#![allow(dead_code)]

pub mod layers;
pub mod mangle;
pub mod search;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jsonschema::Validator;
use serde_json::Value;

/// Personal numbers with a right check digit and a 7th digit that says "born 18xx".
pub const IIN: [&str; 6] = [
    "900101100004",
    "900101100014",
    "851231203985",
    "900101100500",
    "900101100512",
    "851231203499",
];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The built program, started in the folder of the crate, with nothing from the environment
/// that could change what it prints.
pub fn iinspect() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iinspect"));
    command.current_dir(root()).env_remove("RUST_LOG").env_remove("NO_COLOR");
    command.stdin(Stdio::null());
    command
}

/// Runs it with these arguments.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    iinspect().args(args).output().expect("the program starts")
}

/// Runs it with this on standard input.
pub fn run_with_input(args: &[&OsStr], input: &[u8]) -> Output {
    let mut child = iinspect()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input closes it: that is for the assertions to judge.
    let _ = child.stdin.take().expect("piped").write_all(input);
    child.wait_with_output().expect("the program ends")
}

pub fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed by a signal: {output:?}"))
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The records of a run with `--format jsonl`.
pub fn records(output: &Output) -> Vec<Value> {
    lines(&output.stdout)
}

pub fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("records are UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}")))
        .collect()
}

pub fn is_finding(record: &Value) -> bool {
    record["schema"] == "iinspect.finding/1"
}

pub fn is_skip(record: &Value) -> bool {
    record["schema"] == "iinspect.skip/1"
}

/// `scan` with JSON lines; panics unless it ends with one of `statuses`.
pub fn scan(paths: &[&Path], statuses: &[i32]) -> Vec<Value> {
    let mut args: Vec<&OsStr> = vec!["scan".as_ref(), "--format".as_ref(), "jsonl".as_ref()];
    args.extend(paths.iter().map(|p| p.as_os_str()));
    let output = run(args);
    assert!(statuses.contains(&status(&output)), "{:?} {}", output.status, stderr(&output));
    records(&output)
}

/// Whether this kernel can wall a worker in from all sides; says so where it cannot. What the walls
/// hold cannot be tested there, only that the program goes on without.
pub fn walls_stand() -> bool {
    let dir = folder();
    let args: [&OsStr; 4] =
        ["scan".as_ref(), "--sandbox".as_ref(), "on".as_ref(), dir.path().as_os_str()];
    let stand = status(&run(args)) == 0;
    if !stand {
        eprintln!("this kernel lacks Landlock or seccomp: the walls were NOT tested");
    }
    stand
}

/// The strictest sandbox that can be had here.
pub fn sandbox() -> &'static str {
    if walls_stand() { "on" } else { "auto" }
}

/// A folder that goes away with the value.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes a file, its folders included, and gives its path.
pub fn write(folder: &Path, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).unwrap();
    fs::write(&path, content).unwrap();
    path
}

/// A line that holds a labelled number.
pub fn labelled(iin: &str) -> String {
    format!("ИИН: {iin}\n")
}

/// Every file under a folder, in order.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("fixtures can be listed"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.into_path())
        .collect();
    files.sort();
    files
}

/// Whether a delivered path is this one, a star of a masked path standing for any character.
pub fn same_path(delivered: &str, path: &str) -> bool {
    delivered.chars().count() == path.chars().count()
        && delivered.chars().zip(path.chars()).all(|(d, p)| d == p || d == '*')
}

/// A schema that is published, and what checks by it.
pub fn schema(name: &str) -> (Value, Validator) {
    let text = fs::read_to_string(root().join("docs").join(name)).expect("the schema is published");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    (schema, validator)
}

/// Every record is as the published schemas say.
#[track_caller]
pub fn assert_valid(records: &[Value]) {
    let (_, finding) = schema("finding.schema.json");
    let (_, skip) = schema("skip.schema.json");
    for record in records {
        let validator = if is_skip(record) { &skip } else { &finding };
        let errors: Vec<String> = validator
            .iter_errors(record)
            .map(|e| format!("{} at {}", e, e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}\n{record}", errors.join("\n"));
    }
}
