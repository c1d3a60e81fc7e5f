//! What a library is called.

use vignette_model::text::LibraryName;

use crate::store::Store;

pub async fn a_library_has_the_name_it_was_given_last(store: &dyn Store) {
    assert_eq!(store.library_name().await.unwrap(), None, "nobody has named it");
    for name in ["Acme", "Acme & Söhne"] {
        let name = LibraryName::new(name).unwrap();
        store.name_library(&name).await.unwrap();
        assert_eq!(store.library_name().await.unwrap(), Some(name));
    }
}
