//! The desk's screen as a file (Xvfb's `-fbdir`): what is to be seen, without asking the display and so without slowing it.
//!
//! The file is an X window dump (`XWDFile.h`): a header of big-endian numbers, a colour map, then the picture row by row.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// Rows that are looked at: a window at the upper left with a line of text anywhere in it crosses several.
const EVERY: u64 = 7;
const ROWS: u64 = 700;
const COLUMNS: usize = 1_000;
/// An empty window has one colour, with a frame of its own two. Text is drawn in many shades.
const SHADES_OF_TEXT: usize = 6;
/// How long a window may take.
const LONGEST: Duration = Duration::from_secs(30);

/// When a window was there, counted from a beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// The first picture was on the black screen.
    pub(crate) mapped: Duration,
    /// Text was.
    pub(crate) painted: Duration,
}

/// The screen.
pub(crate) struct Screen {
    file: File,
    start: u64,
    row: u64,
}

impl Screen {
    /// Opens the screen of a desk that keeps it as a file.
    ///
    /// # Errors
    /// When there is none, or not of four bytes a point.
    pub(crate) fn of(desk: &Path) -> Result<Self> {
        let mut file = File::open(desk.join("Xvfb_screen0")).context("the desk keeps no screen as a file")?;
        let mut header = [0; 100];
        file.read_exact(&mut header)?;
        let field = |at: usize| {
            let bytes: [u8; 4] = [header[4 * at], header[4 * at + 1], header[4 * at + 2], header[4 * at + 3]];
            u64::from(u32::from_be_bytes(bytes))
        };
        let (header_size, bits, row, colours) = (field(0), field(11), field(12), field(19));
        ensure!(bits == 32, "the screen has {bits} bits a point");
        Ok(Self { file, start: header_size + colours * 12, row })
    }

    /// Watches from `since` until text is to be seen.
    ///
    /// # Errors
    /// When that takes longer than 30 s, or the file cannot be read.
    pub(crate) fn watch(&mut self, since: Instant) -> Result<Seen> {
        let mut mapped = None;
        while since.elapsed() < LONGEST {
            let shades = self.shades()?;
            let now = since.elapsed();
            if mapped.is_none() && shades.iter().any(|shade| *shade != 0) {
                mapped = Some(now);
            }
            if let Some(mapped) = mapped.filter(|_| shades.len() >= SHADES_OF_TEXT) {
                return Ok(Seen { mapped, painted: now });
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        anyhow::bail!("no text was to be seen within {} s", LONGEST.as_secs())
    }

    /// Tells whether nothing is on the screen.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn is_black(&mut self) -> Result<bool> {
        Ok(self.shades()?.iter().all(|shade| *shade == 0))
    }

    fn shades(&mut self) -> Result<BTreeSet<u32>> {
        let (mut shades, mut row) = (BTreeSet::new(), vec![0; COLUMNS * 4]);
        for y in (0..ROWS).step_by(usize::try_from(EVERY)?) {
            self.file.seek(SeekFrom::Start(self.start + y * self.row))?;
            self.file.read_exact(&mut row)?;
            // Most rows are of one colour: then the row is the same as itself a point further on. Looking must cost little,
            // because the window that is watched needs the same processor.
            let one_colour = row[4..] == row[..row.len() - 4];
            let points = row.chunks_exact(4).take(if one_colour { 1 } else { COLUMNS });
            shades.extend(points.map(|point| u32::from_ne_bytes([point[0], point[1], point[2], 0])));
        }
        Ok(shades)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dump of 1,280 x 900 black points with some of them drawn.
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
        Ok((Screen::of(&dir)?, dir))
    }

    #[test]
    fn a_black_screen_an_empty_window_and_text_are_told_apart() -> Result<()> {
        let (mut black, one) = screen(&[])?;
        assert!(black.is_black()?);
        let (mut empty, two) = screen(&[0x00ff_ffff, 0x00ff_ffff])?;
        assert!(!empty.is_black()?);
        assert!(empty.shades()?.len() < SHADES_OF_TEXT);
        let (mut text, three) = screen(&[1, 2, 3, 4, 5, 6])?;
        assert!(text.watch(Instant::now()).is_ok());
        [one, two, three].iter().try_for_each(std::fs::remove_dir_all)?;
        Ok(())
    }
}
