"""What a field costs, said beside the field and shown in the SDL.

The directives are those of the GraphQL Cost Directives Specification (https://ibm.github.io/graphql-specs/cost-spec.html),
so that tools which know it can price a document without asking this service. schema/documents/cost.py says how a
document's cost follows from them.
"""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs, beyond what is selected in it. A field without this costs 1.",
)
class Cost:
    """The weight of a field."""

    weight: str = strawberry.field(description="A whole number, as text.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many entries a list is priced at: what is selected in an entry is paid for that many times, and "
    "1 for each entry on top.",
)
class ListSize:
    """The size of a list."""

    assumed_size: int = strawberry.field(description="The size where no argument gives one.")
    slicing_arguments: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The arguments that give the size: a number, or a list by its length."
    )
    sized_fields: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The fields within this one that are the lists; without them this field is the list itself.",
    )


def cost(weight: int) -> Cost:
    """Give a field a weight of its own."""
    return Cost(weight=str(weight))
