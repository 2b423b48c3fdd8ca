# SPDX-License-Identifier: MIT
# What the compiler must be able to do, said in one sentence where it cannot.

set(clang_19 "clang 19 is the reference compiler (ci/setup installs it, the presets choose it)")

if(NOT LAZYMM_SANITIZER MATCHES "^(address|thread|given|)$")
	message(FATAL_ERROR "LAZYMM_SANITIZER is \"${LAZYMM_SANITIZER}\": expected address, thread, given or nothing.")
endif()
if(LAZYMM_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
	message(FATAL_ERROR "LAZYMM_FUZZ needs clang, not ${CMAKE_CXX_COMPILER_ID}: ${clang_19}.")
endif()
if(LAZYMM_FUZZ AND LAZYMM_SANITIZER STREQUAL "thread" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
	message(FATAL_ERROR "Fuzzing under TSan needs clang 19 or later, because the libFuzzer of clang "
		"${CMAKE_CXX_COMPILER_VERSION} reports races on its own counters.")
endif()
if(LAZYMM_COVERAGE AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
	message(FATAL_ERROR "LAZYMM_COVERAGE needs clang, not ${CMAKE_CXX_COMPILER_ID}: ${clang_19}.")
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT CMAKE_CXX_COMPILER_VERSION MATCHES "^19\\.")
	message(WARNING "Building with ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: ${clang_19}.")
endif()

# lld links the many small executables here several times faster; any linker does.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld LAZYMM_HAVE_LLD)
if(LAZYMM_HAVE_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
	add_link_options(-fuse-ld=lld)
endif()

# Sanitizers look for a plain "llvm-symbolizer"; Debian's has its version in the name.
find_program(LAZYMM_SYMBOLIZER NAMES llvm-symbolizer llvm-symbolizer-19 HINTS /usr/lib/llvm-19/bin)
