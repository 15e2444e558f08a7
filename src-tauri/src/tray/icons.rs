//! The tray's four faces as pictures. They differ in shape, not only in colour, and are drawn for dark and light panels.

use model::status::TrayIcon;
use tauri::image::Image;

/// Returns the picture of a face. Panels are dark on most Linux desktops and on Windows, light on macOS.
///
/// # Errors
/// When a picture built into the app cannot be read.
pub(super) fn of(face: TrayIcon) -> tauri::Result<Image<'static>> {
    let (on_dark, on_light): (&[u8], &[u8]) = match face {
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
    fn every_face_has_a_picture_of_its_own() {
        let faces = [TrayIcon::Ok, TrayIcon::Working, TrayIcon::Attention, TrayIcon::Stopped];
        let pictures: Vec<Vec<u8>> = faces.into_iter().map(|face| of(face).unwrap().rgba().to_vec()).collect();
        for (one, picture) in pictures.iter().enumerate() {
            assert!(pictures.iter().skip(one + 1).all(|other| other != picture), "{:?}", faces[one]);
        }
    }
}
