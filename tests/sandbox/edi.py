"""Hand-written 834 text about people who do not exist. Not made by Corridor's writer, on purpose."""

from __future__ import annotations

HEAD = """\
ISA*00*          *00*          *30*900000001      *30*EVERGREEN      *261101*0900*^*00501*{isa:09d}*1*T*:~
GS*BE*900000001*EVERGREEN*20261101*0900*{gs}*X*005010X220A1~
"""
TAIL = """\
GE*{sets}*{gs}~
IEA*1*{isa:09d}~
"""
SET = """\
ST*834*{st:04d}*005010X220A1~
BGN*00*FILE{st}*20261101*0900****{action}~
REF*38*GRP100~
N1*P5*Acme Tools*FI*900000001~
N1*IN*Evergreen Health*FI*900000002~
{body}SE*{count}*{st:04d}~
"""

MARIA = """\
INS*Y*18*021*28*A***FT~
REF*0F*E1001~
REF*1L*GRP100~
DTP*336*D8*20200105~
NM1*IL*1*Lopez*Maria****34*900112233~
PER*IP**HP*5035550100~
N3*1 Main St~
N4*Portland*OR*97201~
DMG*D8*19850412*F*M*C^:RET:E1~
HD*021**HLT*GOLD*FAM~
DTP*348*D8*20261101~
HD*021**DEN*DPPO*EMP~
DTP*348*D8*20261101~
"""
LEO = """\
INS*N*19*021*28*A~
REF*0F*E1001~
NM1*IL*1*Lopez*Leo~
DMG*D8*20180203*M~
HD*021**HLT*GOLD*FAM~
DTP*348*D8*20261101~
"""
SAM = """\
INS*Y*18*021*28*A***FT~
REF*0F*E1002~
NM1*IL*1*Reed*Sam~
DMG*D8*19900909*U~
HD*021**HLT*SILVER*EMP~
DTP*348*D8*20261101~
"""


def transaction_set(body: str, st: int = 1, action: str = "2") -> str:
    return SET.format(body=body, st=st, action=action, count=body.count("~") + 6)


def interchange(isa: int, *bodies: str, action: str = "2", gs: int | None = None) -> bytes:
    """One group with one transaction set for each body."""
    sets = [transaction_set(body, number, action) for number, body in enumerate(bodies, start=1)]
    numbers = {"isa": isa, "gs": gs or isa}
    return (HEAD.format(**numbers) + "".join(sets) + TAIL.format(**numbers, sets=len(sets))).encode()


def person(number: int) -> str:
    """One more employee, told apart by the number."""
    return SAM.replace("E1002", f"P{number:05d}").replace("*Sam~", f"*Sam{'abcdefghijklmnopqrstuvwxyz'[number % 26]}~")


def segments(text: str) -> list[list[str]]:
    return [piece.strip().split("*") for piece in text.split("~") if piece.strip()]


def named(text: str, name: str) -> list[list[str]]:
    return [segment for segment in segments(text) if segment[0] == name]
