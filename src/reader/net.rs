//! Runs the networks, one thread's worth at a time.
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

/// The networks, their weights compiled in. Inputs are [count, 1, height, width].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Net {
    /// Rows of machine readable zones.
    Mrz,
    /// Lines of any text.
    Text,
    /// What kind of line it is and how it lies.
    Glance,
}

impl Net {
    fn weights(self) -> &'static [u8] {
        match self {
            Net::Mrz => include_bytes!("../../patterns/models/mrz.onnx"),
            Net::Text => include_bytes!("../../patterns/models/text.onnx"),
            Net::Glance => include_bytes!("../../patterns/models/glance.onnx"),
        }
    }

    /// `None` if the weights do not load; a test holds that they do.
    fn model(self) -> Option<&'static Model> {
        static MODELS: [OnceLock<Option<Model>>; 3] = [const { OnceLock::new() }; 3];
        let load = || match Model::load_static_slice(self.weights()) {
            Ok(model) => Some(model),
            Err(e) => {
                log::error!("the {self:?} model of the line reader does not load: {e}");
                None
            }
        };
        MODELS.get(self as usize)?.get_or_init(load).as_ref()
    }
}

struct Job {
    net: Net,
    strips: NdTensor<f32, 4>,
    reply: Sender<Option<Vec<f32>>>,
}

thread_local! {
    static COMPANION: RefCell<Option<Sender<Job>>> = const { RefCell::new(None) };
}

/// The network's answers, one after the other. `None` if it fails.
pub(super) fn run(
    net: Net,
    [count, height, width]: [usize; 3],
    pixels: Vec<f32>,
) -> Option<Vec<f32>> {
    let strips = NdTensor::try_from_data([count, 1, height, width], pixels).ok()?;
    COMPANION.with_borrow_mut(|slot| {
        let (reply, answer) = channel();
        let sent = slot.get_or_insert_with(companion).send(Job { net, strips, reply });
        let answer = sent.ok().and_then(|()| answer.recv().ok());
        if answer.is_none() {
            // It panicked; the next strip gets another.
            log::error!("the line reader failed on a strip");
            *slot = None;
        }
        answer.flatten()
    })
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
                let answer = job.net.model().and_then(|model| {
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
    fn the_models_answer_with_probabilities() {
        let classes = super::super::line::CLASSES;
        let text = super::super::text::classes();
        for (net, height, width, steps, classes) in [
            (Net::Mrz, 24, 64, 16, classes),
            (Net::Text, 32, 64, 16, text),
            (Net::Glance, 16, 128, 1, 7),
        ] {
            let pixels = vec![0.0; 2 * height * width];
            let answer = run(net, [2, height, width], pixels).expect("weights load and run");
            assert_eq!(answer.len(), 2 * steps * classes, "{net:?}");
            for step in answer.chunks_exact(classes) {
                let sum: f32 = step.iter().map(|l| l.exp()).sum();
                assert!((sum - 1.0).abs() < 1e-3, "{net:?} {sum}");
            }
        }
    }

    #[test]
    fn threads_do_not_disturb_each_other() {
        let answer = || run(Net::Mrz, [1, 24, 64], vec![0.5; 24 * 64]).unwrap();
        let one = answer();
        let workers: Vec<_> = (0..3).map(|_| std::thread::spawn(answer)).collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), one);
        }
    }
}
