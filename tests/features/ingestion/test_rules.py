"""Each rule by rows of which it is known whether they break it."""

from __future__ import annotations

import re

import pytest

from features.errors import InputError
from features.ingestion.rules import REMEDIES

DEALS = "opportunity_id,account_id,created_at,outcome,closed_at,amount"
GROUP = {"business_units": {"b": {"horizon_days": 9}}, "tiers": {"t": {"cost": 0, "effect": 0}}}
ORDERS = "order_id,account_id,ordered_at,amount"


class TestSingleRows:
    def test_of_accounts(self, project):
        rows = [
            ("a1", "good", "fr", "12", "", ""),
            ("", "no id", "FR", "", "", ""),
            ("a3", "\u3000 ", "FR", "", "", ""),
            ("a4", "no country", "", "", "", ""),
            ("a5", "country", "Atlantis", "", "", ""),
            ("a6", "below", "FR", "-1", "", ""),
            ("a7", "words", "FR", "many", "", ""),
            ("a8", "endless", "FR", "inf", "", ""),
            ("a9", "early", "FR", "", "1066-10-14", ""),
            ("a10", "late", "FR", "", "2999-01-01", ""),
            ("a11", "never", "FR", "", "infinity", ""),
            ("a12", "own field", "FR", "", "", "nan"),
        ]
        accounts = project.table("accounts", "account_id,name,country,employees,created_at,score", rows)
        score = accounts["columns"].pop("score")
        accounts["attributes"] = {"score": f"cast({score} as double)"}
        report = project.ingest({"accounts": accounts})
        assert project.rejected("accounts") == [
            (2, "required value missing", "account_id", None),
            (3, "required value missing", "name", None),
            (4, "required value missing", "country", None),
            (5, "unknown country", "country", "ATLANTIS"),
            (6, "out of range", "employees", "-1.0"),
            (7, "not a number", "employees", "many"),
            (8, "not finite", "employees", "inf"),
            (9, "out of range", "created_at", "1066-10-14 00:00:00"),
            (10, "out of range", "created_at", "2999-01-01 00:00:00"),
            (11, "out of range", "created_at", "infinity"),
            (12, "not finite", "attribute_score", "nan"),
        ]
        assert report.tables["accounts"].by_rule["required value missing"] == 3
        assert project.rejected_sources("accounts")[3]["name"] == "country"
        assert project.rows("SELECT account_id, country, employees FROM accounts") == [("a1", "FR", 12.0)]

    def test_of_opportunities(self, project):
        rows = [
            ("p1", "a1", "2024-01-01", "won", "2024-01-02", "1"),
            ("p2", "a1", "2024-01-01", "Sold", "2024-01-02", "1"),
            ("p3", "a1", "2024-01-01", "lost", "", "1"),
            ("p4", "a1", "2024-01-02", "won", "2024-01-01", "1"),
            ("p5", "a1", "2024-01-02", "open", "", "1"),
            ("p6", "a1", "2024-01-02T14:00:00", "won", "2024-01-02", "1"),
            ("p7", "a1", "31.12.2024", "won", "2024-01-02", "1"),
        ]
        report = project.ingest({"opportunities": project.table("opportunities", DEALS, rows)})
        assert project.rejected("opportunities") == [
            (2, "value not allowed", "outcome", "Sold"),
            (3, "closed_at missing", "closed_at", None),
            (4, "closed_at before created_at", "closed_at", "2024-01-01 00:00:00"),
            (7, "not a time", "created_at", "31.12.2024"),
        ]
        assert project.rows("SELECT count(*) FROM opportunities WHERE closed_at < created_at") == [(0,)]
        assert "1 were closed on the day of their creation" in " ".join(report.warnings)

    def test_of_impressions_and_rates(self, project):
        columns = "impression_id,account_id,asset_id,shown_at,probability,position,outcome"
        shown = [
            ("i1", "a1", "x", "2024-01-01", "0.5", "1", "used"),
            ("i2", "a1", "x", "2024-01-01", "1.5", "1", ""),
            ("i3", "a1", "x", "2024-01-01", "", "0", ""),
            ("i4", "a1", "x", "2024-01-01", "", "1.5", ""),
            ("i5", "a1", "x", "2024-01-01", "", "", "loved"),
        ]
        books = "asset_id,family_id,layer,language,title,body,markets"
        rates = [("usd", "2024-01-01", 0.9), ("GBP", "2024-01-01", 0)]
        project.ingest(
            {
                "impressions": project.table("impressions", columns, shown),
                "playbooks": project.table("playbooks", books, [("x", "f", "local", "de_ch", "t", "b", "CH; LI")]),
                "rates": project.table("rates", "currency,valid_from,rate", rates),
            }
        )
        assert [row[1:] for row in project.rejected("impressions")] == [
            ("out of range", "probability", "1.5"),
            ("out of range", "position", "0"),
            ("not a number", "position", "1.5"),
            ("value not allowed", "outcome", "loved"),
        ]
        assert project.rejected("rates") == [(2, "out of range", "rate", "0.0")]
        assert project.rows("SELECT language, markets FROM playbooks") == [("de-CH", ["CH", "LI"])]

    def test_a_placeholder_for_ever_is_no_slip_in_a_table_without_time(self, project):
        columns = "asset_id,family_id,layer,language,title,body,expires_at"
        books = [("x", "f", "global", "en", "t", "b", "9999-12-31")]
        project.ingest({"playbooks": project.table("playbooks", columns, books)})
        assert project.rejected("playbooks") == []


class TestCopies:
    COLUMNS = "order_id,account_id,ordered_at,amount,loaded_at"

    def test_of_identical_ones_one_stays(self, project):
        rows = [("o1", "a1", "2024-01-01", 1, None)] * 3
        report = project.ingest({"orders": project.table("orders", self.COLUMNS, rows)})
        assert report.tables["orders"].by_rule == {"duplicate": 2}
        assert project.rows("SELECT order_id, amount FROM orders") == [("o1", 1.0)]

    @pytest.mark.parametrize(
        ("loaded", "kept"),
        [
            ((None, None, None), 3),
            (("2024-01-03", "2024-01-02", "2024-01-01"), 1),
            (("2024-01-03", "2024-01-03", None), 2),
        ],
    )
    def test_of_conflicting_ones_the_last_loaded_else_the_last_stays(self, project, loaded, kept):
        rows = [("o1", "a1", "2024-01-01", n, at) for n, at in enumerate(loaded, start=1)]
        report = project.ingest({"orders": project.table("orders", self.COLUMNS, rows)})
        assert report.tables["orders"].by_rule == {"conflicting duplicate": 2}
        assert project.rows("SELECT amount FROM orders") == [(kept,)]

    def test_a_bad_row_never_takes_the_place_of_a_good_one(self, project):
        rows = [
            ("o1", "a1", "2024-01-01", 1, None),
            ("o1", "a1", "no day", 2, None),
            ("o1", "zz", "2024-01-01", 3, None),
        ]
        project.ingest({"orders": project.table("orders", self.COLUMNS, rows)})
        assert project.rows("SELECT amount FROM orders") == [(1,)]
        assert [row[1] for row in project.rejected("orders")] == ["not a time", "orphan"]


class TestReferences:
    def test_a_required_one_that_meets_nothing_rejects_the_row(self, project):
        project.ingest(
            {"orders": project.table("orders", ORDERS, [("o1", "zz", "2024-01-01", 1), ("o2", "a1", "2024-01-01", 1)])}
        )
        assert project.rejected("orders") == [(1, "orphan", "account_id", "zz")]

    def test_rows_that_followed_a_rejected_parent_do_not_count_towards_the_limit(self, project):
        accounts = [(f"a{n}", "n", "FR") for n in range(1, 30)] + [("bad", "n", "Atlantis")]
        orders = [("o1", "a1", "2024-01-01", 1), *((f"p{n}", "bad", "2024-01-01", 1) for n in range(9))]
        tables = {
            "accounts": project.table("accounts", "account_id,name,country", accounts),
            "orders": project.table("orders", ORDERS, orders),
        }
        report = project.ingest(tables, max_rejects=0.05)
        assert report.tables["orders"].by_rule == {"orphan": 9}
        orders[1] = ("p0", "nowhere", "2024-01-01", 1)
        with pytest.raises(InputError, match=r"1 of 10 rows \(10.0%\) are rejected"):
            project.ingest(tables | {"orders": project.table("orders", ORDERS, orders)}, max_rejects=0.05)

    def test_an_optional_one_that_meets_nothing_is_ignored_and_counted(self, project):
        contacts = [("c1", "a1"), ("c2", "zz")]
        events = [(f"e{n}", "a1", "2024-01-01", "web", c) for n, c in enumerate(["c1", "c2", "c3", None])]
        accounts = [("a1", "n", "FR", "elsewhere"), ("a2", "n", "FR", "a1"), ("a3", "n", "FR", None)]
        report = project.ingest(
            {
                "accounts": project.table("accounts", "account_id,name,country,parent_id", accounts),
                "contacts": project.table("contacts", "contact_id,account_id", contacts),
                "events": project.table("events", "event_id,account_id,occurred_at,channel,contact_id", events),
            }
        )
        assert project.rows("SELECT contact_id FROM events") == [("c1",), (None,), (None,), (None,)]
        assert project.rows("SELECT parent_id FROM accounts") == [(None,), ("a1",), (None,)]
        assert report.tables["events"].rejected == 0
        assert report.warnings == (
            "accounts: 1 references by parent_id to accounts that are not in the data were ignored",
            "events: 2 references by contact_id to contacts that are not in the data were ignored",
        )

    def test_cycles_of_parents_are_cut_at_the_smallest_id(self, project):
        parents = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "e", "f": "d", "y": "x", "x": "y", "z": None}
        rows = [(account, "n", "FR", parent) for account, parent in parents.items()]
        orders = [("o", "a", "2024-01-01", 1)]
        report = project.ingest(
            {
                "accounts": project.table("accounts", "account_id,name,country,parent_id", rows),
                "orders": project.table("orders", ORDERS, orders),
            }
        )
        left = {
            account for account, parent in project.rows("SELECT account_id, parent_id FROM accounts") if parent is None
        }
        assert left == {"a", "e", "x", "z"}
        assert report.warnings == ("accounts: 3 cycles of parents were cut, at 'a', 'e', 'x'",)


class TestMoney:
    RATES = (("USD", "2024-01-01", 0.9), ("USD", "2024-02-01", 0.8), ("USD", "2024-02-01", 0.5))
    COLUMNS = "order_id,account_id,ordered_at,amount,gross_profit,currency"

    def rates(self, project):
        return project.table("rates", "currency,valid_from,rate", self.RATES)

    def test_is_converted_at_the_rate_in_force(self, project):
        rows = [
            ("o1", "a1", "2024-01-01", 100, 10, "usd"),
            ("o2", "a1", "2024-02-10", 100, "", "USD"),
            ("o3", "a1", "2024-02-10", 100, 10, "EUR"),
            ("o4", "a1", "2024-02-10", 100, 10, ""),
            ("o5", "a1", "2023-12-31", 100, 10, "USD"),
            ("o6", "a1", "2024-02-10", 100, 10, "XXX"),
        ]
        report = project.ingest({"orders": project.table("orders", self.COLUMNS, rows), "rates": self.rates(project)})
        assert project.rows("SELECT amount, gross_profit, currency FROM orders") == [
            (90.0, 9.0, "EUR"),
            (50.0, None, "EUR"),
            (100.0, 10.0, "EUR"),
            (100.0, 10.0, None),
        ]
        assert [row[:2] for row in project.rejected("orders")] == [
            (5, "no rate for the currency"),
            (6, "no rate for the currency"),
        ]
        assert report.tables["rates"].by_rule == {"conflicting duplicate": 1}

    def test_of_accounts_is_converted_at_the_latest_rate(self, project):
        rows = [("a1", "n", "FR", 100, "USD", "2001-01-01"), ("a2", "n", "FR", "", "XXX", "")]
        columns = "account_id,name,country,annual_revenue,currency,created_at"
        project.ingest({"accounts": project.table("accounts", columns, rows), "rates": self.rates(project)}, GROUP)
        assert project.rows("SELECT annual_revenue FROM accounts") == [(50.0,), (None,)]

    def test_of_one_currency_only_makes_it_that_of_a_derived_group(self, project):
        rows = [("o1", "a1", "2024-01-01", 100, 10, "JPY")]
        report = project.ingest({"orders": project.table("orders", self.COLUMNS, rows)})
        assert report.group.currency == "JPY"
        assert project.rows("SELECT amount FROM orders") == [(100.0,)]

    @pytest.mark.parametrize(
        ("currencies", "derived"),
        [
            ("JPY USD USD", "USD"),
            ("JPY EUR USD USD", "EUR"),
            ("JPY USD", "JPY"),
            ("GBP GBP JPY", "JPY"),
            ("GBP", "EUR"),
        ],
    )
    def test_of_several_currencies_is_in_the_likeliest_without_a_rate(self, project, currencies, derived):
        rows = [(f"o{n}", "a1", "2024-01-01", 1, 1, currency) for n, currency in enumerate(currencies.split())]
        rates = project.table(
            "rates", "currency,valid_from,rate", [("GBP", "2020-01-01", 1.2), ("JPY", "2020-01-01", 1)]
        )
        report = project.ingest({"orders": project.table("orders", self.COLUMNS, rows), "rates": rates})
        assert report.group.currency == derived
        rated = {derived, "GBP", "JPY"}
        assert report.tables["orders"].rejected == sum(currency not in rated for currency in currencies.split())


class TestBusinessUnits:
    COLUMNS = "order_id,account_id,ordered_at,amount,business_unit"

    def group(self, *units):
        return {"business_units": {unit: {"horizon_days": 9} for unit in units}, "tiers": GROUP["tiers"]}

    def test_that_the_group_file_lacks_rejects_the_sale_and_is_ignored_elsewhere(self, project):
        orders = [
            ("o1", "a1", "2024-01-01", 1, "cloud"),
            ("o2", "a1", "2024-01-01", 1, "Cluod"),
            ("o3", "a1", "2024-01-01", 1, ""),
        ]
        events = [("e1", "a1", "2024-01-01", "web", "marketing")]
        tables = {
            "orders": project.table("orders", self.COLUMNS, orders),
            "events": project.table("events", "event_id,account_id,occurred_at,channel,business_unit", events),
        }
        report = project.ingest(tables, self.group("cloud", "security"))
        assert project.rejected("orders") == [(2, "business unit not in the group file", "business_unit", "Cluod")]
        assert project.rows("SELECT business_unit FROM orders") == [("cloud",), (None,)]
        assert project.rows("SELECT business_unit FROM events") == [(None,)]
        assert "events: the business unit of 1 rows was ignored, for nobody sells by it: 'marketing'" in report.warnings
        assert "orders: 1 rows name no business unit and count for none" in report.warnings

    def test_is_the_only_one_where_rows_name_none(self, project):
        project.ingest({}, self.group("cloud"))
        assert project.rows("SELECT DISTINCT business_unit FROM orders") == [("cloud",)]

    def test_has_to_be_named_where_there_are_several(self, project):
        with pytest.raises(InputError, match="the group file declares cloud, security; map 'business_unit'"):
            project.ingest({}, self.group("cloud", "security"))


class TestTheLimit:
    def test_says_what_is_wrong_the_value_and_the_remedy(self, project):
        rows = [(f"o{n}", "a1", "2024-01-01", 1) for n in range(18)] + [
            ("p1", "a1", "5. Mai 2024", 1),
            ("p2", "a1", "soon", 1),
        ]
        orders = project.table("orders", ORDERS, rows)
        assert project.ingest({"orders": orders}, max_rejects=0.1).tables["orders"].rejected == 2
        with pytest.raises(InputError) as raised:
            project.ingest({"orders": orders}, max_rejects=0.09)
        assert re.search(
            r"sources\.yaml: table 'orders': 2 of 20 rows \(10\.0%\) are rejected, more than --max-rejects allows "
            r"\(9\.0%\): 'not a time' in 2, the first in row 19, column 'ordered_at', value '5\. Mai 2024' "
            r"\(give the format, .*strptime.*\); mend the mapping, or raise --max-rejects",
            str(raised.value),
        )

    @pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
    def test_is_a_share(self, project, share):
        with pytest.raises(InputError, match="give a share between 0 and 1"):
            project.ingest({}, max_rejects=share)

    def test_every_rule_has_a_remedy(self):
        from features.ingestion import rules

        named = {value for key, value in vars(rules).items() if key.isupper() and isinstance(value, str)}
        assert named == set(REMEDIES)


class TestEmptyTables:
    @pytest.mark.parametrize("table", ["accounts", "orders"])
    def test_that_are_required_stop_the_run(self, project, table):
        columns = {"accounts": "account_id,name,country", "orders": ORDERS}[table]
        with pytest.raises(InputError, match=f"'{table}': its source has no row; check 'from'"):
            project.ingest({table: project.table(table, columns, [])})

    def test_that_are_not_are_told(self, project):
        empty = project.table("events", "event_id,account_id,occurred_at,channel", [])
        assert "events: its source has no row that was accepted" in project.ingest({"events": empty}).warnings

    def test_accounts_without_one_good_row_stop_the_run(self, project):
        bad = project.table("accounts", "account_id,name,country", [("a1", "n", "Atlantis")])
        with pytest.raises(InputError, match="'accounts': no row was accepted"):
            project.ingest({"accounts": bad})
