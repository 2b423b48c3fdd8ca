# SPDX-License-Identifier: MIT
# Libraries that lazymm links, all from Debian 12. lazymm-config.cmake looks for them in the same way.

set(how_to_get "not found: run ci/setup (it installs what is missing), then configure again.")

set(packages Threads fmt nlohmann_json CLI11 GTest rapidcheck benchmark)
if(LAZYMM_TARGETS_ONLY)
	set(packages Threads fmt)
endif()
foreach(package IN LISTS packages)
	if(package STREQUAL "benchmark" AND NOT LAZYMM_BENCH)
		continue()
	endif()
	find_package(${package} QUIET)
	if(NOT ${package}_FOUND)
		message(FATAL_ERROR "${package} ${how_to_get}")
	endif()
endforeach()

# The base image of OSS-Fuzz compiles against libc++, Debian's and Ubuntu's library is built against
# libstdc++: there its code is taken from its headers. (Without its checks at compile time, which new
# compilers refuse in old versions of it; every other build makes them.)
set(LAZYMM_FMT fmt::fmt)
if(LAZYMM_TARGETS_ONLY)
	set(LAZYMM_FMT fmt::fmt-header-only)
	add_compile_definitions(FMT_CONSTEVAL=)
endif()

# Only the assembly behind fcontext.hpp is used, so a bare library is enough.
find_path(LAZYMM_FCONTEXT_INCLUDE boost/context/detail/fcontext.hpp)
find_library(LAZYMM_BOOST_CONTEXT NAMES libboost_context.a boost_context)
if(NOT LAZYMM_FCONTEXT_INCLUDE OR NOT LAZYMM_BOOST_CONTEXT)
	message(FATAL_ERROR "boost.context ${how_to_get}")
endif()
