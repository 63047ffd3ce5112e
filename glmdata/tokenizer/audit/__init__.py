"""Vocabularies side by side: what is in them, and what they make of a text.

`tokens` looks at a vocabulary alone, `usage` at what it did with the text, `run` brings both
together in audit.json, `page` lays that out as audit.html.
"""

from __future__ import annotations

from glmdata.tokenizer.audit.run import Audit, audit

__all__ = ["Audit", "audit"]
