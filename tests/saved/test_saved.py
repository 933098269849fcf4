"""Lists under a name: an officer's own, or the whole ward's; only what an address may hold is kept."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.saved import service
from tests.cast import GROUP_3, GROUP_7, Cast

HERE = {"Sec-Fetch-Site": "same-origin"}


def save(client: FlaskClient, name: str, **asked: str) -> Any:
    return client.post("/desk/lists", data={"name": name, **asked}, headers=HERE)


def kept(client: FlaskClient) -> dict[str, str]:
    """The saved lists as they are shown: name -> address."""
    page = client.get("/desk/?state=all").text
    sheet = page[page.index('id="saved"') :]
    found = re.findall(r'<a class="grow" href="([^"]+)">([^<]+)</a>', sheet[: sheet.index("</details>")])
    return {name: path.replace("&amp;", "&") for path, name in found}


def test_a_list_is_kept_and_opened_again(minh: FlaskClient) -> None:
    answer = save(minh, "  Ao  chờ ở tổ 3 ", state="waiting", kind="hazard_site", group=str(GROUP_3), days="30")
    assert answer.status_code == 303 and answer.location == f"/desk/?kind=hazard_site&group={GROUP_3}&days=30"
    path = kept(minh)["Ao chờ ở tổ 3"]
    assert path == f"/desk/?kind=hazard_site&group={GROUP_3}&days=30"
    page = minh.get(path).text
    assert '<option value="30" selected>' in page and f'<option value="{GROUP_3}" selected>' in page


def test_a_shared_one_is_the_wards_and_an_own_one_is_nobody_elses(cast: Cast, minh: FlaskClient) -> None:
    save(minh, "Của tôi", state="returned")
    save(minh, "Của phường", state="answered", shared="on")
    ha = cast.client("Ha")
    assert list(kept(ha)) == ["Của phường"]
    assert sorted(kept(minh)) == ["Của phường", "Của tôi"]
    assert ha.post("/desk/lists/2/drop", headers=HERE).status_code == 404
    assert minh.post("/desk/lists/2/drop", headers=HERE).status_code == 303
    assert kept(ha) == {} and list(kept(minh)) == ["Của tôi"]
    assert cast.client("Anh").post("/desk/lists", data={"name": "x"}, headers=HERE).status_code == 404


def test_the_same_name_is_the_same_list(minh: FlaskClient) -> None:
    save(minh, "Việc sáng", state="danger")
    save(minh, "Việc sáng", state="high", group=str(GROUP_7))
    assert kept(minh) == {"Việc sáng": f"/desk/?state=high&group={GROUP_7}"}


@pytest.mark.parametrize("name", ["", "   ", "a" * 61])
def test_a_name_is_asked_for_again_with_the_list_that_was_meant(minh: FlaskClient, name: str) -> None:
    answer = save(minh, name, state="returned", shared="on")
    assert answer.status_code == 422
    assert 'name="state" value="returned"' in answer.text and "checked" in answer.text
    assert kept(minh) == {}


def test_no_more_than_can_be_looked_through(minh: FlaskClient) -> None:
    for number in range(service.MOST):
        save(minh, f"Danh sách {number}", state="all")
    answer = save(minh, "Một nữa", state="all")
    assert answer.status_code == 422 and "Đã lưu 30 danh sách" in answer.text
    assert save(minh, "Danh sách 3", state="danger").status_code == 303, "one that is there may still be changed"


def test_nonsense_is_not_kept(minh: FlaskClient) -> None:
    save(minh, "Lạ", state="none", kind="<b>", q="Nguyễn Minh Đức", sort="name", size="9999", after="1.2.3")
    assert kept(minh) == {"Lạ": "/desk/?state=waiting"}
