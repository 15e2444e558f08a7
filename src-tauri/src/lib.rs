//! spike
use connector::model::*;
pub fn builder() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::<tauri::Wry>::new().commands(tauri_specta::collect_commands![greet])
}
#[tauri::command]
#[specta::specta]
async fn greet(
    _a: ConnectionView,
    _b: CheckNews,
    _c: ArrivalTick,
    _d: RadiantDiscovery,
    _e: DocsAnswer,
    _f: AppInfo,
    _g: OrgFound,
    _h: DomainReading,
    _i: LinkTo,
    _j: (ReportForm, Preferences, Confirmable, SetupStep, Keep, SecretName),
) -> Result<(), Problem> {
    Ok(())
}
#[cfg(test)]
mod t {
    #[test]
    fn b() {
        super::builder().export(specta_typescript::Typescript::default(), "../ui/src/host/bindings.ts").unwrap();
    }
}
