"""The library that tells a CPU's level: baseline code that asks cpuid, in LLVM's language.

    int32 fastnn_cpu_level(void)    0 below x86-64-v2; 2, 3 or 4

A level counts only if the system saves the registers that it has, which xgetbv tells.
"""

import llvmlite.binding as llvm

from fastnn.build.systems import System

__all__ = ["NAME", "cpu_level_object"]

NAME = "cpu"


def _bits(*numbers: int) -> int:
    """A 32-bit number with these bits, as LLVM writes it."""
    mask = sum(1 << number for number in numbers)
    return mask - (1 << 32) if mask >> 31 else mask


# Bits of cpuid's answers, in the order of the names.
_V2_LEAF1_ECX = _bits(0, 9, 13, 19, 20, 23)  # SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT
_V2_EXTENDED_ECX = _bits(0)  # LAHF
_V3_LEAF1_ECX = _bits(12, 22, 27, 28, 29)  # FMA, MOVBE, OSXSAVE, AVX, F16C
_V3_LEAF7_EBX = _bits(3, 5, 8)  # BMI1, AVX2, BMI2
_V3_EXTENDED_ECX = _bits(5)  # LZCNT
_V4_LEAF7_EBX = _bits(16, 17, 28, 30, 31)  # AVX-512 F, DQ, CD, BW, VL
_V3_SAVED = _bits(1, 2)  # by xgetbv: the 16-byte and the 32-byte registers
_V4_SAVED = _bits(1, 2, 5, 6, 7)  # and the mask registers and the 64-byte ones
_EXTENDED = _bits(0, 31)  # leaf 0x80000001


def _has(value: str, mask: int, name: str) -> str:
    """LLVM's code for %name = all bits of mask are in %value."""
    return f"""
    %{name}.bits = and i32 %{value}, {mask}
    %{name} = icmp eq i32 %{name}.bits, {mask}"""


def _code(triple: str) -> str:
    return f"""
target triple = "{triple}"

; eax, ebx, ecx and edx of a leaf of cpuid
define internal {{ i32, i32, i32, i32 }} @cpuid(i32 %leaf) {{
    %answer = call {{ i32, i32, i32, i32 }} asm sideeffect "cpuid",
        "={{ax}},={{bx}},={{cx}},={{dx}},{{ax}},{{cx}},~{{dirflag}},~{{fpsr}},~{{flags}}"(
        i32 %leaf, i32 0)
    ret {{ i32, i32, i32, i32 }} %answer
}}

define dso_local {"dllexport" if "windows" in triple else ""} i32 @fastnn_cpu_level() {{
    %leaf0 = call {{ i32, i32, i32, i32 }} @cpuid(i32 0)
    %last = extractvalue {{ i32, i32, i32, i32 }} %leaf0, 0
    %leaf1 = call {{ i32, i32, i32, i32 }} @cpuid(i32 1)
    %ecx1 = extractvalue {{ i32, i32, i32, i32 }} %leaf1, 2
    %extended = call {{ i32, i32, i32, i32 }} @cpuid(i32 {_EXTENDED})
    %ecx.extended = extractvalue {{ i32, i32, i32, i32 }} %extended, 2
    {_has("ecx1", _V2_LEAF1_ECX, "v2.a")}
    {_has("ecx.extended", _V2_EXTENDED_ECX, "v2.b")}
    %v2 = and i1 %v2.a, %v2.b
    br i1 %v2, label %at.least.2, label %return.0
at.least.2:
    {_has("ecx1", _V3_LEAF1_ECX, "v3.a")}
    {_has("ecx.extended", _V3_EXTENDED_ECX, "v3.b")}
    %v3.ab = and i1 %v3.a, %v3.b
    %has.leaf7 = icmp uge i32 %last, 7
    %may.be.3 = and i1 %v3.ab, %has.leaf7
    br i1 %may.be.3, label %ask.the.system, label %return.2
ask.the.system:  ; it has xgetbv, since cpuid said OSXSAVE
    %saved.all = call {{ i32, i32 }} asm sideeffect "xgetbv", "={{ax}},={{dx}},{{cx}}"(i32 0)
    %saved = extractvalue {{ i32, i32 }} %saved.all, 0
    %leaf7 = call {{ i32, i32, i32, i32 }} @cpuid(i32 7)
    %ebx7 = extractvalue {{ i32, i32, i32, i32 }} %leaf7, 1
    {_has("saved", _V3_SAVED, "saved3")}
    {_has("ebx7", _V3_LEAF7_EBX, "v3.c")}
    {_has("saved", _V4_SAVED, "saved4")}
    {_has("ebx7", _V4_LEAF7_EBX, "v4.a")}
    %v3 = and i1 %saved3, %v3.c
    %v4 = and i1 %saved4, %v4.a
    %three.or.four = select i1 %v4, i32 4, i32 3
    %level = select i1 %v3, i32 %three.or.four, i32 2
    ret i32 %level
return.2:
    ret i32 2
return.0:
    ret i32 0
}}
"""


def cpu_level_object(system: System) -> bytes:
    """The object file, for a system with levels of x86-64."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()  # for cpuid and xgetbv
    module = llvm.parse_assembly(_code(system.triple))
    module.verify()
    maker = llvm.Target.from_triple(system.triple).create_target_machine(
        cpu="x86-64", opt=2, reloc="pic", codemodel="default"
    )
    return maker.emit_object(module)
