//! On real file systems: what the kernel tells, and in which order.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::*;

/// Longer than any of these takes on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(20);

fn root(path: &Path) -> Root {
    let prune: Prune = Arc::new(|_, _, _| false);
    Root { path: path.to_path_buf(), one_file_system: true, growth: false, prune }
}

struct Seen {
    watcher: Watcher,
    hints: Receiver<(usize, Hint)>,
}

impl Seen {
    /// Watching has begun when this returns.
    fn of(roots: Vec<Root>) -> Seen {
        let (send, hints) = channel();
        let paths: Vec<PathBuf> = roots.iter().map(|root| root.path.clone()).collect();
        let watcher = Watcher::new(roots, move |root, hint| {
            let _ = send.send((root, hint)); // the test is over
        });
        let seen = Seen { watcher: watcher.unwrap(), hints };
        for path in paths {
            seen.until(&Hint::Folder(path));
        }
        seen
    }

    /// All hints up to this one.
    #[track_caller]
    fn until(&self, last: &Hint) -> Vec<Hint> {
        self.find(|hint| hint == last, &format!("{last:?}"))
    }

    #[track_caller]
    fn find(&self, is: impl Fn(&Hint) -> bool, what: &str) -> Vec<Hint> {
        let (mut all, end) = (Vec::new(), Instant::now() + PATIENCE);
        loop {
            match self.hints.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((_, hint)) => {
                    all.push(hint);
                    if all.last().is_some_and(&is) {
                        return all;
                    }
                }
                Err(_) => panic!("no {what} among {all:?}"),
            }
        }
    }
}

#[test]
fn a_file_is_told_once_when_it_is_written_and_when_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let seen = Seen::of(vec![root(dir.path())]);
    let a = dir.path().join("a");
    fs::write(&a, "x").unwrap();
    seen.until(&Hint::File(a.clone()));
    fs::remove_file(&a).unwrap();
    seen.until(&Hint::Gone(a));
    assert_eq!(seen.watcher.watched(), 1);
}
