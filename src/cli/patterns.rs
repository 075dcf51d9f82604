//! `iinspect patterns`: check, list, test.

use super::Status;
use crate::error::Error;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> Result<Status, Error> {
    Ok(Status::Clean)
}
