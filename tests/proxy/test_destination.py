"""Whose a request is that brings a file to where no service lives."""

import json
from datetime import timedelta

import pytest

from proxy.adapters.web.notion import BESIDE
from proxy.attachments import read_prompt
from proxy.destination import Unseen, concerns, declared, service_of
from proxy.errors import TooLargeToTell
from proxy.exchange import Request
from proxy.passage import House
from proxy.services.catalogue import load_catalogue
from tests.proxy.house import Tenant
from tests.proxy.test_attachments import Here

STORE = "elsewhere.blob.core.windows.net"
BUCKET = "ppl-ai-file-upload.s3.amazonaws.com"


@pytest.fixture
def house(tenant: Tenant) -> House:
    return tenant.house


def announce(house: House) -> None:
    asked = Request("POST", "https", "chatgpt.com", 443, "/backend-api/files", ())
    answer = json.dumps({"upload_url": f"https://{STORE}/c/f1?sig=x"}).encode()
    house.uploads.learn("openai-chatgpt", asked, b'{"file_size":7}', (), answer, house.clock())


def test_a_store_concerns_nobody_until_a_service_has_named_it(house: House) -> None:
    street = house.street
    assert not concerns(house, street, STORE) and service_of(house, street, STORE, "PUT", "/c/f1?sig=x") is None
    announce(house)
    assert concerns(house, street, STORE)
    found = service_of(house, street, STORE, "PUT", "/c/f1?sig=y")
    assert found is not None and found.id == "openai-chatgpt"
    assert declared(house, street, "PUT", STORE, "/c/f1", house.clock()) == 7
    for method in ("HEAD", "DELETE"):
        about = service_of(house, street, STORE, method, "/c/f1")
        assert about is not None and about.id == "openai-chatgpt", "how far it has come, and that it is given up"
    for method, path in (("GET", "/c/f1"), ("PUT", "/c/of-somebody-else"), ("OPTIONS", "/c/f1")):
        assert service_of(house, street, STORE, method, path) is None
        assert declared(house, street, method, STORE, path, house.clock()) is None
    assert declared(house, street, "PUT", STORE, "/c/f1", house.clock() + timedelta(days=2)) is None


def test_a_bucket_of_the_catalogue_takes_files_also_where_no_announcement_was_seen(house: House) -> None:
    street = house.street
    assert load_catalogue().intercepts(BUCKET) and concerns(house, street, BUCKET)
    found = service_of(house, street, BUCKET, "POST", "/")
    assert (
        found is not None
        and found.id == "perplexity"
        and declared(house, street, "POST", BUCKET, "/", house.clock()) == 0
    )
    assert service_of(house, street, BUCKET, "GET", "/picture.png") is None
    assert service_of(house, street, BUCKET, "DELETE", "/picture.png") is None


@pytest.mark.parametrize("reader", [None, Here()], ids=["no files are read", "files are read"])
@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"{}"])
def test_a_body_that_stays_unseen_is_never_taken_for_an_empty_one_or_for_a_file(
    reader: Here | None, body: bytes
) -> None:
    with pytest.raises(TooLargeToTell):
        read_prompt(Unseen(BESIDE), body, "application/json", reader)
