//! Export and import: connections without their secrets, from one computer to another.

use std::collections::BTreeSet;

use super::Connector;
use super::settings::SETTINGS;
use crate::setup::{self, CarriedConnection};
use model::code::Code;
use model::connection::Connection;
use model::connection_import::{ImportOutcome, ImportPreview, ImportedConnection, ImportedSettings, SkippedConnection};
use model::connection_view::ConnectionView;
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use store::{ReadTx, StoreError};

impl Connector {
    /// Writes every connection into one JSON document: names, domains, profile, how Radiant is searched, how all are
    /// watched by this computer's own choice. No secret is in it, nor what a policy fixes; practice is left out.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn export(&self) -> Result<String, Problem> {
        let (views, settings) = (self.connections().await?, self.own_monitor_settings().await?);
        let text = setup::write(&views, &settings).map_err(|_| Problem::new(Code::Internal))?;
        Ok(text + "\n")
    }

    /// Says what an exported document would bring. Nothing is made.
    ///
    /// # Errors
    /// As [`Connector::import`].
    pub async fn look_at_import(&self, text: &str) -> Result<ImportPreview, Problem> {
        let carried = setup::read(text)?;
        let (views, brought) = (self.views().await?, carried.monitor.is_some());
        let (lines, settings) =
            self.read(move |tx| Ok((sorted(carried.connections, &views.all(tx)?), fate(tx, brought)?))).await?;
        Ok(ImportPreview { connections: lines.iter().map(|(one, here)| setup::line(one, *here)).collect(), settings })
    }

    /// Makes connections from an exported document. Each begins its guide at the domain; nothing is sent, no secret is
    /// bound. One whose org is here already is skipped. This computer's own monitoring figures stay.
    ///
    /// # Errors
    /// [`Code::ImportTooLarge`], [`Code::ImportForeign`], [`Code::ImportNewer`], [`Code::ImportGarbled`]; the store's
    /// problem.
    pub async fn import(&self, text: &str) -> Result<ImportOutcome, Problem> {
        let carried = setup::read(text)?;
        let (views, rules) = (self.views().await?, self.settings_rules().await?);
        let blanks: Vec<Connection> = carried.connections.iter().map(|_| self.blank(String::new())).collect();
        self.write(move |tx| {
            let (mut added, mut skipped) = (Vec::new(), Vec::new());
            for ((one, here), blank) in sorted(carried.connections, &views.all(tx)?).into_iter().zip(blanks) {
                if here {
                    skipped.push(SkippedConnection { name: one.name, domain: one.domain });
                    continue;
                }
                let (connection, state) = setup::arrived(&one, blank);
                tx.add_connection(&connection)?;
                tx.put(&connection.id, &state)?;
                added.push(ImportedConnection { id: connection.id, name: connection.name });
            }
            let settings = fate(tx, carried.monitor.is_some())?;
            if let (ImportedSettings::Applied, Some(figures)) = (settings, carried.monitor) {
                rules.change(tx, |_| figures.into())?;
            }
            Ok(ImportOutcome { added, skipped, settings })
        })
        .await
    }
}

/// Tells of each whether one to the same org is here or came before.
fn sorted(carried: Vec<CarriedConnection>, here: &[ConnectionView]) -> Vec<(CarriedConnection, bool)> {
    let org = |view: &ConnectionView| setup::same_org(&view.connection.name, &setup::domain(view));
    let mut known: BTreeSet<String> = here.iter().map(org).collect();
    let marked = carried.into_iter().map(|one| {
        let new = known.insert(setup::same_org(&one.name, &one.domain));
        (one, !new)
    });
    marked.collect()
}

fn fate(tx: &ReadTx<'_>, brought: bool) -> Result<ImportedSettings, StoreError> {
    let own = tx.setting::<MonitorSettings>(SETTINGS)?;
    Ok(match (brought, own) {
        (false, _) => ImportedSettings::Absent,
        (true, Some(_)) => ImportedSettings::Kept,
        (true, None) => ImportedSettings::Applied,
    })
}
