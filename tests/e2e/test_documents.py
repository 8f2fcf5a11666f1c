"""Files on their way out, through the real proxy: rewritten where they can be, refused where they cannot."""

import base64
import io

import pytest
from docx import Document as Word

from tests.e2e.street import Street, completion, load_planted
from tests.proxy.documents.files import coded, drawing, excel, members, pdf, word, zipped

CARD = next(each for each in load_planted() if each.name == "card with spaces")
IDENTITY = next(each for each in load_planted() if each.name == "resident identity number")

UPLOAD = "https://api.openai.com/v1/files"
CHAT = "https://api.openai.com/v1/chat/completions"
PUT = "https://api.openai.com/v1/uploads/part"


def picture_of(text: str) -> bytes:
    return coded(drawing(text))


def in_chat(data: bytes, kind: str) -> dict[str, object]:
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    part = {"type": "image_url", "image_url": {"url": url}}
    return completion("look") | {"messages": [{"role": "user", "content": [part]}]}


def send(street: Street, url: str, **options: object):
    with street.client() as client:
        client.timeout = 120
        return client.post(url, **options)


def sent(street: Street) -> bytes:
    return street.external.requests[0].body


@pytest.mark.parametrize("case", [CARD, IDENTITY], ids=lambda case: case.name)
def test_a_word_file_is_uploaded_without_what_is_confidential_and_opens(street: Street, case) -> None:
    half = len(case.value) // 2
    file = word([case.prompt.split("{}")[0], case.value[:half], case.value[half:], " end"], header=case.value)
    answer = send(street, UPLOAD, files={"file": ("a.docx", file)}, data={"purpose": "user_data"})
    assert answer.status_code == 200, answer.text
    start, end = sent(street).find(b"PK\x03\x04"), sent(street).rfind(b"\r\n--")
    made = sent(street)[start:end]
    opened = Word(io.BytesIO(made))
    assert f"[{case.entity}_" in opened.paragraphs[0].text and opened.paragraphs[0].text.endswith("] end")
    assert f"[{case.entity}_" in opened.sections[0].header.paragraphs[0].text
    assert all(case.value.encode() not in part for part in members(made).values())
    assert street.last_record()["inspection"] == "full"


def test_a_workbook_in_an_archive_is_rewritten_where_it_lies(street: Street) -> None:
    file = zipped({"list.xlsx": excel([["card"], [CARD.value]]), "note.txt": IDENTITY.text.encode("gb18030")})
    answer = send(street, PUT, content=file, headers={"content-type": "application/zip"})
    assert answer.status_code == 200, answer.text
    made = members(sent(street))
    assert b"[CN_ID_CARD_" in made["note.txt"]
    assert any(b"[CREDIT_CARD_" in part for part in members(made["list.xlsx"]).values())


def test_a_pdf_file_that_holds_what_is_confidential_is_refused_and_says_why(street: Street) -> None:
    answer = send(street, UPLOAD, files={"file": ("a.pdf", pdf(CARD.text))})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "confidential_file"
    assert "A file in the request holds confidential data" in answer.json()["error"]["message"]
    assert street.external.requests == []
    assert street.last_record()["code"] == "confidential_file"


def test_a_pdf_file_without_anything_confidential_goes_as_it_is(street: Street) -> None:
    file = pdf("Quarterly report of nothing at all")
    assert send(street, UPLOAD, files={"file": ("a.pdf", file)}).status_code == 200
    assert file in sent(street) and street.last_record()["inspection"] == "full"


def test_a_picture_that_shows_what_is_confidential_is_refused(street: Street) -> None:
    answer = send(street, CHAT, json=in_chat(picture_of(f"card {CARD.value}"), "image/png"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confidential_file")
    assert street.external.requests == []


def test_a_picture_that_shows_nothing_confidential_passes(street: Street) -> None:
    body = in_chat(picture_of("a pleasant day"), "image/png")
    assert send(street, CHAT, json=body).status_code == 200
    assert body["messages"][0]["content"][0]["image_url"]["url"].encode() in sent(street)
    assert street.last_record()["inspection"] == "full"


def test_pictures_and_archives_in_the_midst_of_pasted_text_are_read_like_any_file(street: Street) -> None:
    def page(data: bytes) -> dict[str, object]:
        return completion(
            f'<p>什么意思？</p><img src="data:image/png;base64,{base64.b64encode(data).decode()}"> explain'
        )

    answer = send(street, CHAT, json=page(picture_of(f"card {CARD.value}")))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confidential_file")
    assert street.external.requests == []
    assert send(street, CHAT, json=page(picture_of("a pleasant day"))).status_code == 200
    assert street.last_record()["inspection"] == "full"
    street.reset()
    answer = send(street, CHAT, json=page(zipped({"note.txt": IDENTITY.text.encode()})))
    assert answer.status_code == 200, answer.text
    code = sent(street).split(b";base64,")[1].split(b'\\"')[0]
    assert b"[CN_ID_CARD_" in members(base64.b64decode(code))["note.txt"]


@pytest.mark.parametrize(
    ("url", "status", "inspection"),
    [(UPLOAD, 400, "none"), ("https://api.groq.com/openai/v1/files", 200, "partial")],
    ids=["refused where no rule says otherwise", "passes where one does"],
)
def test_what_cannot_be_read_is_for_the_policy_to_decide(
    street: Street, url: str, status: int, inspection: str
) -> None:
    file = word(["text"]) + b"hidden words"
    answer = send(street, url, files={"file": ("a.docx", file)})
    assert answer.status_code == status
    assert street.last_record()["inspection"] == inspection
