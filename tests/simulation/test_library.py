"""The authored playbooks."""

from simulation.library import load_library


def test_library_is_whole() -> None:
    library = load_library()
    assert len(library.table) >= 300
    assert library.table["asset_id"].is_unique
    assert library.table["external_id"].is_unique
    cores = library.table[library.table["layer"] == "global"].groupby("family_id").size()
    assert set(cores.index) == set(library.families)
    assert (cores == 1).all()
