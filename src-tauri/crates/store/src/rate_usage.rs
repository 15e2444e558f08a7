//! Rate budget: what monitoring used of each organization's rate limits, one row for each bucket.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{ReadTx, StoreError, WriteTx};
use model::okta_origin::Origin;
use model::rate_usage::{Bucket, ObservedRate, RateUsage, RequestRecord};

/// The body of a row.
#[derive(Serialize, Deserialize, PartialEq, Default)]
struct BucketUsage {
    requests: Vec<RequestRecord>,
    observed: Option<ObservedRate>,
}

impl BucketUsage {
    fn of(usage: &RateUsage, bucket: Bucket) -> Self {
        let requests = usage.requests.iter().filter(|one| one.bucket == bucket).copied().collect();
        Self { requests, observed: usage.observed.get(&bucket).copied() }
    }
}

impl ReadTx<'_> {
    /// Returns what monitoring used of an organization's rate limits, by all connections to it.
    ///
    /// # Errors
    /// As for every read.
    pub fn rate_usage(&self, org: &Origin) -> Result<RateUsage, StoreError> {
        let mut query = self.db().prepare_cached("SELECT bucket, body FROM rate_usage WHERE org = ?1")?;
        let rows = query.query_map([key(org)?], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let mut usage = RateUsage::default();
        for row in rows {
            let (bucket, body) = row?;
            let (bucket, body): (Bucket, BucketUsage) =
                (serde_json::from_value(bucket.into())?, serde_json::from_str(&body)?);
            usage.requests.extend(body.requests);
            usage.observed.extend(body.observed.map(|rate| (bucket, rate)));
        }
        usage.requests.sort_by_key(|one| one.at);
        Ok(usage)
    }
}

impl WriteTx<'_> {
    /// Replaces what is stored of an organization's rate usage by what `change` makes of it. Sends no change: it is shown
    /// nowhere.
    ///
    /// # Errors
    /// As for every write.
    pub fn update_rate_usage(
        &mut self,
        org: &Origin,
        change: impl FnOnce(RateUsage) -> RateUsage,
    ) -> Result<RateUsage, StoreError> {
        let before = self.rate_usage(org)?;
        let after = change(before.clone());
        let key = key(org)?;
        for bucket in Bucket::ALL {
            let body = BucketUsage::of(&after, bucket);
            if body != BucketUsage::of(&before, bucket) {
                self.db()
                    .prepare_cached(
                        "INSERT INTO rate_usage (org, bucket, body) VALUES (?1, ?2, ?3)
                         ON CONFLICT (org, bucket) DO UPDATE SET body = excluded.body",
                    )?
                    .execute(params![key, name(bucket)?, serde_json::to_string(&body)?])?;
            }
        }
        Ok(after)
    }
}

/// Drops the usage of organizations that no connection points to.
pub(super) fn drop_unused_rate_usage(db: &Connection) -> Result<(), StoreError> {
    db.execute(
        "DELETE FROM rate_usage WHERE org NOT IN
             (SELECT json_extract(body, '$.origin') FROM connections WHERE json_extract(body, '$.origin') IS NOT NULL)",
        [],
    )?;
    Ok(())
}

/// The key of an organization: its origin as it stands in the connection's JSON, which SQL compares it with.
fn key(org: &Origin) -> Result<String, StoreError> {
    Ok(serde_json::to_string(org)?)
}

fn name(bucket: Bucket) -> Result<String, StoreError> {
    Ok(serde_json::from_value(serde_json::to_value(bucket)?)?)
}
