-- Tables get the names of what they hold, and the rate budget gets a table by organization and bucket. Until now each
-- connection's monitoring state held its own part of the budget under `spent`; what Okta limits is the organization.

CREATE TABLE rate_usage (
    org    TEXT NOT NULL,
    bucket TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (org, bucket)
) STRICT, WITHOUT ROWID;

-- A body that is no JSON is left alone here, so that reading it reports it. `max` picks the row the other columns come from.
WITH usage AS (
    SELECT json_extract(iif(json_valid(connections.body), connections.body, '{}'), '$.origin') AS org,
           json_extract(iif(json_valid(watched.body), watched.body, '{}'), '$.spent') AS spent
      FROM watched JOIN connections ON connections.id = watched.connection
), requests AS (
    SELECT org, json_extract(one.value, '$.bucket') AS bucket, json_group_array(json(one.value)) AS list
      FROM usage, json_each(usage.spent, '$.asked') AS one
     WHERE org IS NOT NULL GROUP BY 1, 2
), observed AS (
    SELECT org, one.key AS bucket, one.value AS rate, max(json_extract(one.value, '$.at'))
      FROM usage, json_each(usage.spent, '$.seen') AS one
     WHERE org IS NOT NULL GROUP BY 1, 2
)
INSERT INTO rate_usage (org, bucket, body)
SELECT coalesce(requests.org, observed.org), coalesce(requests.bucket, observed.bucket),
       json_object('requests', json(coalesce(list, '[]')), 'observed', json(coalesce(rate, 'null')))
  FROM requests FULL JOIN observed ON observed.org = requests.org AND observed.bucket = requests.bucket;

-- Why a probe waits is a fact of its connection and stays there.
UPDATE watched
   SET body = json_set(json_remove(body, '$.spent'), '$.held', json(coalesce(json_extract(body, '$.spent.held'), 'null')))
 WHERE iif(json_valid(body), json_type(body, '$.spent'), NULL) IS NOT NULL;

ALTER TABLE setup RENAME TO guide_state;
ALTER TABLE watched RENAME TO monitor_state;
ALTER TABLE rotations RENAME TO rotation;
ALTER TABLE care RENAME TO reminder_state;
ALTER TABLE changes RENAME TO status_changes;
ALTER TABLE secrets RENAME TO secret_index;
