//! Export and import: connections without their secrets, from one computer to another.

use std::collections::BTreeSet;

use super::Connector;
use super::monitor::SETTINGS;
use crate::model::{
    Code, ConnectionId, ConnectionView, ImportOutcome, ImportedConnection, ImportedSettings, MonitorSettings, Problem,
    SkippedConnection,
};
use crate::setup;

impl Connector {
    /// Writes connections as one JSON document: names, domains, profile, how Radiant is searched, how all are watched by this
    /// computer's own choice. No secret is in it, nor what a policy fixes; practice is left out.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn export(&self, ids: &[ConnectionId]) -> Result<String, Problem> {
        let mut views = Vec::with_capacity(ids.len());
        for id in ids {
            views.push(self.connection(id).await?);
        }
        let settings = self.own_monitor_settings().await?;
        setup::write(&views, &settings).map_err(|_| Problem::new(Code::Internal))
    }

    /// Makes connections from an exported document. Each begins its guide at the domain; nothing is sent, no secret is
    /// bound. One whose org is here already is skipped. This computer's own monitoring figures stay.
    ///
    /// # Errors
    /// [`Code::ImportTooLarge`], [`Code::ImportForeign`], [`Code::ImportNewer`], [`Code::ImportGarbled`]; the store's
    /// problem.
    pub async fn import(&self, text: &str) -> Result<ImportOutcome, Problem> {
        let carried = setup::read(text)?;
        let here = self.connections().await?;
        let org = |view: &ConnectionView| setup::same_org(&view.connection.name, &setup::domain(view));
        let mut known: BTreeSet<String> = here.iter().map(org).collect();
        let (mut added, mut skipped) = (Vec::new(), Vec::new());
        for one in carried.connections {
            if !known.insert(setup::same_org(&one.name, &one.domain)) {
                skipped.push(SkippedConnection { name: one.name, domain: one.domain });
                continue;
            }
            let (connection, state) = setup::arrived(&one, self.blank(String::new()));
            let view = self.add(connection, state).await?;
            added.push(ImportedConnection { id: view.connection.id, name: view.connection.name });
        }
        let settings = self.adopt_settings(carried.monitor.map(Into::into)).await?;
        Ok(ImportOutcome { added, skipped, settings })
    }

    async fn adopt_settings(&self, settings: Option<MonitorSettings>) -> Result<ImportedSettings, Problem> {
        let own = self.stored(|store| store.setting::<MonitorSettings>(SETTINGS)).await?;
        match (settings, own) {
            (None, _) => Ok(ImportedSettings::Absent),
            (Some(_), Some(_)) => Ok(ImportedSettings::Kept),
            (Some(settings), None) => {
                self.set_monitor_settings(settings).await?;
                Ok(ImportedSettings::Applied)
            }
        }
    }
}
