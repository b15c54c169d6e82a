"""The types that an object tells of itself (BTF): where a constant lies, and what a map's value is made of."""

import ctypes

from musa_pipeline.kernel.libbpf import U32, library

STRUCT, VARIABLE, SECTION = 4, 14, 15
CONST, TYPEDEF, VOLATILE = 10, 8, 9


class _Type(ctypes.Structure):
    """struct btf_type of linux/btf.h."""

    _fields_ = (("name", U32), ("info", U32), ("size_or_type", U32))


class _Member(ctypes.Structure):
    """struct btf_member of linux/btf.h; the offset is in bits."""

    _fields_ = (("name", U32), ("type", U32), ("offset", U32))


class _Variable(ctypes.Structure):
    """struct btf_var_secinfo of linux/btf.h."""

    _fields_ = (("type", U32), ("offset", U32), ("size", U32))


class Types:
    """The types of one open object."""

    def __init__(self, btf: int) -> None:
        self._btf = btf

    def _at(self, number: int) -> "tuple[_Type, int, int, int] | None":
        """Return a type, its kind, how many parts it has, and where they begin."""
        place = library().btf__type_by_id(self._btf, number)
        if not place:
            return None
        found = _Type.from_address(place)
        return found, found.info >> 24 & 0x1F, found.info & 0xFFFF, place + ctypes.sizeof(_Type)

    def _name(self, offset: int) -> str:
        return str((library().btf__name_by_offset(self._btf, offset) or b"").decode("utf-8", "replace"))

    def members(self, number: int) -> tuple[tuple[str, int, int], ...]:
        """Return name, offset and size of each member of a struct; of a plain number, one member without a name."""
        found = self._at(number)
        while found and found[1] in (CONST, TYPEDEF, VOLATILE):
            number = found[0].size_or_type
            found = self._at(number)
        if not found:
            return ()
        size = library().btf__resolve_size
        if found[1] != STRUCT:
            return (("", 0, size(self._btf, number)),)
        members = (_Member * found[2]).from_address(found[3])
        return tuple((self._name(each.name), (each.offset & 0xFFFFFF) // 8, size(self._btf, each.type)) for each in members)

    def constants(self) -> dict[str, tuple[int, int]]:
        """Return name -> offset and size of each constant that may be set before loading."""
        number = library().btf__find_by_name_kind(self._btf, b".rodata", SECTION)
        found = self._at(number) if number > 0 else None
        if not found:
            return {}
        constants = {}
        for each in (_Variable * found[2]).from_address(found[3]):
            variable = self._at(each.type)
            if variable:
                constants[self._name(variable[0].name)] = (each.offset, each.size)
        return constants
