//! Reads the screen of a private desktop from a file (Xvfb's `-fbdir`), which does not slow down the display.
//!
//! The file is an X window dump (`XWDFile.h`): a header of big-endian numbers, a color map, then the picture row by row.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// Every how many rows one is read: a line of text in a window at the upper left crosses several.
const ROW_STEP: u64 = 7;
const ROWS: u64 = 700;
const COLUMNS: usize = 1_000;
/// The number of colors from which there is text: an empty window has one, two with a frame; text has many shades.
const SHADES_OF_TEXT: usize = 6;
/// How long a window may take.
const LIMIT: Duration = Duration::from_secs(30);

/// When a window appeared, counted from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowTimes {
    /// The screen was no longer black.
    pub(crate) mapped: Duration,
    /// Text was shown.
    pub(crate) painted: Duration,
}

/// The screen of a private desktop.
pub(crate) struct Screen {
    file: File,
    start: u64,
    row: u64,
}

impl Screen {
    /// Opens the screen of a desktop that keeps it as a file.
    ///
    /// # Errors
    /// When there is none, or it does not have four bytes per pixel.
    pub(crate) fn open(desktop: &Path) -> Result<Self> {
        let mut file = File::open(desktop.join("Xvfb_screen0")).context("the desktop keeps no screen as a file")?;
        let mut header = [0; 100];
        file.read_exact(&mut header)?;
        let field = |at: usize| {
            let bytes: [u8; 4] = [header[4 * at], header[4 * at + 1], header[4 * at + 2], header[4 * at + 3]];
            u64::from(u32::from_be_bytes(bytes))
        };
        let (header_size, bits, row, colors) = (field(0), field(11), field(12), field(19));
        ensure!(bits == 32, "the screen has {bits} bits per pixel");
        Ok(Self { file, start: header_size + colors * 12, row })
    }

    /// Waits until text is shown, and returns the times since `since`.
    ///
    /// # Errors
    /// When that takes longer than 30 s, or the file cannot be read.
    pub(crate) fn wait_for_text(&mut self, since: Instant) -> Result<WindowTimes> {
        let mut mapped = None;
        while since.elapsed() < LIMIT {
            let shades = self.shades()?;
            let now = since.elapsed();
            if mapped.is_none() && shades.iter().any(|shade| *shade != 0) {
                mapped = Some(now);
            }
            if let Some(mapped) = mapped.filter(|_| shades.len() >= SHADES_OF_TEXT) {
                return Ok(WindowTimes { mapped, painted: now });
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        anyhow::bail!("no text was shown within {} s", LIMIT.as_secs())
    }

    /// Returns whether the screen is black.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn is_black(&mut self) -> Result<bool> {
        Ok(self.shades()?.iter().all(|shade| *shade == 0))
    }

    fn shades(&mut self) -> Result<BTreeSet<u32>> {
        let (mut shades, mut row) = (BTreeSet::new(), vec![0; COLUMNS * 4]);
        for y in (0..ROWS).step_by(usize::try_from(ROW_STEP)?) {
            self.file.seek(SeekFrom::Start(self.start + y * self.row))?;
            self.file.read_exact(&mut row)?;
            // Most rows have one color: then the row equals itself moved by one pixel. Reading must cost little, because the
            // window needs the same processor.
            let is_plain = row[4..] == row[..row.len() - 4];
            let pixels = row.chunks_exact(4).take(if is_plain { 1 } else { COLUMNS });
            shades.extend(pixels.map(|pixel| u32::from_ne_bytes([pixel[0], pixel[1], pixel[2], 0])));
        }
        Ok(shades)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a dump of 1,280 x 900 black pixels, some of them drawn.
    fn screen(drawn: &[u32]) -> Result<(Screen, std::path::PathBuf)> {
        let dir = std::env::temp_dir().join(format!("xtask-screen-{}-{}", std::process::id(), drawn.len()));
        std::fs::create_dir_all(&dir)?;
        let mut header: Vec<u32> = vec![0; 25];
        (header[0], header[11], header[12], header[19]) = (100, 32, 1_280 * 4, 2);
        let mut bytes: Vec<u8> = header.iter().flat_map(|field| field.to_be_bytes()).collect();
        bytes.resize(100 + 24 + 1_280 * 900 * 4, 0);
        for (x, shade) in drawn.iter().enumerate() {
            let at = 124 + (14 * 1_280 + x) * 4;
            bytes[at..at + 4].copy_from_slice(&shade.to_ne_bytes());
        }
        std::fs::write(dir.join("Xvfb_screen0"), bytes)?;
        Ok((Screen::open(&dir)?, dir))
    }

    #[test]
    fn a_black_screen_an_empty_window_and_text_are_distinguished() -> Result<()> {
        let (mut black, one) = screen(&[])?;
        assert!(black.is_black()?);
        let (mut empty, two) = screen(&[0x00ff_ffff, 0x00ff_ffff])?;
        assert!(!empty.is_black()?);
        assert!(empty.shades()?.len() < SHADES_OF_TEXT);
        let (mut text, three) = screen(&[1, 2, 3, 4, 5, 6])?;
        assert!(text.wait_for_text(Instant::now()).is_ok());
        [one, two, three].iter().try_for_each(std::fs::remove_dir_all)?;
        Ok(())
    }
}
