//! The images of the tray's four icons. They differ in shape as well as in color, and exist for dark and light panels.

use model::status::TrayIcon;

/// Returns the image of an icon as a PNG file. Panels are dark on most Linux desktops and on Windows, light on macOS.
#[must_use]
pub fn png(icon: TrayIcon) -> &'static [u8] {
    let (on_dark, on_light): (&[u8], &[u8]) = match icon {
        TrayIcon::Ok => (
            include_bytes!("../../../../icons/tray/ok-dark@2x.png"),
            include_bytes!("../../../../icons/tray/ok-light@2x.png"),
        ),
        TrayIcon::Working => (
            include_bytes!("../../../../icons/tray/working-dark@2x.png"),
            include_bytes!("../../../../icons/tray/working-light@2x.png"),
        ),
        TrayIcon::Attention => (
            include_bytes!("../../../../icons/tray/attention-dark@2x.png"),
            include_bytes!("../../../../icons/tray/attention-light@2x.png"),
        ),
        TrayIcon::Stopped => (
            include_bytes!("../../../../icons/tray/stopped-dark@2x.png"),
            include_bytes!("../../../../icons/tray/stopped-light@2x.png"),
        ),
    };
    if cfg!(target_os = "macos") { on_light } else { on_dark }
}

/// An image as a StatusNotifier host takes it.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixmap {
    /// Its width in pixels.
    pub(super) width: i32,
    /// Its height in pixels.
    pub(super) height: i32,
    /// The pixels, row by row, each as alpha, red, green and blue.
    pub(super) argb: Vec<u8>,
}

/// Decodes the image of an icon; `None` for one that is not 8-bit RGBA.
#[cfg(target_os = "linux")]
pub(super) fn pixmap(icon: TrayIcon) -> Option<Pixmap> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png(icon))).read_info().ok()?;
    let mut argb = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut argb).ok()?;
    if (frame.color_type, frame.bit_depth) != (png::ColorType::Rgba, png::BitDepth::Eight) {
        return None;
    }
    argb.truncate(frame.buffer_size());
    argb.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_right(1));
    Some(Pixmap { width: frame.width.try_into().ok()?, height: frame.height.try_into().ok()?, argb })
}

#[cfg(test)]
mod tests {
    use model::status::TrayIcon;

    use super::png;

    const ICONS: [TrayIcon; 4] = [TrayIcon::Ok, TrayIcon::Working, TrayIcon::Attention, TrayIcon::Stopped];

    #[test]
    fn every_icon_has_a_different_image() {
        for (one, icon) in ICONS.into_iter().enumerate() {
            assert!(ICONS.into_iter().skip(one + 1).all(|other| png(other) != png(icon)), "{icon:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn every_image_is_decoded_to_argb_and_differs_from_the_others() {
        let images = ICONS.map(|icon| super::pixmap(icon).unwrap());
        for (one, image) in images.iter().enumerate() {
            let pixels = usize::try_from(image.width * image.height).unwrap();
            assert_eq!(image.argb.len(), pixels * 4, "{:?}", ICONS[one]);
            assert_eq!(image.argb[..4], [0; 4], "the corner is transparent");
            assert!(images.iter().skip(one + 1).all(|other| other.argb != image.argb), "{:?}", ICONS[one]);
        }
    }
}
