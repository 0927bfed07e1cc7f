"""The words that demo data is made of: all companies, people and conversations are invented."""

from __future__ import annotations

from typing import NamedTuple

from domain.platform import PlatformType


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Every beginning goes with every ending: 1,600 companies.
COMPANY_BEGINNINGS = _words(
    "Alder Amber Ash Birch Blue Bright Brook Cedar Clear Copper Crane Dawn East Elder Ember Fair Fern Fox Glen Gold "
    "Green Harbor Hazel High Iron Lark Linden Maple Meadow Mill North Oak Pine Quill River Silver Stone Thorn West "
    "Winter"
)
COMPANY_ENDINGS = _words(
    "bank beam bridge bury cliff crest croft dale fall fell field fold ford forge gate grove ham haven hill hollow "
    "land ley line mark mead mere mont moor path point port reach ridge shire spring stead ton vale ward well"
)
INDUSTRIES = _words(
    "Analytics Aviation Clinics Energy Foods Freight Insurance Labs Logistics Media Mobility Optics Outdoor Pharma "
    "Robotics Software Studios Telecom Textiles Travel Utilities"
)

FIRST_NAMES = _words(
    "aisha alex amara ana bruno chen clara daniel elif emma farid grace hana hugo ines ivan jonas julia kenji lars "
    "leila lucas maria marta mei milan nadia noah nora olga omar paula priya ravi rosa sara sofia tariq thomas yuki"
)
LAST_NAMES = _words(
    "ahmed andersen bauer becker costa diaz dubois eriksen ferrari fischer garcia haddad hansen ito jansen kaya khan "
    "kim kowalski lee lopez martin meyer moreau mueller nakamura novak okafor patel petrov rossi santos sato schmidt "
    "silva singh tanaka weber wilson yilmaz"
)


class Purpose(NamedTuple):
    """What an integration is for: the ending of its platform name, and what its users talk about."""

    name: str
    topic: str


PURPOSES = {
    PlatformType.PUBLIC: (Purpose("Shop", "customers"), Purpose("Concierge", "customers")),
    PlatformType.PRIVATE: (
        Purpose("Support", "customers"),
        Purpose("Helpdesk", "computers"),
        Purpose("IT", "computers"),
        Purpose("HR", "work"),
        Purpose("Onboarding", "work"),
        Purpose("Docs", "knowledge"),
        Purpose("Sales", "knowledge"),
        Purpose("Research", "knowledge"),
    ),
}

# Pairs of a user's message and the answer. {number} is drawn anew for each pair; {company} is the team's.
EXCHANGES = {
    "customers": (
        (
            "Where is my order {number}?",
            "Order {number} left our warehouse yesterday and should reach you tomorrow before noon.",
        ),
        (
            "Can I still change the delivery address of order {number}?",
            "Yes, until it is handed to the carrier. Which address should it go to instead?",
        ),
        (
            "The parcel arrived damaged.",
            "I am sorry. Please send a photo of the parcel; a replacement will go out to you as case {number}.",
        ),
        (
            "How long do refunds take?",
            "A refund takes three to five working days after we receive the return.",
        ),
        (
            "Do you ship to Norway?",
            "Yes. Shipping to Norway takes four working days, and duties are included in the price shown.",
        ),
        (
            "What are your opening hours on public holidays?",
            "{company} is closed on public holidays; this chat answers around the clock.",
        ),
        (
            "I was charged twice for invoice {number}.",
            "I see two payments for invoice {number}. The second one has been marked for refund.",
        ),
    ),
    "computers": (
        (
            "My VPN drops every few minutes since this morning.",
            "There is a known problem with client 5.2. Please update to 5.3 from the software center and reconnect.",
        ),
        (
            "I forgot my password and the reset link has expired.",
            "I have sent you a fresh link. It is good for 15 minutes, and the ticket is {number}.",
        ),
        (
            "The printer on floor 3 says PC LOAD LETTER.",
            "It wants paper of another size: tray 2 is set to Letter. Set it to A4 in the printer's own menu.",
        ),
        (
            "How do I get access to the finance share?",
            "Ask your manager to approve it in the access portal; it is usually there within an hour of the approval.",
        ),
        (
            "My laptop has become very slow.",
            "Its disk is 97% full. Emptying Downloads and the recycle bin would free about 40 GB.",
        ),
        (
            "What is the state of ticket {number}?",
            "Ticket {number} waits for a spare part, which is expected on Thursday.",
        ),
        (
            "Can I install Docker on my work computer?",
            "Yes, from the software center. {company} provides the licence; please do not use a private account.",
        ),
    ),
    "work": (
        (
            "How many days of leave do I have left?",
            "I cannot see personal accounts from here. In the portal, open Time off: the balance is at the top.",
        ),
        (
            "Who do I tell that I am ill?",
            "Your manager before 9:00, and the portal. A doctor's note is needed from the third day.",
        ),
        (
            "What happens on my first day?",
            "Reception expects you at 9:30. You get your laptop and badge, and lunch with your team at {company}.",
        ),
        (
            "Can I work from abroad for two weeks?",
            "Within the EU up to 30 days a year. Please file request form {number} four weeks ahead.",
        ),
        (
            "When are salaries paid?",
            "On the 25th, or on the last working day before it.",
        ),
        (
            "Is there a budget for courses?",
            "Yes, 1,200 a year for each employee. Agree on the course with your manager before you book it.",
        ),
    ),
    "knowledge": (
        (
            "Summarise document {number} in three sentences.",
            "It compares two suppliers. The cheaper one is often late. The author recommends keeping both.",
        ),
        (
            "Which plan includes single sign-on?",
            "Single sign-on is part of the Business plan and of those above it.",
        ),
        (
            "Draft a short reply to the customer of quote {number}.",
            "Thank you for your patience. Quote {number} stays valid until the end of the month. Shall we talk?",
        ),
        (
            "What changed between versions 3 and 4 of the API?",
            "Version 4 pages by cursor, drops the XML format and asks for a key on every request.",
        ),
        (
            "Translate 'out of stock' into Spanish and German.",
            "Spanish: agotado. German: nicht vorrätig.",
        ),
        (
            "Give me three sources on battery recycling.",
            "{company} holds three: a survey of methods, a cost model, and report {number} on collection rates.",
        ),
        (
            "Show me an SQL query for the ten largest customers.",
            "SELECT name, sum(total) AS revenue\nFROM orders\nGROUP BY name\nORDER BY revenue DESC\nLIMIT 10;",
        ),
    ),
    "anything": (
        ("Thanks, that helped!", "You are welcome. Is there anything else I can do for you?"),
        ("Can you say that in simpler words?", "Of course. In short: it is taken care of, and nothing is left to do."),
        ("Are you a human?", "No, I am an AI assistant. I can hand this conversation over to a colleague if you like."),
        ("Please connect me with a person.", "I have passed this on as request {number}; somebody will write to you."),
        ("That did not work.", "I am sorry. What exactly did you see on the screen?"),
        ("It says error {number}.", "Error {number} means that the session timed out. Please sign in again."),
        ("OK, and how long will that take?", "Usually less than a day. I will write here as soon as it is done."),
        ("¿También habla español?", "Sí, con mucho gusto. ¿En qué le puedo ayudar?"),
        ("👍", "Glad to hear it!"),
    ),
}

KEY_NAMES = (
    ("Production", "Used by the live integration."),
    ("Staging", "For tests before a release; may be revoked at any time."),
    ("Mobile app", None),
    ("Back office", "Read by the nightly report."),
    ("Partner access", "Handed to an outside agency for the length of its project."),
    ("Continuous integration", None),
)

FAILURES = (
    "The model did not answer within 30 seconds.",
    "The model's provider refused the request: too many requests.",
    "The conversation is longer than the model's context.",
    "The model's provider answered 503.",
)
