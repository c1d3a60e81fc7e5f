//! [`keep`]: the thread between the encoder and the spool, so that a slow disk does not hold up a picture.

use crossbeam_channel::{Receiver, Sender};
use vignette_encode::Output;
use vignette_model::Problem;
use vignette_spool::{Room, Spool, TakeWriter};

use crate::conductor::Command;
use crate::recording::Warning;

/// Pieces that may wait for the disk: about a quarter of a minute.
pub(crate) const WAITING_PIECES: usize = 8;

/// Appends every piece of a take as it comes, until there are no more. A full disk or a failing one ends the take by
/// [`Command::Failed`]; what was appended before stays. Gives the writer back for the end of the take.
pub(crate) fn keep(spool: &Spool, mut writer: TakeWriter, pieces: &Receiver<Output>, conductor: &Sender<Command>) -> TakeWriter {
    let mut failed = false;
    for piece in pieces {
        // After a failure the rest is let through, so that the encoder never waits for a disk that is gone.
        if failed {
            continue;
        }
        if let Err(error) = writer.append(piece.bytes()) {
            tracing::error!(take.id = %writer.id(), %error, "Cannot keep a fragment");
            failed = true;
            tell(conductor, Command::Failed(error.into()));
        }
        match spool.room() {
            Room::Plenty => {}
            Room::Low { free_bytes } => tell(conductor, Command::Warn(Warning::LittleSpace { free_bytes })),
            Room::Full { free_bytes } => tell(conductor, Command::Failed(no_space(free_bytes))),
        }
    }
    writer
}

/// A conductor that has ended needs to be told nothing.
fn tell(conductor: &Sender<Command>, command: Command) {
    drop(conductor.send(command));
}

fn no_space(free_bytes: u64) -> Problem {
    Problem::new(
        vignette_model::ErrorCode::NoSpace,
        format!("Recording stopped: only {} MB are free on this computer. Everything up to here is kept", free_bytes / 1_000_000),
    )
    .with_help("Free some space, then record the rest as another clip.")
}
