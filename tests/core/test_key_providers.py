"""One interface for a file, AWS KMS and Vault transit: the same promises, and the whole of encryption over each."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from app.core import keys, rotation
from app.core.crypto import Undecipherable, decrypt_bytes, encrypt_bytes
from app.core.db import fetch, transaction
from app.core.errors import Unavailable
from app.core.keys import KeyProvider, LocalKeyFile, keyring
from app.core.models import DataKey
from app.core.rotation import rewrap, rotate
from app.domains import people
from tests.core.key_services import Kms, KmsProvider, Vault, VaultProvider
from tests.core.test_spine import add_employee

Made = tuple[KeyProvider, Kms | Vault | None]


@pytest.fixture(params=["file", "kms", "vault"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    if request.param == "file":
        return LocalKeyFile(tmp_path / "keys.json", may_create=True), None
    if request.param == "kms":
        kms = Kms()
        return KmsProvider(kms), kms
    vault = Vault()
    return VaultProvider(vault), vault


@pytest.fixture
def used(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """The provider of the whole application."""
    for module in (keys, rotation):
        monkeypatch.setattr(module, "key_provider", lambda: made[0])
    keyring.forget()
    yield made
    keyring.forget()


def test_a_wrapped_key_opens_in_its_context_only(made: Made) -> None:
    provider, _ = made
    version, wrapped = provider.wrap(b"k" * 32, b"here")
    assert version == provider.current_version() == 1
    assert b"k" * 8 not in wrapped
    assert provider.unwrap(version, wrapped, b"here") == b"k" * 32
    with pytest.raises(InvalidTag):
        provider.unwrap(version, wrapped, b"there")
    with pytest.raises(InvalidTag):
        provider.rewrap(version, wrapped, b"there")


def test_a_new_version_wraps_and_the_old_one_still_opens(made: Made) -> None:
    provider, service = made
    old = provider.wrap(b"k" * 32, b"here")
    assert provider.add_version() == provider.current_version() == 2
    assert provider.unwrap(*old, b"here") == b"k" * 32
    if service:
        service.calls.clear()
    new = provider.rewrap(*old, b"here")
    assert new[0] == 2
    assert new[1] != old[1]
    assert provider.unwrap(*new, b"here") == b"k" * 32
    if service:
        assert service.calls in (["ReEncrypt", "Decrypt"], ["rewrap", "decrypt"]), "the key never left the service"


def test_what_never_changes(made: Made) -> None:
    provider, _ = made
    assert len(provider.index_root()) == 32
    signed = provider.signing_key().sign(b"x")
    before = provider.index_root()
    provider.add_version()
    assert provider.index_root() == before
    provider.signing_key().public_key().verify(signed, b"x")
    provider.health()


def test_encryption_rotation_and_search_over_it(company: UUID, used: Made) -> None:
    provider, _ = used
    ids = [add_employee(str(number)) for number in range(5)]
    provider.add_version()
    assert rewrap(company) >= 1
    keyring.forget()
    assert rotate(company) == 0
    with transaction() as session:
        assert {fetch(session, people.Employee, row_id).ssn for row_id in ids} == {"900123456"}
        assert session.scalars(sa.select(people.Employee).where(people.Employee.ssn.matches("900123456"))).first()
        assert set(session.scalars(sa.select(DataKey.kek_version))) == {2}


def test_a_page_of_people_asks_the_service_once(company: UUID, used: Made) -> None:
    _, service = used
    ids = [add_employee(str(number)) for number in range(10)]
    keyring.forget()
    if service is None:
        return
    service.calls.clear()
    with transaction() as session:
        assert len({fetch(session, people.Employee, row_id).last_name for row_id in ids}) >= 1
    assert len(service.calls) == 1


def test_without_the_service_nothing_is_read_or_written_in_the_clear(company: UUID, used: Made) -> None:
    _, service = used
    if service is None:
        return
    sealed = encrypt_bytes(company, "v1|x|y|z", b"900-12-3456")
    service.away = True
    assert decrypt_bytes(company, "v1|x|y|z", sealed) == b"900-12-3456", "what is cached goes on for five minutes"
    keyring.forget()
    with pytest.raises(Unavailable):
        decrypt_bytes(company, "v1|x|y|z", sealed)
    with pytest.raises(Unavailable):
        encrypt_bytes(company, "v1|x|y|z", b"900-12-3456")
    with pytest.raises(Unavailable):
        used[0].health()
    service.away = False
    assert decrypt_bytes(company, "v1|x|y|z", sealed) == b"900-12-3456"


def test_a_shredded_person_is_gone_whatever_wraps_the_keys(company: UUID, used: Made) -> None:
    from uuid import uuid4

    person = uuid4()
    sealed = encrypt_bytes(company, "v1|x|y|z", b"secret", person)
    with transaction() as session:
        assert rotation.shred(session, person) == 1
    with pytest.raises(Undecipherable, match="destroyed"):
        decrypt_bytes(company, "v1|x|y|z", sealed)
