-- Every built-in signal at one cutoff as an analytics engineer would write it straight against the warehouse.
-- Variables: cutoff (a midnight), data_end. Tables beside the warehouse's: units, needed, regions.

-- who there was: undated accounts exist from their first dated row
CREATE TEMP TABLE acc AS
WITH undated AS (SELECT account_id FROM accounts WHERE created_at IS NULL),
dated AS (
  SELECT account_id, greatest(changed_at, loaded_at) AS t FROM account_history SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(created_at, loaded_at) FROM contacts SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(occurred_at, loaded_at) FROM events SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(observed_at, loaded_at) FROM intent SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(created_at, loaded_at) FROM opportunities SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(observed_at, loaded_at) FROM usage SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(ordered_at, loaded_at) FROM orders SEMI JOIN undated USING (account_id)
  UNION ALL SELECT account_id, greatest(shown_at, loaded_at) FROM impressions SEMI JOIN undated USING (account_id)
),
first AS (SELECT account_id, min(t) AS first_at FROM dated GROUP BY ALL),
since AS (
  SELECT a.*, least(coalesce(created_at, first_at), customer_since) AS existing_since
  FROM accounts a LEFT JOIN first USING (account_id)
)
SELECT CAST(row_number() OVER (ORDER BY account_id) AS INTEGER) AS no, account_id, country, domain, industry,
  existing_since,
  CASE WHEN customer_since < getvariable('cutoff') THEN customer_since END AS customer_since,
  CASE WHEN coalesce(parent_since < getvariable('cutoff'), true) THEN parent_id END AS parent_id
FROM since
WHERE greatest(coalesce(existing_since, getvariable('data_end') - INTERVAL 1 MICROSECOND), loaded_at)
  < getvariable('cutoff');

CREATE TEMP TABLE ids AS SELECT account_id, no FROM acc;

CREATE TEMP TABLE tree AS
WITH up AS (SELECT a.no, a.country, p.no AS parent FROM acc a LEFT JOIN ids p ON a.parent_id = p.account_id),
links AS (SELECT no AS child, parent AS above FROM up WHERE parent IS NOT NULL)
SELECT no, country, parent, coalesce(l6.above, l5.above, l4.above, l3.above, l2.above, parent, no) AS root
FROM up
LEFT JOIN links l2 ON parent = l2.child
LEFT JOIN links l3 ON l2.above = l3.child
LEFT JOIN links l4 ON l3.above = l4.child
LEFT JOIN links l5 ON l4.above = l5.child
LEFT JOIN links l6 ON l5.above = l6.child;

CREATE TEMP TABLE history AS
WITH h AS (
  SELECT no, "column", value, changed_at, try_cast(value AS DOUBLE) AS n
  FROM account_history JOIN ids USING (account_id)
  WHERE changed_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
)
SELECT no, max(changed_at) AS changed_at,
  arg_max(value, (changed_at, value)) FILTER ("column" = 'industry') AS industry,
  arg_max(n, (changed_at, value)) FILTER ("column" = 'employees' AND n >= 0 AND isfinite(n)) AS employees,
  arg_max(n, (changed_at, value)) FILTER ("column" = 'annual_revenue' AND n >= 0 AND isfinite(n)) AS annual_revenue
FROM h GROUP BY no;

-- everybody whose row was there, and what they are where they are known to be at an account
CREATE TEMP TABLE who AS
SELECT CAST(row_number() OVER () AS INTEGER) AS contact_no, contact_id, no, person_id, country, created_at,
  at_account, known_from,
  CASE WHEN at_account THEN function END AS function,
  CASE WHEN at_account THEN seniority END AS seniority,
  CASE WHEN at_account THEN buying_role END AS buying_role
FROM (
  SELECT *, created_at IS NOT NULL AND (left_at IS NULL OR left_at >= getvariable('cutoff')) AS at_account,
    CASE WHEN created_at IS NOT NULL THEN greatest(created_at, loaded_at) END AS known_from
  FROM contacts
  WHERE coalesce(greatest(created_at, loaded_at) < getvariable('cutoff'), true)
) LEFT JOIN ids USING (account_id);

-- the events of a year, in few bytes each
CREATE TEMP TABLE year AS
WITH e AS (
  SELECT *, coalesce(action, '') AS act,
    channel = 'email' AND coalesce(action, '') IN ('open', 'opened') AS opened
  FROM events
  WHERE occurred_at >= getvariable('cutoff') - INTERVAL 365 DAY AND occurred_at < getvariable('cutoff')
    AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
)
SELECT no, contact_id, asset_id, channel, business_unit, occurred_at, opened,
  CASE WHEN opened THEN 0 WHEN act IN ('sent', 'delivered', 'bounced', 'shown', 'outbound') THEN 1
    WHEN act IN ('machine_open', 'machine_click', 'bot_open', 'bot_click', 'scanner_open', 'scanner_click', 'prefetch')
    THEN 2 ELSE 3 END AS kind,
  act IN ('share', 'forward') AS shared,
  CASE act WHEN 'meeting' THEN 150 WHEN 'demo' THEN 150 WHEN 'attend' THEN 100 WHEN 'reply' THEN 100
    WHEN 'download' THEN 50 WHEN 'share' THEN 50 WHEN 'forward' THEN 50 WHEN 'click' THEN 30
    ELSE CASE WHEN channel IN ('meeting', 'call') THEN 150 ELSE 10 END END
  * (1 + CAST(occurred_at >= getvariable('cutoff') - INTERVAL 30 DAY AS INTEGER)
    + CAST(occurred_at >= getvariable('cutoff') - INTERVAL 7 DAY AS INTEGER)) AS points
FROM e JOIN ids USING (account_id);

CREATE TEMP TABLE engaged AS
SELECT no,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 7 DAY) AS engagement_events_7d,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS engagement_events_30d,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS engagement_events_90d,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 180 DAY) AS engagement_events_180d,
  count(*) AS engagement_events_365d,
  epoch(getvariable('cutoff') - max(occurred_at)) / 86400 AS engagement_days_since_last,
  epoch(getvariable('cutoff') - max(occurred_at) FILTER (channel IN ('meeting', 'call'))) / 86400
    AS engagement_days_since_talk
FROM year WHERE kind = 3 GROUP BY no;

CREATE TEMP TABLE quarter AS
SELECT * FROM year WHERE occurred_at >= getvariable('cutoff') - INTERVAL 90 DAY;

CREATE TEMP TABLE engaged_90d AS
SELECT no,
  count(*) FILTER (channel = 'web') AS engagement_web_90d,
  count(*) FILTER (channel = 'email') AS engagement_email_90d,
  count(*) FILTER (channel = 'event') AS engagement_event_90d,
  count(*) FILTER (channel = 'webinar') AS engagement_webinar_90d,
  count(*) FILTER (channel = 'call') AS engagement_call_90d,
  count(*) FILTER (channel = 'meeting') AS engagement_meeting_90d,
  count(*) FILTER (channel = 'content') AS engagement_content_90d,
  count(*) FILTER (channel = 'ad') AS engagement_ad_90d,
  count(*) FILTER (channel = 'social') AS engagement_social_90d,
  count(*) FILTER (channel = 'product') AS engagement_product_90d,
  count(*) FILTER (channel = 'support') AS engagement_support_90d,
  coalesce(sum(points), 0) AS points_theirs,
  coalesce(sum(points) FILTER (channel IN ('meeting', 'call')), 0) AS engagement_points_meetings,
  coalesce(sum(points) FILTER (channel IN ('event', 'webinar')), 0) AS engagement_points_events,
  coalesce(sum(points) FILTER (channel IN ('web', 'content')), 0) AS engagement_points_content,
  coalesce(sum(points) FILTER (channel = 'email'), 0) AS engagement_points_mail,
  coalesce(sum(points) FILTER (channel IN ('ad', 'social')), 0) AS engagement_points_media,
  coalesce(sum(points) FILTER (channel IN ('product', 'support')), 0) AS engagement_points_product,
  count(*) AS n, count(contact_id) AS by_somebody,
  count(*) FILTER (shared) AS shares, min(occurred_at) FILTER (shared) AS first_share
FROM quarter WHERE kind = 3 GROUP BY no;

CREATE TEMP TABLE sent AS
SELECT no, count(*) FILTER (kind = 1) AS engagement_sent_90d, count(*) FILTER (opened) AS engagement_opened_90d,
  coalesce(sum(1 + CAST(occurred_at >= getvariable('cutoff') - INTERVAL 30 DAY AS INTEGER)
    + CAST(occurred_at >= getvariable('cutoff') - INTERVAL 7 DAY AS INTEGER)) FILTER (kind = 1), 0)
    AS engagement_points_sent
FROM quarter WHERE kind < 2 GROUP BY no;

-- who did something about which BU, then who did something at all
CREATE TEMP TABLE people_units AS
SELECT q.no, contact_no, business_unit, any_value(w.function) AS function, any_value(w.seniority) AS seniority,
  count(*) AS n_90d, count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS n_30d,
  bool_or(shared) AS shared
FROM quarter q JOIN who w USING (contact_id) WHERE kind = 3 GROUP BY ALL;

CREATE TEMP TABLE people AS
SELECT no, contact_no, any_value(function) AS function, any_value(seniority) AS seniority,
  sum(n_90d) AS n_90d, sum(n_30d) AS n_30d, bool_or(shared) AS shared
FROM people_units GROUP BY no, contact_no;

CREATE TEMP TABLE people_90d AS
WITH weighted AS (
  SELECT *, CASE seniority WHEN 'c_level' THEN 4 WHEN 'vp' THEN 3 WHEN 'director' THEN 2 WHEN 'manager' THEN 1 ELSE 0
    END AS more
  FROM people
)
SELECT no, count(*) AS engagement_people_90d,
  count(*) FILTER (seniority IN ('c_level', 'vp')) AS engagement_executives_90d,
  count(DISTINCT function) AS engagement_functions_90d,
  sum(more * n_30d) AS more_30d, sum(more * n_90d) AS more_90d,
  count(*) FILTER (shared) AS advocacy_sharers_90d, bool_or(seniority = 'c_level') AS sponsored
FROM weighted GROUP BY no;

CREATE TEMP TABLE unit_people AS
SELECT no, business_unit, count(*) AS engagement_bu_people_90d
FROM people_units WHERE business_unit IS NOT NULL GROUP BY ALL;

CREATE TEMP TABLE unit_events AS
SELECT no, business_unit,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS engagement_bu_events_30d,
  count(*) FILTER (occurred_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS engagement_bu_events_90d,
  count(*) AS engagement_bu_events_365d,
  count(*) FILTER (channel IN ('meeting', 'call') AND occurred_at >= getvariable('cutoff') - INTERVAL 90 DAY)
    AS engagement_bu_talks_90d,
  epoch(getvariable('cutoff') - max(occurred_at)) / 86400 AS engagement_bu_days_since_last
FROM year WHERE kind = 3 AND business_unit IS NOT NULL GROUP BY ALL;

CREATE TEMP TABLE spread AS
WITH handled AS (
  SELECT y.no, asset_id, count(DISTINCT contact_no) AS people
  FROM year y LEFT JOIN who USING (contact_id)
  WHERE kind = 3 AND asset_id IS NOT NULL AND occurred_at >= getvariable('cutoff') - INTERVAL 180 DAY
  GROUP BY ALL
)
SELECT no, count(*) FILTER (people > 1) AS advocacy_shared_assets_180d, max(people) AS advocacy_widest_180d
FROM handled GROUP BY no;

-- intent and usage, by topic and product first
CREATE TEMP TABLE topics AS
SELECT no, topic,
  count(*) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS n_30d,
  count(*) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS n_90d,
  count(*) AS n_365d,
  sum(strength) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS s_30d,
  coalesce(sum(strength) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 90 DAY), 0) AS s_90d,
  sum(strength) AS s_365d,
  max(strength) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS strongest,
  max(observed_at) AS last_at
FROM intent JOIN ids USING (account_id)
WHERE observed_at >= getvariable('cutoff') - INTERVAL 365 DAY AND observed_at < getvariable('cutoff')
  AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
GROUP BY ALL;

CREATE TEMP TABLE interest AS
SELECT no, sum(s_30d) AS intent_strength_30d, sum(s_90d) AS intent_strength_90d, max(strongest) AS intent_strongest_30d,
  count(*) FILTER (n_90d > 0) AS intent_topics_90d,
  count(*) FILTER (n_30d > 0 AND n_30d = n_365d) AS intent_new_topics_30d,
  nullif(max(s_90d) / nullif(sum(s_90d), 0), 0) AS intent_focus_90d,
  (sum(s_30d) / nullif(sum(n_30d), 0)) / nullif(sum(s_365d) / sum(n_365d), 0) AS intent_surge,
  epoch(getvariable('cutoff') - max(last_at)) / 86400 AS intent_days_since_last
FROM topics GROUP BY no;

CREATE TEMP TABLE wide AS
WITH now AS (SELECT no, root, country, topic FROM topics JOIN tree USING (no) WHERE n_30d > 0),
everywhere AS (SELECT root, topic, count(DISTINCT country) AS countries FROM now GROUP BY ALL)
SELECT no, max(countries) AS intent_group_countries_30d FROM now JOIN everywhere USING (root, topic) GROUP BY no;

CREATE TEMP TABLE used AS
WITH products AS (
  SELECT no, product,
    count(*) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 30 DAY) AS n_30d,
    count(*) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS n_90d,
    count(*) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 180 DAY) AS n_180d,
    coalesce(sum(value) FILTER (observed_at >= getvariable('cutoff') - INTERVAL 30 DAY), 0) AS v_30d,
    coalesce(sum(value) FILTER (observed_at < getvariable('cutoff') - INTERVAL 30 DAY
      AND observed_at >= getvariable('cutoff') - INTERVAL 180 DAY), 0) AS v_before,
    max(observed_at) FILTER (value <> 0) AS last_at
  FROM usage JOIN ids USING (account_id)
  WHERE observed_at >= getvariable('cutoff') - INTERVAL 365 DAY AND observed_at < getvariable('cutoff')
    AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
  GROUP BY ALL
)
SELECT no, count(*) FILTER (last_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS usage_products_90d,
  count(*) FILTER (last_at < getvariable('cutoff') - INTERVAL 90 DAY) AS usage_dropped,
  sum(n_90d) AS usage_readings_90d, sum(v_30d) / nullif(sum(n_30d), 0) AS usage_mean_30d,
  usage_mean_30d / nullif(sum(v_before) / nullif(sum(n_180d) - sum(n_30d), 0), 0) AS usage_trend,
  epoch(getvariable('cutoff') - max(last_at)) / 86400 AS usage_days_since_last
FROM products GROUP BY no;

-- the buying committee
CREATE TEMP TABLE present AS SELECT * FROM who WHERE at_account AND no IS NOT NULL;

CREATE TEMP TABLE contacts_of AS
SELECT p.no, count(*) AS committee_contacts, count(DISTINCT function) AS committee_functions,
  count(DISTINCT seniority) AS committee_levels, count(DISTINCT country) AS committee_countries,
  count(*) FILTER (seniority IN ('c_level', 'vp')) AS committee_executives,
  count(*) FILTER (known_from >= getvariable('cutoff') - INTERVAL 90 DAY) AS committee_new_90d,
  epoch(getvariable('cutoff') - max(known_from)) / 86400 AS committee_days_since_new,
  count(*) FILTER (function IS NOT NULL AND seniority IS NOT NULL AND buying_role IS NOT NULL) / count(*)
    AS quality_contacts_complete,
  count(*) FILTER (known_from >= getvariable('cutoff') - INTERVAL 90 DAY AND known_from > first_share)
    AS advocacy_new_people_90d
FROM present p LEFT JOIN engaged_90d USING (no) GROUP BY p.no;

CREATE TEMP TABLE came_along AS
WITH jobs AS (
  SELECT person_id, contact_no, no, at_account, created_at
  FROM who WHERE person_id IS NOT NULL AND known_from IS NOT NULL AND no IS NOT NULL
  QUALIFY count(*) OVER (PARTITION BY person_id) > 1
)
SELECT now.no, count(DISTINCT now.contact_no) AS committee_came_along
FROM jobs now JOIN jobs before USING (person_id)
WHERE now.at_account AND before.no <> now.no AND before.created_at < now.created_at GROUP BY now.no;

CREATE TEMP TABLE committee AS
WITH active AS (SELECT DISTINCT contact_no, true AS active FROM people),
roles AS (
  SELECT no, buying_role AS role, coalesce(bool_or(active), false) AS engaged
  FROM present LEFT JOIN active USING (contact_no) WHERE buying_role IS NOT NULL GROUP BY ALL
),
asked AS (SELECT no, business_unit, n.role, roles, r.role IS NOT NULL AS known, coalesce(engaged, false) AS engaged
  FROM ids CROSS JOIN needed n LEFT JOIN roles r USING (no, role))
SELECT no, business_unit, count(*) FILTER (known) / any_value(roles) AS committee_known_share,
  count(*) FILTER (engaged) / any_value(roles) AS committee_engaged_share,
  coalesce(string_agg(role, ', ' ORDER BY role) FILTER (NOT known), '') AS committee_missing
FROM asked GROUP BY ALL;

-- opportunities as they stood
CREATE TEMP TABLE deals AS
WITH last AS (
  SELECT opportunity_id, max(changed_at) AS stage_since,
    arg_max(stage, (changed_at, stage, amount)) FILTER (stage IS NOT NULL) AS stage,
    arg_max(amount, (changed_at, stage, amount)) FILTER (amount IS NOT NULL) AS amount,
    count(*) FILTER (changed_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS moves
  FROM opportunity_history
  WHERE changed_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
  GROUP BY ALL
)
SELECT opportunity_id, no, business_unit, created_at, kind, last.stage, stage_since, moves,
  coalesce(closed_at < getvariable('cutoff'), false) AS closed,
  CASE WHEN closed THEN outcome ELSE 'open' END AS state,
  CASE WHEN closed THEN closed_at END AS closed_at,
  coalesce(last.amount, CASE WHEN closed THEN o.amount END) AS amount,
  NOT closed AND coalesce(kind, 'new') <> 'renewal' AS is_open,
  closed AND epoch(getvariable('cutoff') - o.closed_at) <= 730 * 86400 AS lately,
  epoch(o.closed_at - created_at) / 86400 AS cycle
FROM opportunities o JOIN ids USING (account_id) LEFT JOIN last USING (opportunity_id)
WHERE created_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'));

CREATE TEMP TABLE deals_of AS
SELECT no, count(*) FILTER (is_open) AS pipeline_open_account,
  count(*) FILTER (state = 'won') AS pipeline_wins_account,
  sum(amount) FILTER (state = 'won') / nullif(count(amount) FILTER (state = 'won'), 0) AS portfolio_mean_win
FROM deals GROUP BY no;

CREATE TEMP TABLE named AS
SELECT no, business_unit, count(DISTINCT contact_id) AS pipeline_people
FROM opportunity_contacts o JOIN deals USING (opportunity_id)
WHERE is_open AND added_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
  AND contact_id IN (SELECT contact_id FROM who)
GROUP BY ALL;

CREATE TEMP TABLE usual AS
SELECT business_unit, nullif(avg(cycle) FILTER (state = 'won'), 0) AS usual FROM deals WHERE lately GROUP BY ALL;

CREATE TEMP TABLE pipeline AS
SELECT no, business_unit,
  count(*) FILTER (is_open) AS pipeline_open,
  epoch(getvariable('cutoff') - max(created_at) FILTER (is_open)) / 86400 AS pipeline_open_days,
  epoch(getvariable('cutoff') - min(created_at) FILTER (is_open)) / 86400 / any_value(usual) AS pipeline_pace,
  sum(amount) FILTER (is_open) AS pipeline_open_amount,
  arg_max_null(stage, (created_at, opportunity_id)) FILTER (is_open) AS pipeline_stage,
  epoch(getvariable('cutoff') - max(stage_since) FILTER (is_open)) / 86400 AS pipeline_stage_days,
  sum(moves) FILTER (is_open) AS pipeline_moves_90d,
  count(*) FILTER (state = 'won' AND lately) AS pipeline_wins_730d,
  count(*) FILTER (state = 'lost' AND lately) AS pipeline_losses_730d,
  count(*) FILTER (state = 'won') / nullif(count(*) FILTER (closed), 0) AS pipeline_win_rate,
  avg(cycle) FILTER (state = 'won') AS pipeline_cycle_days,
  epoch(getvariable('cutoff') - max(closed_at) FILTER (state = 'won')) / 86400 AS pipeline_days_since_win,
  epoch(getvariable('cutoff') - max(closed_at) FILTER (state = 'lost')) / 86400 AS pipeline_days_since_loss
FROM deals LEFT JOIN usual USING (business_unit) GROUP BY ALL;

CREATE TEMP TABLE places AS
SELECT no, country, coalesce(region, 'other') AS region FROM acc LEFT JOIN regions USING (country);

CREATE TEMP TABLE regional AS
SELECT region, business_unit, count(*) FILTER (state = 'won') / count(*) AS pipeline_region_win_rate,
  avg(cycle) FILTER (state = 'won') AS pipeline_region_cycle_days
FROM deals JOIN places USING (no) WHERE lately GROUP BY ALL;

-- orders, and who owns what
CREATE TEMP TABLE bought AS
SELECT no, business_unit, ordered_at, amount, gross_profit, product
FROM orders JOIN ids USING (account_id)
WHERE ordered_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'));

CREATE TEMP TABLE owned AS
WITH returned AS (SELECT DISTINCT no, business_unit FROM bought WHERE amount < 0),
net AS (
  SELECT no, business_unit, ordered_at, amount, sum(CAST(amount AS DECIMAL(18, 4))) OVER (
    PARTITION BY no, business_unit ORDER BY ordered_at RANGE BETWEEN CURRENT ROW AND INTERVAL 90 DAY FOLLOWING) AS net
  FROM bought SEMI JOIN returned USING (no, business_unit)
)
SELECT no, business_unit, min(t) AS since FROM (
  SELECT no, business_unit, ordered_at AS t FROM bought ANTI JOIN returned USING (no, business_unit) WHERE amount > 0
  UNION ALL SELECT no, business_unit, ordered_at FROM net WHERE amount > 0 AND net > 0
  UNION ALL SELECT no, business_unit, closed_at FROM deals WHERE state = 'won'
) GROUP BY ALL;

CREATE TEMP TABLE customers AS
SELECT no, epoch(getvariable('cutoff') - min(t)) / 86400 AS portfolio_days_customer, sum(n) AS portfolio_bus_owned
FROM (SELECT no, since AS t, 1 AS n FROM owned
  UNION ALL SELECT no, customer_since, 0 FROM acc WHERE customer_since IS NOT NULL) GROUP BY no;

CREATE TEMP TABLE ordered AS
SELECT no,
  count(*) FILTER (amount > 0 AND ordered_at >= getvariable('cutoff') - INTERVAL 365 DAY) AS portfolio_orders_365d,
  sum(amount) FILTER (ordered_at >= getvariable('cutoff') - INTERVAL 90 DAY) AS portfolio_amount_90d,
  sum(amount) FILTER (ordered_at >= getvariable('cutoff') - INTERVAL 365 DAY) AS portfolio_amount_365d,
  sum(gross_profit) FILTER (ordered_at >= getvariable('cutoff') - INTERVAL 365 DAY) AS portfolio_gross_profit_365d,
  portfolio_orders_365d / nullif(count(*) FILTER (amount > 0
    AND ordered_at >= getvariable('cutoff') - INTERVAL 730 DAY), 0) AS portfolio_growth,
  avg(amount) FILTER (amount > 0) AS portfolio_mean_order,
  -sum(amount) FILTER (amount <= 0 AND ordered_at >= getvariable('cutoff') - INTERVAL 365 DAY)
    AS portfolio_returned_365d,
  epoch(getvariable('cutoff') - max(ordered_at) FILTER (amount > 0)) / 86400 AS portfolio_days_since_order,
  date_diff('day', min(ordered_at) FILTER (amount > 0), max(ordered_at) FILTER (amount > 0))
    / nullif(count(DISTINCT CAST(ordered_at AS DATE)) FILTER (amount > 0) - 1, 0) AS portfolio_interval_days,
  portfolio_days_since_order / portfolio_interval_days AS portfolio_silence
FROM bought GROUP BY no;

CREATE TEMP TABLE products AS
WITH first AS (
  SELECT no, product, min(ordered_at) AS t FROM bought WHERE amount > 0 AND product IS NOT NULL GROUP BY ALL
)
SELECT no, count(*) AS portfolio_products,
  count(*) FILTER (t >= getvariable('cutoff') - INTERVAL 365 DAY) AS portfolio_new_products_365d
FROM first GROUP BY no;

CREATE TEMP TABLE unit_orders AS
WITH aged AS (
  SELECT *, date_diff('day', ordered_at, getvariable('cutoff')) AS age
  FROM bought JOIN units USING (business_unit)
)
SELECT no, business_unit, sum(amount) FILTER (age <= horizon) AS portfolio_bu_amount_horizon,
  sum(amount) FILTER (age > horizon AND age <= 2 * horizon) AS portfolio_bu_amount_before,
  sum(amount) FILTER (age <= 365 AND age > 365 - horizon) AS portfolio_bu_amount_season,
  count(*) FILTER (amount > 0 AND age <= 365) AS portfolio_bu_orders_365d,
  epoch(getvariable('cutoff') - max(ordered_at) FILTER (amount > 0)) / 86400 AS portfolio_bu_days_since_order
FROM aged GROUP BY ALL;

-- the group account
CREATE TEMP TABLE hierarchy AS
WITH own AS (
  SELECT t.*, coalesce(n, 0) AS n, coalesce(CAST(portfolio_amount_365d AS DECIMAL(18, 4)), 0) AS ordered
  FROM tree t LEFT JOIN engaged_90d USING (no) LEFT JOIN ordered USING (no)
),
whole AS (
  SELECT root, count(*) AS hierarchy_accounts, count(DISTINCT country) AS hierarchy_countries,
    count(DISTINCT country) FILTER (n > 0) AS hierarchy_active_countries_90d, sum(n) AS n,
    count(*) FILTER (n > 0) AS active, sum(n) FILTER (no = root) AS head, sum(ordered) AS ordered,
    sum(ordered) FILTER (ordered > 0) AS bought
  FROM own GROUP BY root
),
under AS (SELECT parent, sum(n) AS n FROM own WHERE parent IS NOT NULL GROUP BY parent)
SELECT own.no, hierarchy_accounts, hierarchy_countries, hierarchy_active_countries_90d,
  own.no = own.root AND hierarchy_accounts > 1 AS hierarchy_is_parent,
  whole.n - own.n AS hierarchy_events_90d, active - CAST(own.n > 0 AS INTEGER) AS hierarchy_active_90d,
  own.n / nullif(whole.n, 0) AS hierarchy_own_share_90d,
  CASE WHEN own.no <> own.root THEN head END AS hierarchy_head_office_90d,
  coalesce(under.n - own.n, 0) AS hierarchy_siblings_90d, whole.ordered - own.ordered AS hierarchy_amount_365d,
  CAST(greatest(own.ordered, 0) AS DOUBLE) / bought AS hierarchy_own_amount_share
FROM own JOIN whole USING (root) LEFT JOIN under ON own.parent = under.parent;

CREATE TEMP TABLE unit_hierarchy AS
WITH own AS (
  SELECT no, business_unit, max(owner) AS owner, sum(opened) AS opened, sum(won) AS won FROM (
    SELECT no, business_unit, 1 AS owner, 0 AS opened, 0 AS won FROM owned
    UNION ALL SELECT no, business_unit, 0, CAST(is_open AS INTEGER), CAST(state = 'won' AND lately AS INTEGER)
    FROM deals) GROUP BY ALL
),
whole AS (
  SELECT root, business_unit, sum(owner) AS owner, count(DISTINCT country) FILTER (owner > 0) AS countries,
    sum(opened) AS opened, sum(won) AS won
  FROM own JOIN tree USING (no) GROUP BY ALL
)
SELECT tree.no, whole.business_unit, whole.countries AS hierarchy_bu_countries,
  whole.owner - coalesce(own.owner, 0) AS hierarchy_bu_owners,
  whole.opened - coalesce(own.opened, 0) AS hierarchy_bu_open,
  whole.won - coalesce(own.won, 0) AS hierarchy_bu_wins_730d
FROM tree JOIN whole USING (root) LEFT JOIN own ON own.no = tree.no AND own.business_unit = whole.business_unit;

CREATE TEMP TABLE responses AS
SELECT no, count(*) FILTER (shown_at >= getvariable('cutoff') - INTERVAL 365 DAY) AS response_shown_365d,
  count(*) FILTER (shown_at >= getvariable('cutoff') - INTERVAL 365 DAY AND outcome IS NOT NULL
    AND outcome_at < getvariable('cutoff')) / nullif(response_shown_365d, 0) AS response_rate_365d,
  epoch(getvariable('cutoff') - max(outcome_at) FILTER (outcome_at < getvariable('cutoff'))) / 86400
    AS response_days_since_last
FROM impressions JOIN ids USING (account_id)
WHERE shown_at < getvariable('cutoff') AND (loaded_at IS NULL OR loaded_at < getvariable('cutoff'))
GROUP BY no;

-- a row per account × BU
CREATE TEMP TABLE of_account AS
SELECT a.no, a.account_id, a.country, region, customers.no IS NOT NULL AS is_customer,
  a.country AS attributes_country, coalesce(history.industry, a.industry) AS attributes_industry,
  employees AS attributes_employees, annual_revenue AS attributes_annual_revenue,
  epoch(getvariable('cutoff') - existing_since) / 86400 AS attributes_age_days, 1 AS attributes_aliases,
  (attributes_industry IS NULL)::INTEGER + (employees IS NULL)::INTEGER + (annual_revenue IS NULL)::INTEGER
    + (domain IS NULL)::INTEGER AS quality_missing,
  by_somebody / nullif(n, 0) AS quality_people_known,
  epoch(getvariable('cutoff') - changed_at) / 86400 AS quality_days_since_change,
  engagement_events_30d * ((365 - 30) / 30) / nullif(engagement_events_365d - engagement_events_30d, 0)
    AS engagement_trend_30d,
  engagement_events_30d + coalesce(more_30d, 0) AS engagement_seniority_30d,
  engagement_events_90d + coalesce(more_90d, 0) AS engagement_seniority_90d,
  coalesce(points_theirs, 0) + coalesce(engagement_points_sent, 0) AS engagement_points,
  points_theirs - engagement_points_meetings - engagement_points_events - engagement_points_content
    - engagement_points_mail - engagement_points_media - engagement_points_product AS engagement_points_other,
  shares AS advocacy_shares_90d, 1 - coalesce(portfolio_bus_owned, 0) / (SELECT count(*) FROM units)
    AS portfolio_white_space, coalesce(sponsored, false) AS sponsored,
  COLUMNS('^(engagement|intent|committee|advocacy|usage|portfolio|pipeline|hierarchy|response|quality)_')
FROM acc a JOIN places USING (no)
LEFT JOIN history USING (no) LEFT JOIN engaged USING (no) LEFT JOIN engaged_90d USING (no) LEFT JOIN sent USING (no)
LEFT JOIN people_90d USING (no) LEFT JOIN spread USING (no) LEFT JOIN interest USING (no) LEFT JOIN wide USING (no)
LEFT JOIN used USING (no) LEFT JOIN contacts_of USING (no) LEFT JOIN came_along USING (no)
LEFT JOIN deals_of USING (no) LEFT JOIN customers USING (no) LEFT JOIN ordered USING (no) LEFT JOIN products USING (no)
LEFT JOIN hierarchy USING (no) LEFT JOIN responses USING (no);

CREATE TEMP VIEW everything AS
SELECT account_id, units.business_unit, getvariable('cutoff') AS cutoff,
  CASE WHEN owned.no IS NOT NULL THEN 'upsell' WHEN is_customer THEN 'cross_sell' ELSE 'new_logo' END AS kind,
  country, a.region, coalesce(pipeline_open > 0, false) AS in_pipeline,
  epoch(getvariable('cutoff') - since) / 86400 AS portfolio_bu_owned_days,
  CASE WHEN committee_engaged_share IS NOT NULL
    THEN CAST(committee_engaged_share >= 0.6 AND sponsored AS INTEGER) END AS committee_ready,
  COLUMNS('^(attributes|engagement|intent|committee|advocacy|usage|portfolio|pipeline|hierarchy|response|quality)_')
FROM of_account a CROSS JOIN units
LEFT JOIN owned ON owned.no = a.no AND owned.business_unit = units.business_unit
LEFT JOIN unit_events e ON e.no = a.no AND e.business_unit = units.business_unit
LEFT JOIN unit_people p ON p.no = a.no AND p.business_unit = units.business_unit
LEFT JOIN committee c ON c.no = a.no AND c.business_unit = units.business_unit
LEFT JOIN pipeline ON pipeline.no = a.no AND pipeline.business_unit = units.business_unit
LEFT JOIN named n ON n.no = a.no AND n.business_unit = units.business_unit
LEFT JOIN regional r ON r.region = a.region AND r.business_unit = units.business_unit
LEFT JOIN unit_orders o ON o.no = a.no AND o.business_unit = units.business_unit
LEFT JOIN unit_hierarchy h ON h.no = a.no AND h.business_unit = units.business_unit;
