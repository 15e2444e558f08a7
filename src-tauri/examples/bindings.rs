//! Writes `ui/src/host/bindings.ts` from the commands and the model. Needs no display.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    shell::bindings::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/host/bindings.ts"))
}
