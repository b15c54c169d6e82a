"""Archives: which file is the model, and which archives are never unpacked."""

import struct
import time
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musa_pipeline.domain.problems import Problems
from musa_pipeline.formats.csar import Entry, read_archive
from musa_pipeline.formats.csar.archive import LARGEST_WHOLE, MOST_ENTRIES
from tests.formats.csar.archives import META, MODEL, linked, opened, packed, said
from tests.support import shared


def test_tosca_meta_names_the_model_and_what_belongs_to_it() -> None:
    files = {
        "TOSCA-Metadata/TOSCA.meta": META + 'Other-Definitions: Definitions/a.yaml "Definitions/b c.yaml"\n\nName: x\n',
        "Definitions/app.yaml": MODEL,
        "Definitions/a.yaml": "",
        "Definitions/b c.yaml": "",
    }
    _, entry, found = opened(packed(files))
    assert (entry, found) == (Entry("Definitions/app.yaml", ("Definitions/a.yaml", "Definitions/b c.yaml")), [])


@pytest.mark.parametrize("place", ["TOSCA-Metadata/TOSCA.meta", "TOSCA.meta", "tosca-metadata/tosca.META"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_meta_file_stands_where_versions_1_and_2_put_it(place: str, ends: str) -> None:
    _, entry, _ = opened(packed({place: META.replace("\n", ends), "Definitions/app.yaml": MODEL}))
    assert entry == Entry("Definitions/app.yaml")


def test_without_meta_the_one_yaml_file_at_the_root_is_the_model() -> None:
    assert opened(packed({"app.yaml": MODEL, "scripts/x.yaml": "a: 1"}))[1] == Entry("app.yaml")
    assert opened(packed({"shop/app.yaml": MODEL, "shop/scripts/x.yaml": ""}))[1] == Entry("shop/app.yaml")
    assert opened(packed({"app.yaml": MODEL, "types.yaml": "node_types: {}"}))[1] == Entry("app.yaml")


def test_an_archive_that_does_not_say_its_model_is_told() -> None:
    assert opened(packed({"a.txt": ""}))[2] == ["app.csar:1:1: error[Z007]: nothing says which file of the archive is the model"]
    assert opened(packed({"a.yaml": MODEL, "b.yaml": MODEL}))[2] == [
        "app.csar:1:1: error[Z007]: several files of the archive could be the model: a.yaml, b.yaml"
    ]


def test_a_meta_file_that_names_what_is_not_there_is_told_with_its_place() -> None:
    assert opened(packed({"TOSCA-Metadata/TOSCA.meta": META, "definitions/app.yaml": MODEL}))[2] == [
        "app.csar/TOSCA-Metadata/TOSCA.meta:4:20: error[Z008]: the archive has no file 'Definitions/app.yaml', which is to be the model"
    ]


def test_a_meta_file_with_other_words_is_a_warning() -> None:
    meta = "no line\nTOSCA-Meta-File-Version: 9\ncsar-version: 1.1\nEntry-Definitions: app.yaml\nEntry-Definitions: b.yaml\n"
    _, entry, found = opened(packed({"TOSCA-Metadata/TOSCA.meta": meta, "app.yaml": MODEL}))
    assert entry == Entry("app.yaml")
    assert found == [
        "app.csar/TOSCA-Metadata/TOSCA.meta:1:1: warning[Z009]: this is no line of the form 'Key: value'",
        "app.csar/TOSCA-Metadata/TOSCA.meta:2:26: warning[Z009]: TOSCA-Meta-File-Version '9' is not known; it is read like 1.1",
        "app.csar/TOSCA-Metadata/TOSCA.meta:5:1: warning[Z009]: Entry-Definitions is here twice",
    ]


def test_tosca_in_xml_is_told() -> None:
    _, entry, found = opened(packed({"TOSCA-Metadata/TOSCA.meta": META, "Definitions/app.yaml": "<Definitions/>"}))
    assert entry is None
    assert found[0].endswith("error[Z011]: the model is TOSCA in XML, which is not read")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("../evil.yaml", "leads out of the archive by '..'"),
        ("a/../../evil.yaml", "leads out of the archive by '..'"),
        ("/etc/passwd", "is absolute"),
        ("C:/windows.yaml", "is absolute"),
        ("a\\..\\b.yaml", "has a backslash"),
        ("a\x1b[2Jb.yaml", "has control characters"),
        ("a//b.yaml", "has an empty part"),
        ("./b.yaml", "has an empty part"),
        ("x/" * 40 + "b.yaml", "is 41 folders deep; the most is 32"),
        ("x" * 2_000, "has 2000 characters; the most is 1024"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(name: str, text: str) -> None:
    (found,) = said(packed({name: "x"}))
    assert "error[Z003]" in found and text in found
    assert found.isprintable()


def test_a_name_that_goes_on_behind_a_zero_byte_is_refused() -> None:
    data = packed({"app.yaml?evil": MODEL}).replace(b"app.yaml?evil", b"app.yaml\0evil")
    assert "has control characters" in said(data)[0]


def test_links_and_devices_are_refused() -> None:
    assert said(linked("app.yaml", "/etc/passwd")) == [
        "app.csar/app.yaml:1:1: error[Z004]: the entry is a link; archives hold files"
    ]


def test_a_name_twice_is_refused_and_one_that_differs_in_capitals_is_told() -> None:
    out = BytesIO()
    with ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("app.yaml", MODEL)
        archive.writestr("app.yaml", "evil: true")
    assert said(out.getvalue()) == ["app.csar/app.yaml:1:1: error[Z005]: the archive has this entry 2 times"]
    assert said(packed({"app.yaml": "", "App.yaml": ""})) == [
        "app.csar:1:1: warning[Z005]: entries 'app.yaml' and 'App.yaml' are one on systems that do not tell capitals apart"
    ]


def test_encrypted_entries_and_other_ways_of_packing_are_refused() -> None:
    data = bytearray(packed({"app.yaml": MODEL}))
    data[data.index(b"PK\1\2") + 8] |= 1
    assert said(bytes(data)) == ["app.csar/app.yaml:1:1: error[Z006]: the entry is encrypted"]
    out = BytesIO()
    with ZipFile(out, "w", ZIP_BZIP2) as archive:
        archive.writestr("app.yaml", MODEL)
    assert said(out.getvalue()) == ["app.csar/app.yaml:1:1: error[Z006]: the entry is packed by method 12, which is not read"]


def test_what_unpacks_to_many_times_its_size_is_never_unpacked() -> None:
    started = time.process_time()
    found = said(packed({"app.yaml": b"\0" * (30 * 2**20)}))
    assert [each.partition("error")[2] for each in found] == [
        "[Z002]: the archive unpacks to 1024 times its size",
        "[Z002]: the entry unpacks to 1028 times its size",
    ]
    assert time.process_time() - started < 2


def test_an_archive_that_says_that_it_is_huge_is_refused_by_its_directory() -> None:
    data = bytearray(packed({f"{number}.bin": b"" for number in range(4)}))
    at = -1
    for _ in range(4):
        at = data.index(b"PK\1\2", at + 1)
        data[at + 24 : at + 28] = struct.pack("<I", LARGEST_WHOLE // 2)
    assert "app.csar:1:1: error[Z002]: the archive has 2048 MiB unpacked; the most is 1024 MiB" in said(bytes(data))


def test_a_directory_of_very_many_entries_is_not_even_read() -> None:
    started = time.process_time()
    some = packed({f"{number}": "" for number in range(MOST_ENTRIES + 1)})
    assert said(some) == ["app.csar:1:1: error[Z002]: the archive has 10,001 entries; the most is 10,000"]
    directory = b"PK\1\2" + bytes(42)
    many = directory * 500_000
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(many), 0, 0)
    assert said(many + end) == ["app.csar:1:1: error[Z002]: the archive has more than 10,000 entries"]
    assert time.process_time() - started < 5


def test_entries_that_lie_over_one_another_are_refused() -> None:
    data = bytearray(packed({"a": "x" * 99, "b": "y" * 99}))
    first = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", first + 1)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert "error[Z001]: the entry lies over another one" in said(bytes(data))[0]


def test_archives_inside_are_not_opened_and_that_is_told() -> None:
    assert said(packed({"app.yaml": MODEL, "inner.zip": packed({"x": "y"})})) == [
        "app.csar:1:1: note[Z010]: the archive 'inner.zip' inside it is not opened"
    ]


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 1_000, packed({"a": "b"})[:-30]])
def test_what_is_no_archive_is_told(data: bytes) -> None:
    assert said(data)[0].startswith("app.csar:1:1: error[Z001]: this is no archive")


def test_an_entry_whose_content_was_changed_is_told() -> None:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        archive.writestr("app.yaml", MODEL)
    _, entry, _ = opened(out.getvalue())
    assert entry == Entry("app.yaml")
    problems = Problems()
    archive_ = read_archive(out.getvalue().replace(b"Compute", b"compute", 1), "app.csar", problems)
    assert archive_ is not None
    assert archive_.read("app.yaml", problems) is None
    assert "error[Z001]: the entry cannot be unpacked: Bad CRC-32" in str(next(iter(problems)))


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_crash_it(data: bytes, at: int, change: bytes) -> None:
    good = packed({"TOSCA-Metadata/TOSCA.meta": META, "Definitions/app.yaml": MODEL})
    opened_ = Problems()
    for each in (data, good[:at] + change + good[at + len(change) :], good[:at] + change + good[at:]):
        archive = read_archive(each, "app.csar", opened_)
        for name in archive.names if archive else ():
            archive.read(name, opened_)  # type: ignore[union-attr]


@given(st.text(max_size=200))
def test_no_meta_file_crashes_it(text: str) -> None:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo("TOSCA-Metadata/TOSCA.meta"), text.encode("utf-8", "replace"))
        archive.writestr(ZipInfo("app.yaml"), MODEL)
    opened(out.getvalue())


def test_an_archive_of_others_is_read() -> None:
    path = shared("tosca/openstack__tosca-parser/samples/tests/data/CSAR/csar_wordpress.zip")
    _, entry, found = opened(path.read_bytes())
    assert (entry, found) == (Entry("Definitions/tosca_single_instance_wordpress.yaml"), [])


def test_an_archive_with_nothing_in_it_is_told() -> None:
    assert opened(packed({}))[2] == ["app.csar:1:1: error[Z007]: nothing says which file of the archive is the model"]
