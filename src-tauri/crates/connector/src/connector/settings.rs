//! Settings that belong to the data rather than to a window. What they mean is known above.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Connector;
use model::problem::Problem;

impl Connector {
    /// Returns a setting, if it was put.
    ///
    /// # Errors
    /// The store's problem, a value of another kind included.
    pub async fn setting<T: DeserializeOwned + Send + 'static>(&self, key: &'static str) -> Result<Option<T>, Problem> {
        self.read(move |tx| tx.setting(key)).await
    }

    /// Puts a setting.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn put_setting<T: Serialize + Send + 'static>(&self, key: &'static str, value: T) -> Result<(), Problem> {
        self.write(move |tx| Ok(tx.put_setting(key, &value)?)).await
    }
}
