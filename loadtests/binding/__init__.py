"""YAML to records, with a position for every problem.

`yaml_text` composes nodes from YAML's events (nothing is guessed: `20:30` and `no` stay text),
`keys` asks a record for its keys, `scalars` reads single values, `bind` puts them together.
"""

from loadtests.binding.bind import Rules, bind, bind_node
from loadtests.binding.keys import Misfit, about, describe, keys

__all__ = ["Misfit", "Rules", "about", "bind", "bind_node", "describe", "keys"]
