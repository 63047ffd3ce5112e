"""Proof that a stage folder still is what was written: `glmdata verify DIR`."""

from __future__ import annotations

from glmdata.verify.run import Verdict, verify

__all__ = ["Verdict", "verify"]
