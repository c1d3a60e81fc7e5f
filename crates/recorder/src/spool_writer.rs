//! [`write_to_spool`]: the thread between the encoder and the spool, so that a slow disk does not
//! hold up a picture.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use vignette_encode::EncodedPiece;
use vignette_spool::{FreeSpace, Spool, SpoolError, TakeWriter};

use crate::RecorderError;
use crate::command::TakeCommand;
use crate::warning::Warning;

/// Pieces that may wait for the disk: about a quarter of a minute.
pub(crate) const WAITING_PIECES: usize = 8;

/// What was kept of a take.
pub(crate) struct SpoolOutcome {
    /// For the end of the take.
    pub(crate) writer: TakeWriter,
    /// Why not all of it was appended, if so. The last piece comes after stop was asked, when the
    /// conductor does not listen any more.
    pub(crate) failed: Option<Arc<SpoolError>>,
}

/// Appends every piece of a take as it comes, until there are no more. A full disk or a failing one
/// ends the take by [`TakeCommand::Failed`]; what was appended before stays.
pub(crate) fn write_to_spool(
    spool: &Spool,
    mut writer: TakeWriter,
    pieces: &Receiver<EncodedPiece>,
    conductor: &Sender<TakeCommand>,
) -> SpoolOutcome {
    let mut failed = None;
    let mut little_space_said = false;
    for piece in pieces {
        // After a failure the channel is drained, so that the encoder never waits for a failed
        // disk.
        if failed.is_some() {
            continue;
        }
        if let Err(error) = writer.append(piece.bytes()) {
            tracing::error!(take.id = %writer.id(), %error, "Cannot keep a fragment");
            let error = Arc::new(error);
            failed = Some(error.clone());
            tell(conductor, TakeCommand::Failed(RecorderError::NotAppended(error)));
            continue;
        }
        match spool.free_space() {
            // Once a take: how much is left changes with every piece, what to do about it does not.
            FreeSpace::Low { free_bytes } if !std::mem::replace(&mut little_space_said, true) => {
                let folder = spool.folder_of_takes().display().to_string();
                tell(conductor, TakeCommand::Warn(Warning::LittleSpace { free_bytes, folder }));
            }
            FreeSpace::Plenty | FreeSpace::Low { .. } => {}
            FreeSpace::Full { free_bytes } => {
                let folder = spool.folder_of_takes().to_owned();
                let full = RecorderError::DiskFull { folder, free_bytes };
                tell(conductor, TakeCommand::Failed(full));
            }
        }
    }
    SpoolOutcome { writer, failed }
}

/// A conductor that has ended needs to be told nothing.
fn tell(conductor: &Sender<TakeCommand>, command: TakeCommand) {
    drop(conductor.send(command));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crossbeam_channel::unbounded;
    use vignette_fmp4::{Cutter, Limits, Piece};
    use vignette_model::{SystemClock, TakeId, UtcMicros};
    use vignette_spool::{Disk as _, SimulatedDisk, Take};

    use super::*;

    const STREAM: &[u8] = include_bytes!("../../fmp4/tests/data/zerolatency.mp4");

    /// The stream's pieces, with its first fragment once more at the end, which cannot be appended
    /// there.
    fn pieces_and_one_too_many() -> Vec<EncodedPiece> {
        let mut at = 0;
        let mut pieces = Vec::new();
        for piece in Cutter::new(Limits::DEFAULT).push(STREAM).unwrap() {
            let (end, times) = match piece {
                Piece::Init(init) => (init.size_bytes, None),
                Piece::Fragment(fragment) => {
                    (fragment.end_bytes(), Some((fragment.start, fragment.duration)))
                }
            };
            let end = usize::try_from(end).unwrap();
            let bytes = STREAM[std::mem::replace(&mut at, end)..end].into();
            pieces.push(match times {
                None => EncodedPiece::Init(bytes),
                Some((start, duration)) => EncodedPiece::Fragment { bytes, start, duration },
            });
        }
        pieces.push(pieces[1].clone());
        pieces
    }

    #[test]
    fn little_space_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(SimulatedDisk::with_free_bytes(1_000_000_000));
        let spool =
            Spool::open_on(folder.path(), Arc::new(SystemClock::new()), Box::new(disk.clone()))
                .unwrap();
        let writer = spool.begin(Take::new(TakeId::new(), UtcMicros(0))).unwrap();
        spool.subscribe(move |_| {
            disk.set_free_bytes(disk.free_bytes(Path::new("")).unwrap() - 1_000_000)
        });
        let (sender, pieces) = unbounded();
        pieces_and_one_too_many().into_iter().take(3).for_each(|piece| sender.send(piece).unwrap());
        drop(sender);
        let (conductor, told) = unbounded();
        assert!(write_to_spool(&spool, writer, &pieces, &conductor).failed.is_none());
        let told: Vec<_> = told.try_iter().collect();
        assert!(
            matches!(told[..], [TakeCommand::Warn(Warning::LittleSpace { .. })]),
            "less room after each piece is still one thing to say: {} were said",
            told.len()
        );
    }

    #[test]
    fn a_last_piece_that_cannot_be_kept_is_told_though_nobody_listens_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path(), Arc::new(SystemClock::new())).unwrap();
        let writer = spool.begin(Take::new(TakeId::new(), UtcMicros(0))).unwrap();
        let id = writer.id();
        let (sender, pieces) = unbounded();
        pieces_and_one_too_many().into_iter().for_each(|piece| sender.send(piece).unwrap());
        drop(sender);
        let (conductor, gone) = unbounded();
        drop(gone);
        let SpoolOutcome { writer, failed } = write_to_spool(&spool, writer, &pieces, &conductor);
        assert!(failed.is_some(), "the end of the take hears of it");
        let take = writer.finish_interrupted().unwrap();
        assert_eq!(
            (take.stream.size_bytes, take.stream.complete, take.stream.interrupted),
            (STREAM.len() as u64, true, true)
        );
        assert!(
            spool.take(id).unwrap().stream.interrupted,
            "and so does whoever looks at it later"
        );
    }
}
