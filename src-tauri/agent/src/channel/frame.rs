//! Frames on the channel: four bytes of length (big-endian), then that many bytes, at most [`MAX_FRAME`].

use std::fmt;

/// The most bytes in a frame.
pub const MAX_FRAME: usize = 64 * 1024;
/// The bytes of the length.
const HEADER: usize = 4;

/// Why a frame is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame is longer than [`MAX_FRAME`].
    #[error("a frame is longer than {MAX_FRAME} bytes")]
    TooLong,
    /// The frame contains nothing.
    #[error("a frame is empty")]
    Empty,
    /// The channel ended in the middle of the frame.
    #[error("the channel ended in the middle of a frame")]
    Cut,
}

/// Returns a frame with this content.
pub(super) fn encode(content: &[u8]) -> Result<Vec<u8>, FrameError> {
    let length = valid_length(content.len())?;
    let mut frame = Vec::with_capacity(HEADER + content.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(content);
    Ok(frame)
}

/// Returns the length as it is sent.
fn valid_length(length: usize) -> Result<u32, FrameError> {
    match u32::try_from(length) {
        Ok(0) => Err(FrameError::Empty),
        Ok(valid) if length <= MAX_FRAME => Ok(valid),
        Ok(_) | Err(_) => Err(FrameError::TooLong),
    }
}

/// Collects the bytes of one frame after the other.
#[derive(Default)]
pub(super) struct FrameDecoder {
    header: Vec<u8>,
    content: Vec<u8>,
    /// The length of the content, once the header is complete.
    length: Option<usize>,
}

impl fmt::Debug for FrameDecoder {
    /// Leaves out what was received.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameDecoder").field("missing", &self.missing()).finish_non_exhaustive()
    }
}

impl FrameDecoder {
    /// Tells whether no byte of the next frame has arrived.
    pub(super) fn is_between_frames(&self) -> bool {
        self.header.is_empty()
    }

    /// Returns how many bytes the header or the content still lacks; at least one.
    pub(super) fn missing(&self) -> usize {
        self.length.map_or(HEADER - self.header.len(), |length| length - self.content.len())
    }

    /// Takes bytes up to the end of the frame from the front of `bytes`, and returns the content when it is complete. After an
    /// error the bytes that follow have no meaning.
    pub(super) fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(self.missing().min(bytes.len()));
            *bytes = rest;
            match self.length {
                None => self.extend_header(part)?,
                Some(_) => self.content.extend_from_slice(part),
            }
            if self.length == Some(self.content.len()) {
                return Ok(Some(std::mem::take(self).content));
            }
        }
        Ok(None)
    }

    fn extend_header(&mut self, part: &[u8]) -> Result<(), FrameError> {
        self.header.extend_from_slice(part);
        if let Ok(length) = <[u8; HEADER]>::try_from(self.header.as_slice()) {
            let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| FrameError::TooLong)?;
            valid_length(length)?;
            self.content.reserve_exact(length);
            self.length = Some(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Decodes all of `bytes`, which arrive in pieces of `step` bytes.
    fn decode(bytes: &[u8], step: usize) -> Result<(Vec<Vec<u8>>, FrameDecoder), FrameError> {
        let (mut decoder, mut frames) = (FrameDecoder::default(), Vec::new());
        for mut piece in bytes.chunks(step) {
            while !piece.is_empty() {
                frames.extend(decoder.take(&mut piece)?);
                assert!(decoder.content.capacity() <= MAX_FRAME && decoder.header.len() <= HEADER);
            }
        }
        Ok((frames, decoder))
    }

    proptest! {
        #[test]
        fn frames_arrive_whole_however_they_are_cut_into_pieces(
            contents in vec(vec(any::<u8>(), 1..300), 0..5), step in 1..70usize,
        ) {
            let bytes: Vec<u8> = contents.iter().flat_map(|content| encode(content).unwrap()).collect();
            let (frames, decoder) = decode(&bytes, step).unwrap();
            prop_assert_eq!(frames, contents);
            prop_assert!(decoder.is_between_frames());
        }

        #[test]
        fn any_bytes_are_frames_or_an_error_and_memory_stays_bounded(bytes in vec(any::<u8>(), 0..2_000), step in 1..70usize) {
            if let Ok((frames, decoder)) = decode(&bytes, step) {
                prop_assert!(frames.iter().all(|frame| (1..=MAX_FRAME).contains(&frame.len())));
                prop_assert!((1..=MAX_FRAME).contains(&decoder.missing()));
            }
        }

        #[test]
        fn a_frame_that_is_cut_anywhere_is_incomplete(content in vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>()) {
            let frame = encode(&content).unwrap();
            let at = at.index(frame.len());
            let (frames, decoder) = decode(&frame[..at], 7).unwrap();
            prop_assert!(frames.is_empty());
            prop_assert_eq!(decoder.is_between_frames(), at == 0);
        }
    }

    #[test]
    fn the_debug_output_shows_nothing_of_what_was_received() {
        let (_, decoder) = decode(&encode(b"canary").unwrap()[..HEADER + 3], 1).unwrap();
        let shown = format!("{decoder:?}");
        assert!(shown.contains("missing: 3") && !shown.contains(&format!("{:?}", b"can")), "{shown}");
    }

    #[test]
    fn a_frame_is_neither_empty_nor_longer_than_the_limit() {
        assert_eq!(encode(&[]), Err(FrameError::Empty));
        assert_eq!(encode(&vec![b'x'; MAX_FRAME + 1]), Err(FrameError::TooLong));
        let longest = vec![b'x'; MAX_FRAME];
        let (frames, _) = decode(&encode(&longest).unwrap(), 4_096).unwrap();
        assert_eq!(frames, [longest]);
        for (header, error) in
            [(0u32, FrameError::Empty), (65_537, FrameError::TooLong), (u32::MAX, FrameError::TooLong)]
        {
            assert_eq!(decode(&header.to_be_bytes(), 1).map(|_| ()), Err(error), "{header}");
        }
    }
}
