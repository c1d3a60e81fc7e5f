//! Makes sure that the folder of the built pages exists, so that the library builds without npm; then it serves its pages
//! without script and style.

use std::path::Path;

fn main() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    if !built.join(".vite/manifest.json").exists() {
        println!("cargo:warning=ui/dist is not built: pages will have no script and no style (npm run build in ui/)");
    }
    if let Err(error) = std::fs::create_dir_all(&built) {
        println!("cargo:warning=ui/dist cannot be made: {error}");
    }
    println!("cargo:rerun-if-changed=../ui/dist");
}
