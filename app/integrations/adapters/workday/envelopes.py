"""What is said to Workday in SOAP and what comes back: three requests by template, answers as trees of texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from app.integrations.failures import BrokenAnswer, ContractDrift, Refused
from app.integrations.formats.records.markup import read_xml
from app.integrations.formats.records.paths import Tree, find, find_all
from app.integrations.transports.http.calls import SECURITY, Raw

COUNT = 100

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wd="urn:com.workday/bsvc">'
    f"<env:Header>{SECURITY.decode()}</env:Header><env:Body>"
    '<wd:{name}_Request wd:version="{version}">'
    "<wd:Request_Criteria>{criteria}</wd:Request_Criteria>"
    "<wd:Response_Filter><wd:As_Of_Entry_DateTime>{until}</wd:As_Of_Entry_DateTime>"
    "<wd:Page>{page}</wd:Page><wd:Count>{count}</wd:Count></wd:Response_Filter>"
    "<wd:Response_Group>{group}</wd:Response_Group>"
    "</wd:{name}_Request></env:Body></env:Envelope>"
)
_WINDOW = (
    "<wd:Transaction_Log_Criteria_Data><wd:Transaction_Date_Range_Data>"
    "<wd:{kind}_From>{since}</wd:{kind}_From><wd:{kind}_Through>{until}</wd:{kind}_Through>"
    "</wd:Transaction_Date_Range_Data></wd:Transaction_Log_Criteria_Data>"
)


@dataclass(frozen=True, slots=True)
class Request:
    """name: the operation. record: the element of one in the answer. criteria: XML. parts: which sections are sent, in Workday's order."""

    name: str
    record: str
    criteria: str = ""
    parts: tuple[str, ...] = ()


WORKERS = Request(
    "Get_Workers",
    "Worker",
    "<wd:Exclude_Contingent_Workers>1</wd:Exclude_Contingent_Workers><wd:Exclude_Inactive_Workers>0</wd:Exclude_Inactive_Workers>",
    (
        "Include_Reference", "Include_Personal_Information", "Include_Employment_Information", "Include_Compensation",
        "Include_Organizations", "Exclude_Organization_Support_Role_Data", "Exclude_Location_Hierarchies",
        "Exclude_Cost_Center_Hierarchies", "Exclude_Company_Hierarchies",
    ),
)  # fmt: skip
LEAVES = Request("Get_Workers", "Worker", WORKERS.criteria, ("Include_Reference", "Include_Employment_Information"))
ORGANIZATIONS = Request(
    "Get_Organizations",
    "Organization",
    '<wd:Organization_Type_Reference><wd:ID wd:type="Organization_Type_ID">SUPERVISORY</wd:ID></wd:Organization_Type_Reference>',
    ("Include_Hierarchy_Data",),
)
JOB_PROFILES = Request("Get_Job_Profiles", "Job_Profile", "", ("Include_Reference", "Include_Job_Profile_Basic_Data"))


def window(kind: str, since: datetime, until: datetime) -> str:
    """Only what changed between two moments. kind: `Updated`, when it was entered; `Effective`, from when it holds."""
    return _WINDOW.format(kind=kind, since=_moment(since), until=_moment(until))


def envelope(request: Request, version: str, page: int, until: datetime, changed: str = "") -> Raw:
    """The request as it was known at `until`, so that later pages are those of the first. changed: a `window`."""
    text = _ENVELOPE.format(
        name=request.name, version=escape(version), criteria=changed + request.criteria, until=_moment(until),
        page=page, count=COUNT, group="".join(f"<wd:{part}>1</wd:{part}>" for part in request.parts),
    )  # fmt: skip
    return Raw("text/xml; charset=utf-8", text.encode())


@dataclass(frozen=True, slots=True)
class Page:
    """pages, total: of the whole list."""

    records: list[Tree] = field(repr=False)
    pages: int
    total: int


def read_page(request: Request, body: bytes) -> Page:
    """A page of an answer. Raises `BrokenAnswer` for what is no XML, `ContractDrift` for another shape or a page that lacks records."""
    try:
        found, _ = read_xml(body, "Envelope.Body", "")
    except Refused:
        raise BrokenAnswer("answer-not-xml") from None
    response = found[0].get(f"{request.name}_Response") if found and isinstance(found[0], dict) else None
    if not isinstance(response, dict):
        raise ContractDrift("response-missing")
    records = find_all(response, f"Response_Data.{request.record}") or []
    here, pages, total = (_number(response, name) for name in ("Page_Results", "Total_Pages", "Total_Results"))
    if here != len(records):
        raise ContractDrift("page-short")
    return Page([_with_lists(record) for record in records], pages, total)


_MANY = frozenset(
    {
        "Address_Data", "Address_Line_Data", "Email_Address_Data", "ID", "Leave_Status_Data", "National_ID", "Phone_Data",
        "Type_Data", "Usage_Data", "Worker_Job_Data", "Worker_Organization_Data",
        "Manager_as_of_last_detected_manager_change_Reference",
    }
)  # fmt: skip


def _with_lists(value: Any) -> Any:
    """The same tree, where what may come more than once is a list also when it came once: a path then fits both."""
    if isinstance(value, list):
        return [_with_lists(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    return {name: [one] if name in _MANY and not isinstance(one, list) else one for name, one in inner.items()}


def _number(response: Tree, name: str) -> int:
    text = find(response, f"Response_Results.{name}")
    if not text.isdecimal():
        raise ContractDrift("paging-missing")
    return int(text)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
