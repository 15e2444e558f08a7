/** A monitored connection, created by the window's own commands. */

/** Creates a practice connection whose guide is finished and that is monitored with these settings. Returns its id. */
export async function monitoredConnection(app, settings) {
  const { connection } = await app.invoke("begin_practice");
  const { id } = connection;
  await app.invoke("practice_token", { id, principal: "super_admin" });
  await app.invoke("practice_credential", { id });
  await app.invoke("practice_radiant_token", { id });
  const { connection: kept } = await app.invoke("connection", { id });
  const search = { ...kept.radiant, connector_type: "okta_system_log", timestamp_field: "timestamp" };
  await app.invoke("set_radiant_search", { id, search });
  await app.invoke("change_monitor_settings", { change: settings });
  await app.invoke("finish_setup", { id, keep: "token", launchAtLogin: false });
  return id;
}
