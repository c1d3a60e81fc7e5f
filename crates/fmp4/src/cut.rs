//! [`Cutter`]: bytes in any split become whole [`Piece`]s.

use serde::{Deserialize, Serialize};

use crate::boxes::{BoxHeader, FourCc};
use crate::moof::Moof;
use crate::times::Times;
use crate::{Fault, FormatError, Fragment, Init, Limits, Track};

/// A part of a stream that means something by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// ftyp and moov: the first piece of every stream.
    Init(Init),
    /// One moof and its mdat, starting with a key frame.
    Fragment(Fragment),
}

/// Cuts a stream, `ftyp moov (moof mdat)*`, into pieces as its bytes arrive. It keeps only what it
/// has to read (moov and moof), never the media. Cloning it is cheap between pieces.
///
/// styp, sidx, emsg, prft and free boxes may stand before a moof and belong to its fragment; one
/// mfra may end the stream.
///
/// It can be serialised at any byte, so that another process goes on; limits are not part of that,
/// see [`Cutter::with_limits`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cutter {
    #[serde(skip)]
    limits: Limits,
    /// Offset in the stream of the next byte.
    offset: u64,
    /// Offset behind the last whole piece.
    whole: u64,
    state: GrammarState,
    step: ReadStep,
    /// Bytes that are needed again: a box's header until it is whole, then the box if it has to be
    /// read.
    held: Vec<u8>,
    tracks: Vec<Track>,
    times: Times,
    fragments: u32,
    samples: u64,
    #[serde(skip)]
    failed: Option<FormatError>,
}

/// Where in the stream's grammar the next box stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum GrammarState {
    /// In the init segment, which is kept from its first byte.
    Init(Vec<u8>),
    /// Before a fragment, or at the end.
    Between,
    /// Behind boxes that may come before a moof; the first began here.
    Before(u64),
    /// Behind a moof.
    Mdat(Begun),
    /// Behind mfra.
    End,
}

/// A fragment whose mdat is still to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Begun {
    fragment: Fragment,
    /// Where samples lie in the stream: track id, begin, end.
    samples: Vec<(u32, u64, u64)>,
}

/// What is done with the next bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum ReadStep {
    /// The header of a box is read into `held`.
    Header,
    /// A box is kept in `held`, header included, until it has this size.
    Keep(u64),
    /// So many bytes of a box are passed over.
    Pass(u64),
}

impl Cutter {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            offset: 0,
            whole: 0,
            state: GrammarState::Init(Vec::new()),
            step: ReadStep::Header,
            held: Vec::new(),
            tracks: Vec::new(),
            times: Times::default(),
            fragments: 0,
            samples: 0,
            failed: None,
        }
    }

    /// The same, held to other limits: one that was deserialised has the default ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Takes the next bytes of the stream and gives the pieces that they complete. However the
    /// bytes are split, the pieces are the same. The piece boundaries that were found before an
    /// error stay true.
    ///
    /// # Errors
    /// [`FormatError`] as soon as the bytes cannot become a stream that we take; every later call
    /// gives the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, FormatError> {
        let mut pieces = Vec::new();
        self.push_into(bytes, &mut pieces).map(|()| pieces)
    }

    /// Like [`Cutter::push`], but pieces that were completed before an error are given too.
    ///
    /// # Errors
    /// As [`Cutter::push`].
    pub fn push_into(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), FormatError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.read(bytes, pieces).inspect_err(|error| {
            self.failed = Some(error.clone());
            self.held = Vec::new();
        })
    }

    /// Offset in the stream behind the last whole piece. A whole mfra box at the end counts as part
    /// of the last piece.
    #[must_use]
    pub const fn whole_bytes(&self) -> u64 {
        self.whole
    }

    /// Offset in the stream of the next byte to push.
    #[must_use]
    pub const fn offset_bytes(&self) -> u64 {
        self.offset
    }

    /// How many of the next bytes are media that need not be pushed: [`Cutter::skip`] may pass over
    /// up to as many.
    #[must_use]
    pub const fn skippable_bytes(&self) -> u64 {
        match (&self.failed, &self.step) {
            (None, ReadStep::Pass(left)) => *left,
            _ => 0,
        }
    }

    /// Passes over bytes that are in the stream but were not read. Gives the piece that ends with
    /// them, if one does.
    ///
    /// # Panics
    /// If `count_bytes` is more than [`Cutter::skippable_bytes`].
    pub fn skip(&mut self, count_bytes: u64) -> Option<Piece> {
        let skippable = self.skippable_bytes();
        assert!(count_bytes <= skippable, "{count_bytes} bytes cannot be skipped, {skippable} can");
        if count_bytes == 0 {
            return None;
        }
        self.offset += count_bytes;
        self.step = ReadStep::Pass(skippable - count_bytes);
        if skippable == count_bytes { self.passed() } else { None }
    }

    /// Reads on until `bytes` are used up.
    fn read(&mut self, mut bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), FormatError> {
        while !bytes.is_empty() {
            match self.step {
                ReadStep::Header => {
                    // The second half of a long header is only asked for when the first half says
                    // so.
                    let want = if self.held.len() < 8 { 8 } else { 16 };
                    bytes = self.hold(bytes, want);
                    let begin = self.offset - self.held.len() as u64;
                    if let Some(header) = BoxHeader::read(&self.held, begin)? {
                        self.begin(header, begin)?;
                        self.step_if_done(pieces)?;
                    }
                }
                ReadStep::Keep(size) => {
                    bytes = self.hold(bytes, size);
                    self.step_if_done(pieces)?;
                }
                ReadStep::Pass(left) => {
                    let count = left.min(bytes.len() as u64);
                    pieces.extend(self.skip(count));
                    bytes = &bytes[usize::try_from(count).unwrap_or(bytes.len())..];
                }
            }
        }
        Ok(())
    }

    /// Moves bytes into `held` until it has `want`; gives the rest.
    fn hold<'b>(&mut self, bytes: &'b [u8], want: u64) -> &'b [u8] {
        let missing = want.saturating_sub(self.held.len() as u64);
        let count = usize::try_from(missing).unwrap_or(usize::MAX).min(bytes.len());
        let (first, rest) = bytes.split_at(count);
        self.held.extend_from_slice(first);
        self.offset += count as u64;
        rest
    }

    /// Ends the box at hand if nothing of it is missing.
    fn step_if_done(&mut self, pieces: &mut Vec<Piece>) -> Result<(), FormatError> {
        match self.step {
            ReadStep::Keep(size) if self.held.len() as u64 == size => pieces.extend(self.kept()?),
            ReadStep::Pass(0) => pieces.extend(self.passed()),
            _ => {}
        }
        Ok(())
    }

    /// A box begins at `begin`: may it stand here, and is it kept or passed over?
    fn begin(&mut self, header: BoxHeader, begin: u64) -> Result<(), FormatError> {
        let BoxHeader { name, size, header_size } = header;
        let most = |what, value, most| {
            if value > most { Err(Fault::TooMuch { what, value, most }.at(begin)) } else { Ok(()) }
        };
        most("the size of the stream", begin.saturating_add(size), self.limits.stream_bytes)?;
        let keep = match (&self.state, &name.0) {
            (GrammarState::Init(init), b"ftyp") if init.is_empty() => true,
            (GrammarState::Init(init), b"moov" | b"free") if !init.is_empty() => true,
            (GrammarState::Between | GrammarState::Before(_), b"moof") => true,
            (
                GrammarState::Between | GrammarState::Before(_),
                b"styp" | b"sidx" | b"emsg" | b"prft" | b"free",
            ) => false,
            (GrammarState::Between, b"mfra") if self.fragments > 0 => false,
            (GrammarState::Mdat(begun), b"mdat") => {
                begun.check(begin + header_size, begin + size)?;
                false
            }
            (state, _) => {
                return Err(Fault::Unexpected {
                    found: name.to_string(),
                    expected: state.expected(),
                }
                .at(begin));
            }
        };
        match &self.state {
            GrammarState::Init(init) => most(
                "the size of the init segment",
                init.len() as u64 + size,
                self.limits.header_box_bytes,
            )?,
            GrammarState::Between => {
                most("the size of a fragment", size, self.limits.fragment_bytes)?
            }
            GrammarState::Before(start) => {
                most("the size of a fragment", begin + size - start, self.limits.fragment_bytes)?
            }
            GrammarState::Mdat(begun) => {
                most(
                    "the size of a fragment",
                    begin + size - begun.fragment.offset_bytes,
                    self.limits.fragment_bytes,
                )?;
            }
            GrammarState::End => {}
        }
        if keep {
            most("the size of a header box", size, self.limits.header_box_bytes)?;
            self.step = ReadStep::Keep(size);
            return Ok(());
        }
        self.held.clear();
        self.step = ReadStep::Pass(size - header_size);
        self.state = match std::mem::replace(&mut self.state, GrammarState::End) {
            GrammarState::Between if name == FourCc(*b"mfra") => GrammarState::End,
            GrammarState::Between => GrammarState::Before(begin),
            other => other,
        };
        Ok(())
    }

    /// The box in `held` is whole.
    fn kept(&mut self) -> Result<Option<Piece>, FormatError> {
        let held = std::mem::take(&mut self.held);
        let begin = self.offset - held.len() as u64;
        self.step = ReadStep::Header;
        match &mut self.state {
            GrammarState::Init(init) => {
                init.extend_from_slice(&held);
                if held.get(4..8) != Some(b"moov") {
                    return Ok(None);
                }
                let init = Init::read(init, &self.limits)?;
                self.tracks.clone_from(&init.tracks);
                self.state = GrammarState::Between;
                self.whole = self.offset;
                Ok(Some(Piece::Init(init)))
            }
            state => {
                let offset_bytes =
                    if let GrammarState::Before(start) = state { *start } else { begin };
                let begun = self.moof(&held, begin, offset_bytes)?;
                self.state = GrammarState::Mdat(begun);
                Ok(None)
            }
        }
    }

    fn moof(&mut self, bytes: &[u8], begin: u64, offset_bytes: u64) -> Result<Begun, FormatError> {
        let moof = Moof::read(bytes, begin, &self.tracks, &self.limits)?;
        let (start, duration) = self.times.follow(&moof, &self.tracks)?;
        self.fragments += 1;
        if self.fragments > self.limits.fragments {
            let (value, most) = (u64::from(self.fragments), u64::from(self.limits.fragments));
            return Err(Fault::TooMuch { what: "the number of fragments", value, most }.at(begin));
        }
        self.samples += moof.samples();
        self.limits.check_samples(self.samples).map_err(|fault| fault.at(begin))?;
        let range = |part: &crate::moof::TrackPart, run: &crate::moof::Run| {
            (self.tracks[part.track].id, run.offset, run.offset + run.size)
        };
        let samples = moof
            .parts
            .iter()
            .flat_map(|part| part.runs.iter().map(move |run| range(part, run)))
            .collect();
        let moof_size_bytes = bytes.len() as u64;
        let fragment = Fragment {
            offset_bytes,
            size_bytes: 0,
            moof_offset_bytes: begin,
            moof_size_bytes,
            start,
            duration,
        };
        Ok(Begun { fragment, samples })
    }

    /// A box that was passed over is whole.
    fn passed(&mut self) -> Option<Piece> {
        self.step = ReadStep::Header;
        match &self.state {
            GrammarState::Mdat(begun) => {
                let fragment = Fragment {
                    size_bytes: self.offset - begun.fragment.offset_bytes,
                    ..begun.fragment
                };
                self.state = GrammarState::Between;
                self.whole = self.offset;
                Some(Piece::Fragment(fragment))
            }
            GrammarState::End => {
                self.whole = self.offset;
                None
            }
            GrammarState::Init(_) | GrammarState::Between | GrammarState::Before(_) => None,
        }
    }
}

impl GrammarState {
    /// What may stand here, for messages.
    fn expected(&self) -> &'static str {
        match self {
            Self::Init(init) if init.is_empty() => "ftyp",
            Self::Init(_) => "moov",
            Self::Between | Self::Before(_) => "moof",
            Self::Mdat(_) => "mdat",
            Self::End => "the end of the stream",
        }
    }
}

impl Begun {
    /// Whether all samples lie between `begin` and `end` of the stream, which is what mdat holds,
    /// and are no more than that: each has its own bytes.
    fn check(&self, begin: u64, end: u64) -> Result<(), FormatError> {
        if let Some(&(track, ..)) =
            self.samples.iter().find(|(_, from, to)| *from < begin || *to > end)
        {
            return Err(Fault::OutsideMdat { track }.at(begin));
        }
        let (value, most) = (self.samples.iter().map(|(_, from, to)| to - from).sum(), end - begin);
        if value > most {
            return Err(
                Fault::TooMuch { what: "the size of a fragment's samples", value, most }.at(begin)
            );
        }
        Ok(())
    }
}
