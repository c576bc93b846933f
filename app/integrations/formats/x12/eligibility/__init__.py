"""Whether somebody is covered, asked by X12 270 and answered by 271 (005010X279A1)."""

from app.integrations.formats.x12.eligibility.asking import Asked, Question, write_270
from app.integrations.formats.x12.eligibility.reading import Answered, Benefit, Eligibility, Refusal, Standing, read_271

__all__ = ["Answered", "Asked", "Benefit", "Eligibility", "Question", "Refusal", "Standing", "read_271", "write_270"]
