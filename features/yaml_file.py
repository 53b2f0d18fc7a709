"""YAML files that people write: read with a message for each mistake that plain YAML swallows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from features.errors import InputError


class _Loader(yaml.SafeLoader):
    """Reads NO as Norway and not as false, and refuses a key that stands twice."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    """Construct a mapping whose keys are all different."""
    loader.flatten_mapping(node)
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path, what: str) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Parameters
    ----------
    path : the file, UTF-8.
    what : what it is to the user, such as 'group file'.

    Raises
    ------
    InputError
        If the file is missing, is no YAML, has a key twice, or holds no mapping.
    """
    try:
        declared = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such {what}; check the path") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: this is a folder; name the {what} in it") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise InputError(f"{path}: this is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(declared, dict):
        raise InputError(f"{path}: a {what} is a mapping of keys to values, this is {type(declared).__name__}")
    return declared
