//! One run of a foreign program: bytes in, bytes out, within a time and a size.
//!
//! No shell, a cleared environment, nothing on its standard error is looked at. With the sandbox it is
//! started through this same program, which walls itself in first: files of the system to read, none
//! to write, no network, bounded memory and time. Without, `prlimit` (util-linux) bounds it where it is
//! installed.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::walls::PROGRAM_COMMAND;

/// Memory of the program: three languages of Tesseract on a large page take a fifth of it.
const MAX_MEMORY_BYTES: u64 = 2 << 30;
/// How long to sleep between looks whether it has ended, once its output is closed.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A program that was found.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    /// This program, which walls the other one in.
    within: Option<PathBuf>,
    /// `prlimit`, where there is one.
    limiter: Option<PathBuf>,
    /// Variables of our environment that it is given.
    pass: &'static [&'static str],
}

/// Why there is no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It could not be started.
    NotStarted,
    TimedOut,
    TooMuch,
    /// It ended otherwise than with status 0.
    Failed,
}

impl Program {
    /// Looks for `command` as a shell would: by its path, or in `PATH`.
    /// `within` is this program, where it is to wall the other one in.
    pub fn find(
        command: &Path,
        pass: &'static [&'static str],
        within: Option<PathBuf>,
    ) -> Option<Program> {
        let path = which(command.as_os_str())?;
        Some(Program { path, within, limiter: which(OsStr::new("prlimit")), pass })
    }

    fn command(&self, time: Duration) -> Command {
        let seconds = time.as_secs().saturating_add(1);
        let mut command = match (&self.within, &self.limiter) {
            (Some(within), _) => {
                let mut command = Command::new(within);
                command.arg(PROGRAM_COMMAND);
                command.args([MAX_MEMORY_BYTES.to_string(), seconds.to_string()]).arg(&self.path);
                command
            }
            (None, Some(limiter)) => {
                let mut command = Command::new(limiter);
                command.arg(format!("--as={MAX_MEMORY_BYTES}"));
                command.arg(format!("--cpu={seconds}"));
                command.args(["--core=0", "--fsize=0", "--nofile=64", "--"]).arg(&self.path);
                command
            }
            (None, None) => Command::new(&self.path),
        };
        command.env_clear().env("LC_ALL", "C").current_dir("/");
        for name in self.pass {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    /// Runs it on `input` and gives what it wrote, `max_bytes` at most.
    pub fn run(
        &self,
        args: &[OsString],
        env: &[(&str, &str)],
        input: Vec<u8>,
        time: Duration,
        max_bytes: u64,
    ) -> Result<Vec<u8>, Failure> {
        let end = Instant::now().checked_add(time);
        let mut child = self
            .command(time)
            .args(args)
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| Failure::NotStarted)?; // which of the reasons is told when it is looked for
        let result = talk(&mut child, input, end, max_bytes);
        if result.is_err() {
            let _ = child.kill(); // it may have ended by itself
        }
        let _ = child.wait(); // no zombie stays; how it ended is known
        result
    }
}

/// Writes and reads in threads of their own: a program that does neither would hold us up. The
/// threads end with the pipes, which end with the program.
fn talk(
    child: &mut Child,
    input: Vec<u8>,
    end: Option<Instant>,
    max_bytes: u64,
) -> Result<Vec<u8>, Failure> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::NotStarted);
    };
    thread::spawn(move || {
        // A program that does not read to the end has its reasons; its status tells.
        let _ = stdin.write_all(&input);
    });
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut out = Vec::new();
        let read = stdout.take(max_bytes.saturating_add(1)).read_to_end(&mut out);
        // Nobody waits any more: it took too long.
        let _ = sender.send(read.map(|_| out));
    });
    let left = || end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
    let out = receiver.recv_timeout(left()).map_err(|_| Failure::TimedOut)?;
    let out = out.map_err(|_| Failure::Failed)?;
    if out.len() as u64 > max_bytes {
        return Err(Failure::TooMuch);
    }
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(out),
            Ok(Some(_)) | Err(_) => return Err(Failure::Failed),
            Ok(None) if left().is_zero() => return Err(Failure::TimedOut),
            Ok(None) => thread::sleep(LOOK_AGAIN),
        }
    }
}

/// The absolute path of a command that may be run.
fn which(command: &OsStr) -> Option<PathBuf> {
    let runs = |path: &Path| {
        path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    };
    let named = Path::new(command);
    if named.components().count() > 1 {
        return std::path::absolute(named).ok().filter(|path| runs(path)); // no such folder: not there
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(named))
        .find(|path| runs(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str], input: &[u8], time: Duration) -> Result<Vec<u8>, Failure> {
        let program =
            Program::find(Path::new(args[0]), &[], None).expect("a program of every system");
        let args: Vec<OsString> = args[1..].iter().map(OsString::from).collect();
        program.run(&args, &[("ONLY", "this")], input.to_vec(), time, 1 << 20)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_goes_in_comes_out() {
        let input = vec![7u8; 700_000];
        assert_eq!(run(&["cat"], &input, LONG).unwrap(), input);
        assert_eq!(run(&["cat"], &vec![7u8; (1 << 20) + 1], LONG), Err(Failure::TooMuch));
        assert_eq!(run(&["true"], &input, LONG).unwrap(), b"");
        assert_eq!(run(&["false"], b"", LONG), Err(Failure::Failed));
    }

    #[test]
    fn the_environment_is_not_handed_on() {
        assert!(std::env::var_os("PATH").is_some());
        assert_eq!(run(&["env"], b"", LONG).unwrap(), b"LC_ALL=C\nONLY=this\n");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let begin = Instant::now();
        assert_eq!(run(&["sleep", "60"], b"", Duration::from_millis(200)), Err(Failure::TimedOut));
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn only_what_may_be_run_is_a_program() {
        for command in ["no-such-program-41", "/etc/passwd", "/tmp", "./no/such", ""] {
            assert!(Program::find(Path::new(command), &[], None).is_none(), "{command}");
        }
    }
}
