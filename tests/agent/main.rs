//! The service as a process on real files: what it hears, what it tells, what it survives.
//!
//! Every test starts the program itself, on folders and a state of its own, and reads what its sinks
//! wrote. `IINSPECT_SOAK_KILLS` sets how often the service is killed at random (200 for a release).

mod basics;
mod faults;
mod logs;
mod manners;
mod once;
mod rig;
