"""A device that computes on the CPU but is another one: what mixes the two fails as it fails on a GPU.

Its tensors are torch's own: each lies in a CPU's memory, which DLPack hands over under another device's name. An
operation on them is done by the CPU's kernel on the same memory, so that values are a CPU's to the last bit. What a GPU
refuses is refused: tensors of two devices in one operation, a CPU's source of chance, ``numpy()``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import torch
from torch.utils import backend_registration

NAME = "faked"
#: torch knows one accelerator at a time: a real one would no longer be waited for.
WITHOUT_CUDA = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a real device")
#: DLPack's number of a CPU and of a device that is an extension of torch.
_OF_CPU, _OF_EXTENSION = 1, 12
_ATEN, _CPU = torch.ops.aten, torch.device("cpu")
#: Where a GPU takes tensors of a CPU as well: copies between devices; as indices, the second argument.
_COPIES = {"copy_", "_copy_from", "_copy_from_and_resize"}
_INDEXED = {"index", "_unsafe_index", "index_put", "index_put_", "_index_put_impl_"}
#: Operations for which torch has a general way that knows no other device; the CPU's kernel does them at once.
_OWN = ("copy_", "_copy_from", "_copy_from_and_resize", "convolution", "convolution_backward", "resize_", "_to_copy")

_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def _handed(tensor: torch.Tensor, device: int) -> torch.Tensor:
    """Return a tensor of the same memory that belongs to ``device``, a number of DLPack."""
    capsule = torch._C._to_dlpack(tensor)
    # A DLTensor begins with its address, then the kind and the number of its device.
    place = (ctypes.c_int32 * 2).from_address(_pointer(capsule, b"dltensor") + ctypes.sizeof(ctypes.c_void_p))
    place[0], place[1] = device, 0
    return torch._C._from_dlpack(capsule)


def _is_faked(value: object) -> bool:
    return isinstance(value, torch.Tensor) and value.device.type == NAME


def _view(tensor: torch.Tensor, size: Any, stride: Any, offset: int | None = None) -> torch.Tensor:
    """Return a view: what a CPU does for it looks at no memory, and keeps the device."""
    return _ATEN.as_strided.default._op_dk(torch._C.DispatchKey.CPU, tensor, size, stride, offset)


def _check(operation: Any, tensors: list[torch.Tensor], args: tuple, changed: object) -> None:
    """Refuse what a GPU refuses: ``tensors`` of two devices, but for single numbers, and none of ``changed``."""
    others = [tensor for tensor in tensors if tensor.device.type == "cpu"]
    name = operation._schema.name.removeprefix("aten::")
    if not others or len(others) == len(tensors) or name in _COPIES:
        return
    if name in _INDEXED:
        others = [tensor for tensor in others if all(tensor is not place for place in args[1])]
    if any(tensor.dim() or name == "cat" or tensor is changed for tensor in others):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {NAME}:0 and cpu! "
            f"(in {operation})"
        )


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return ``value``, an argument or an answer, with its tensors, devices and sources of chance changed."""
    if isinstance(value, (torch.Tensor, torch.device, torch.Generator)):
        return change(value)
    if isinstance(value, (list, tuple)) and value and not isinstance(value[0], (int, float)):
        return type(value)([_each(one, change) for one in value])
    return value


@cache
def _written(operation: Any) -> tuple[int | None, tuple[str, ...]]:
    """Return the place of the argument that ``operation`` changes, and the names of those that it answers in."""
    written = [
        (place, argument)
        for place, argument in enumerate(operation._schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    ]
    first = next((place for place, argument in written if not argument.kwarg_only), None)
    return first, tuple(argument.name for _, argument in written if argument.kwarg_only)


def _compute(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """Do ``operation`` on the CPU, in the memory of the faked device's tensors."""
    place, answers = _written(operation)
    tensors: list[torch.Tensor] = []
    faked: dict[int, torch.Tensor] = {}  # by the id of the CPU's tensor of the same memory
    aliases = []

    def handed(value: Any) -> Any:
        if isinstance(value, torch.device):
            return _CPU
        if isinstance(value, torch.Generator):
            raise RuntimeError(f"Expected a '{NAME}' device type for generator but found '{value.device.type}'")
        tensors.append(value)
        if not _is_faked(value):
            return value
        alias = _handed(value, _OF_CPU)
        aliases.append(alias)
        faked[id(alias)] = value
        return alias

    on_cpu = operation is _ATEN._to_copy.default and kwargs.get("device", torch.device(NAME)).type == "cpu"
    own = [_each(value, handed) for value in args]
    named = {name: _each(value, handed) for name, value in kwargs.items() if name != "pin_memory"}
    _check(operation, tensors, args, args[place] if place is not None and place < len(args) else None)
    if operation is _ATEN.resize_.default:
        return _resized(args[0], own[0], *own[1:], **named)
    fresh = {}
    for name in answers:  # some kernels resize what they answer in, on the way as well
        if id(given := named.get(name)) in faked and given.numel() < 2:
            named[name] = torch.empty(0, dtype=given.dtype)
            fresh[id(named[name])] = faked[id(given)]
    result = operation(*own, **named)
    storages = {alias.untyped_storage()._cdata: alias for alias in aliases}

    def back(value: torch.Tensor) -> torch.Tensor:
        if on_cpu:
            return value
        if id(value) in faked:
            return faked[id(value)]
        if id(value) in fresh:
            return _filled(fresh[id(value)], value)
        alias = storages.get(value.untyped_storage()._cdata)
        if alias is not None and alias.dtype == value.dtype:
            origin = faked[id(alias)]
            return _view(origin, value.shape, value.stride(), origin.storage_offset() + value.storage_offset())
        return _handed(value, _OF_EXTENSION)

    return _each(result, back)


def _filled(tensor: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Let ``tensor``, of the faked device, have ``values``, in its own memory if they fit."""
    if tensor.shape != values.shape:
        return _moved(tensor, values)
    _handed(tensor, _OF_CPU).copy_(values)
    return tensor


def _moved(tensor: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Let ``tensor``, of the faked device, be what ``values`` are."""
    own = _handed(values, _OF_EXTENSION)
    return _set(tensor, own.untyped_storage(), 0, values.shape, values.stride())


def _set(tensor: torch.Tensor, storage: torch.UntypedStorage, offset: int, size: Any, stride: Any = ()) -> torch.Tensor:
    set_ = _ATEN.set_.source_Storage_storage_offset
    return set_._op_dk(torch._C.DispatchKey.CPU, tensor, storage, offset, size, stride)


def _set_to_all(tensor: torch.Tensor, storage: torch.UntypedStorage) -> torch.Tensor:
    return _set(tensor, storage, 0, [storage.nbytes() // tensor.itemsize])


def _tag(storage: torch.UntypedStorage) -> str | None:
    """Return what a file says of where ``storage`` was."""
    return NAME if storage.device.type == NAME else None


def _restored(storage: torch.UntypedStorage, location: str) -> torch.UntypedStorage | None:
    """Return what was read from a file where it belongs."""
    if not location.startswith(NAME):
        return None
    return _handed(torch.empty(0, dtype=torch.uint8).set_(storage), _OF_EXTENSION).untyped_storage()


def _resized(tensor: torch.Tensor, alias: torch.Tensor, size: Any, **kwargs: Any) -> torch.Tensor:
    if list(size) == list(alias.shape):
        return tensor
    values = torch.empty(size, dtype=alias.dtype, **kwargs)
    count = min(values.numel(), alias.numel())
    values.view(-1)[:count] = alias.reshape(-1)[:count]
    return _moved(tensor, values)


@cache
def register() -> torch.device:
    """Let this process know the faked device and return it; that cannot be taken back."""
    backend_registration._setup_privateuseone_for_python_backend(NAME)
    every = torch.library.Library("_", "IMPL")
    every.fallback(_compute, "PrivateUse1")
    single = torch.library.Library("aten", "IMPL")
    for name in _OWN:
        single.impl(f"aten::{name}", partial(_compute, getattr(_ATEN, name).default), "PrivateUse1")
    single.impl("aten::as_strided", _as_strided, "PrivateUse1")
    single.impl("aten::set_.source_Storage", _set_to_all, "PrivateUse1")
    single.impl("aten::set_.source_Storage_storage_offset", _set, "PrivateUse1")
    torch.serialization.register_package(1, _tag, _restored)
    _libraries.extend([every, single])
    return torch.device(NAME, 0)


def _as_strided(tensor: torch.Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> torch.Tensor:
    return _view(tensor, size, stride, storage_offset)


#: What is registered goes with the object that registered it.
_libraries: list[torch.library.Library] = []
