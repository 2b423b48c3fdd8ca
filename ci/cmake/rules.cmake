# SPDX-License-Identifier: MIT
# How a room, a test and an executable are made.
#
# Which code is instrumented, and why:
#
#                        core/machine   core/kernel, core/schemes   the rest
#   LAZYMM_SANITIZER
#     thread             nothing (1)    TSan                        TSan
#     address            ASan+UBSan(2)  ASan+UBSan                  ASan+UBSan
#   LAZYMM_FUZZ          no coverage    coverage (3)                no coverage
#     given              what CXXFLAGS say, but for coverage: as in the line above
#
#   (1) The machine stands in for hardware. Were TSan to see its hand-over, that would order
#       everything and hide every race; were it to see its state, that would be reported as racy.
#   (2) but for core/machine/handover*.cc, which moves from stack to stack.
#   (3) What a fuzzer should explore is the scheme, not our own bookkeeping.
#
# A file called *sanitizer_options*.cc is never instrumented: the runtime calls it before it is up.

# Whether CXXFLAGS ask for a sanitizer.
function(lazymm_has_feature out feature)
	include(CheckCXXSourceCompiles)
	set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
	check_cxx_source_compiles("#if !__has_feature(${feature})\n#error no\n#endif\n" ${out})
endfunction()

add_library(lazymm_flags INTERFACE)
target_compile_features(lazymm_flags INTERFACE cxx_std_20)
target_include_directories(lazymm_flags INTERFACE "${PROJECT_SOURCE_DIR}")

# LAZYMM_ASAN and LAZYMM_TSAN (0 or 1) say what the *program* is built with. In files that are themselves
# not instrumented, __has_feature() does not know.
set(asan 0)
set(tsan 0)
if(LAZYMM_SANITIZER STREQUAL "address")
	set(asan 1)
	set(sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(LAZYMM_SANITIZER STREQUAL "thread")
	set(tsan 1)
	set(sanitizer_flags -fsanitize=thread)
elseif(LAZYMM_SANITIZER STREQUAL "given")
	lazymm_has_feature(LAZYMM_GIVEN_ASAN address_sanitizer)
	lazymm_has_feature(LAZYMM_GIVEN_TSAN thread_sanitizer)
	if(LAZYMM_GIVEN_TSAN)
		message(FATAL_ERROR "CXXFLAGS ask for ThreadSanitizer, from which parts of lazymm have to be kept: "
			"take -DLAZYMM_SANITIZER=thread.")
	endif()
	if(LAZYMM_GIVEN_ASAN)
		set(asan 1)
	endif()
	# The base image's flags have every file guide the engine.
	set(unguided_flags -fno-sanitize=fuzzer-no-link
		-fno-sanitize-coverage=edge,trace-pc-guard,inline-8bit-counters,pc-table,trace-cmp,indirect-calls)
endif()
target_compile_definitions(lazymm_flags INTERFACE LAZYMM_ASAN=${asan} LAZYMM_TSAN=${tsan})
if(NOT LAZYMM_BUGS)
	target_compile_definitions(lazymm_flags INTERFACE LAZYMM_NO_BUGS)
endif()
if(sanitizer_flags)
	target_compile_options(lazymm_flags INTERFACE ${sanitizer_flags} -fno-omit-frame-pointer)
	target_link_options(lazymm_flags INTERFACE ${sanitizer_flags})
endif()
if(LAZYMM_FUZZ AND NOT LAZYMM_SANITIZER STREQUAL "given")
	# The counters that core/kernel and core/schemes carry need their runtime in every executable.
	target_link_options(lazymm_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LAZYMM_COVERAGE)
	target_compile_options(lazymm_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
	target_link_options(lazymm_flags INTERFACE -fprofile-instr-generate)
endif()

# __FILE__ and source_location then say core/..., the same in every clone; also where ccache (base_dir)
# turns the paths on the command line into relative ones.
file(RELATIVE_PATH to_sources "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
cmake_path(APPEND to_sources "")
# Events and infos are aggregates of which every place fills in what it has.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers
	"-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=" "-fmacro-prefix-map=${to_sources}=")

# Compile these files without sanitizers and coverage, whatever the preset. Source properties are
# seen by targets of the same directory only: call it where the target is made.
function(lazymm_uninstrumented)
	if(ARGN)
		set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=all)
		set_property(SOURCE ${ARGN} PROPERTY SKIP_PRECOMPILE_HEADERS ON) # those are instrumented
	endif()
endfunction()

# Sources matching the patterns; sanitizer options among them are set apart as they must be.
function(lazymm_glob out)
	file(GLOB files CONFIGURE_DEPENDS ${ARGN})
	set(options ${files})
	list(FILTER options INCLUDE REGEX "sanitizer_options[^/]*\\.cc$")
	lazymm_uninstrumented(${options})
	set(${out} ${files} PARENT_SCOPE)
	set(${out}_OPTIONS ${options} PARENT_SCOPE)
endfunction()

# target_link_libraries(), where a library of things that register themselves is linked whole: nobody
# refers to a scheme by its symbols, so the linker would leave it out.
function(lazymm_link target visibility)
	get_property(whole GLOBAL PROPERTY LAZYMM_WHOLE)
	foreach(library IN LISTS ARGN)
		if(library IN_LIST whole)
			target_link_libraries(${target} ${visibility} "$<LINK_LIBRARY:WHOLE_ARCHIVE,${library}>")
		else()
			target_link_libraries(${target} ${visibility} ${library})
		endif()
	endforeach()
endfunction()

# lazymm_library(NAME [WHOLE] [GUIDES_FUZZER] SOURCES ... LINKS ...)
# A library without sources yet (or of headers only) is an INTERFACE library.
function(lazymm_library name)
	cmake_parse_arguments(arg "WHOLE;GUIDES_FUZZER" "" "SOURCES;LINKS" ${ARGN})
	set_property(GLOBAL APPEND PROPERTY LAZYMM_EXPORTS ${name})
	if(arg_SOURCES)
		add_library(${name} STATIC ${arg_SOURCES})
		set(visibility PUBLIC)
	else()
		add_library(${name} INTERFACE)
		set(visibility INTERFACE)
	endif()
	lazymm_link(${name} ${visibility} lazymm_flags ${arg_LINKS})
	if(arg_SOURCES AND arg_WHOLE)
		set_property(GLOBAL APPEND PROPERTY LAZYMM_WHOLE ${name})
	endif()
	if(arg_SOURCES AND unguided_flags)
		if(NOT arg_GUIDES_FUZZER)
			target_compile_options(${name} PRIVATE ${unguided_flags})
		endif()
	elseif(arg_SOURCES AND arg_GUIDES_FUZZER AND LAZYMM_FUZZ)
		target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
	endif()
endfunction()

# Make of SOURCES one object file whose inline functions are its own (see isolate.cmake), so that
# code built without TSan neither calls nor replaces instrumented copies of the same templates, and
# whose memcpy() TSan does not intercept.
function(lazymm_isolated_object out name)
	cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
	set(memory "${PROJECT_SOURCE_DIR}/ci/cmake/plain_memory.cc")
	set_property(SOURCE "${memory}" PROPERTY COMPILE_OPTIONS -O2 -fno-builtin -fno-sanitize=all)
	add_library(${name}_objects OBJECT ${arg_SOURCES} "${memory}")
	target_link_libraries(${name}_objects PRIVATE lazymm_flags ${arg_LINKS})
	set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}_isolated.o")
	add_custom_command(OUTPUT "${object}"
		COMMAND "${CMAKE_COMMAND}" "-DCXX=${CMAKE_CXX_COMPILER}" "-DREADELF=${CMAKE_READELF}"
			"-DOBJCOPY=${CMAKE_OBJCOPY}" "-DOUT=${object}"
			-P "${PROJECT_SOURCE_DIR}/ci/cmake/isolate.cmake" -- "$<TARGET_OBJECTS:${name}_objects>"
		DEPENDS "$<TARGET_OBJECTS:${name}_objects>" "${PROJECT_SOURCE_DIR}/ci/cmake/isolate.cmake"
		COMMENT "Keeping ${name} apart from instrumented code" COMMAND_EXPAND_LISTS VERBATIM)
	set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
	set(${out} "${object}" PARENT_SCOPE)
endfunction()

# lazymm_room(ROOM [WHOLE] [GUIDES_FUZZER] [INVISIBLE_TO_TSAN] [APART ...] [LINKS ...] [TEST_LINKS ...])
# Of core/ROOM: the library lazymm_ROOM, the test ROOM_test from *_test.cc, ROOM_bench from *_bench.cc.
#   APART       sources that are a library of their own
#   LINKS       the rooms and libraries that ROOM may include, and no others
#   TEST_LINKS  what its tests and benchmarks need besides
function(lazymm_room room)
	cmake_parse_arguments(arg "WHOLE;GUIDES_FUZZER;INVISIBLE_TO_TSAN" "" "APART;LINKS;TEST_LINKS" ${ARGN})
	set(bugs)
	if(LAZYMM_BUGS)
		set(bugs "${room}/bugs/*.cc")
	endif()
	lazymm_glob(sources "${room}/*.cc" ${bugs} "${room}/pte_defer/*.cc")
	lazymm_glob(tests "${room}/*_test.cc" "${room}/bugs/*_test.cc")
	lazymm_glob(benches "${room}/*_bench.cc")
	list(TRANSFORM arg_APART PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE apart)
	list(REMOVE_ITEM sources ${tests} ${benches} ${sources_OPTIONS} ${apart}
		"${CMAKE_CURRENT_SOURCE_DIR}/schemes/template.cc") # for copying out, not a scheme

	set(handover ${sources})
	list(FILTER handover INCLUDE REGEX "/handover[^/]*\\.cc$")
	lazymm_uninstrumented(${handover})
	set(flags)
	foreach(flag IN ITEMS WHOLE GUIDES_FUZZER)
		if(arg_${flag})
			list(APPEND flags ${flag})
		endif()
	endforeach()
	if(arg_INVISIBLE_TO_TSAN AND LAZYMM_SANITIZER STREQUAL "thread" AND sources)
		lazymm_uninstrumented(${sources})
		lazymm_isolated_object(sources lazymm_${room} SOURCES ${sources} LINKS ${arg_LINKS})
	endif()
	lazymm_library(lazymm_${room} ${flags} SOURCES ${sources} LINKS ${arg_LINKS})
	if(TARGET lazymm_${room}_objects)
		set_target_properties(lazymm_${room} PROPERTIES LINKER_LANGUAGE CXX)
	endif()

	# A library that is linked whole must not stand in the line twice: TEST_LINKS bring it along.
	set(tested lazymm_${room})
	if(arg_WHOLE AND "lazymm_harness" IN_LIST arg_TEST_LINKS)
		set(tested)
	endif()
	lazymm_test(${room}_test LABEL ${room} SOURCES ${tests} LINKS ${tested} ${arg_TEST_LINKS})
	if(LAZYMM_BENCH AND benches)
		add_executable(${room}_bench ${benches})
		lazymm_link(${room}_bench PRIVATE ${tested} ${arg_TEST_LINKS} benchmark::benchmark_main)
	endif()
endfunction()

# What tests may ask of their surroundings: sources and golden files, the built commands, readable
# reports.
set(test_environment "LAZYMM_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "LAZYMM_BUILD_DIR=${PROJECT_BINARY_DIR}"
	"LAZYMM_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" "GITHUB_ACTIONS=")
if(LAZYMM_SYMBOLIZER)
	foreach(sanitizer IN ITEMS ASAN TSAN UBSAN)
		list(APPEND test_environment "${sanitizer}_SYMBOLIZER_PATH=${LAZYMM_SYMBOLIZER}")
	endforeach()
endif()

# In a build that never ran, ctest takes the longest first, so that no core idles while the last one runs:
# those of more than a few seconds.
set(lazymm_long_tests oss-fuzz afl bugs out-of-tree properties same-hash)

function(lazymm_add_test name label)
	add_test(NAME ${name} COMMAND ${ARGN})
	string(REGEX REPLACE "-[0-9]+$" "" family "${name}")
	list(FIND lazymm_long_tests "${family}" place)
	if(place GREATER_EQUAL 0)
		math(EXPR cost "100 - ${place}")
		set_tests_properties(${name} PROPERTIES COST ${cost})
	endif()
	set_tests_properties(${name} PROPERTIES
		LABELS "${label}" TIMEOUT 600 ENVIRONMENT "${test_environment}")
endfunction()

# lazymm_test(NAME LABEL ... [SHARDS N] SOURCES ... LINKS ...)
# One GoogleTest executable, and one ctest test for it: starting it once per test case costs more
# than the cases do. One that takes long is N ctest tests, each of which does its share.
function(lazymm_test name)
	cmake_parse_arguments(arg "" "LABEL;SHARDS" "SOURCES;LINKS" ${ARGN})
	if(NOT arg_SOURCES OR LAZYMM_TARGETS_ONLY)
		return()
	endif()
	add_executable(${name} ${arg_SOURCES})
	lazymm_link(${name} PRIVATE lazymm_flags ${arg_LINKS} rapidcheck GTest::gtest_main)
	target_precompile_headers(${name} PRIVATE <gtest/gtest.h>)
	target_compile_definitions(${name} PRIVATE LAZYMM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
		LAZYMM_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
	if(NOT arg_SHARDS)
		lazymm_add_test(${name} ${arg_LABEL} ${name})
		return()
	endif()
	foreach(shard RANGE 1 ${arg_SHARDS})
		math(EXPR index "${shard} - 1")
		lazymm_add_test(${name}-${shard} ${arg_LABEL} ${name})
		set_property(TEST ${name}-${shard} APPEND PROPERTY ENVIRONMENT
			GTEST_TOTAL_SHARDS=${arg_SHARDS} GTEST_SHARD_INDEX=${index}
			"GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/junit/${name}-${shard}.xml")
	endforeach()
endfunction()

# Every executable file in FOLDER is a test; it finds LAZYMM_SOURCE_DIR, LAZYMM_BUILD_DIR and
# LAZYMM_BIN_DIR in its environment. One whose head says "Tests scripts alone.", one that builds the targets
# anew with flags of its own, and one that uses what oss-fuzz has built would be no other under a sanitizer:
# the plain build has them.
function(lazymm_script_tests folder)
	file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*")
	foreach(script IN LISTS scripts)
		cmake_path(GET script STEM name)
		file(STRINGS "${script}" plain LIMIT_COUNT 1 REGEX "^#.* Tests scripts alone\\.")
		set(builds FALSE)
		if(name MATCHES "^(oss-fuzz|afl)$")
			set(builds TRUE)
		endif()
		if((plain OR builds OR name MATCHES "^(shard|merge)$") AND
		   (LAZYMM_SANITIZER OR LAZYMM_COVERAGE OR LAZYMM_FUZZ))
			continue()
		endif()
		set(labels ci)
		if(name STREQUAL "corpus")
			set(labels "ci;regress") # what was found once stays found: seconds, and no engine
		endif()
		lazymm_add_test(${name} "${labels}" "${script}")
		if(builds)
			set_tests_properties(${name} PROPERTIES PROCESSORS 2 TIMEOUT 1200)
		endif()
		if(name STREQUAL "oss-fuzz")
			set_tests_properties(${name} PROPERTIES FIXTURES_SETUP oss_fuzz_out)
		elseif(name MATCHES "^(shard|merge)$")
			set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED oss_fuzz_out)
		endif()
	endforeach()
endfunction()

# find_package(lazymm) with -Dlazymm_DIR=<build directory> then knows lazymm::main and the rooms. (Without
# a namespace of export()'s: it does not reach into $<LINK_LIBRARY:...>.)
function(lazymm_export)
	get_property(targets GLOBAL PROPERTY LAZYMM_EXPORTS)
	export(TARGETS lazymm_flags ${targets} FILE "${PROJECT_BINARY_DIR}/lazymm-targets.cmake")
	configure_file(ci/cmake/lazymm-config.cmake.in lazymm-config.cmake @ONLY)
endfunction()
