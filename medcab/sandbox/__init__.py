"""The other side of every integration, over the real protocols: a program of its own for demo and tests."""

from medcab.sandbox.app import PortTaken, build, serve
from medcab.sandbox.supervision import Addressee

__all__ = ["Addressee", "PortTaken", "build", "serve"]
