# SPDX-License-Identifier: MIT
# Libraries that lazymm links, all from Debian 12. lazymm-config.cmake looks for them in the same way.

set(how_to_get "not found: run ci/setup (it installs what is missing), then configure again.")

foreach(package IN ITEMS Threads fmt nlohmann_json CLI11 GTest rapidcheck benchmark)
	if(package STREQUAL "benchmark" AND NOT LAZYMM_BENCH)
		continue()
	endif()
	find_package(${package} QUIET)
	if(NOT ${package}_FOUND)
		message(FATAL_ERROR "${package} ${how_to_get}")
	endif()
endforeach()

# Only the assembly behind fcontext.hpp is used, so a bare library is enough.
find_path(LAZYMM_FCONTEXT_INCLUDE boost/context/detail/fcontext.hpp)
find_library(LAZYMM_BOOST_CONTEXT NAMES libboost_context.a boost_context)
if(NOT LAZYMM_FCONTEXT_INCLUDE OR NOT LAZYMM_BOOST_CONTEXT)
	message(FATAL_ERROR "boost.context ${how_to_get}")
endif()
