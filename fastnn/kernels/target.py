"""The CPU that kernels are compiled for: a level of instructions, not the CPU at hand.

Numba compiles for the very CPU it runs on. Kernels are compiled for its level instead, by a
target of Numba's own kind that only `jit` uses: machine code that was built beforehand and
machine code compiled here are then the same instructions and the same bits, one cache serves
machines that differ, and a user's own Numba functions are compiled as ever.

At run time a kernel's machine code is made when somebody asks for its address, and never of
what is only a part of kernels. When a library is built, for this system or another, there is no
engine that could run code at all: `build_for` says so, before the first kernel is imported.

All that fastnn replaces in Numba's insides is in this file. It needs, of numba.core: the
target registry (extensions have it), CPUContext, JITCPUCodegen and JITCodeLibrary with the
methods that are overridden here. Numba without one of these ends in an ImportError that says so.
"""

from functools import partial
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import types

from fastnn.kernels.levels import Machine, host, made_for

try:
    from numba import _dynfunc
    from numba.core.ccallback import CFunc
    from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.cpu import CPUContext, CPUTargetOptions
    from numba.core.descriptors import TargetDescriptor
    from numba.core.llvm_bindings import create_pass_builder
    from numba.core.registry import CPUDispatcher, cpu_target
    from numba.core.runtime import rtsys
    from numba.core.target_extension import CPU, dispatcher_registry, jit_registry, target_registry
    from numba.core.typing import Context as TypingContext
    from numba.core.utils import threadsafe_cached_property

    _REPLACED: dict[type, tuple[str, ...]] = {
        CPUContext: ("init", "load_additional_registries", "post_lowering", "get_function")
        + ("create_cfunc_wrapper", "get_executable"),
        JITCPUCodegen: ("_init", "_create_empty_module", "_add_module", "set_env")
        + ("_get_host_cpu_name", "_get_host_cpu_features"),
        JITCodeLibrary: ("get_pointer_to_function", "serialize_using_object_code")
        + ("_optimize_functions", "_optimize_final_module", "_finalize_specific"),
    }
    for _owner, _names in _REPLACED.items():
        for _name in _names:
            getattr(_owner, _name)
except (ImportError, AttributeError) as error:
    raise ImportError(
        f"fastnn compiles kernels with parts of Numba that version {numba.__version__} has no "
        f"more ({error}); use Numba 0.68, or a fastnn that was built for this machine"
    ) from error

__all__ = ["OPTIONS", "KernelFunction", "build_for", "machine", "machine_code_maker", "runs_here"]


class _Part(JITCodeLibrary):
    """The code of a function, and of what Python or C call it by, if any.

    Numba links all that a function calls into it and optimizes that, once more as a part of each of
    its callers, then as a part of theirs, and so on: most of the time that compiling takes. Here
    only what is called from outside gets the code of all that it calls, each function once, and is
    optimized. And vectors are explicit, so that levels above 1 find little to do: measured, 5 % of
    an epoch.
    """

    _has_machine_code = False

    def finalize(self) -> None:
        """Link, if this is called from outside and runs here; else it is its own code alone."""
        if self._codegen.runs and self._is_called_from_outside():
            self._linking_libraries = list(self.all_parts())
            super().finalize()
        else:
            self._finalized = True

    def _is_called_from_outside(self) -> bool:
        """Whether C or Python have a function to call it by; Numba's names begin so."""
        return any(name.startswith(("cfunc.", "_ZN7cpython")) for name in self.defined())

    def all_parts(self) -> dict[Any, None]:
        """The libraries of all that is called, directly or not."""
        found: dict[Any, None] = {}
        waiting = list(self._linking_libraries)
        while waiting:
            library = waiting.pop()
            if library not in found:
                found[library] = None
                if isinstance(library, _Part):
                    waiting += library._linking_libraries
        return found

    def defined(self) -> set[str]:
        """The names of its functions."""
        module = self._shared_module or self._final_module  # the latter is empty if from a cache
        return {f.name for f in module.functions if not f.is_declaration}

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        passes = create_pass_builder(self._codegen._tm, opt=1)
        passes.getModulePassManager().run(self._final_module, passes)

    def _finalize_specific(self) -> None:
        """Numba would make the machine code now; see get_pointer_to_function."""

    def _make_machine_code(self) -> None:
        self._ensure_finalized()
        if not self._has_machine_code:
            self._has_machine_code = True
            self._codegen._engine.add_module(self._final_module)
            super()._finalize_specific()

    def get_pointer_to_function(self, name: str) -> int:
        """The address of a function; 0 where there is none."""
        if not self._codegen.runs:
            return 0
        self._make_machine_code()
        return super().get_pointer_to_function(name)

    def serialize_using_object_code(self) -> Any:
        self._make_machine_code()
        return super().serialize_using_object_code()


class _Codegen(JITCPUCodegen):
    """LLVM's side of a machine."""

    _library_class = _Part

    def __init__(self, machine: Machine, *, runs: bool):
        """Make code for `machine`; `runs`: in this process."""
        self.machine, self.runs = machine, runs
        super().__init__("fastnn.kernels")

    def _init(self, llvm_module: Any) -> None:
        if self.runs:
            super()._init(llvm_module)
            return
        self._tm_features = self.machine.features
        self._tm = machine_code_maker(self.machine)
        self._engine: Any = None
        self._target_data = self._tm.target_data
        self._data_layout = str(self._target_data)

    def _create_empty_module(self, name: str) -> Any:
        module = super()._create_empty_module(name)
        module.triple = self.machine.triple
        return module

    def _add_module(self, module: Any) -> None:
        """Only what somebody asks the address of; see _Part."""

    def set_env(self, env_name: str, env: Any) -> None:
        """What a function called by Python knows of Python; others have no machine code yet."""
        if self._engine.get_global_value_address(env_name):
            super().set_env(env_name, env)

    def _get_host_cpu_name(self) -> str:
        return super()._get_host_cpu_name() if self.machine.level is None else self.machine.cpu

    def _get_host_cpu_features(self) -> str:
        if self.machine.level is None:
            return super()._get_host_cpu_features()
        return self.machine.features


def machine_code_maker(machine: Machine) -> Any:
    """LLVM's target machine for code of a library, which runs wherever it is loaded."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(machine.triple).create_target_machine(
        cpu=machine.cpu, features=machine.features, opt=3, reloc="pic", codemodel="default"
    )


class _Context(CPUContext):
    """Numba's CPU, without Python and without owned memory: kernels allocate nothing."""

    @global_compiler_lock
    def init(self) -> None:
        super().init()
        self._internal_codegen = _Codegen(machine(), runs=runs_here())

    def load_additional_registries(self) -> None:
        # Numba compiles what counts owners of arrays once, with whichever context comes first.
        # That is to be the user's.
        rtsys.initialize(cpu_target.target_context)
        super().load_additional_registries()

    def post_lowering(self, mod: Any, library: Any) -> None:
        """Numba would link what counts owners."""

    def get_executable(self, library: Any, fndesc: Any, env: Any) -> Any:
        wrapper = fndesc.llvm_cpython_wrapper_name
        if wrapper in library.defined():
            return super().get_executable(library, fndesc, env)
        name = fndesc.qualname.split(".")[-1]  # a part of kernels, which Python does not call
        module = fndesc.lookup_module()
        return _dynfunc.make_function(module, name, "part of kernels", 0, env, (library,))

    def create_cfunc_wrapper(self, library: Any, fndesc: Any, env: Any, call_helper: Any) -> None:
        """The C function. One that raises, which no kernel means to, returns -1 (-1.0)."""
        module = self.create_module("cfunc_wrapper")
        callee = ir.Function(
            module,
            self.call_conv.get_function_type(fndesc.restype, fndesc.argtypes),
            fndesc.llvm_func_name,
        )
        parameters = [self.get_value_type(t) for t in fndesc.argtypes]
        result = self.get_value_type(fndesc.restype)
        wrapper = ir.Function(
            module, ir.FunctionType(result, parameters), fndesc.llvm_cfunc_wrapper_name
        )
        builder = ir.IRBuilder(wrapper.append_basic_block("entry"))
        status, returned = self.call_conv.call_function(
            builder, callee, fndesc.restype, fndesc.argtypes, wrapper.args
        )
        if fndesc.restype != types.none:
            returned = builder.select(status.is_error, result(-1), returned)
        builder.ret(returned)
        library.add_ir_module(module)

    # A user's functions, which Numba compiles as ever, are called by kernels.

    def get_function(self, fn: Any, sig: Any, _firstcall: bool = True) -> Any:
        try:
            return super().get_function(fn, sig, _firstcall)
        except NotImplementedError:
            if not isinstance(fn, types.Dispatcher):
                raise
            found = cpu_target.target_context.get_function(fn, sig)
            found._context = self  # whose code it becomes a part of
            return found


class _Options(CPUTargetOptions):
    def finalize(self, flags: Any, options: Any) -> None:
        super().finalize(flags, options)
        flags.nrt = False  # nobody counts the owners of arrays


class _Target(TargetDescriptor):
    """Where Numba finds all this; made when it is first needed, as Numba's own is."""

    options = _Options

    @threadsafe_cached_property
    def typing_context(self) -> Any:
        return TypingContext()

    @threadsafe_cached_property
    def target_context(self) -> Any:
        return _Context(self.typing_context, self._target_name)


class _KernelCPU(CPU):
    """Numba's class for a kind of target."""


_NAME = "fastnn"
target_registry[_NAME] = _KernelCPU
_target = _Target(_NAME)


class KernelDispatcher(CPUDispatcher):
    """What numba.njit makes of a function, for this target."""

    targetdescr = _target


class KernelFunction(CFunc):
    """What numba.cfunc makes of a function, for this target."""

    _targetdescr = _target


dispatcher_registry[_KernelCPU] = KernelDispatcher
jit_registry[_KernelCPU] = partial(numba.jit, _target=_NAME)  # what Numba compiles for kernels
OPTIONS = {"_target": _NAME}  # for numba.njit

_building: Machine | None = None


def build_for(level: str, triple: str) -> Machine:
    """From now on code is made for another machine, and none runs in this process."""
    global _building
    if "target_context" in vars(_target) or _building is not None:
        raise RuntimeError("kernels were compiled in this process before")
    _building = made_for(level, triple)
    return _building


def runs_here() -> bool:
    """Whether code that is compiled in this process is to run in it."""
    return _building is None


def machine() -> Machine:
    """What kernels are compiled for in this process."""
    return host() if _building is None else _building
