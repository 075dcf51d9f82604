//! Runs the network, one thread's worth at a time.
//!
//! rten spreads its work over a rayon pool. Called from a rayon worker it would share the
//! pool of the scan: one picture would then start another in the middle of itself, on the
//! same stack. So each calling thread has a companion with a pool of one thread, and waits
//! for it as for any slow call.

use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};

use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::{HEIGHT, STEP};
use crate::ident::mrz::ALPHABET;

/// Nothing, then the alphabet.
pub(super) const CLASSES: usize = 1 + ALPHABET.len();

static WEIGHTS: &[u8] = include_bytes!("../../patterns/models/mrz.onnx");

/// `None` if the weights do not load; a test holds that they do.
fn model() -> Option<&'static Model> {
    static MODEL: OnceLock<Option<Model>> = OnceLock::new();
    let load = || match Model::load_static_slice(WEIGHTS) {
        Ok(model) => Some(model),
        Err(e) => {
            log::error!("the model of the line reader does not load: {e}");
            None
        }
    };
    MODEL.get_or_init(load).as_ref()
}

struct Job {
    strips: NdTensor<f32, 4>,
    reply: Sender<Option<Vec<f32>>>,
}

thread_local! {
    static COMPANION: RefCell<Option<Sender<Job>>> = const { RefCell::new(None) };
}

/// Log probabilities, `count` x `width / STEP` x [`CLASSES`]. `None` if the network fails.
pub(super) fn run(count: usize, width: usize, pixels: Vec<f32>) -> Option<Vec<f32>> {
    let strips = NdTensor::try_from_data([count, 1, HEIGHT, width], pixels).ok()?;
    let answer = COMPANION.with_borrow_mut(|slot| {
        let (reply, answer) = channel();
        let sent = slot.get_or_insert_with(companion).send(Job { strips, reply });
        let answer = sent.ok().and_then(|()| answer.recv().ok());
        if answer.is_none() {
            // It panicked; the next strip gets another.
            log::error!("the line reader failed on a strip");
            *slot = None;
        }
        answer.flatten()
    })?;
    (answer.len() == count * (width / STEP) * CLASSES).then_some(answer)
}

fn companion() -> Sender<Job> {
    let (sender, jobs) = channel::<Job>();
    // If no thread can be had, the receiver is dropped and every reading fails as silence.
    let started = std::thread::Builder::new().name("reader".into()).spawn(move || {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        let within = pool.clone();
        pool.run(move || {
            while let Ok(job) = jobs.recv() {
                let options = RunOptions::default().with_thread_pool(Some(within.clone()));
                let answer = model().and_then(|model| {
                    let value = model.run_one(job.strips.view().into(), Some(options)).ok()?;
                    Some(value.into_tensor::<f32>()?.to_vec())
                });
                // A caller that is gone needs no answer.
                let _ = job.reply.send(answer);
            }
        });
    });
    if let Err(e) = started {
        log::error!("no thread for the line reader: {e}");
    }
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_answers_with_probabilities() {
        let answer = run(2, 64, vec![0.0; 2 * HEIGHT * 64]).expect("weights load and run");
        for step in answer.chunks_exact(CLASSES) {
            let sum: f32 = step.iter().map(|l| l.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        }
    }

    #[test]
    fn threads_do_not_disturb_each_other() {
        let one = run(1, 64, vec![0.5; HEIGHT * 64]).unwrap();
        let workers: Vec<_> = (0..3)
            .map(|_| std::thread::spawn(|| run(1, 64, vec![0.5; HEIGHT * 64]).unwrap()))
            .collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), one);
        }
    }
}
