//! Microphones of a sound server: PulseAudio, or PipeWire with its PulseAudio interface.
//!
//! The protocol is spoken directly instead of through cpal: cpal lets the server buffer a single
//! fragment (larger blocks are lost), does not report the latency, and supports a single way to
//! connect.

mod address;
mod connection;
mod record;
mod settings;

use std::ffi::CString;
use std::io;

use pulseaudio::protocol::{
    ChannelPosition, Command, GetSourceInfo, ProtocolError, SourceFlags, SourceInfo, SourceInfoList,
};
use thiserror::Error;
use vignette_model::{Channels, Place};

use self::connection::PulseConnection;
use crate::Device;

/// The prefix of the ids of its devices.
const PREFIX: &str = "pulseaudio:";

/// Why a sound server cannot be used, worded to follow "the sound server".
#[derive(Debug, Error)]
pub(super) enum SoundServerError {
    /// None is configured, and none was found.
    #[error("is not there")]
    Absent,
    /// It refused the connection or the request.
    #[error("refused Vignette: {0}")]
    Refused(String),
    /// It is configured but does not answer.
    #[error("does not answer: {0}")]
    Silent(String),
    /// It has no such source.
    #[error("has no such microphone")]
    NotThere,
    /// It ended the recording but not the connection.
    #[error("ended the recording")]
    Ended,
    /// The connection is closed.
    #[error("is gone")]
    Gone,
    /// It sent an invalid message.
    #[error("is not understood: {0}")]
    Nonsense(ProtocolError),
}

impl From<io::Error> for SoundServerError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                Self::Silent("it takes nothing in".to_owned())
            }
            _ => Self::Gone,
        }
    }
}

impl From<ProtocolError> for SoundServerError {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Io(why) if why.kind() != io::ErrorKind::UnexpectedEof => why.into(),
            other => Self::Nonsense(other),
        }
    }
}

/// A source of a sound server, with the connection on which it was found.
pub(super) struct PulseSource {
    connection: PulseConnection,
    info: SourceInfo,
    /// Whether it was selected as the default of the server, which may change later.
    default: bool,
}

impl PulseSource {
    /// The default of the server.
    pub(super) fn default() -> Result<Self, SoundServerError> {
        Self::find(pulseaudio::protocol::DEFAULT_SOURCE.to_owned(), true)
    }

    /// The source with this id; `None` if it is not the id of such a source, or if there is no such
    /// source.
    pub(super) fn by_id(id: &str) -> Result<Option<Self>, SoundServerError> {
        let Some(name) = id.strip_prefix(PREFIX).and_then(|name| CString::new(name).ok()) else {
            return Ok(None);
        };
        match Self::find(name, false) {
            Ok(source) => Ok(Some(source)),
            Err(SoundServerError::NotThere | SoundServerError::Absent) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn find(name: CString, default: bool) -> Result<Self, SoundServerError> {
        let mut connection = PulseConnection::open()?;
        let info = connection
            .ask(Command::GetSourceInfo(GetSourceInfo { index: None, name: Some(name) }))?;
        Ok(Self { connection, info, default })
    }

    /// Its name, for a person.
    pub(super) fn name(&self) -> String {
        name(&self.info)
    }
}

/// The sources, and which of them is the default.
pub(super) fn list() -> Result<Vec<Device>, SoundServerError> {
    let mut connection = PulseConnection::open()?;
    let preferred =
        GetSourceInfo { index: None, name: Some(pulseaudio::protocol::DEFAULT_SOURCE.to_owned()) };
    let preferred = match connection.ask::<SourceInfo>(Command::GetSourceInfo(preferred)) {
        Ok(info) => Some(info.index),
        Err(SoundServerError::NotThere) => None,
        Err(error) => return Err(error),
    };
    let sources: SourceInfoList = connection.ask(Command::GetSourceInfoList)?;
    let offered = sources.iter().filter_map(|info| {
        let default = Some(info.index) == preferred;
        // Monitors are left out unless one is the default.
        let offered = default || info.monitor_of_sink_index.is_none();
        let id = format!("{PREFIX}{}", info.name.to_string_lossy());
        offered.then(|| Device { id, name: name(info), default, width: None, height: None })
    });
    Ok(offered.collect())
}

fn name(info: &SourceInfo) -> String {
    info.description.as_ref().unwrap_or(&info.name).to_string_lossy().into_owned()
}

/// Whether the server reports the latency of the source.
fn tells_latency(info: &SourceInfo) -> bool {
    info.flags.contains(SourceFlags::LATENCY)
}

/// The places of its channels. A microphone with a low-frequency channel is an audio interface
/// whose inputs carry the names of loudspeakers, so the places are dropped.
fn channels(info: &SourceInfo) -> Channels {
    use ChannelPosition as At;
    let count = info.sample_spec.channels;
    let places: Option<Vec<Place>> = info
        .channel_map
        .into_iter()
        .map(|position| match position {
            At::FrontLeft | At::FrontLeftOfCenter => Some(Place::Left),
            At::FrontRight | At::FrontRightOfCenter => Some(Place::Right),
            At::FrontCenter => Some(Place::Center),
            At::Lfe => info.monitor_of_sink_index.map(|_| Place::Low),
            At::RearLeft | At::SideLeft | At::TopFrontLeft | At::TopRearLeft => {
                Some(Place::SurroundLeft)
            }
            At::RearRight | At::SideRight | At::TopFrontRight | At::TopRearRight => {
                Some(Place::SurroundRight)
            }
            At::RearCenter | At::TopCenter | At::TopFrontCenter | At::TopRearCenter => {
                Some(Place::SurroundCenter)
            }
            _ => None,
        })
        .collect();
    match places {
        Some(places) if places.len() == usize::from(count) => Channels::placed(&places),
        // Two inputs without a meaning are not left and right.
        _ if count > 1 => Channels::discrete(count.into()),
        _ => Channels::MONO,
    }
}
