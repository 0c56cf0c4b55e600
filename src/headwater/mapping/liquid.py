"""thin"""
from typing import Any
from liquid import Environment
_E = Environment()
def mistake(t):
    try:
        _E.from_string(t)
    except Exception as e:
        return str(e)
    return ""
class Template:
    def __init__(self, t): self._t=_E.from_string(t)
    def render(self, p, path): return self._t.render(**p)
