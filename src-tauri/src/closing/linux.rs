//! Whether the desktop shows tray icons: by the StatusNotifierWatcher of the session bus.

use std::time::Duration;

use zbus::Connection;
use zbus::fdo::PropertiesProxy;
use zbus::names::InterfaceName;

/// How long the bus has to answer.
const BUS_TIMEOUT: Duration = Duration::from_secs(2);
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Whether somebody shows the icons that are registered.
pub(super) async fn has_tray() -> bool {
    let asked = tokio::time::timeout(BUS_TIMEOUT, ask_watcher());
    asked.await.is_ok_and(|answer| answer.unwrap_or(false))
}

async fn ask_watcher() -> zbus::Result<bool> {
    let bus = Connection::session().await?;
    let watcher =
        PropertiesProxy::builder(&bus).destination(WATCHER)?.path("/StatusNotifierWatcher")?;
    let interface = InterfaceName::try_from(WATCHER)?;
    let hosted = watcher.build().await?.get(interface, "IsStatusNotifierHostRegistered").await?;
    Ok(bool::try_from(&*hosted).unwrap_or(false))
}
