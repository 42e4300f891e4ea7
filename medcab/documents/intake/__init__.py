"""Taking in files from outside: type by content, a full decode in a sandbox, a clean file out, or a reason in
Russian.
"""

from medcab.documents.intake.reception import Accepted, Refused, examine, examine_together, read_text, render_preview

__all__ = ["Accepted", "Refused", "examine", "examine_together", "read_text", "render_preview"]
