# SPDX-License-Identifier: MIT
# cmake -DCXX= -DREADELF= -DOBJCOPY= -DOUT= -P isolate.cmake -- OBJECT...
#
# Join objects that are built without a sanitizer into one, and make its inline functions local.
#
# An inline function or a template (std::vector's, or our own Plain<T>'s) is compiled into every object
# that uses it, and the linker keeps whichever copy it meets first. Between instrumented and other
# objects that is wrong both ways: the machine would run TSan-instrumented copies and be reported, or
# a scheme would run plain ones and its races would be missed. Inline *variables* stay shared.

set(objects)
set(after_dashes FALSE)
foreach(i RANGE ${CMAKE_ARGC})
	if(after_dashes AND NOT "${CMAKE_ARGV${i}}" STREQUAL "")
		list(APPEND objects "${CMAKE_ARGV${i}}")
	elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
		set(after_dashes TRUE)
	endif()
endforeach()

# Out of their groups, so that the linker cannot drop a group that a now local function lives in.
execute_process(COMMAND "${CXX}" -r -nostdlib -Wl,--force-group-allocation -o "${OUT}.joined" ${objects}
	COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${READELF}" --symbols --wide "${OUT}.joined" OUTPUT_VARIABLE symbols
	COMMAND_ERROR_IS_FATAL ANY)

# Num: Value Size FUNC WEAK Visibility Section Name; a section number means that it is defined here.
string(REGEX MATCHALL " FUNC +WEAK +[A-Z]+ +[0-9]+ [^\n]+" functions "${symbols}")
# Weak, and still to be found by the other joined objects: plain_memory.cc's.
list(FILTER functions EXCLUDE REGEX " lazymm_plain_")
list(TRANSFORM functions REPLACE "^ FUNC +WEAK +[A-Z]+ +[0-9]+ ([^ ]+).*$" "\\1")
string(REPLACE ";" "\n" functions "${functions}")
file(WRITE "${OUT}.local" "${functions}\n")
# The sanitizer runtime intercepts these wherever they are called from; plain_memory.cc says more.
foreach(function IN ITEMS memcpy memmove memset memcmp bcmp strlen)
	list(APPEND redefine "--redefine-sym" "${function}=lazymm_plain_${function}")
endforeach()
execute_process(COMMAND "${OBJCOPY}" "--localize-symbols=${OUT}.local" ${redefine} "${OUT}.joined" "${OUT}"
	COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE "${OUT}.joined")
