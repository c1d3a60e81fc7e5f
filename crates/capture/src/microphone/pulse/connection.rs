//! [`PulseConnection`]: a connection to a sound server, whose messages are read in order.
//!
//! One thread, one socket, and a timeout for each wait. Messages are encoded and decoded by the
//! `pulseaudio` crate. Its client is not used, since it supports neither TCP nor a refusal by the
//! server.

use std::collections::VecDeque;
use std::ffi::CString;
use std::io::{self, Cursor, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, Command, CommandReply, DESCRIPTOR_SIZE, MAX_VERSION, Prop, Props,
    ProtocolError, PulseError, SetClientNameReply, TagStructReader,
};
use rustix::net::sockopt::set_socket_passcred;
use vignette_model::{Clock, Micros, Span, SystemClock};

use super::SoundServerError;
use super::address::Address;
use super::settings::PulseSettings;

/// How long to wait for a host; after that it counts as unreachable.
const REACHING: Duration = Duration::from_millis(700);
/// How long to wait for an answer.
const ANSWERING: Duration = Duration::from_millis(1500);
/// libpulse's `FRAME_SIZE_MAX_ALLOW`: the maximum size of a message.
const MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// The channel of a message that belongs to no stream.
const NO_STREAM: u32 = u32::MAX;

/// A message of the server.
pub(super) enum Message {
    /// The answer to the request with this number, or its error; see [`PulseConnection::read`].
    Answer(u32, Result<Vec<u8>, PulseError>),
    /// An event.
    Event(Box<Command>),
    /// Sound of the stream with this number.
    Sound(u32, Vec<u8>),
}

/// A connection to a sound server that accepted it.
pub(super) struct PulseConnection {
    socket: Socket,
    clock: SystemClock,
    version: u16,
    /// Bytes that were read and are not a complete message yet.
    incoming: Vec<u8>,
    /// Messages that arrived while an answer was awaited.
    waiting: VecDeque<Message>,
    asked: u32,
}

impl PulseConnection {
    /// Finds the sound server and connects to it, within some seconds.
    pub(super) fn open() -> Result<Self, SoundServerError> {
        let settings = PulseSettings::find();
        let mut last = None;
        for address in &settings.addresses {
            match Socket::connect(address) {
                Ok(socket) => {
                    tracing::debug!(%address, "FoundMicrophone a sound server");
                    return Self::enter(socket, &settings.cookie);
                }
                Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
                    last = Some(SoundServerError::Refused(format!(
                        "{address} may not be used by this user"
                    )));
                }
                Err(why) => {
                    tracing::debug!(%address, %why, "No sound server");
                    last = last.or_else(|| {
                        settings
                            .named
                            .is_some()
                            .then(|| SoundServerError::Silent(format!("{address}: {why}")))
                    });
                }
            }
        }
        Err(match (last, settings.named) {
            (Some(error), _) => error,
            (None, Some(named)) => SoundServerError::Silent(format!(
                "\u{201c}{named}\u{201d} is no address on this computer"
            )),
            (None, None) => SoundServerError::Absent,
        })
    }

    fn enter(socket: Socket, cookie: &[u8]) -> Result<Self, SoundServerError> {
        let clock = SystemClock::new();
        let mut connection = Self {
            socket,
            clock,
            version: MAX_VERSION,
            incoming: Vec::new(),
            waiting: VecDeque::new(),
            asked: 0,
        };
        let refused = |error| match error {
            // A server closes the connection if it does not accept or understand the client.
            SoundServerError::Gone => {
                SoundServerError::Refused("it ended the connection".to_owned())
            }
            other => other,
        };
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.to_vec(),
        };
        let reply: AuthReply = connection.ask(Command::Auth(auth)).map_err(refused)?;
        connection.version = reply.version.min(MAX_VERSION);
        if connection.version < protocol::MIN_VERSION {
            return Err(SoundServerError::Refused(format!(
                "it speaks version {} of the protocol",
                connection.version
            )));
        }
        let mut about = Props::new();
        about.set(Prop::ApplicationName, c"Vignette");
        about.set(
            Prop::ApplicationProcessId,
            CString::new(std::process::id().to_string()).unwrap_or_default(),
        );
        let _: SetClientNameReply =
            connection.ask(Command::SetClientName(about)).map_err(refused)?;
        Ok(connection)
    }

    /// A function that closes the connection, to be called from any thread.
    pub(super) fn interrupt(&self) -> impl Fn() + Send + 'static {
        let socket = self.socket.another();
        move || {
            // It may be closed already.
            let _ = socket.as_ref().map(Socket::shut);
        }
    }

    /// Now, by the clock of this connection.
    pub(super) fn now(&self) -> Micros {
        self.clock.monotonic()
    }

    /// Sends a request and returns its number, which the answer carries.
    pub(super) fn send(&mut self, command: &Command) -> Result<u32, SoundServerError> {
        let number = self.asked;
        self.asked = self.asked.wrapping_add(1);
        let mut message = Vec::new();
        protocol::write_command_message(&mut message, number, command, self.version)?;
        self.socket.write_all(&message)?;
        Ok(number)
    }

    /// Sends a request and waits for the answer.
    pub(super) fn ask<R: CommandReply>(&mut self, command: Command) -> Result<R, SoundServerError> {
        let number = self.send(&command)?;
        let end = self.now() + Span::from(ANSWERING);
        loop {
            let left = end.checked_since(self.now()).filter(|left| *left > Span::ZERO);
            let left = left.ok_or_else(|| {
                SoundServerError::Silent("it has not answered for a second".to_owned())
            })?;
            match self.next(left.into())? {
                Some(Message::Answer(of, answer)) if of == number => {
                    return match answer {
                        Ok(answer) => self.read(&answer),
                        Err(PulseError::AccessDenied | PulseError::AuthKey) => {
                            Err(SoundServerError::Refused("access denied".to_owned()))
                        }
                        Err(PulseError::NoEntity) => Err(SoundServerError::NotThere),
                        Err(why) => Err(SoundServerError::Refused(why.to_string().to_lowercase())),
                    };
                }
                // An answer to an earlier request that was given up.
                Some(Message::Answer(..)) | None => {}
                Some(other) => self.waiting.push_back(other),
            }
        }
    }

    /// Decodes an answer.
    pub(super) fn read<R: CommandReply>(&self, answer: &[u8]) -> Result<R, SoundServerError> {
        Ok(R::read(
            &mut TagStructReader::new(&mut Cursor::new(answer), self.version),
            self.version,
        )?)
    }

    /// The next message, or `None` if none comes in `timeout`.
    pub(super) fn receive(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Message>, SoundServerError> {
        if let Some(message) = self.waiting.pop_front() {
            Ok(Some(message))
        } else {
            self.next(timeout)
        }
    }

    fn next(&mut self, timeout: Duration) -> Result<Option<Message>, SoundServerError> {
        if let Some(message) = self.whole()? {
            return Ok(Some(message));
        }
        // A timeout of zero would mean none.
        self.socket.timeout(timeout.max(Duration::from_millis(1)))?;
        let mut block = [0; 64 * 1024];
        match self.socket.read(&mut block) {
            Ok(0) => Err(SoundServerError::Gone),
            Ok(count) => {
                self.incoming.extend_from_slice(&block[..count]);
                self.whole()
            }
            Err(why)
                if matches!(
                    why.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(why) => Err(why.into()),
        }
    }

    /// Takes the first message out of the bytes read so far, if it is complete and of a known kind.
    fn whole(&mut self) -> Result<Option<Message>, SoundServerError> {
        while self.incoming.len() >= DESCRIPTOR_SIZE {
            let about = protocol::read_descriptor(&mut &self.incoming[..])?;
            let length = about.length as usize;
            if length > MESSAGE_BYTES {
                return Err(ProtocolError::Invalid(format!("a message of {length} bytes")).into());
            }
            if self.incoming.len() < DESCRIPTOR_SIZE + length {
                return Ok(None);
            }
            let mut body: Vec<u8> = self.incoming.drain(..DESCRIPTOR_SIZE + length).collect();
            body.drain(..DESCRIPTOR_SIZE);
            if about.channel != NO_STREAM {
                return Ok(Some(Message::Sound(about.channel, body)));
            }
            let mut cursor = Cursor::new(&body);
            match Command::read_tag_prefixed(&mut cursor, self.version) {
                Ok((number, Command::Reply)) => {
                    let start =
                        usize::try_from(cursor.position()).unwrap_or(usize::MAX).min(body.len());
                    return Ok(Some(Message::Answer(number, Ok(body.split_off(start)))));
                }
                Ok((number, Command::Error(why))) => {
                    return Ok(Some(Message::Answer(number, Err(why))));
                }
                Ok((_, event)) => return Ok(Some(Message::Event(Box::new(event)))),
                Err(why) => {
                    tracing::debug!(%why, "The sound server said something that is not understood")
                }
            }
        }
        Ok(None)
    }
}

enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    fn connect(address: &Address) -> io::Result<Self> {
        let socket = match address {
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                // Sends the credentials of this process along: the server accepts its own user
                // without a cookie.
                set_socket_passcred(&stream, true)?;
                Self::Unix(stream)
            }
            Address::Tcp { host, port, .. } => {
                let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
                let mut found = (host.as_str(), *port)
                    .to_socket_addrs()?
                    .filter(|found| address.takes(found.ip()));
                let connected = found.find_map(|found| {
                    TcpStream::connect_timeout(&found, REACHING).map_err(|why| failure = why).ok()
                });
                let Some(stream) = connected else { return Err(failure) };
                stream.set_nodelay(true)?;
                Self::Tcp(stream)
            }
        };
        match &socket {
            Self::Unix(stream) => stream.set_write_timeout(Some(ANSWERING))?,
            Self::Tcp(stream) => stream.set_write_timeout(Some(ANSWERING))?,
        }
        Ok(socket)
    }

    fn another(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone()?),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone()?),
        })
    }

    fn shut(&self) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        }
    }

    fn timeout(&self, span: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(Some(span)),
            Self::Tcp(stream) => stream.set_read_timeout(Some(span)),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
