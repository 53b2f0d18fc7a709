"""Files, folders, patterns, tables and SELECTs: each gives the rows that are in it, or says what is wrong with it."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from features.errors import InputError

MAPPED = {"columns": {"account_id": "id", "name": "n", "country": "'FR'"}}


def accounts(project, source, options=None, **keys):
    return project.map("accounts", {"from": source, "options": options or {}, **MAPPED}, **keys)


def names(made):
    return made.values("account_id, name")


def malformed(made):
    return [row for table in made.mapped.malformed for row in made.connection.execute(f"FROM {table}").fetchall()]


class TestCsv:
    def test_with_a_mark_quoted_line_breaks_and_quotes(self, project):
        project.write("a.csv", '\ufeffid,n\r\n1,"two\r\nlines"\r\n2,"say ""hi"", please"\r\n3,last'.encode())
        assert names(accounts(project, "a.csv")) == [("1", "two\r\nlines"), ("2", 'say "hi", please'), ("3", "last")]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_finds_the_usual_delimiters(self, project, delimiter):
        project.write("a.csv", f"id{delimiter}n\n1{delimiter}x y\n")
        assert names(accounts(project, "a.csv")) == [("1", "x y")]

    @pytest.mark.parametrize("key", ["delimiter", "delim", "sep"])
    def test_takes_any_other(self, project, key):
        project.write("a.csv", "id~n\n1~x,y\n")
        assert names(accounts(project, "a.csv", {key: "~"})) == [("1", "x,y")]

    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("latin-1", "Müller"),
            ("cp1252", "Œuvre – 5 €"),
            ("shift_jis", "東京"),
            ("utf-16", "Ελλάδα"),
            ("gb18030", "中国"),
        ],
    )
    def test_in_any_encoding(self, project, encoding, text):
        project.write("a.csv", f'id,n\n1,{text}\n2,"{text}\n{text}"\n'.encode(encoding))
        made = accounts(project, "a.csv", {"encoding": encoding})
        assert names(made) == [("1", text), ("2", f"{text}\n{text}")]

    def test_bytes_of_another_encoding_spoil_their_line_only(self, project):
        project.write("a.csv", "id,n\n1,é\n".encode() + "2,é\n".encode("latin-1") + b"3,x\n")
        made = accounts(project, "a.csv")
        assert names(made) == [("1", "é"), ("3", "x")]
        assert [row[0] for row in malformed(made)] == [3]
        project.write("b.csv", "id,n\n1,東\n".encode("shift_jis") + b"2,\x81\xff\n3,x\n")
        assert names(accounts(project, "b.csv", {"encoding": "shift_jis"})) == [("1", "東"), ("3", "x")]

    def test_lines_that_are_no_rows_are_set_aside(self, project):
        project.write("a.csv", 'id,n\n1,x\n2\n3,x,y\n4,"a"b\n\n5,y\n')
        made = accounts(project, "a.csv")
        assert names(made) == [("1", "x"), ("5", "y")]
        assert [row[:2] for row in malformed(made)] == [(3, "2"), (4, "3,x,y"), (5, '4,"a"b')]

    def test_that_many_are_rejects_like_others(self, project):
        orders = {**project.orders(), "from": "o.csv"}
        project.write("o.csv", "order_id,account_id,ordered_at,amount\no1,a1,2024-01-01,1\no2,a1\n")
        counts = project.ingest({"orders": orders}).tables["orders"]
        assert (counts.read, counts.accepted, counts.by_rule) == (2, 1, {"malformed line": 1})
        assert project.rejected("orders") == [(3, "malformed line", None, "o2,a1")]
        with pytest.raises(InputError, match=r"'malformed line' in 1, the first in row 3, value 'o2,a1' \(give the"):
            project.ingest({"orders": orders}, max_rejects=0.05)

    def test_with_decimal_commas_and_thousands(self, project):
        project.write("a.csv", "id;n;v\n1,5;1.2.3;1.234,50\n2;a,b;-7,5\n3;x;12\n4;x;1.000.000\n")
        source = {"from": "a.csv", **MAPPED, "options": {"decimal_separator": ",", "thousands": "."}}
        source["columns"] = MAPPED["columns"] | {
            "annual_revenue": "v",
            "employees": "cast(nullif(v, 'x') as double) + 100",
        }
        made = project.map("accounts", source)
        assert made.values("name") == ["1.2.3", "a,b", "x", "x"]
        assert made.values("annual_revenue, employees") == [(1234.5, 1334.5), (-7.5, 92.5), (12, 112), (1e6, 1000100)]

    def test_with_a_date_format(self, project):
        project.write("a.csv", "id,n,d\n1,x,02.01.2024\n2,x,2024-01-02\n3,x,01/02/2024\n")
        source = {
            "from": "a.csv",
            "options": {"dateformat": "%d.%m.%Y"},
            "columns": MAPPED["columns"] | {"created_at": "d"},
        }
        made = project.map("accounts", source)
        assert made.values("created_at") == [datetime.fromisoformat("2024-01-02")] * 2
        assert made.failures() == [(3, "not a time", "created_at", "01/02/2024")]

    @pytest.mark.parametrize(
        ("content", "options"),
        [
            ("1,x\n", {"header": False, "names": ["id", "n"]}),
            ("a,b\n1,x\n", {"names": ["id", "n"]}),
            ("export of today\nid,n\n1,x\n", {"skip": 1}),
            ("# note\nid,n\n1,x\n", {"comment": "#"}),
            ("id,n\n1,'x'\n", {"quote": "'"}),
            ("id,n\r\n1,x\n", {}),
            ("id,n\n1,x\n", {"all_varchar": True, "auto_detect": True, "sample_size": -1}),
            (" id , n ,,n\n1,x,y,z\n", {}),
        ],
    )
    def test_as_its_options_tell(self, project, content, options):
        project.write("a.csv", content)
        assert names(accounts(project, "a.csv", options)) == [("1", "x")]

    def test_compressed_and_with_tabs(self, project):
        project.write("a.csv.gz", gzip.compress(b"id,n\n1,x\n"))
        project.write("a.tsv", "id\tn\n1\tx,y,z\n")
        assert names(accounts(project, "a.csv.gz")) == [("1", "x")]
        assert names(accounts(project, "a.tsv")) == [("1", "x,y,z")]

    @pytest.mark.parametrize("name", ["a.csv.gz", "A.CSV.GZ", "a.json.gz"])
    @pytest.mark.parametrize("damage", ["cut", "flipped", "junk", "plain"])
    @pytest.mark.parametrize("options", [{}, {"encoding": "latin-1"}])
    def test_compressed_and_damaged(self, project, name, damage, options):
        rows = b'{"id": 1}\n' * 500 if "json" in name else b"id,n\n" + b"1,x\n" * 500
        packed = gzip.compress(rows)
        damaged = {
            "cut": packed[: len(packed) // 2],
            "flipped": packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:],
            "junk": packed + b"junk",
            "plain": rows,
        }
        project.write(name, damaged[damage])
        with pytest.raises(InputError, match=f"{name} is cut short or damaged"):
            accounts(project, name, options)

    @pytest.mark.parametrize(
        ("content", "options", "message"),
        [
            (b"", {}, "this file is empty"),
            (
                "id,näme\n".encode("latin-1"),
                {},
                r"no text in utf-8; give its encoding, as in options: \{encoding: latin-1\}",
            ),
            (b"id,n\n1,x\n", {"encoding": "utf-99"}, "encoding 'utf-99' is unknown"),
            (b"id,n\n1,x\n", {"types": {"id": "INTEGER"}}, "option 'types' is not used; write the cast into"),
            (b"id,n\n1,x\n", {"delimeter": ";"}, 'Invalid named parameter "delimeter"'),
        ],
    )
    def test_that_cannot_be_read_stops_the_run(self, project, content, options, message):
        project.write("a.csv", content)
        with pytest.raises(InputError, match=message):
            accounts(project, "a.csv", options)


class TestOtherFiles:
    def test_parquet_and_json(self, project):
        duckdb.execute(f"COPY (SELECT 1 AS id, 'x' AS n) TO '{project.folder}/a.parquet'")
        project.write("a.jsonl", '{"id": 1, "n": "x"}\n')
        project.write("a.json", '[{"id": 1, "n": "x"}]')
        for file in ("a.parquet", "a.jsonl", "a.json"):
            assert names(accounts(project, file)) == [("1", "x")]

    def test_a_folder_and_a_pattern_of_one_kind(self, project):
        project.write("in/b.csv", "n;id\ny;2\n")
        project.write("in/a.csv", "id,n,more\n1,x,\n")
        project.write("in/readme.md", "not data")
        assert names(accounts(project, "in")) == [("1", "x"), ("2", "y")]
        assert names(accounts(project, "in/*.csv")) == [("1", "x"), ("2", "y")]
        assert names(accounts(project, str(project.folder / "in" / "?.csv"))) == [("1", "x"), ("2", "y")]
        duckdb.execute(f"COPY (SELECT 1 AS id) TO '{project.folder}/in/c.parquet'")
        with pytest.raises(InputError, match=r"'in' holds files of several kinds \(csv, parquet\); name a pattern"):
            accounts(project, "in")

    def test_tables_of_a_warehouse(self, project):
        with duckdb.connect(str(project.folder / "crm.duckdb")) as connection:
            connection.execute("CREATE TABLE firms AS SELECT 1 AS id, 'x' AS n")
        assert names(accounts(project, "firms", warehouse="crm.duckdb")) == [("1", "x")]
        select = "SELECT f.id, n || '!' AS n FROM warehouse.firms f"
        assert names(accounts(project, select, warehouse="crm.duckdb")) == [("1", "x!")]
        with pytest.raises(InputError, match="warehouse: there is no file"):
            accounts(project, "firms", warehouse="cmr.duckdb")
        with pytest.raises(
            InputError, match=r"'firmz' is neither a file nor a table of the warehouse: .* does not exist"
        ):
            accounts(project, "firmz", warehouse="crm.duckdb")

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("account.csv", r"there is no file 'account.csv' in .*; did you mean 'accounts.csv'\?"),
            ("nowhere/a.csv", "there is no such folder"),
            ("*.json", r"there is no file '\*.json'"),
            ("book.xls", "files that end so are not read; those in .csv, .*xlsx are"),
            ("broken.parquet", "broken.parquet cannot be read"),
            ("book.xlsx", "book.xlsx cannot be read: .*; save it as CSV or Parquet"),
        ],
    )
    def test_that_are_missing_or_unreadable_stop_the_run(self, project, source, message):
        project.write("accounts.csv", "id,n\n")
        project.write("book.xls", "x")
        project.write("book.xlsx", "x")
        project.write("broken.parquet", "PAR1 or not")
        with pytest.raises(InputError, match=message):
            accounts(project, source)


class TestSelect:
    def test_finds_files_from_the_folder_of_the_sources_file(self, project, monkeypatch, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (elsewhere / "a.csv").write_text("id,n\n9,wrong\n")
        monkeypatch.chdir(elsewhere)
        project.write("a.csv", "id,n\n1,x\n")
        duckdb.execute(f"COPY (SELECT 1 AS id, 'p' AS p) TO '{project.folder}/b c.parquet'")
        for select in (
            "SELECT * FROM 'a.csv' -- a 'remark'",
            "select id, n from read_csv('a.csv', all_varchar = true);",
            'WITH a AS (SELECT * FROM "a.csv") SELECT a.id, a.n FROM a',
            "SELECT a.id, n FROM 'a.csv' JOIN 'b c.parquet' b ON a.id = b.id",
            "FROM 'a.csv' SEMI JOIN read_parquet(['b c.parquet']) USING (id)",
        ):
            assert names(accounts(project, select)) == [("1", "x")]
        relative = os.path.relpath(project.folder / "a.csv", project.folder / "sub")
        assert Path(relative).parts[0] == ".."
        assert names(accounts(project, "SELECT id, n FROM './a.csv'")) == [("1", "x")]

    def test_reads_csv_files_with_the_options(self, project):
        project.write("a.csv", "id;n\n0012;ü\n13;x;y\n".encode("latin-1"))
        made = accounts(project, "SELECT * FROM 'a.csv'", {"encoding": "latin-1", "delimiter": ";"})
        assert names(made) == [("0012", "ü")]
        assert [row[1] for row in malformed(made)] == ["13;x;y"]

    @pytest.mark.parametrize(
        "created", ["strptime(d, '%m/%d/%Y')", "strptime(iso, '%Y-%m-%d')", "iso", "date_trunc('day', iso)"]
    )
    def test_types_csv_columns_as_the_expressions_need(self, project, created):
        project.csv("a.csv", "id,n,d,iso,v", [("007", "x", "01/02/2024", "2024-01-02", "2")])
        source = {"from": "SELECT *, sum(v) OVER () AS total FROM 'a.csv'"}
        source["columns"] = MAPPED["columns"] | {"created_at": created, "employees": "total"}
        made = project.map("accounts", source)
        assert made.values("account_id, created_at, employees") == [("007", datetime.fromisoformat("2024-01-02"), 2)]

    def test_can_be_a_union_and_group(self, project):
        project.csv("a.csv", "id,v", [(1, "1.5"), (1, "2"), (2, "")])
        select = "SELECT id, sum(v) AS n FROM 'a.csv' GROUP BY id UNION ALL SELECT 3, 0 ORDER BY 1"
        assert names(accounts(project, select)) == [("1", "3.5"), ("2", None), ("3", "0")]

    def test_with_country_code(self, project):
        project.csv("a.csv", "id,c", [(1, "Deutchland")])
        assert names(accounts(project, "SELECT id, country_code(c) AS n FROM 'a.csv'")) == [("1", "DE")]

    @pytest.mark.parametrize(
        ("select", "message"),
        [
            ("SELECT * FROM 'b.csv'", r"there is no file 'b.csv' in .*; did you mean 'a.csv'\?"),
            ("SELECT idd FROM 'a.csv'", 'column "idd" not found.*; the SELECT: SELECT idd FROM'),
            ("SELECT * FROM 'a.csv'; DROP TABLE x", "'from' must be one SELECT and nothing else"),
            ("SELECT FROM WHERE", "no valid SELECT: .*syntax error"),
            ("SELECT 'it FROM x", "no valid SELECT"),
            ("WITH x AS (SELECT 1) DELETE FROM y", "must be one SELECT"),
            ("SELECT id, country_code(n) AS n FROM 'a.csv'", "reading fails: no country is called x; convert values"),
            ("SELECT id, cast(n as int) AS n FROM 'a.csv'", "reading fails: .*'x'.*; convert values under 'columns'"),
        ],
    )
    def test_that_is_wrong_stops_the_run(self, project, select, message):
        project.write("a.csv", "id,n\n1,x\n")
        with pytest.raises(InputError, match=message):
            accounts(project, select)
