"""Identity: how many labelled pairs of names are told right, and what a million accounts cost."""

from __future__ import annotations

import multiprocessing
import resource
import time
from difflib import SequenceMatcher
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
from rigour.names import remove_org_types
from rigour.text.translit import ascii_text

from benchmarks.page import Section
from features.identity import SAME_AT, score_pairs
from features.linking.links import find_links
from features.linking.uniting import unite
from simulation.accounts import build_population
from simulation.geography import MARKETS
from simulation.names import company_names, respelled
from simulation.streams import stream

EXAM = Path(__file__).parents[2] / "shared" / "data" / "name_bench" / "cases.csv"
ACCOUNTS, DUPLICATES = 1_000_000, 0.1
_DRAWS = 2000
_THRESHOLDS = np.arange(0.3, 1, 0.01)


def measure_names() -> Section:
    """Tell labelled pairs of company names apart."""
    if not EXAM.exists():
        raise SystemExit(f"the labelled pairs of names are not there; put them into {EXAM}")
    cases = pd.read_csv(EXAM, keep_default_na=False)
    cases = cases[cases["schema"].isin(["Company", "Organization", "LegalEntity"])]
    same = (cases["is_match"].astype("str").str.lower() == "true").to_numpy()
    pairs = cases.rename(columns={"name1": "name_left", "name2": "name_right"})
    start = time.perf_counter()
    score_pairs(pairs.head(1))
    ready = time.perf_counter()
    ours = score_pairs(pairs).to_numpy() >= SAME_AT
    rate = len(cases) / (time.perf_counter() - ready)
    lines = [_line("Glocal, threshold fixed on other pairs", same, ours)]
    for name, plain in (("string ratio, best threshold", str.casefold), ("rigour, then string ratio", _plain)):
        ratio = np.array([_ratio(plain(a), plain(b)) for a, b in zip(cases["name1"], cases["name2"], strict=True)])
        lines.append(_line(name, same, ratio >= max(_THRESHOLDS, key=lambda t: _f1(same, ratio >= t))))
    return Section(
        "The same company",
        f"{len(cases)} labelled pairs of names, {same.mean():.0%} of them one company; {rate:,.0f} a second, after "
        f"{ready - start:.1f} seconds for the first one, which reads vocabulary, cities and trees. The intervals are "
        f"of 95 %, from {_DRAWS:,} bootstrap samples; the ratios chose their threshold on these pairs.",
        ("told by", "F1", "interval", "precision", "recall"),
        lines,
    )


def measure_accounts() -> Section:
    """Find the companies among a million accounts, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_resolve, args=(there,))
    process.start()
    seconds, memory, found, wrong = here.recv()
    process.join()
    return Section(
        "Identity of a million accounts",
        f"{ACCOUNTS:,} simulated accounts, {DUPLICATES:.0%} of them duplicates in another spelling; one process. "
        "Half of the accounts have a domain, a fifth an LEI; many of the simulated names differ by a syllable only.",
        ("work", "seconds", "peak memory, GB", "duplicates found", "united with a stranger"),
        [("links and companies", f"{seconds:,.0f}", f"{memory:.1f}", f"{found:.1%}", f"{wrong:.2%} of all accounts")],
    )


def _resolve(pipe: Connection) -> None:
    accounts, company = simulated_accounts(ACCOUNTS)
    start = time.perf_counter()
    companies = unite(accounts, find_links(accounts))
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    pipe.send((seconds, memory, *told_right(companies, pd.Series(company, index=accounts["account_id"]))))


def told_right(companies: pd.DataFrame, company: pd.Series) -> tuple[float, float]:
    """Return the share of the duplicates that are with their original, and of all accounts that are with a stranger.

    Parameters
    ----------
    companies : from `unite`.
    company : by account id, which company it is; its first account is the original.
    """
    entity = companies.set_index("account_id")["entity_id"].reindex(company.index)
    first = company.drop_duplicates()
    original = pd.Series(first.index, index=first.to_numpy())
    duplicate = company.duplicated()
    found = entity[duplicate].to_numpy() == entity.reindex(company[duplicate].map(original)).to_numpy()
    stranger = company.to_numpy() != entity.map(company).to_numpy()
    return float(found.mean()), float(stranger.mean())


def simulated_accounts(number: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Simulate accounts of which some are others' duplicates, and say which company each is."""
    rng = stream(0, "identity benchmark")
    first = round(number * (1 - DUPLICATES))
    population = build_population(first, 0)
    names = company_names(stream(0, "names"), population.market, population.industry, population.parent)
    again = rng.choice(first, number - first, replace=False)
    company = np.concatenate([np.arange(first), again])
    country = np.array([market.country for market in MARKETS], dtype=object)[population.market][company]
    number_of = pd.Series(company).astype("str")
    accounts = pd.DataFrame(
        {
            "account_id": [f"A{row:07d}" for row in range(number)],
            "name": np.concatenate([names.full, respelled(rng, names, again)]),
            "country": country,
            "domain": ("c" + number_of + ".com").where(rng.random(number) < 0.5),
            "lei": number_of.where(rng.random(number) < 0.2),
        }
    )
    return accounts, company


def _line(name: str, same: np.ndarray, told: np.ndarray) -> tuple[str, ...]:
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(same), len(same)) for _ in range(_DRAWS)]
    low, high = np.quantile([_f1(same[draw], told[draw]) for draw in draws], [0.025, 0.975])
    both = np.sum(same & told)
    shares = (both / np.sum(told), both / np.sum(same))
    return (name, f"{_f1(same, told):.3f}", f"{low:.3f} to {high:.3f}", *(f"{share:.3f}" for share in shares))


def _f1(same: np.ndarray, told: np.ndarray) -> float:
    return float(2 * np.sum(same & told) / max(np.sum(same) + np.sum(told), 1))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _plain(name: str) -> str:
    return " ".join(remove_org_types(ascii_text(name).casefold()).split())
