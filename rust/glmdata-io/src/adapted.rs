//! bzip2, xz and lz4: decoders of other crates behind the door that the hand-driven ones share.
//!
//! An adapter drops what it decoded in the call that fails, so up to a block before a fault is lost with
//! the rest. These formats are rare enough in crawls that driving three more decoders by hand does not pay.

use std::io::{self, BufReader, ErrorKind, Read};

use lz4_flex::frame::FrameDecoder;

use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;
use crate::input::Compression;
use crate::quarantine::Reason;

/// Memory an xz stream may ask for: `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 256 << 20;

/// A file under one of these decoders.
pub(crate) struct Adapted {
    source: Delivered,
    name: &'static str,
    decoder: Box<dyn Read + Send>,
    fault: Option<TailFault>,
}

impl Adapted {
    pub(crate) fn new(source: Delivered, compression: Compression) -> Self {
        let inner = BufReader::with_capacity(128 << 10, source.clone());
        let (name, decoder): (_, Box<dyn Read + Send>) = match compression {
            Compression::Bzip2 => ("bzip2", Box::new(bzip2::bufread::MultiBzDecoder::new(inner))),
            Compression::Xz => ("xz", Box::new(Xz::new(inner))),
            _ => ("lz4", Box::new(Lz4 { decoder: FrameDecoder::new(NoEnd(inner)) })),
        };
        Self { source, name, decoder, fault: None }
    }

    /// The file itself.
    pub(crate) fn source(&self) -> &Delivered {
        &self.source
    }

    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            if let Some(fault) = &self.fault {
                return Err(fault.clone().into());
            }
            match self.decoder.read(out) {
                Ok(read) => return Ok(read),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    self.source.failure().check(self.source.path())?;
                    self.fault = Some(self.fault_of(&e));
                }
            }
        }
    }

    fn fault_of(&self, error: &io::Error) -> TailFault {
        let detail = error.to_string();
        let (kind, detail) = match error.kind() {
            ErrorKind::UnexpectedEof => (Reason::TruncatedFile, ENDS_EARLY.to_owned()),
            _ if detail == ENDS_EARLY => (Reason::TruncatedFile, detail),
            _ => (Reason::CorruptFile, detail),
        };
        TailFault::new(kind, format!("{}: {detail}", self.name))
    }
}

/// xz streams one behind the other, with a limit of memory.
enum Xz {
    Open(Box<liblzma::bufread::XzDecoder<BufReader<Delivered>>>),
    Refused(String),
}

impl Xz {
    fn new(inner: BufReader<Delivered>) -> Self {
        match liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
        {
            Ok(stream) => {
                Self::Open(Box::new(liblzma::bufread::XzDecoder::new_stream(inner, stream)))
            }
            Err(e) => Self::Refused(e.to_string()),
        }
    }
}

impl Read for Xz {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Open(decoder) => decoder.read(out),
            Self::Refused(why) => Err(io::Error::other(why.clone())),
        }
    }
}

/// lz4 frames one behind the other: the decoder ends after each.
struct Lz4 {
    decoder: FrameDecoder<NoEnd>,
}

impl Read for Lz4 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Between two frames, where alone a file may end.
        let mut between = false;
        loop {
            if between && self.decoder.get_mut().is_done()? {
                return Ok(0);
            }
            let read = self.decoder.read(out)?;
            if read > 0 {
                return Ok(read);
            }
            between = true;
        }
    }
}

/// A source whose end is an error: the decoder takes one in front of a block for the end of the frame,
/// and a file that was cut there would be read as whole.
struct NoEnd(BufReader<Delivered>);

impl NoEnd {
    fn is_done(&mut self) -> io::Result<bool> {
        use std::io::BufRead as _;
        Ok(self.0.fill_buf()?.is_empty())
    }
}

impl Read for NoEnd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 if !out.is_empty() => Err(io::Error::other(ENDS_EARLY)),
            read => Ok(read),
        }
    }
}

const ENDS_EARLY: &str = "ends too early";
