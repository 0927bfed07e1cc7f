"""Names of demo data's teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphql_api.demo_data.texts import COMPANY_BEGINNINGS, COMPANY_ENDINGS, INDUSTRIES, PURPOSES

if TYPE_CHECKING:
    import random

    from domain.platform import PlatformType


class TeamName(NamedTuple):
    """How a team is called, which company it belongs to, and what its users talk about."""

    display_name: str
    platform_name: str
    company: str
    topic: str


class TeamNames:
    """The names for teams of a platform type: no two alike, shuffled, without end."""

    def __init__(self, rng: random.Random, platform_type: PlatformType) -> None:
        self._purposes = PURPOSES[platform_type]
        combinations = len(COMPANY_BEGINNINGS) * len(COMPANY_ENDINGS) * len(self._purposes)
        self._order = rng.sample(range(combinations), combinations)

    def __getitem__(self, number: int) -> TeamName:
        repeated, place = divmod(number, len(self._order))
        company_number, purpose_number = divmod(self._order[place], len(self._purposes))
        beginning, ending = divmod(company_number, len(COMPANY_ENDINGS))
        word = COMPANY_BEGINNINGS[beginning] + COMPANY_ENDINGS[ending]
        # One company has one line of business; the factor makes those of similar names differ.
        company = f"{word} {INDUSTRIES[company_number * 31 % len(INDUSTRIES)]}"
        purpose = self._purposes[purpose_number]
        # Past the last combination of words, names are counted.
        count = [str(repeated + 1)] if repeated else []
        return TeamName(
            display_name=" ".join([company, purpose.name, *count]),
            platform_name="-".join([word, purpose.name, *count]),
            company=company,
            topic=purpose.topic,
        )
