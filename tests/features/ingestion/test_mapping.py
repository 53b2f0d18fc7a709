"""Expressions over exports: what they give, which failures reject which row with which value, what stops the run."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import InputError

FIRST = datetime.fromisoformat("2024-01-02")


def events(project, rows, columns="id,account,x,y", **mapped):
    """Map events whose id and account are plain from a CSV file."""
    project.csv("export.csv", columns, rows)
    expressions = {
        "event_id": "id",
        "account_id": "account",
        "occurred_at": "timestamp '2024-01-01'",
        "channel": "'web'",
    }
    return project.map("events", {"from": "export.csv", "columns": expressions | mapped})


class TestFailuresRejectTheRowWithItsValue:
    def test_of_a_cast_that_is_made_anyway(self, project):
        made = events(project, [(1, "a", "2024-01-02", ""), (2, "a", "soon", ""), (3, "a", "", "")], occurred_at="x")
        assert made.values("occurred_at") == [FIRST, None]
        assert made.failures() == [(2, "not a time", "occurred_at", "soon")]

    @pytest.mark.parametrize(
        "expression",
        [
            "case when x = '-' then null else strptime(x, '%d/%m/%Y') end",
            "strptime(nullif(x, '-'), '%d/%m/%Y')",
            "case x when '-' then null when '' then null else cast(strptime(x, '%d/%m/%Y') as date) end",
            "coalesce(case when x = '-' then null end, strptime(nullif(x, '-'), '%d/%m/%Y'))",
        ],
    )
    def test_but_a_null_made_on_purpose_is_just_a_null(self, project, expression):
        made = events(
            project,
            [(n, "a", x, "") for n, x in enumerate(["02/01/2024", "-", "31/02/2024", "", "x"])],
            occurred_at=expression,
        )
        assert made.values("occurred_at") == [FIRST, None, None]
        assert made.failures() == [
            (3, "not a time", "occurred_at", "31/02/2024"),
            (5, "not a time", "occurred_at", "x"),
        ]

    def test_and_the_value_is_that_of_the_part_that_failed(self, project):
        both = "case id when '1' then strptime(x, '%d/%m/%Y') when '2' then cast(y as timestamp) end"
        made = events(
            project,
            [(1, "a", "bad x", "bad y"), (2, "a", "bad x", "bad y"), (3, "a", "bad x", "bad y")],
            occurred_at=both,
        )
        assert [row[3] for row in made.failures()] == ["bad x", "bad y"]
        assert made.values("event_id") == ["3"]

    def test_and_where_no_part_alone_is_to_blame_all_columns_are_told(self, project):
        made = events(project, [(1, "a", "p", "2")], action="cast(y as bigint) * 9223372036854775807 || x")
        assert made.failures() == [(1, "conversion failed", "action", "x=p, y=2")]
        made = events(project, [(1, "a", "p", "q")], action="concat(cast(x as int), cast(y as int))")
        assert made.failures() == [(1, "conversion failed", "action", "x=p, y=q")]

    def test_in_the_same_expression_twice(self, project):
        twice = "strptime(x, '%Y')"
        made = events(
            project,
            [(1, "a", "2024", ""), (2, "a", "?", "")],
            occurred_at=twice,
            loaded_at=twice,
            action=f"{twice}::varchar",
        )
        assert made.failures() == [(2, "not a time", "occurred_at", "?")]

    def test_of_any_other_kind(self, project):
        made = events(project, [(1, "a", "[1]", ""), (2, "a", "{", "")], action="json_extract_string(x, '$[0]')")
        assert made.values("action") == ["1"]
        assert made.failures() == [(2, "conversion failed", "action", "{")]

    @pytest.mark.parametrize(
        "expression", ["country_code(x)", "case when x <> '' then country_code(x) end", "upper(country_code(x))"]
    )
    def test_of_country_code(self, project, expression):
        rows = [(n, "a", x, "") for n, x in enumerate(["日本", "", "Atlantis", "Philipines"])]
        made = events(project, rows, country=expression)
        assert made.values("country") == ["JP", None, "PH"]
        assert made.failures() == [(3, "unknown country", "country", "Atlantis")]

    def test_but_try_cast_and_coalesce_say_what_they_mean(self, project):
        made = events(
            project, [(1, "a", "?", "")], occurred_at="coalesce(try_cast(x as timestamp), timestamp '2024-01-02')"
        )
        assert made.values("occurred_at") == [FIRST]

    def test_of_constants_and_of_every_row(self, project):
        made = events(project, [(1, "a", "", ""), (2, "a", "", "")], action="cast('word' as integer)::varchar")
        assert [row[:3] for row in made.failures()] == [
            (1, "conversion failed", "action"),
            (2, "conversion failed", "action"),
        ]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.sampled_from(["1", "2.5", "-3e2", "", " ", "x", "1,5", "٣", "0x1", "nan", "1_000", "--1"]), min_size=1
        )
    )
    def test_exactly_where_duckdb_cannot_cast(self, project, cells):
        made = events(
            project,
            [(n, "a", cell, "") for n, cell in enumerate(cells)],
            action="cast(cast(nullif(trim(x), '') as double) as varchar)",
        )
        want = [duckdb.execute("SELECT TRY_CAST(? AS DOUBLE)", [cell]).fetchone()[0] for cell in cells]
        failed = [
            n
            for n, (cell, number) in enumerate(zip(cells, want, strict=True), start=1)
            if cell.strip() and number is None
        ]
        assert [row[0] for row in made.failures()] == failed


class TestWhatExpressionsGive:
    def test_text_is_trimmed_and_empty_text_is_missing(self, project):
        made = events(project, [(1, "a", "\u3000é b\u00a0", ""), (2, "a", "\t", "")], action="x", campaign_id="'  '")
        assert made.values("action, campaign_id") == [("é b", None), (None, None)]

    def test_times_are_utc(self, project):
        times = ["2024-01-02", "2024-01-02T02:00:00+02:00", "2024-01-01 19:00:00-05", "2024-01-02 00:00:00Z"]
        rows = [(n, "a", x, "") for n, x in enumerate(times)]
        assert events(project, rows, occurred_at="x").values("occurred_at") == [FIRST] * 4
        assert events(project, rows, occurred_at="cast(x as timestamp)").values("occurred_at") == [FIRST] * 4
        assert events(project, rows, occurred_at="cast(x as timestamptz)").values("occurred_at") == [FIRST] * 4

    def test_ids_stay_as_they_are_written(self, project):
        made = events(project, [("0012", "1e5", "", ""), ("12", "12345678901234567890", "", "")])
        assert made.values("event_id, account_id") == [("0012", "1e5"), ("12", "12345678901234567890")]

    def test_ids_that_became_floats_beside_missing_ones_are_whole_again(self, project):
        duckdb.execute(f"COPY (SELECT 13085.0 AS id, 1.5 AS account) TO '{project.folder}/e.parquet'")
        columns = {"event_id": "id", "account_id": "account", "occurred_at": "date '2024-01-02'", "channel": "1"}
        made = project.map("events", {"from": "e.parquet", "columns": columns})
        assert made.values("event_id, account_id, occurred_at, channel") == [("13085", "1.5", FIRST, "1")]

    def test_text_is_reckoned_with_as_numbers_and_dirt_rejects_its_row(self, project):
        project.csv("e.csv", "id,v", [(1, "2"), (2, "n/a"), (3, ""), (4, "-1.5")])
        columns = {
            "account_id": "id",
            "observed_at": "date '2024-01-01'",
            "product": "'p'",
            "metric": "'m'",
            "value": "-v * 1e3 + round(v)",
        }
        made = project.map("usage", {"from": "e.csv", "columns": columns})
        assert made.values("value") == [-1998.0, None, 1498.0]
        assert made.failures() == [(2, "not a number", "value", "n/a")]

    def test_a_column_may_have_any_name_even_without_quotes(self, project):
        made = events(
            project,
            [("1", "a", "b", "c")],
            columns="id,account,Customer Name,Größe 大",
            action="Customer Name",
            campaign_id='"größe 大"',
        )
        assert made.values("action, campaign_id") == [("b", "c")]

    def test_null_and_constants(self, project):
        made = events(project, [("1", "a", "", "")], loaded_at="null", action="true", campaign_id="7")
        assert made.values("loaded_at, action, campaign_id") == [(None, "true", "7")]

    def test_windows_are_run_as_they_are(self, project):
        made = events(
            project, [("1", "a", "", ""), ("2", "a", "", "")], event_id="row_number() over (order by id desc)"
        )
        assert made.values("event_id") == ["2", "1"]

    def test_lists_from_lists_and_from_text(self, project):
        project.csv(
            "p.csv", "a,m", [("x1", "DE; FR |JP"), ("x2", '["DE", FR]'), ("x3", ""), ("x4", "[]"), ("x5", "de,")]
        )
        columns = dict.fromkeys(("asset_id", "family_id", "language", "title", "body"), "a") | {
            "layer": "'global'",
            "markets": "m",
        }
        made = project.map("playbooks", {"from": "p.csv", "columns": columns})
        assert made.values("markets") == [["DE", "FR", "JP"], ["DE", "FR"], None, None, ["de"]]

    def test_languages_are_written_one_way(self, project):
        tags = {"de_ch": "de-CH", "ZH-hans-cn": "zh-Hans-CN", "EN": "en", "es-419": "es-419", "Deutsch": "Deutsch"}
        project.csv("c.csv", "id,l", [(n, tag) for n, tag in enumerate(tags)])
        made = project.map(
            "contacts", {"from": "c.csv", "columns": {"contact_id": "id", "account_id": "id", "language": "l"}}
        )
        assert made.values("language") == list(tags.values())


class TestAttributes:
    def test_get_the_type_of_what_they_hold(self, project):
        rows = [("a", "1", "01", "x", "true", "2024-01-02", ""), ("b", "2.5", "02", "7", "false", "2024-01-02", "")]
        project.csv("a.csv", "id,number,zip,mixed,flag,day,nothing", rows)
        attributes = {name: name for name in ("number", "zip", "mixed", "nothing")}
        attributes |= {"flag": "flag = 'true'", "day": "cast(day as date)", "Own Name!": "cast(number as varchar)"}
        source = {
            "from": "a.csv",
            "columns": {"account_id": "id", "name": "id", "country": "'FR'"},
            "attributes": attributes,
        }
        made = project.map("accounts", source)
        columns = ", ".join(
            f"attribute_{name}" for name in ("number", "zip", "mixed", "nothing", "flag", "day", "own_name")
        )
        assert made.values(columns)[1] == (2.5, "02", "7", None, 0.0, FIRST, "2.5")
        assert list(made.mapped.attributes.values()) == [
            "float64",
            "string",
            "string",
            "string",
            "float64",
            "timestamp",
            "string",
        ]


class TestWhatStopsTheRun:
    def message(self, project, **mapped):
        with pytest.raises(InputError) as raised:
            events(project, [("1", "a", "", "")], **mapped)
        return str(raised.value)

    def test_a_column_that_is_not_there(self, project):
        message = self.message(project, columns="id,account,deal_stage,y", action="lower(deal_stge)")
        assert "sources.yaml: table 'events', column 'action': there is no column 'deal_stge' in the source" in message
        assert "did you mean 'deal_stage'?" in message
        assert "its columns are id, account, deal_stage, y; the expression: lower(deal_stge)" in message

    @pytest.mark.parametrize(
        ("expression", "reason"),
        [
            ("lower(", "syntax error"),
            ("lowr(x)", "lowr does not exist"),
            ("sum(x::int)", "GROUP BY"),
            ("x) from export; drop table y; select (1", "more than one expression"),
            ("", "this is empty; give an SQL expression"),
        ],
    )
    def test_an_expression_that_is_none(self, project, expression, reason):
        assert reason in self.message(project, action=expression)

    @pytest.mark.parametrize(("column", "expression"), [("occurred_at", "7"), ("action", "[x]"), ("loaded_at", "true")])
    def test_a_type_that_cannot_become_the_columns(self, project, column, expression):
        message = self.message(project, **{column: expression})
        assert f"column '{column}': the expression gives" in message
        assert message.endswith(f"cast it; the expression: {expression}")

    def test_a_window_that_fails(self, project):
        assert "Could not convert string 'a'" in self.message(project, action="max(cast(account as int)) over ()")

    def test_a_column_called_rowid(self, project):
        assert "rename it with a SELECT" in self.message(project, columns="id,account,x,RowId")
