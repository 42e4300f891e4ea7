"""Duties are rules over facts: nothing is kept, everything is worked out when it is looked at."""

from medcab.compliance.rules.duties import TITLES, Duty, Facts, Paper, Row, State, duties, worst
from medcab.compliance.rules.training import Plan, plan

__all__ = ["TITLES", "Duty", "Facts", "Paper", "Plan", "Row", "State", "duties", "plan", "worst"]
