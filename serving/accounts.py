"""What is known of each account, in memory, found by any id, CRM id or domain."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from features.identity import plain_name
from models.profile import AccountProfile, Topic

_AROUND_DOMAIN = re.compile(r"^(https?://)?(www\.)?|[/?#:].*$")


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """One company, whatever the number of its ids.

    Parameters
    ----------
    account_id : the smallest of its ids.
    name, country : as its first row has them.
    industry : as of the instant for which the index was made; None: nobody knows.
    """

    account_id: str
    name: str
    country: str
    industry: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody calls an account.

    Parameters
    ----------
    account_id : any of its ids; people give the CRM's here too.
    source_id : the CRM's own.
    domain : of its site.
    name : of the company; it means one in the market only.
    """

    account_id: str | None = None
    source_id: str | None = None
    domain: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Which companies carry a CRM id or a domain, which several may share.

    Parameters
    ----------
    owners : account ids by what they carry, sorted.
    """

    owners: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, pairs: list[tuple[str, str]]) -> Lookup:
        """Build it from pairs of what is carried and the account that carries it."""
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for carried, account_id in pairs:
            owners[carried].add(account_id)
        return cls({carried: tuple(sorted(ids)) for carried, ids in owners.items()})


@dataclass(frozen=True, slots=True)
class AccountIndex:
    """All accounts as of an instant.

    Parameters
    ----------
    as_of : end of what is known, UTC without an offset.
    data_version : of the rows read.
    accounts : by account id.
    aliases : the account id of every id, its own included.
    by_source_id, by_domain, by_name : accounts by the CRM's own id, by plain domain, and by plain name.
    committees : roles that each business unit's decision needs.
    roles : roles held at each account by somebody known.
    topics : intent of the last 90 days, strongest first.
    all_topics : every topic of which anybody ever showed intent, sorted.
    recent : titles lately opened or used at each account, latest first.
    used : families of what was used with each account.
    """

    as_of: datetime
    data_version: str
    accounts: Mapping[str, KnownAccount]
    aliases: Mapping[str, str]
    by_source_id: Lookup
    by_domain: Lookup
    by_name: Lookup
    committees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    topics: Mapping[str, tuple[Topic, ...]] = field(default_factory=dict)
    all_topics: tuple[str, ...] = ()
    recent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, named: Named, market: str) -> KnownAccount | None:
        """Find an account by the first of its names that means one.

        Parameters
        ----------
        named : what it is called.
        market : ISO 3166-1 alpha-2; of several accounts of the same name the one there is meant, if it is only one.
        """
        found = self.aliases.get(named.account_id) if named.account_id else None
        for source_id in (named.account_id, named.source_id):
            if found is None and source_id:
                found = self._only(self.by_source_id.owners.get(source_id, ()), market)
        if found is None and named.domain:
            found = self._only(self.by_domain.owners.get(plain_domain(named.domain), ()), market)
        if found is None and named.name:
            here = (o for o in self.by_name.owners.get(plain_name(named.name), ()) if self._is_in(o, market))
            found = self._only(tuple(here), market)
        return None if found is None else self.accounts[found]

    def profile(self, account_id: str, business_unit: str | None) -> AccountProfile:
        """Return what the recommender may know of an account.

        Parameters
        ----------
        account_id : of an account of this index.
        business_unit : whose committee is looked at for missing roles; None: nobody's.
        """
        needed = self.committees.get(business_unit, ()) if business_unit else ()
        held = self.roles.get(account_id, frozenset())
        return AccountProfile(
            industry=self.accounts[account_id].industry,
            business_unit=business_unit,
            topics=self.topics.get(account_id, ()),
            missing_roles=tuple(role for role in needed if role not in held),
            recent_titles=self.recent.get(account_id, ()),
            used_families=self.used.get(account_id, frozenset()),
        )

    def _only(self, owners: tuple[str, ...], market: str) -> str | None:
        """Return the owner in the market, else the owner, if there is exactly one: a guess would tell of others."""
        left = [owner for owner in owners if self._is_in(owner, market)] or owners
        return left[0] if len(left) == 1 else None

    def _is_in(self, account_id: str, market: str) -> bool:
        return self.accounts[account_id].country == market.upper()


def plain_domain(domain: str) -> str:
    """Return a domain in lower case, without scheme, ``www.``, port and path."""
    return _AROUND_DOMAIN.sub("", domain.strip().lower()).removesuffix(".")
