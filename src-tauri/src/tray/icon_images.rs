//! The images of the tray's four icons. They differ in shape as well as in color, and exist for dark and light panels.

use model::status::TrayIcon;
use tauri::image::Image;

/// Returns the image of an icon. Panels are dark on most Linux desktops and on Windows, light on macOS.
///
/// # Errors
/// When an image built into the app cannot be decoded.
pub(super) fn of(icon: TrayIcon) -> tauri::Result<Image<'static>> {
    let (on_dark, on_light): (&[u8], &[u8]) = match icon {
        TrayIcon::Ok => (
            include_bytes!("../../../icons/tray/ok-dark@2x.png"),
            include_bytes!("../../../icons/tray/ok-light@2x.png"),
        ),
        TrayIcon::Working => (
            include_bytes!("../../../icons/tray/working-dark@2x.png"),
            include_bytes!("../../../icons/tray/working-light@2x.png"),
        ),
        TrayIcon::Attention => (
            include_bytes!("../../../icons/tray/attention-dark@2x.png"),
            include_bytes!("../../../icons/tray/attention-light@2x.png"),
        ),
        TrayIcon::Stopped => (
            include_bytes!("../../../icons/tray/stopped-dark@2x.png"),
            include_bytes!("../../../icons/tray/stopped-light@2x.png"),
        ),
    };
    Image::from_bytes(if cfg!(target_os = "macos") { on_light } else { on_dark })
}

#[cfg(test)]
mod tests {
    use model::status::TrayIcon;

    use super::of;

    #[test]
    fn every_icon_has_a_different_image() {
        let icons = [TrayIcon::Ok, TrayIcon::Working, TrayIcon::Attention, TrayIcon::Stopped];
        let images: Vec<Vec<u8>> = icons.into_iter().map(|icon| of(icon).unwrap().rgba().to_vec()).collect();
        for (one, image) in images.iter().enumerate() {
            assert!(images.iter().skip(one + 1).all(|other| other != image), "{:?}", icons[one]);
        }
    }
}
