"""What columns are called in the files of other programs: address books, HubSpot, Salesforce.

Sources: the headings of Google Contacts' CSV export before and since 2024, of Outlook's, Thunderbird's and
Roundcube's, of LinkedIn's list of connections, and of the exports of HubSpot and of Salesforce's Data Loader.
A plain word such as “Phone” is a synonym of its field; here stands what a word alone doesn't say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apps.core.headings import Heading

GOOGLE, OUTLOOK, THUNDERBIRD, LINKEDIN = "Name Suffix", "Business Street", "Screen Name", "Connected On"
"""A heading that only files of this program have. Roundcube writes Outlook's."""
HUBSPOT_COMPANIES = "Company Domain Name"
SEVERAL = ":::"
"""What Google puts between several values of one cell."""

STREET = ("Street", "Street Address", "Address", "Address Line 1", "Street 1")
PIECES: Mapping[str, tuple[str, ...]] = {
    "street": STREET,
    "postcode": ("Postal Code", "Postcode", "Zip", "Zip Code", "Zip/Postal Code"),
    "city": ("City", "Town"),
    "region": ("State", "Region", "Province", "State/Region", "State/Province"),
    "country": ("Country", "Country/Region"),
}
PLACES = (
    ("billing", "billing", ("Billing",)),
    ("shipping", "shipping", ("Shipping",)),
    ("mailing", "mailing", ("Mailing",)),
    ("office", "office", ("Office",)),
    ("headquarters", "headquarters", ("Headquarters", "Head Office", "HQ")),
    ("work", "office", ("Business", "Work")),
    ("home", "home", ("Home", "Private")),
    ("other", "mailing", ("Other",)),
)
"""A word for the row, the kind of address, and what stands before its pieces."""


def _starred(words: Mapping[str, str]) -> dict[str, str]:
    """Words of a type as Google writes them: the preferred one has a star."""
    return {**words, **{f"* {word}": value for word, value in words.items()}, "*": ""}


EMAIL_WORDS = _starred({"Home": "private", "Work": "work", "Other": "other"})
PHONE_WORDS = _starred({
    "Home": "home", "Work": "work", "Mobile": "mobile", "Main": "work", "Home Fax": "fax", "Work Fax": "fax",
    "Fax": "fax", "Pager": "other", "Other": "other", "Google Voice": "other",
})  # fmt: skip
ADDRESS_WORDS = _starred({"Home": "home", "Work": "office", "Other": "mailing"})
RELATION_WORDS = _starred({
    "Spouse": "family", "Child": "family", "Mother": "family", "Father": "family", "Parent": "family",
    "Brother": "family", "Sister": "family", "Relative": "family", "Domestic Partner": "family", "Friend": "other",
    "Partner": "partner", "Manager": "manager", "Assistant": "assistant", "Referred By": "referred_by",
})  # fmt: skip
STAGE_WORDS = {
    "Subscriber": "prospect", "Lead": "prospect", "Marketing Qualified Lead": "prospect",
    "Sales Qualified Lead": "prospect", "Opportunity": "prospect", "Customer": "customer", "Evangelist": "customer",
}  # fmt: skip
"""HubSpot's lifecycle stages."""
ACCOUNT_WORDS = {
    "Prospect": "prospect", "Customer": "customer", "Customer - Direct": "customer", "Customer - Channel": "customer",
    "Channel Partner / Reseller": "partner", "Installation Partner": "partner", "Technology Partner": "partner",
    "Former Customer": "former",
}  # fmt: skip
"""Salesforce's types of accounts."""
INDUSTRY_WORDS = {"Healthcare": "medical", "Professional Services": "consulting"}


def _addresses() -> Iterator[Heading]:
    for row, kind, befores in PLACES:
        for piece, afters in PIECES.items():
            names = tuple(f"{before} {after}" for before in befores for after in afters)
            yield Heading(f"addresses.{row}.{piece}", names, given={"kind": kind})


def _phones(*rows: tuple[str, str, tuple[str, ...]]) -> Iterator[Heading]:
    for row, kind, names in rows:
        yield Heading(f"phones.{row}.number", names, given={"kind": kind})


def _google() -> Iterator[Heading]:
    """Google numbers what there can be several of, and puts the type into a column of its own."""
    for part, name, field, words in (
        ("emails", "E-mail", "address", EMAIL_WORDS),
        ("phones", "Phone", "number", PHONE_WORDS),
    ):
        value = (f"{name} # - Value",)
        yield Heading(f"{part}.n.{field}", value, separator=SEVERAL, beside=GOOGLE)
        yield Heading(f"{part}.n.kind", (f"{name} # - Type", f"{name} # - Label"), words=words, beside=GOOGLE)
    for piece, afters in PIECES.items():
        names = tuple(f"Address # - {after}" for after in afters)
        yield Heading(f"addresses.n.{piece}", names, separator=SEVERAL, beside=GOOGLE)
    kinds = ("Address # - Type", "Address # - Label")
    yield Heading("addresses.n.kind", kinds, words=ADDRESS_WORDS, beside=GOOGLE)
    for number, before in (("0", "Organization 1 -"), ("0", "Organization"), ("n", "Organization # -")):
        at = f"positions.{number}"
        yield Heading(f"{at}.company", (f"{before} Name",), unknown="create", beside=GOOGLE)
        yield Heading(f"{at}.title", (f"{before} Title",), beside=GOOGLE)
        yield Heading(f"{at}.department", (f"{before} Department",), beside=GOOGLE)
    yield Heading("relations.n.other", ("Relation # - Value",), unknown="empty", beside=GOOGLE)
    kinds = ("Relation # - Type", "Relation # - Label")
    yield Heading("relations.n.kind", kinds, words=RELATION_WORDS, beside=GOOGLE)


PERSON: tuple[Heading, ...] = (
    *_google(),
    Heading("profiles.0.address", ("URL",), given={"network": "linkedin"}, beside=LINKEDIN),
    *(
        heading
        for program in (LINKEDIN, OUTLOOK, THUNDERBIRD)
        for heading in (
            Heading("positions.0.company", ("Company", "Organization"), unknown="create", beside=program),
            Heading("positions.0.title", ("Job Title", "Position"), beside=program),
        )
    ),
    Heading("salutation", ("Title",), beside=OUTLOOK),
    Heading("website", ("Web Page 1", "Website Home Page", "Website URL")),
    # These repeat pieces that have columns of their own, or are no field of ours.
    Heading("", ("Home Address", "Business Address", "Other Address"), beside=OUTLOOK),
    Heading("", ("Account", "Profession", "Office Location"), beside=OUTLOOK),
    Heading("", ("Birth Year", "Birth Month", "Birth Day"), beside=THUNDERBIRD),
    Heading("", ("Record Type ID", "Created By ID", "Last Modified By ID", "System Modstamp")),
    Heading("external_id", ("Contact ID", "Record ID", "Person ID")),
    Heading("positions.0.company", ("Account ID", "Company ID", "Organization ID", "Associated Company ID",
                                    "Associated Company IDs", "Primary Associated Company ID"), find_by="external_id"),
    Heading("positions.0.company", ("Associated Company Domain", "Company Domain", "Company Domain Name"),
            find_by="website"),
    Heading("reports_to", ("Manager's Name", "Managers Name"), unknown="empty"),
    Heading("reports_to", ("Reports To ID",), find_by="external_id"),
    Heading("relations.assistant.other", ("Assistant's Name", "Assistants Name", "Assistant Name"),
            given={"kind": "assistant"}, unknown="empty"),
    Heading("relations.spouse.other", ("Spouse",), given={"kind": "family"}, unknown="empty"),
    Heading("relations.referrer.other", ("Referred By",), given={"kind": "referred_by"}, unknown="empty"),
    Heading("status", ("Lifecycle Stage",), words=STAGE_WORDS),
    Heading("owner", ("Contact Owner", "Owner ID"), unknown="empty"),
    Heading("origin", ("Lead Source", "Original Source"), unknown="empty"),
    Heading("emails.second.address", ("E-mail 2 Address", "Secondary Email", "Second Email")),
    Heading("emails.third.address", ("E-mail 3 Address",)),
    Heading("emails.primary.address", ("Primary Email",)),
    Heading("emails.home.address", ("Email Home", "Home Email", "Personal Email"), given={"kind": "private"}),
    Heading("emails.work.address", ("Email Work", "Work Email", "Business Email"), given={"kind": "work"}),
    Heading("emails.other.address", ("Email Other", "Other Email"), given={"kind": "other"}),
    *_phones(
        ("primary", "work", ("Primary Phone",)),
        ("work", "work", ("Business Phone", "Work Phone", "Office Phone")),
        ("main", "work", ("Company Main Phone",)),
        ("work2", "work", ("Business Phone 2", "Work Phone 2")),
        ("mobile", "mobile", ("Mobile Phone", "Mobile", "Mobile Number", "Mobile Phone Number", "Cell Phone",
                              "Home Mobile")),
        ("home", "home", ("Home Phone",)),
        ("home2", "home", ("Home Phone 2",)),
        ("fax", "fax", ("Fax", "Fax Number", "Business Fax", "Work Fax")),
        ("homefax", "fax", ("Home Fax",)),
        ("otherfax", "fax", ("Other Fax",)),
        ("other", "other", ("Other Phone",)),
        ("assistant", "other", ("Assistant's Phone", "Assistants Phone", "Assistant Phone")),
        ("car", "other", ("Car Phone",)),
        ("pager", "other", ("Pager", "Pager Number")),
        ("callback", "other", ("Callback",)),
        ("radio", "other", ("Radio Phone",)),
        ("isdn", "other", ("ISDN",)),
        ("video", "other", ("Phone Video",)),
    ),
    *_addresses(),
)  # fmt: skip
"""Columns of people."""

COMPANY: tuple[Heading, ...] = (
    Heading("", ("Record Type ID", "Created By ID", "Last Modified By ID", "System Modstamp",
                 "Master Record ID")),
    Heading("external_id", ("Company ID", "Account ID", "Record ID", "Organization ID")),
    Heading("parent", ("Parent ID", "Parent Account ID", "Parent Company ID"), find_by="external_id"),
    Heading("status", ("Lifecycle Stage",), words=STAGE_WORDS),
    Heading("status", ("Type", "Account Type"), words=ACCOUNT_WORDS),
    Heading("industry", ("Industry",), words=INDUSTRY_WORDS, beside=HUBSPOT_COMPANIES),
    Heading("owner", ("Company Owner", "Account Owner", "Owner ID"), unknown="empty"),
    *_phones(("fax", "fax", ("Fax", "Fax Number"))),
    *_addresses(),
)  # fmt: skip
"""Columns of companies."""
