"""Our few lines write XML as lxml does, sign by sign."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from musa_pipeline.formats.wsag.build import Element, add, put
from musa_pipeline.formats.wsag.names import WSAG, writable


@given(st.text(), st.text())
@settings(max_examples=300, deadline=None)
@example("<a> & \"b\" 'c'\r\n\t\x00\ud800\uffff é 🙂", "<a> & \"b\" 'c'\r\n\t\x00\ud800\uffff é 🙂")
def test_elements_are_written_as_lxml_writes_them(text: str, value: str) -> None:
    ours = Element("wsag:All", {"xmlns:wsag": WSAG, "wsag:Name": value})
    inner = add(ours, "wsag:Item", {"x": value})
    put(inner, "wsag:Location", text, {"x": value})
    put(inner, "wsag:Nothing", "")
    put(ours, "wsag:Item", None, {"x": value})
    add(ours, "wsag:Item")

    theirs = etree.Element(f"{{{WSAG}}}All", nsmap={"wsag": WSAG})
    theirs.set(f"{{{WSAG}}}Name", writable(value))
    item = etree.SubElement(theirs, f"{{{WSAG}}}Item", {"x": writable(value)})
    etree.SubElement(item, f"{{{WSAG}}}Location", {"x": writable(value)}).text = writable(text)
    etree.SubElement(item, f"{{{WSAG}}}Nothing").text = ""
    etree.SubElement(theirs, f"{{{WSAG}}}Item", {"x": writable(value)})
    etree.SubElement(theirs, f"{{{WSAG}}}Item")
    assert str(ours) == etree.tostring(theirs, encoding="UTF-8", pretty_print=True, xml_declaration=False).decode()
