"""The rows of any table as each cutoff knows them: what keeps every signal from the future."""

from __future__ import annotations

from functools import cached_property

import ibis
import ibis.expr.types as ir

from features.calendar import CUTOFF, bucketed
from features.contracts import DATED_BY_HISTORY, TABLES
from features.existence import existing, numbered
from features.given import THERE
from features.keeper import Keeper
from features.lookbacks import EVER, Lookback

OWN = ("cutoff_no", "own_no")
"""What names an account at a cutoff, whatever company it was."""

BUCKET = ("bucket", "late")
"""What rows of a bucket share: its first day, and the day since which they are known where that is a later one."""

OWN_BUCKET = ("own_no", *BUCKET)
"""The same of rows that stand under their account's number."""

_ACCOUNT_COLUMNS = (
    "account_id", "account_no", "since_day", "existing_since", "customer_since", "name", "country", "domain", "lei",
    "duns", "parent_id", "parent_since",
)  # fmt: skip
"""Of accounts, what somebody reads, static columns aside."""


class RowsBefore:
    """Rows that happened and were loaded before a cutoff, at an account that existed, under its company of then.

    Parameters
    ----------
    keeper : of what is given, and of what is computed once.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._calendar = keeper.given.calendar

    @cached_property
    def numbered(self) -> ir.Table:
        """The accounts with their ``account_no``."""
        rows = numbered(self._own, self._keeper.instant("data_end"), self._calendar)
        return self._keeper.keep("numbered", rows.select(*dict.fromkeys((*_ACCOUNT_COLUMNS, *self.static))))

    @cached_property
    def there(self) -> ir.Table:
        """The accounts that existed, by own id and cutoff."""
        history = self._keeper.own("account_history")
        there = existing(self.numbered, history, self._calendar, self._keeper.cutoffs())
        return self._keeper.keep(THERE, there.drop("parent_since"))

    @cached_property
    def united(self) -> ir.Table:
        """``cutoff_no``, ``own_no`` and the ``company_no`` of accounts that were no company of their own."""
        _ = self.there  # of which companies are made
        return self._keeper.united()

    @property
    def static(self) -> list[str]:
        """The columns of ``accounts`` that history dates, or the user's own, which were declared never to change."""
        dated = (*DATED_BY_HISTORY, *self._keeper.given.tables.attributes("accounts"))
        return [name for name in dated if ("accounts", name) in self._keeper.given.tables.static]

    @property
    def _own(self) -> dict[str, ir.Table]:
        """The tables of the contract, those with a time."""
        return {name: self._keeper.own(name) for name, spec in TABLES.items() if spec.time or name == "accounts"}

    def dated(self, name: str, lookback: Lookback = EVER, columns: tuple[str, ...] = ()) -> ir.Table:
        """Return the rows of a table that the last cutoff knows, with ``day``, ``late`` and ``bucket``."""
        return self.bucketed(self.past(name, lookback, columns), lookback)

    def past(self, name: str, lookback: Lookback, columns: tuple[str, ...] = ()) -> ir.Table:
        """Return the rows of a table that the last cutoff knows.

        They get ``day``, that on which what they tell of happened, and ``late``, that on which they were loaded where
        it was a later one, else NULL.

        Parameters
        ----------
        name : of the table.
        lookback : of the readers; what happened earlier is left out.
        columns : that are read besides the times; none named: all. The fewer there are, the sooner a plan is made.
        """
        rows, time, last = self._keeper.own(name), TABLES[name].time, self._keeper.instant("last")
        happened, loaded = self._calendar.day(rows[time]), self._calendar.day(rows.loaded_at)
        known = [rows[time] < last, ibis.coalesce(rows.loaded_at < last, True)]
        if lookback.windows is not None:
            known.append(rows[time] >= self._keeper.instant("first") - ibis.interval(days=lookback.windows[-1]))
        kept = dict.fromkeys((*(columns or rows.columns), time))
        kept.pop("loaded_at", None)
        late = loaded.nullif(ibis.least(loaded, happened))
        return rows.filter(known).select(*kept, day=happened, late=late)

    def bucketed(self, rows: ir.Table, lookback: Lookback = EVER) -> ir.Table:
        """Add the bucket of the ``day``; rows that no reader looks back on go."""
        return bucketed(rows, self._keeper.buckets(lookback), self._keeper.long_ago())

    def each(self, rows: ir.Table, lookback: Lookback = EVER) -> ir.Table:
        """Return each row at each cutoff that knows it, under the company that its account was then.

        Parameters
        ----------
        rows : with ``bucket`` and ``late``; with ``day``, or that of the bucket is given to them; with ``account_id``,
            ``own_no``, or of no account.
        lookback : that the buckets were made with.
        """
        rows = self.numbered_rows(rows)
        ahead, since = self._keeper.ahead(lookback), ibis.coalesce(rows.late, rows.bucket)
        joined, more = rows.inner_join(ahead, "bucket"), {} if "day" in rows.columns else {"day": rows.bucket}
        if "own_no" in rows.columns:
            joined = joined.left_join(self.united, list(OWN))
            more["account_no"] = ibis.coalesce(self.united.company_no, rows.own_no)
        kept = [rows[name] for name in rows.columns if name not in (*BUCKET, "own_no")]
        cutoffs = [ahead[name] for name in CUTOFF]
        each = joined.select(*kept, *cutoffs, known_from=since, **more)
        return each.filter(each.known_from < each.cutoff_day).drop("known_from")

    def numbered_rows(self, rows: ir.Table) -> ir.Table:
        """Put ``own_no`` of the account in place of its id, where rows have that.

        What happened before the account was known is as late as the account.
        """
        if "account_id" not in rows.columns:
            return rows
        accounts = self.numbered
        joined = rows.inner_join(accounts, rows.account_id == accounts.account_id)
        happened = rows.day if "day" in rows.columns else rows.bucket
        known = ibis.greatest(ibis.coalesce(rows.late, happened), accounts.since_day)
        kept = [rows[name] for name in rows.columns if name not in ("account_id", "late")]
        return joined.select(*kept, own_no=accounts.account_no, late=known.nullif(happened))

    def kept(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows once, with accounts as numbers and in their order: what lies together is added up faster."""
        return self._keeper.keep(name, self.numbered_rows(rows).order_by("own_no"))
