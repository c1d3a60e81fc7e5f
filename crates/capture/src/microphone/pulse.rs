//! Microphones of a sound server: PulseAudio, or PipeWire in its place.
//!
//! We speak to it ourselves, for cpal keeps no more than one fragment of sound on the server (what comes in larger blocks is
//! lost), does not tell how late sound is, and knows one way in.

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

/// What the ids of its devices begin with.
const PREFIX: &str = "pulseaudio:";

/// Why a sound server gives nothing, as it would follow "the sound server".
#[derive(Debug, Error)]
pub(super) enum SoundServerError {
    /// Nobody said that there is one, and there is none.
    #[error("is not there")]
    Absent,
    /// It answered, and will not have us.
    #[error("refused Vignette: {0}")]
    Refused(String),
    /// It should be there and says nothing.
    #[error("does not answer: {0}")]
    Silent(String),
    /// It knows no such microphone.
    #[error("has no such microphone")]
    NotThere,
    /// It ended the recording, and not the conversation.
    #[error("ended the recording")]
    Ended,
    /// It is gone.
    #[error("is gone")]
    Gone,
    /// It says what makes no sense.
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

/// Something a sound server records from, and the conversation in which it was found.
pub(super) struct PulseSource {
    connection: PulseConnection,
    info: SourceInfo,
    /// Whether it was found as whatever the server prefers: then the server may change its mind.
    default: bool,
}

impl PulseSource {
    /// The one that the server prefers.
    pub(super) fn default() -> Result<Self, SoundServerError> {
        Self::find(pulseaudio::protocol::DEFAULT_SOURCE.to_owned(), true)
    }

    /// The one with this id; `None` if it is not the id of such a source, or if there is none.
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

    /// What a person calls it.
    pub(super) fn name(&self) -> String {
        name(&self.info)
    }
}

/// What can be recorded from, and which of it the server prefers.
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
        // What is played is no microphone, unless somebody made it the default.
        let offered = default || info.monitor_of_sink_index.is_none();
        let id = format!("{PREFIX}{}", info.name.to_string_lossy());
        offered.then(|| Device { id, name: name(info), default, width: None, height: None })
    });
    Ok(offered.collect())
}

fn name(info: &SourceInfo) -> String {
    info.description.as_ref().unwrap_or(&info.name).to_string_lossy().into_owned()
}

/// Whether the server knows how late its sound is.
fn tells_latency(info: &SourceInfo) -> bool {
    info.flags.contains(SourceFlags::LATENCY)
}

/// Where its channels belong. A microphone with a channel for low frequencies is an interface whose inputs were given the
/// names of loudspeakers.
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
        // Two inputs without meaning are no left and right.
        _ if count > 1 => Channels::discrete(count.into()),
        _ => Channels::MONO,
    }
}
